//! JSON with the place of everything.

use std::borrow::Cow;
use std::ops::Range;

use super::super::lexer::Problem;

/// Arrays and objects inside each other, at most so deep.
const DEPTH: usize = 128;

/// Values in one file, at most so many: each takes memory.
const MOST_VALUES: usize = 2_000_000;

/// A value and the bytes it covers.
#[derive(Debug)]
pub(super) struct Node<'s> {
    pub(super) kind: NodeKind<'s>,
    pub(super) range: Range<usize>,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum NodeKind<'s> {
    Null,
    Bool(bool),
    /// The digits as they stand.
    Number(&'s str),
    Text(Text<'s>),
    Array(Vec<Node<'s>>),
    Object(Vec<Member<'s>>),
}

/// One member of an object.
#[derive(Debug)]
pub(super) struct Member<'s> {
    pub(super) name: Text<'s>,
    /// The bytes of the name, without its quotes.
    pub(super) name_range: Range<usize>,
    pub(super) value: Node<'s>,
}

/// A string without its escapes.
#[derive(Debug)]
pub(super) struct Text<'s> {
    pub(super) text: Cow<'s, str>,
    pub(super) origin: Origin,
}

/// Where each byte of a string without escapes stands in the file.
#[derive(Debug)]
pub(in super::super) struct Origin {
    start: usize,
    /// After each escape, the place without and with escapes.
    escapes: Vec<(usize, usize)>,
}

impl Origin {
    /// The place in the file of what stands at `offset` without escapes.
    pub(in super::super) fn place(&self, offset: usize) -> usize {
        let after = self.escapes.partition_point(|(plain, _)| *plain <= offset);
        match after.checked_sub(1).and_then(|index| self.escapes.get(index)) {
            Some((plain, written)) => written + offset - plain,
            None => self.start + offset,
        }
    }
}

/// Reads a whole text.
pub(super) fn read(source: &str) -> Result<Node<'_>, Problem> {
    let start = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut reader = Reader { source, position: start, depth: 0, values: 0 };
    let node = reader.value()?;
    reader.skip_blanks();
    if reader.position < source.len() {
        return Err(reader.unexpected("Nothing may stand behind the value of the file"));
    }
    Ok(node)
}

struct Reader<'s> {
    source: &'s str,
    position: usize,
    depth: usize,
    values: usize,
}

impl<'s> Reader<'s> {
    fn byte(&self) -> Option<u8> {
        self.source.as_bytes().get(self.position).copied()
    }

    fn slice(&self, range: Range<usize>) -> &'s str {
        self.source.get(range).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        while matches!(self.byte(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.position += 1;
        }
    }

    fn problem(range: Range<usize>, detail: impl Into<String>) -> Problem {
        Problem { start: range.start, end: range.end, detail: detail.into(), limit: false }
    }

    /// Refuses what stands at this place.
    fn unexpected(&self, expected: &str) -> Problem {
        let rest = self.slice(self.position..self.source.len());
        let length = rest.chars().next().map_or(0, char::len_utf8);
        let found = match rest.chars().next() {
            None => "the file ends".to_owned(),
            Some('\'') => "`'` stands here; strings are written in double quotes".to_owned(),
            Some(character) => format!("`{}` stands here", character.escape_debug()),
        };
        Self::problem(self.position..self.position + length, format!("{expected}, and {found}."))
    }

