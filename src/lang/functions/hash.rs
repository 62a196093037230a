//! Digests and unique ids.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use uuid::Uuid;

use crate::value::{Type, Value};

use super::function::{Expects, FunctionError, Outcome, Setting, gives, text};
use super::{Function, Parameter};

const TEXT: Parameter = Parameter::new("text", Expects::String);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "md5",
        &[TEXT],
        "The MD5 digest, in hexadecimal.",
        gives::string,
        |_, arguments| Ok(Value::string(md5(text(arguments, 0).as_bytes()))),
    ),
    Function::new(
        "sha1",
        &[TEXT],
        "The SHA-1 digest, in hexadecimal.",
        gives::string,
        |_, arguments| Ok(Value::string(sha1(text(arguments, 0).as_bytes()))),
    ),
    Function::new(
        "sha256",
        &[TEXT],
        "The SHA-256 digest, in hexadecimal.",
        gives::string,
        |_, arguments| Ok(Value::string(sha256(text(arguments, 0).as_bytes()))),
    ),
    Function::new(
        "sha512",
        &[TEXT],
        "The SHA-512 digest, in hexadecimal.",
        gives::string,
        |_, arguments| Ok(Value::string(sha512(text(arguments, 0).as_bytes()))),
    ),
    Function::new(
        "base64sha256",
        &[TEXT],
        "The SHA-256 digest, in base 64.",
        gives::string,
        |_, arguments| Ok(Value::string(base64_sha256(text(arguments, 0).as_bytes()))),
    ),
    Function::new(
        "base64sha512",
        &[TEXT],
        "The SHA-512 digest, in base 64.",
        gives::string,
        |_, arguments| Ok(Value::string(base64_sha512(text(arguments, 0).as_bytes()))),
    ),
    Function::new(
        "uuid",
        &[],
        "A new random id; known after apply.",
        gives::string,
        |setting, _| {
            let id = setting.environment.fresh_id();
            let fresh = id.map(|id| Value::string(id.to_string()));
            Ok(fresh.unwrap_or_else(|| Value::unknown_not_null(Type::String)))
        },
    ),
    Function::new(
        "uuidv5",
        &[Parameter::new("namespace", Expects::String), Parameter::new("name", Expects::String)],
        "The id that belongs to a name.",
        gives::string,
        uuid_v5,
    ),
];

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(super) fn md5(bytes: &[u8]) -> String {
    hexadecimal(&Md5::digest(bytes))
}

pub(super) fn sha1(bytes: &[u8]) -> String {
    hexadecimal(&Sha1::digest(bytes))
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

pub(super) fn sha512(bytes: &[u8]) -> String {
    hexadecimal(&Sha512::digest(bytes))
}

pub(super) fn base64_sha256(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

pub(super) fn base64_sha512(bytes: &[u8]) -> String {
    STANDARD.encode(Sha512::digest(bytes))
}

fn uuid_v5(_: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let namespace = match text(arguments, 0) {
        "dns" => Uuid::NAMESPACE_DNS,
        "url" => Uuid::NAMESPACE_URL,
        "oid" => Uuid::NAMESPACE_OID,
        "x500" => Uuid::NAMESPACE_X500,
        other => Uuid::parse_str(other).map_err(|_| {
            FunctionError::argument(0, "it is neither `dns`, `url`, `oid`, `x500` nor an id")
        })?,
    };
    Ok(Value::string(Uuid::new_v5(&namespace, text(arguments, 1).as_bytes()).to_string()))
}
