//! What many attributes have in common, each with the words of its own address in it.

use super::super::values::{Line, Lines};

/// Lines in which words of an address may stand in some places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern(Vec<PatternLine>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct PatternLine {
    /// The line as it was; its text is taken from the pieces.
    line: Line,
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// The word with this number.
    Word(usize),
}

impl Pattern {
    /// The pattern of `lines` of which `words` are the own ones.
    pub(super) fn of(lines: &Lines, words: &[String]) -> Self {
        let pattern =
            |line: &Line| PatternLine { line: line.clone(), pieces: split(&line.text, words) };
        Self(lines.0.iter().map(pattern).collect())
    }

    /// Which words stand in it.
    pub(super) fn words(&self) -> impl Iterator<Item = usize> {
        let pieces = self.0.iter().flat_map(|line| &line.pieces);
        pieces.filter_map(|piece| match piece {
            Piece::Word(number) => Some(*number),
            Piece::Text(_) => None,
        })
    }

    /// Whether these lines are exactly what the pattern becomes with `words`.
    pub(super) fn fits(&self, lines: &Lines, words: &[String]) -> bool {
        self.0.len() == lines.0.len()
            && self.0.iter().zip(&lines.0).all(|(pattern, line)| pattern.fits(line, words))
    }

    /// The lines with `placeholders` in place of the words.
    pub(super) fn lines(&self, placeholders: &[String]) -> Lines {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Word(number) => placeholders.get(*number).cloned().unwrap_or_default(),
        };
        let line = |pattern: &PatternLine| Line {
            text: pattern.pieces.iter().map(piece).collect(),
            ..pattern.line.clone()
        };
        Lines(self.0.iter().map(line).collect())
    }
}

impl PatternLine {
    fn fits(&self, line: &Line, words: &[String]) -> bool {
        let own = &self.line;
        let mut rest = Some(&*line.text);
        for piece in &self.pieces {
            let text = match piece {
                Piece::Text(text) => Some(text),
                Piece::Word(number) => words.get(*number),
            };
            rest = rest.zip(text).and_then(|(rest, text)| rest.strip_prefix(&**text));
        }
        rest == Some("")
            && (own.depth, own.sign, own.forces, own.remark)
                == (line.depth, line.sign, line.forces, line.remark)
    }
}

/// `text` cut where one of `words` stands for itself, not within a longer word.
fn split(text: &str, words: &[String]) -> Vec<Piece> {
    let joins = |character: Option<char>| {
        character.is_some_and(|character| character.is_alphanumeric() || character == '_')
    };
    let mut pieces = Vec::new();
    let (mut begin, mut at) = (0, 0);
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let before = text.get(..at).and_then(|text| text.chars().next_back());
        let stands = |word: &String| {
            let behind = rest.strip_prefix(&**word).map(|behind| behind.chars().next());
            !word.is_empty() && !joins(before) && behind.is_some_and(|next| !joins(next))
        };
        // The longest one: the key `web` is no part of the key `web-1`.
        let found = words.iter().enumerate().filter(|(_, word)| stands(word));
        match found.max_by_key(|(number, word)| (word.len(), *number)) {
            Some((number, word)) => {
                pieces.push(Piece::Text(text.get(begin..at).unwrap_or_default().to_owned()));
                pieces.push(Piece::Word(number));
                at += word.len();
                begin = at;
            }
            None => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    pieces.push(Piece::Text(text.get(begin..).unwrap_or_default().to_owned()));
    pieces
}
