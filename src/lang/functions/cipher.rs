//! Passwords and RSA.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dashu_int::UBig;
use dashu_int::fast_div::ConstDivisor;

use crate::value::{Type, Value};

use super::encoding::base64_bytes;
use super::function::{Expects, FunctionError, Outcome, Setting, gives, integer, text};
use super::{Function, Parameter};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "bcrypt",
        &[Parameter::new("str", Expects::String)],
        "The bcrypt hash of a password with a random salt; known after apply.",
        gives::string,
        bcrypt_hash,
    )
    .variadic(Parameter::new("cost", Expects::Number)),
    Function::new(
        "rsadecrypt",
        &[
            Parameter::new("ciphertext", Expects::String),
            Parameter::new("privatekey", Expects::String),
        ],
        "Decrypts base 64 text with an RSA private key in PEM form.",
        gives::string,
        rsa_decrypt,
    ),
];

/// The cost of a hash where none is asked for: each step more doubles the work.
const COST: u32 = 10;

/// Costs outside of this are refused: the last one takes seconds.
const COSTS: std::ops::RangeInclusive<u32> = 4..=16;

/// Longer passwords would be cut off without a word.
const PASSWORD: usize = 72;

fn bcrypt_hash(setting: &Setting<'_>, arguments: &[Value]) -> Outcome {
    if arguments.len() > 2 {
        return Err(FunctionError::argument(2, "there is nothing after the cost"));
    }
    let cost = match arguments.get(1) {
        Some(_) => u32::try_from(integer(arguments, 1)?).unwrap_or(u32::MAX),
        None => COST,
    };
    // What is too cheap is brought up to the usual cost.
    let cost = if cost < *COSTS.start() { COST } else { cost };
    if !COSTS.contains(&cost) {
        let most = COSTS.end();
        return Err(FunctionError::argument(1, format!("a cost above {most} takes too long")));
    }
    let password = text(arguments, 0);
    if password.len() > PASSWORD {
        let reason = format!("bcrypt takes passwords of {PASSWORD} bytes at most");
        return Err(FunctionError::argument(0, reason));
    }
    let Some(salt) = setting.environment.fresh_id().map(uuid::Uuid::into_bytes) else {
        return Ok(Value::unknown_not_null(Type::String));
    };
    let parts = bcrypt::hash_with_salt(password, cost, salt)
        .map_err(|error| FunctionError::argument(0, error.to_string()))?;
    Ok(Value::string(parts.format_for_version(bcrypt::Version::TwoA)))
}

/// What of a private key decryption needs.
#[derive(Debug, PartialEq, Eq)]
struct PrivateKey {
    modulus: UBig,
    exponent: UBig,
}

fn rsa_decrypt(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let encrypted = base64_bytes(text(arguments, 0))?;
    let key = read_key(text(arguments, 1)).map_err(|reason| FunctionError::argument(1, reason))?;
    let decrypted = decrypt(&key, &encrypted)
        .ok_or_else(|| FunctionError::argument(0, "it was not encrypted for this key"))?;
    String::from_utf8(decrypted)
        .map(Value::string)
        .map_err(|_| FunctionError::argument(0, "the decrypted bytes are not UTF-8 text"))
}

/// Undoes PKCS #1 version 1.5. How long it takes depends on the key; whoever could measure that
/// reads the key from the configuration with less trouble.
fn decrypt(key: &PrivateKey, encrypted: &[u8]) -> Option<Vec<u8>> {
    let number = UBig::from_be_bytes(encrypted);
    if number >= key.modulus {
        return None;
    }
    let ring = ConstDivisor::new(key.modulus.clone());
    let plain = ring.reduce(number).pow(&key.exponent).residue();
    // `00 02`, at least eight random bytes, `00`, the text; the first zero is no digit.
    let bytes = plain.to_be_bytes();
    let length = key.modulus.to_be_bytes().len();
    let padded = bytes.strip_prefix(&[2]).filter(|rest| rest.len() + 2 == length)?;
    let end = padded.iter().position(|byte| *byte == 0).filter(|end| *end >= 8)?;
    padded.get(end + 1..).map(<[u8]>::to_vec)
}

/// Reads a key from PEM: PKCS #1, PKCS #8, or what `ssh-keygen` writes.
fn read_key(pem: &str) -> Result<PrivateKey, &'static str> {
    const NO_KEY: &str = "it is not an RSA private key in PEM form";
    let (_, rest) = pem.split_once("-----BEGIN ").ok_or(NO_KEY)?;
    let (kind, rest) = rest.split_once("-----").ok_or(NO_KEY)?;
    let (body, _) = rest.split_once("-----END ").ok_or(NO_KEY)?;
    if kind == "ENCRYPTED PRIVATE KEY" || body.contains("ENCRYPTED") {
        return Err("keys with a passphrase cannot be used");
    }
    let body: String = body.split_whitespace().collect();
    let bytes = STANDARD.decode(body).map_err(|_| NO_KEY)?;
    let key = match kind {
        "RSA PRIVATE KEY" => pkcs1(&bytes),
        "PRIVATE KEY" => pkcs8(&bytes),
        "OPENSSH PRIVATE KEY" => openssh(&bytes),
        _ => None,
    };
    key.filter(|key| key.modulus > UBig::ONE).ok_or(NO_KEY)
}

/// The content of the next element of a DER sequence, if it has this tag.
fn der<'b>(bytes: &mut &'b [u8], tag: u8) -> Option<&'b [u8]> {
    let [found, first, rest @ ..] = *bytes else { return None };
    let (length, rest) = match *first {
        short @ 0..0x80 => (usize::from(short), rest),
        long => {
            let (digits, rest) = rest.split_at_checked(usize::from(long & 0x7f))?;
            (usize::try_from(UBig::from_be_bytes(digits)).ok()?, rest)
        }
    };
    let (content, rest) = rest.split_at_checked(length).filter(|_| *found == tag)?;
    *bytes = rest;
    Some(content)
}

