//! Text in other character sets.
//!
//! Character sets of one byte a character are data, in `single_byte.txt`: their IANA names and what
//! the upper 128 bytes stand for (all 256 in the EBCDIC ones). The larger ones are those of
//! `encoding_rs`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, GBK, ISO_2022_JP, SHIFT_JIS};

use crate::value::Value;

use super::encoding::base64_bytes;
use super::function::{Expects, FunctionError, Outcome, Setting, gives, text};
use super::{Function, Parameter};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "textencodebase64",
        &[Parameter::new("string", Expects::String), Parameter::new("encoding", Expects::String)],
        "Encodes a text in another character set, in base 64.",
        gives::string,
        encode,
    ),
    Function::new(
        "textdecodebase64",
        &[Parameter::new("source", Expects::String), Parameter::new("encoding", Expects::String)],
        "Decodes a text in another character set from base 64.",
        gives::string,
        decode,
    ),
];

/// A character set, found by any of its IANA names.
enum Charset {
    Utf8,
    Utf16 { big: bool, marked: bool },
    SingleByte(Vec<char>),
    Iso2022Jp,
    Hz,
    Large(&'static Encoding),
}

type Named = (&'static [&'static str], fn() -> Charset);

/// Names of the character sets that are not in the table of single-byte ones.
const LARGE: &[Named] = &[
    (&["UTF-8", "csUTF8"], || Charset::Utf8),
    (&["UTF-16", "csUTF16"], || Charset::Utf16 { big: true, marked: true }),
    (&["UTF-16BE", "csUTF16BE"], || Charset::Utf16 { big: true, marked: false }),
    (&["UTF-16LE", "csUTF16LE"], || Charset::Utf16 { big: false, marked: false }),
    (&["Shift_JIS", "MS_Kanji", "csShiftJIS"], || Charset::Large(SHIFT_JIS)),
    (&["EUC-JP", "Extended_UNIX_Code_Packed_Format_for_Japanese", "csEUCPkdFmtJapanese"], || {
        Charset::Large(EUC_JP)
    }),
    (&["ISO-2022-JP", "csISO2022JP"], || Charset::Iso2022Jp),
    (&["EUC-KR", "csEUCKR"], || Charset::Large(EUC_KR)),
    (&["GBK", "CP936", "MS936", "windows-936", "csGBK"], || Charset::Large(GBK)),
    (&["GB18030", "csGB18030"], || Charset::Large(GB18030)),
    (&["HZ-GB-2312"], || Charset::Hz),
    (&["Big5", "csBig5"], || Charset::Large(BIG5)),
];

const SINGLE_BYTE: &str = include_str!("single_byte.txt");

/// What stands in a table for a byte without a meaning.
const UNDEFINED: char = char::REPLACEMENT_CHARACTER;

impl Charset {
    fn find(name: &str) -> Result<Self, FunctionError> {
        let named = |names: &[&str]| names.iter().any(|other| other.eq_ignore_ascii_case(name));
        if let Some((_, charset)) = LARGE.iter().find(|(names, _)| named(names)) {
            return Ok(charset());
        }
        let unsupported = || {
            FunctionError::argument(
                1,
                format!("the encoding `{name}` is not one of the IANA names that are supported"),
            )
        };
        for line in SINGLE_BYTE.lines() {
            let (names, upper) = line.split_once('\t').ok_or_else(unsupported)?;
            let names: Vec<&str> = serde_json::from_str(names).map_err(|_| unsupported())?;
            if named(&names) {
                let upper: String = serde_json::from_str(upper).map_err(|_| unsupported())?;
                let lower = if upper.chars().count() == 256 { 0 } else { 128u8 };
                return Ok(Self::SingleByte(
                    (0..lower).map(char::from).chain(upper.chars()).collect(),
                ));
            }
        }
        Err(unsupported())
    }

    /// The bytes of a text, or the first character that has none.
    fn encode(&self, text: &str) -> Result<Vec<u8>, char> {
        match self {
            Self::Utf8 => Ok(text.as_bytes().to_vec()),
            Self::Utf16 { big, marked } => {
                let mark = if *marked { Some(0xfeff) } else { None };
                let units = mark.into_iter().chain(text.encode_utf16());
                let bytes = if *big { u16::to_be_bytes } else { u16::to_le_bytes };
                Ok(units.flat_map(bytes).collect())
            }
            Self::SingleByte(table) => {
                let mut bytes = BTreeMap::new();
                for (byte, character) in (0..=u8::MAX).zip(table) {
                    bytes.entry(*character).or_insert(byte);
                }
                bytes.remove(&UNDEFINED);
                text.chars().map(|c| bytes.get(&c).copied().ok_or(c)).collect()
            }
            Self::Iso2022Jp => encode_switching(text, iso_2022_jp),
            Self::Hz => encode_switching(text, hz),
            Self::Large(encoding) => {
                let mut bytes = Vec::with_capacity(text.len());
                for character in text.chars() {
                    bytes.extend(one(encoding, character)?);
                }
                Ok(bytes)
            }
        }
    }

