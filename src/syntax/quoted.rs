//! Literal text of strings and heredocs: escapes and doubled markers.

use super::lexer::sequence_at;

/// An escape that means nothing, by its place in the text.
pub(super) struct EscapeProblem {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) detail: String,
}

/// The text that `source` stands for. `escapes`: backslashes mean something (in quotes they do, in
/// heredocs they do not).
pub(super) fn unescape(source: &str, escapes: bool, problems: &mut Vec<EscapeProblem>) -> String {
    let mut text = String::with_capacity(source.len());
    let mut position = 0;
    while let Some(rest) = source.get(position..).filter(|rest| !rest.is_empty()) {
        let is_plain = |byte: &u8| !matches!(byte, b'\\' | b'$' | b'%');
        let plain = rest.bytes().take_while(is_plain).count();
        if let Some(plain) = rest.get(..plain).filter(|plain| !plain.is_empty()) {
            text.push_str(plain);
            position += plain.len();
            continue;
        }
        let mut characters = rest.chars();
        match characters.next() {
            Some('\\') if escapes => {
                let (length, character) = read_escape(rest);
                match character {
                    Ok(character) => text.push(character),
                    Err(detail) => problems.push(EscapeProblem {
                        start: position,
                        end: position + length,
                        detail,
                    }),
                }
                position += length;
            }
            Some('$' | '%') => {
                let (run, _) = sequence_at(rest);
                let doubled = rest.as_bytes().get(run) == Some(&b'{') && run > 1;
                text.push_str(rest.get(..run - usize::from(doubled)).unwrap_or_default());
                position += run;
            }
            Some(character) => {
                text.push(character);
                position += character.len_utf8();
            }
            None => break,
        }
    }
    text
}

/// `text` as it is written between quotes.
pub(super) fn escape(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            '"' | '\\' => written.extend(['\\', character]),
            '$' | '%' if characters.peek() == Some(&'{') => {
                written.extend([character, character]);
            }
            _ if is_shown(character) => written.push(character),
            _ if u32::from(character) > 0xffff => {
                written.push_str(&format!("\\U{:08x}", u32::from(character)));
            }
            _ => written.push_str(&format!("\\u{:04x}", u32::from(character))),
        }
    }
    written
}

/// Whether a character can be seen for what it is.
fn is_shown(character: char) -> bool {
    if character.is_ascii() {
        return !character.is_ascii_control();
    }
    // The standard library shows a text's characters but for those that cannot be seen; only the
    // first one may not be a mark that joins what stands before it.
    let text = ['.', character].iter().collect::<String>();
    text.escape_debug().count() == 2
}

/// Length of the escape at the start of `rest` and the character it stands for.
fn read_escape(rest: &str) -> (usize, Result<char, String>) {
    let Some(letter) = rest.chars().nth(1) else {
        return (1, Err("A backslash at the end stands for nothing.".to_owned()));
    };
    let simple = |character| (2, Ok(character));
    match letter {
        'n' => simple('\n'),
        'r' => simple('\r'),
        't' => simple('\t'),
        '"' => simple('"'),
        '\\' => simple('\\'),
        'u' => hexadecimal(rest, 4),
        'U' => hexadecimal(rest, 8),
        other => (
            1 + other.len_utf8(),
            Err(format!(
                "`\\{other}` is no escape; those are `\\n`, `\\r`, `\\t`, `\\\"`, `\\\\`, \
                 `\\uNNNN` and `\\UNNNNNNNN`. A backslash itself is written `\\\\`."
            )),
        ),
    }
}

fn hexadecimal(rest: &str, digits: usize) -> (usize, Result<char, String>) {
    let found = rest.bytes().skip(2).take(digits).take_while(u8::is_ascii_hexdigit).count();
    let code = rest.get(2..2 + found).unwrap_or_default();
    if found < digits {
        let letter = if digits == 4 { 'u' } else { 'U' };
        return (
            2 + found,
            Err(format!("`\\{letter}` must be followed by {digits} hexadecimal digits.")),
        );
    }
    let character = u32::from_str_radix(code, 16).ok().and_then(char::from_u32);
    (2 + found, character.ok_or_else(|| format!("There is no character with the code {code}.")))
}
