//! Texts of other people, made safe to look at.

/// Whether a character could move the cursor, change colours, begin a line or turn the direction of
/// what stands beside it.
pub fn steers(character: char) -> bool {
    let turns = matches!(character, '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || turns || matches!(character, '\u{2028}' | '\u{2029}')
}

/// At most so many characters of a text, on one line, with blanks in place of what steers.
pub fn one_line(text: &str, most: usize) -> String {
    let calm = |character: char| if steers(character) { ' ' } else { character };
    text.chars().take(most).map(calm).collect()
}

/// A text of several lines in which what steers is spelled out.
pub fn spelled_out(text: &str) -> String {
    let mut seen = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' | '\t' => seen.push(character),
            other if steers(other) => seen.push_str(&format!("\\u{:04x}", u32::from(other))),
            other => seen.push(other),
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_foreign_text_steers() {
        let text = "a\u{1b}[2J\r\nb\t\u{9b}1A\u{202e}c\u{2066}d é 日本 😀 \u{200f}ש";
        assert_eq!(one_line(text, 6), "a [2J ");
        assert_eq!(
            spelled_out(text),
            "a\\u001b[2J\\u000d\nb\t\\u009b1A\\u202ec\\u2066d é 日本 😀 \u{200f}ש"
        );
    }
}