    /// The text of bytes, where they are text.
    fn decode(&self, bytes: &[u8]) -> Option<String> {
        let decoded = match self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).ok()?,
            Self::Utf16 { marked: true, .. } => match bytes {
                [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes)?,
                [0xfe, 0xff, rest @ ..] | rest => wide(rest, u16::from_be_bytes)?,
            },
            Self::Utf16 { big: true, .. } => wide(bytes, u16::from_be_bytes)?,
            Self::Utf16 { .. } => wide(bytes, u16::from_le_bytes)?,
            Self::SingleByte(table) => bytes
                .iter()
                .map(|byte| table.get(usize::from(*byte)).copied())
                .collect::<Option<String>>()?,
            Self::Iso2022Jp => {
                ISO_2022_JP.decode_without_bom_handling_and_without_replacement(bytes)?.into_owned()
            }
            Self::Hz => decode_hz(bytes)?,
            Self::Large(encoding) => {
                encoding.decode_without_bom_handling_and_without_replacement(bytes)?.into_owned()
            }
        };
        Some(decoded).filter(|text| !text.contains(UNDEFINED))
    }
}

fn wide(bytes: &[u8], read: fn([u8; 2]) -> u16) -> Option<String> {
    let units: Option<Vec<u16>> =
        bytes.chunks(2).map(|pair| <[u8; 2]>::try_from(pair).map(read).ok()).collect();
    String::from_utf16(&units?).ok()
}

/// The bytes of one character.
fn one(encoding: &'static Encoding, character: char) -> Result<Vec<u8>, char> {
    // Browsers fold these into others; here they have no bytes.
    let folded = matches!(character, '\u{80}' | '\u{a5}' | '\u{203e}' | '\u{2212}');
    if folded && (encoding == SHIFT_JIS || encoding == EUC_JP) {
        return Err(character);
    }
    let mut buffer = [0; 4];
    let (bytes, _, failed) = encoding.encode(character.encode_utf8(&mut buffer));
    match (failed, &*bytes) {
        (true, _) => Err(character),
        (false, bytes @ [0xfa..=0xfc, _]) if encoding == SHIFT_JIS => {
            Ok(first_of_twins(character, bytes))
        }
        (false, bytes) => Ok(bytes.to_vec()),
    }
}

/// Shift JIS has the ideographs of one maker twice; the ones that come first count.
fn first_of_twins(character: char, later: &[u8]) -> Vec<u8> {
    let twins = (0xed..=0xee).flat_map(|first| (0x40..=0xfc).map(move |second| [first, second]));
    let mut buffer = [0; 4];
    let wanted = character.encode_utf8(&mut buffer);
    let read = |bytes: &[u8; 2]| {
        let text = SHIFT_JIS.decode_without_bom_handling_and_without_replacement(bytes);
        text.is_some_and(|text| text == *wanted)
    };
    twins.into_iter().find(read).map_or_else(|| later.to_vec(), |bytes| bytes.to_vec())
}

