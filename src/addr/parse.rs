//! Reading addresses as people type them.

use std::str::FromStr;
use std::sync::Arc;

use crate::text::steers;

use super::{
    DeclaredResource, InstanceAddr, InstanceKey, LocalResource, ModuleInstance, ModuleStep,
    ResourceAddr, ResourceMode, ResourceType, Target,
};

/// A text that is no address, and why.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` {reason}")]
pub struct AddressError {
    text: String,
    reason: &'static str,
}

impl AddressError {
    pub(super) fn new(text: &str, reason: &'static str) -> Self {
        Self { text: text.to_owned(), reason }
    }
}

/// Writes a key as HCL writes a quoted string.
pub(super) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                quoted.push(character);
                quoted.push(character);
            }
            other if steers(other) => quoted.push_str(&format!("\\u{:04x}", u32::from(other))),
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// A name or a bracketed key.
enum Part {
    Name(Arc<str>),
    Key(InstanceKey),
}

fn split(text: &str) -> Result<Vec<Part>, &'static str> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        if let Some(inner) = rest.strip_prefix('[') {
            let (key, after) = read_key(inner)?;
            parts.push(Part::Key(key));
            rest = after;
        } else {
            let end = rest
                .find(|character: char| !(character.is_alphanumeric() || "_-".contains(character)))
                .unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() {
                return Err("is not an address: a name is missing");
            }
            parts.push(Part::Name(Arc::from(name)));
            rest = after;
        }
        match rest.as_bytes().first() {
            None => return Ok(parts),
            Some(b'.') => rest = rest.get(1..).unwrap_or_default(),
            Some(b'[') => {}
            Some(_) => return Err("is not an address: it holds a character that no name may hold"),
        }
        if rest.is_empty() {
            return Err("is not an address: it ends in a dot");
        }
    }
}

fn read_key(inner: &str) -> Result<(InstanceKey, &str), &'static str> {
    if let Some(quoted) = inner.strip_prefix('"') {
        let (name, rest) = read_quoted(quoted)?;
        let rest = rest.strip_prefix(']').ok_or("is not an address: `]` is missing")?;
        return Ok((InstanceKey::Name(Arc::from(name)), rest));
    }
    let (digits, rest) = inner.split_once(']').ok_or("is not an address: `]` is missing")?;
    let index = digits.parse().map_err(|_| "is not an address: a key is a number or quoted")?;
    Ok((InstanceKey::Index(index), rest))
}

fn read_quoted(text: &str) -> Result<(String, &str), &'static str> {
    let mut name = String::new();
    let mut characters = text.char_indices().peekable();
    while let Some((offset, character)) = characters.next() {
        match character {
            '"' => return Ok((name, text.get(offset + 1..).unwrap_or_default())),
            '\\' => match characters.next().map(|(_, escaped)| escaped) {
                Some('n') => name.push('\n'),
                Some('r') => name.push('\r'),
                Some('t') => name.push('\t'),
                Some(escaped @ ('"' | '\\')) => name.push(escaped),
                Some('u') => {
                    let digits: String =
                        characters.by_ref().take(4).map(|(_, digit)| digit).collect();
                    let code = u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32);
                    name.push(code.ok_or("is not an address: an escape in a key is unknown")?);
                }
                _ => return Err("is not an address: an escape in a key is unknown"),
            },
            '$' | '%'
                if text.get(offset + 1..).is_some_and(|after| {
                    after.strip_prefix(character).is_some_and(|more| more.starts_with('{'))
                }) =>
            {
                characters.next();
                name.push(character);
            }
            other => name.push(other),
        }
    }
    Err("is not an address: a quotation mark is missing")
}

impl FromStr for Target {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fail = |reason| AddressError::new(text, reason);
        let mut parts = split(text).map_err(fail)?.into_iter().peekable();
        let mut steps = Vec::new();
        while matches!(parts.peek(), Some(Part::Name(name)) if &**name == "module") {
            parts.next();
            let name = next_name(&mut parts).ok_or_else(|| fail("names no module"))?;
            steps.push(ModuleStep { name, key: next_key(&mut parts) });
        }
        let module = ModuleInstance(Arc::from(steps));
        if parts.peek().is_none() && !module.is_root() {
            return Ok(Self::Module(module));
        }
        let shape = "is not an address: expected RESOURCE_TYPE.NAME, perhaps with a key";
        let mut mode = ResourceMode::Managed;
        let mut type_name = next_name(&mut parts).ok_or_else(|| fail(shape))?;
        if &*type_name == "data" {
            mode = ResourceMode::Data;
            type_name = next_name(&mut parts).ok_or_else(|| fail(shape))?;
        }
        let name = next_name(&mut parts).ok_or_else(|| fail(shape))?;
        let local = LocalResource { mode, type_name: ResourceType(type_name), name };
        let resource = ResourceAddr { module, local };
        let key = next_key(&mut parts);
        if parts.next().is_some() {
            return Err(fail(shape));
        }
        Ok(match key {
            InstanceKey::None => Self::Resource(resource),
            key => Self::Instance(resource.instance(key)),
        })
    }
}

type Parts = std::iter::Peekable<std::vec::IntoIter<Part>>;

fn next_name(parts: &mut Parts) -> Option<Arc<str>> {
    match parts.next() {
        Some(Part::Name(name)) => Some(name),
        _ => None,
    }
}

fn next_key(parts: &mut Parts) -> InstanceKey {
    match parts.next_if(|part| matches!(part, Part::Key(_))) {
        Some(Part::Key(key)) => key,
        _ => InstanceKey::None,
    }
}

impl FromStr for InstanceAddr {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse::<Target>()?
            .single_instance()
            .ok_or_else(|| AddressError::new(text, "names a module, not an instance"))
    }
}

/// Keys of modules are accepted and mean nothing: older state files hold them.
impl FromStr for DeclaredResource {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.parse::<Target>()? {
            Target::Resource(resource) => Ok(resource.declared()),
            Target::Instance(instance) => Ok(instance.resource.declared()),
            Target::Module(_) => Err(AddressError::new(text, "names a module, not a resource")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_reads_back() {
        for text in [
            "a_b.c",
            "a_b.c[0]",
            "a_b.c[\"x\\\"y\"]",
            "a_b.c[\"x\\u001b[2J\\u202ey\\n\"]",
            "a_b.c[\"$${v}.[1]\"]",
            "data.a_b.c",
            "module.m[\"eu\"].module.n[2].a_b.c[1]",
            "module.m",
        ] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in ["", "a", "a.", ".a", "a.b.c", "a.b[", "a.b[x]", "a.b[\"x]", "a b.c", "module."]
        {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
    }
}