fn pkcs1(mut bytes: &[u8]) -> Option<PrivateKey> {
    let mut fields = der(&mut bytes, 0x30)?;
    let _version = der(&mut fields, 2)?;
    let modulus = UBig::from_be_bytes(der(&mut fields, 2)?);
    let _public_exponent = der(&mut fields, 2)?;
    Some(PrivateKey { modulus, exponent: UBig::from_be_bytes(der(&mut fields, 2)?) })
}

fn pkcs8(mut bytes: &[u8]) -> Option<PrivateKey> {
    const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
    let mut fields = der(&mut bytes, 0x30)?;
    let _version = der(&mut fields, 2)?;
    let mut algorithm = der(&mut fields, 0x30)?;
    let is_rsa = der(&mut algorithm, 6)? == RSA;
    pkcs1(der(&mut fields, 4)?).filter(|_| is_rsa)
}

/// The fields of `ssh-keygen` have their length before them.
fn openssh(bytes: &[u8]) -> Option<PrivateKey> {
    fn field<'b>(bytes: &mut &'b [u8]) -> Option<&'b [u8]> {
        let (length, rest) = bytes.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (content, rest) = rest.split_at_checked(length)?;
        *bytes = rest;
        Some(content)
    }
    let mut bytes = bytes.strip_prefix(b"openssh-key-v1\0")?;
    let (cipher, _derivation, _options) =
        (field(&mut bytes)?, field(&mut bytes)?, field(&mut bytes)?);
    let (_count, mut bytes) = bytes.split_first_chunk::<4>()?;
    let _public = field(&mut bytes)?;
    // Two numbers for a check of passphrases stand before the key.
    let mut private = field(&mut bytes)?.get(8..)?;
    if cipher != b"none" || field(&mut private)? != b"ssh-rsa" {
        return None;
    }
    let modulus = UBig::from_be_bytes(field(&mut private)?);
    let _public_exponent = field(&mut private)?;
    Some(PrivateKey { modulus, exponent: UBig::from_be_bytes(field(&mut private)?) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::{Environment, NoReferences};
    use crate::world::{Ids, SequentialIds};

    fn fixture(name: &str) -> String {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/context/fixtures/");
        std::fs::read_to_string(format!("{folder}{name}")).unwrap()
    }

    fn pem(kind: &str, bytes: &[u8]) -> String {
        let body = STANDARD.encode(bytes);
        format!("-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n")
    }

    /// An element of DER that is longer than 127 bytes.
    fn long(tag: u8, content: &[u8]) -> Vec<u8> {
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82], &length[..], content].concat()
    }

    fn field(content: &[u8]) -> Vec<u8> {
        [&u32::try_from(content.len()).unwrap().to_be_bytes(), content].concat()
    }

    #[test]
    fn keys_are_read_in_each_form() {
        let text = String::from_utf8(base64_bytes(&fixture("rsa_key.b64")).unwrap()).unwrap();
        let key = read_key(&text).unwrap();
        let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        let bytes = STANDARD.decode(body).unwrap();
        let algorithm = b"\x02\x01\x00\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00";
        let wrapped = long(0x30, &[&algorithm[..], &long(4, &bytes)].concat());
        assert_eq!(read_key(&pem("PRIVATE KEY", &wrapped)).as_ref(), Ok(&key));
        let private = [
            vec![7; 8],
            field(b"ssh-rsa"),
            field(&key.modulus.to_be_bytes()),
            field(&[1, 0, 1]),
            field(&key.exponent.to_be_bytes()),
        ];
        let open = [
            b"openssh-key-v1\0".to_vec(),
            [field(b"none"), field(b"none"), field(b"")].concat(),
            vec![0, 0, 0, 1],
            field(b"public"),
            field(&private.concat()),
        ];
        assert_eq!(read_key(&pem("OPENSSH PRIVATE KEY", &open.concat())), Ok(key));
        for refused in [
            "x".to_owned(),
            pem("RSA PRIVATE KEY", &bytes[..40]),
            pem("EC PRIVATE KEY", &bytes),
            pem("ENCRYPTED PRIVATE KEY", &bytes),
            text.replace("KEY-----\nMII", "KEY-----\nProc-Type: 4,ENCRYPTED\n\nMII"),
        ] {
            assert!(read_key(&refused).is_err(), "{refused}");
        }
    }

    #[test]
    fn passwords_are_hashed_while_applying() {
        let ids = SequentialIds::default();
        let hash = |ids: Option<&dyn Ids>, cost: i64| {
            let environment = Environment { ids, ..Environment::default() };
            let budget = super::super::super::limits::Budget::default();
            let setting =
                Setting { scope: &NoReferences, environment, in_template: false, budget: &budget };
            bcrypt_hash(&setting, &[Value::string("hunter2"), Value::from(cost)])
        };
        assert!(!hash(None, 5).unwrap().is_known());
        let first = hash(Some(&ids), 5).unwrap();
        assert!(first.as_str().unwrap().starts_with("$2a$05$"), "{first:?}");
        assert_ne!(hash(Some(&ids), 5).unwrap(), first);
        assert_eq!(bcrypt::verify("hunter2", first.as_str().unwrap()).ok(), Some(true));
        assert!(hash(Some(&ids), 3).unwrap().as_str().unwrap().starts_with("$2a$10$"));
        assert_eq!(hash(Some(&ids), 17).unwrap_err().reason, "a cost above 16 takes too long");
    }
}