    fn value(&mut self) -> Result<Node<'s>, Problem> {
        self.skip_blanks();
        let start = self.position;
        self.values += 1;
        if self.values > MOST_VALUES {
            let detail = format!("A file may hold at most {MOST_VALUES} values.");
            return Err(Problem { limit: true, ..Self::problem(start..start, detail) });
        }
        let kind = match self.byte() {
            Some(b'"') => NodeKind::Text(self.string()?.0),
            Some(b'{') => self.nested(Self::object)?,
            Some(b'[') => self.nested(Self::array)?,
            Some(b'-' | b'0'..=b'9') => self.number()?,
            Some(b'a'..=b'z' | b'A'..=b'Z') => self.word()?,
            _ => return Err(self.unexpected("A value is expected here")),
        };
        Ok(Node { kind, range: start..self.position })
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<NodeKind<'s>, Problem>,
    ) -> Result<NodeKind<'s>, Problem> {
        if self.depth >= DEPTH {
            let detail = format!("Arrays and objects may be nested at most {DEPTH} deep.");
            let range = self.position..self.position + 1;
            return Err(Problem { limit: true, ..Self::problem(range, detail) });
        }
        self.depth += 1;
        self.position += 1;
        let kind = read(self);
        self.depth -= 1;
        kind
    }

    /// After an element: true where another one follows.
    fn goes_on(&mut self, close: u8) -> Result<bool, Problem> {
        self.skip_blanks();
        match self.byte() {
            Some(b',') => {
                self.position += 1;
                Ok(true)
            }
            Some(byte) if byte == close => {
                self.position += 1;
                Ok(false)
            }
            _ => Err(self.unexpected(&format!("`,` or `{}` is expected here", char::from(close)))),
        }
    }

    fn array(&mut self) -> Result<NodeKind<'s>, Problem> {
        let mut items = Vec::new();
        self.skip_blanks();
        if self.byte() == Some(b']') {
            self.position += 1;
            return Ok(NodeKind::Array(items));
        }
        loop {
            items.push(self.value()?);
            if !self.goes_on(b']')? {
                return Ok(NodeKind::Array(items));
            }
        }
    }

    fn object(&mut self) -> Result<NodeKind<'s>, Problem> {
        let mut members = Vec::new();
        self.skip_blanks();
        if self.byte() == Some(b'}') {
            self.position += 1;
            return Ok(NodeKind::Object(members));
        }
        loop {
            self.skip_blanks();
            if self.byte() != Some(b'"') {
                return Err(self.unexpected("A name in double quotes is expected here"));
            }
            let (name, name_range) = self.string()?;
            self.skip_blanks();
            if self.byte() != Some(b':') {
                return Err(self.unexpected("`:` is expected after the name"));
            }
            self.position += 1;
            let value = self.value()?;
            members.push(Member { name, name_range, value });
            if !self.goes_on(b'}')? {
                return Ok(NodeKind::Object(members));
            }
        }
    }

    fn word(&mut self) -> Result<NodeKind<'s>, Problem> {
        let start = self.position;
        while self.byte().is_some_and(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            self.position += 1;
        }
        match self.slice(start..self.position) {
            "null" => Ok(NodeKind::Null),
            "true" => Ok(NodeKind::Bool(true)),
            "false" => Ok(NodeKind::Bool(false)),
            other => {
                let detail = format!(
                    "`{other}` is no value: the words that are values are `true`, `false` and \
                     `null`, and texts are written in double quotes."
                );
                Err(Self::problem(start..self.position, detail))
            }
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.position;
        while self.byte().is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
        }
        self.position - start
    }

    fn number(&mut self) -> Result<NodeKind<'s>, Problem> {
        let start = self.position;
        if self.byte() == Some(b'-') {
            self.position += 1;
        }
        let leading_zero = self.byte() == Some(b'0');
        let whole = self.digits();
        let mut valid = whole > 0 && !(leading_zero && whole > 1);
        if self.byte() == Some(b'.') {
            self.position += 1;
            valid &= self.digits() > 0;
        }
        if matches!(self.byte(), Some(b'e' | b'E')) {
            self.position += 1;
            if matches!(self.byte(), Some(b'+' | b'-')) {
                self.position += 1;
            }
            valid &= self.digits() > 0;
        }
        let text = self.slice(start..self.position);
        if valid {
            return Ok(NodeKind::Number(text));
        }
        let detail = format!("`{text}` is not a number as JSON writes them.");
        Err(Self::problem(start..self.position, detail))
    }

    /// The string that starts here, and the bytes between its quotes.
    fn string(&mut self) -> Result<(Text<'s>, Range<usize>), Problem> {
        let open = self.position;
        let start = open + 1;
        self.position = start;
        let mut decoded = String::new();
        let mut escapes = Vec::new();
        // Everything before this place is in `decoded`, once there was an escape.
        let mut taken = start;
        loop {
            match self.byte() {
                Some(b'"') => break,
                Some(b'\\') => {
                    decoded.push_str(self.slice(taken..self.position));
                    decoded.push(self.escape()?);
                    taken = self.position;
                    escapes.push((decoded.len(), self.position));
                }
                None | Some(b'\n' | b'\r') => {
                    let detail = "The closing quote of this string is missing.";
                    return Err(Self::problem(open..self.position, detail));
                }
                Some(control) if control < 0x20 => {
                    let detail = "Control characters in a string are written as escapes, as in \
                                  `\\u0000`.";
                    return Err(Self::problem(self.position..self.position + 1, detail));
                }
                Some(_) => self.position += 1,
            }
        }
        let end = self.position;
        self.position += 1;
        let text = if escapes.is_empty() {
            Cow::Borrowed(self.slice(start..end))
        } else {
            decoded.push_str(self.slice(taken..end));
            Cow::Owned(decoded)
        };
        Ok((Text { text, origin: Origin { start, escapes } }, start..end))
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let start = self.position;
        self.position += 2;
        Ok(match self.source.as_bytes().get(start + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.hexadecimal(start),
            _ => {
                let rest = self.slice(start..self.source.len());
                let length = rest.chars().take(2).map(char::len_utf8).sum::<usize>();
                let detail =
                    format!("`{}` is no escape of JSON.", self.slice(start..start + length));
                return Err(Self::problem(start..start + length, detail));
            }
        })
    }

    /// `\uXXXX`, or two of them for one character. A half alone stands for the replacement
    /// character, as it does to Terraform.
    fn hexadecimal(&mut self, start: usize) -> Result<char, Problem> {
        let first = self.code(start)?;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        let second = self.position;
        if first < 0xdc00 && self.slice(second..second + 2) == "\\u" {
            self.position += 2;
            let low = self.code(second)?;
            if (0xdc00..0xe000).contains(&low) {
                let code = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.position = second;
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    /// Four hexadecimal digits of the escape that starts at `start`.
    fn code(&mut self, start: usize) -> Result<u32, Problem> {
        let end = self.position + 4;
        let digits = self.slice(self.position..end);
        let is_code = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        match u32::from_str_radix(digits, 16) {
            Ok(code) if is_code => {
                self.position = end;
                Ok(code)
            }
            _ => {
                let detail = "`\\u` must be followed by four hexadecimal digits.";
                Err(Self::problem(start..start + 2, detail))
            }
        }
    }
}