/// A sequence that switches between sets of characters, and the bytes of one in the new set.
type Switched = (&'static [u8], Vec<u8>);

/// Encodes where escape sequences switch between sets; `pick` says which set a character is in.
fn encode_switching(text: &str, pick: fn(char) -> Result<Switched, char>) -> Result<Vec<u8>, char> {
    let (ascii, _) = pick('a')?;
    let mut current = ascii;
    let mut encoded = Vec::with_capacity(text.len());
    for character in text.chars() {
        let (set, bytes) = pick(character)?;
        if set != current {
            encoded.extend_from_slice(set);
            current = set;
        }
        encoded.extend(bytes);
    }
    // HZ leaves the last set open at the end; ISO-2022-JP must return.
    if current != ascii && ascii.first() == Some(&0x1b) {
        encoded.extend_from_slice(ascii);
    }
    Ok(encoded)
}

fn iso_2022_jp(character: char) -> Result<Switched, char> {
    match character {
        '\u{ff61}'..='\u{ff9f}' => {
            let byte = u8::try_from(u32::from(character) - 0xff40).map_err(|_| character)?;
            Ok((b"\x1b(I", vec![byte]))
        }
        '\u{0}'..='\u{7f}' => Ok((b"\x1b(B", one(EUC_JP, character)?)),
        _ => match one(EUC_JP, character)?.as_slice() {
            [first @ 0xa1..=0xfe, second] => Ok((b"\x1b$B", vec![first & 0x7f, second & 0x7f])),
            _ => Err(character),
        },
    }
}

fn hz(character: char) -> Result<Switched, char> {
    match character {
        '~' => Ok((b"~}", b"~~".to_vec())),
        '\u{0}'..='\u{7f}' => Ok((b"~}", one(GBK, character)?)),
        _ => match one(GBK, character)?.as_slice() {
            [first @ 0xa1..=0xf7, second @ 0xa1..=0xfe] => {
                Ok((b"~{", vec![first & 0x7f, second & 0x7f]))
            }
            _ => Err(character),
        },
    }
}

fn decode_hz(bytes: &[u8]) -> Option<String> {
    let mut text = Vec::with_capacity(bytes.len());
    let mut double = false;
    let mut rest = bytes;
    loop {
        rest = match rest {
            [] => break,
            [b'~', b'{', after @ ..] => {
                double = true;
                after
            }
            [b'~', b'}', after @ ..] => {
                double = false;
                after
            }
            [b'~', b'~', after @ ..] => {
                text.push(b'~');
                after
            }
            [b'~', b'\n', after @ ..] => after,
            [b'~' | 0x80.., ..] => return None,
            [first, second @ 0..0x80, after @ ..] if double => {
                text.extend([first | 0x80, second | 0x80]);
                after
            }
            [_, ..] if double => return None,
            [first, after @ ..] => {
                text.push(*first);
                after
            }
        };
    }
    GBK.decode_without_bom_handling_and_without_replacement(&text).map(Cow::into_owned)
}

fn encode(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let name = text(arguments, 1);
    let bytes = Charset::find(name)?.encode(text(arguments, 0)).map_err(|character| {
        let shown = character.escape_debug();
        FunctionError::argument(0, format!("the character `{shown}` does not exist in {name}"))
    })?;
    Ok(Value::string(STANDARD.encode(bytes)))
}

fn decode(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let name = text(arguments, 1);
    let charset = Charset::find(name)?;
    let bytes = base64_bytes(text(arguments, 0))?;
    charset
        .decode(&bytes)
        .map(Value::string)
        .ok_or_else(|| FunctionError::argument(0, format!("the bytes are not text in {name}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_bytes_that_the_language_gives_them() {
        for (text, name, expected) in [
            ("日本", "EUC-JP", Ok("xvzL3A==")),
            ("①Ⅰ纊", "shift_jis", Ok("h0CHVO1A")),
            ("¥", "Shift_JIS", Err('¥')),
            ("−", "EUC-JP", Err('−')),
            ("日本a", "ISO-2022-JP", Ok("GyRCRnxLXBsoQmE=")),
            ("ｱ", "ISO-2022-JP", Ok("GyhJMRsoQg==")),
            ("", "ISO-2022-JP", Ok("")),
            ("日本a~b\nc", "hz-gb-2312", Ok("fntIVTE+fn1hfn5iCmM=")),
            ("丂", "HZ-GB-2312", Err('丂')),
            ("한국", "EUC-KR", Ok("x9GxuQ==")),
            ("中文", "Big5", Ok("pKSk5Q==")),
            ("€", "GBK", Ok("gA==")),
            ("🎉", "GB18030", Ok("lDm9NQ==")),
            ("𠀀", "GBK", Err('𠀀')),
            ("€", "windows-1252", Ok("gA==")),
            ("日", "windows-1252", Err('日')),
            ("é", "ASCII", Err(' ')),
            ("a", "IBM1047", Ok("gQ==")),
            ("é", "cp437", Ok("gg==")),
            ("", "UTF-16", Ok("/v8=")),
            ("🎉", "UTF-16LE", Ok("PNiJ3w==")),
        ] {
            match (Charset::find(name), expected) {
                (Ok(charset), Ok(expected)) => {
                    let bytes = charset.encode(text).unwrap();
                    assert_eq!(STANDARD.encode(&bytes), expected, "{text} {name}");
                    assert_eq!(charset.decode(&bytes).as_deref(), Some(text), "{name}");
                }
                (Ok(charset), Err(character)) => {
                    assert_eq!(charset.encode(text), Err(character), "{text} {name}");
                }
                (Err(error), Err(_)) => assert!(error.reason.contains(name), "{error:?}"),
                (Err(error), Ok(_)) => panic!("{error:?}"),
            }
        }
    }

    #[test]
    fn bytes_without_a_meaning_are_refused() {
        for (bytes, name) in [
            (&b"\xff"[..], "US-ASCII"),
            (b"\x81", "windows-1252"),
            (b"\xd2", "ISO-8859-8"),
            (b"\x00", "UTF-16LE"),
            (b"\x00\xd8", "UTF-16LE"),
            (b"\xff", "EUC-JP"),
            (b"~x", "HZ-GB-2312"),
            (b"\xff", "UTF-8"),
        ] {
            assert_eq!(Charset::find(name).ok().unwrap().decode(bytes), None, "{name}");
        }
    }

    #[test]
    fn every_table_is_whole() {
        for line in SINGLE_BYTE.lines() {
            let names: Vec<&str> = serde_json::from_str(line.split_once('\t').unwrap().0).unwrap();
            for name in names {
                match Charset::find(name) {
                    Ok(Charset::SingleByte(table)) => {
                        assert!(matches!(table.len(), 128 | 256), "{name}: {}", table.len());
                    }
                    _ => panic!("{name}"),
                }
            }
        }
        assert_eq!(SINGLE_BYTE.lines().count(), 41);
    }
}
