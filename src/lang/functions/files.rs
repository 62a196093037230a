//! Functions on files and paths, and templates.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{self, Expression};
use crate::text::SourceMap;
use crate::value::{Type, Value, convert};

use super::super::evaluator::Evaluator;
use super::super::{FileError, FileReader};
use super::function::{Expects, FunctionError, Outcome, Setting, gives, text};
use super::glob::Glob;
use super::{Function, Parameter, hash};

const PATH: Parameter = Parameter::new("path", Expects::String);
const VARIABLES: Parameter = Parameter::new("variables", Expects::Any).or_unknown().with_marks();

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("file", &[PATH], "The text of a file.", gives::string, |setting, arguments| {
        Ok(Value::string(read_text(setting, arguments)?))
    }),
    Function::new("fileexists", &[PATH], "Tells whether a file is there.", gives::bool, exists),
    Function::new(
        "filebase64",
        &[PATH],
        "The bytes of a file, in base 64.",
        gives::string,
        |setting, arguments| of_bytes(setting, arguments, base64_of),
    ),
    Function::new(
        "filemd5",
        &[PATH],
        "The MD5 digest of a file.",
        gives::string,
        |setting, arguments| of_bytes(setting, arguments, hash::md5),
    ),
    Function::new(
        "filesha1",
        &[PATH],
        "The SHA-1 digest of a file.",
        gives::string,
        |setting, arguments| of_bytes(setting, arguments, hash::sha1),
    ),
    Function::new(
        "filesha256",
        &[PATH],
        "The SHA-256 digest of a file.",
        gives::string,
        |setting, arguments| of_bytes(setting, arguments, hash::sha256),
    ),
    Function::new(
        "filesha512",
        &[PATH],
        "The SHA-512 digest of a file.",
        gives::string,
        |setting, arguments| of_bytes(setting, arguments, hash::sha512),
    ),
    Function::new(
        "filebase64sha256",
        &[PATH],
        "The SHA-256 digest of a file, in base 64.",
        gives::string,
        |setting, arguments| of_bytes(setting, arguments, hash::base64_sha256),
    ),
    Function::new(
        "filebase64sha512",
        &[PATH],
        "The SHA-512 digest of a file, in base 64.",
        gives::string,
        |setting, arguments| of_bytes(setting, arguments, hash::base64_sha512),
    ),
    Function::new(
        "templatefile",
        &[PATH, VARIABLES],
        "Fills a template from a file.",
        gives::anything,
        template_file,
    ),
    Function::new(
        "templatestring",
        &[Parameter::new("template", Expects::String), VARIABLES],
        "Fills a template.",
        gives::string,
        template_string,
    ),
    Function::new(
        "fileset",
        &[PATH, Parameter::new("pattern", Expects::String)],
        "The files below a directory that match a pattern such as `**/*.txt`.",
        |_| Ok(Type::set(Type::String)),
        file_set,
    ),
    Function::new(
        "basename",
        &[PATH],
        "The last part of a path.",
        gives::string,
        |_, arguments| Ok(Value::string(base_name(text(arguments, 0)))),
    ),
    Function::new(
        "dirname",
        &[PATH],
        "A path without its last part.",
        gives::string,
        |_, arguments| Ok(Value::string(directory_name(text(arguments, 0)))),
    ),
    Function::new("abspath", &[PATH], "A path from the root on.", gives::string, absolute),
    Function::new(
        "pathexpand",
        &[PATH],
        "Replaces `~` at the start by the home directory.",
        gives::string,
        expand,
    ),
];

fn reader<'a>(setting: &Setting<'a>) -> Result<&'a dyn FileReader, FunctionError> {
    setting.environment.files.ok_or_else(|| FunctionError::new("files cannot be read here"))
}

fn failed(path: &str, error: &FileError) -> FunctionError {
    FunctionError::argument(0, format!("the file `{path}` {}", error.reason))
}

fn read(setting: &Setting<'_>, arguments: &[Value]) -> Result<Vec<u8>, FunctionError> {
    let path = text(arguments, 0);
    let path = expanded(setting, path)?;
    reader(setting)?.read(&path).map_err(|error| failed(&path, &error))
}

fn read_text(setting: &Setting<'_>, arguments: &[Value]) -> Result<String, FunctionError> {
    String::from_utf8(read(setting, arguments)?).map_err(|_| {
        FunctionError::argument(0, "the file is not UTF-8 text; `filebase64` reads any bytes")
    })
}

fn of_bytes(setting: &Setting<'_>, arguments: &[Value], encode: fn(&[u8]) -> String) -> Outcome {
    Ok(Value::string(encode(&read(setting, arguments)?)))
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn exists(setting: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let path = expanded(setting, text(arguments, 0))?;
    reader(setting)?.exists(&path).map(Value::bool).map_err(|error| failed(&path, &error))
}

fn file_set(setting: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let path = expanded(setting, text(arguments, 0))?;
    let pattern = Glob::new(text(arguments, 1))
        .ok_or_else(|| FunctionError::argument(1, "it is not a pattern for paths"))?;
    let files = reader(setting)?.list(&path).map_err(|error| failed(&path, &error))?;
    let matching = files.iter().filter(|file| pattern.matches(file)).map(Value::string).collect();
    Ok(Value::set(Type::String, matching))
}

fn base_name(path: &str) -> String {
    let trimmed = path.trim_end_matches('/');
    match (path.is_empty(), trimmed.is_empty()) {
        (true, _) => ".".to_owned(),
        (false, true) => "/".to_owned(),
        _ => trimmed.rsplit('/').next().unwrap_or(trimmed).to_owned(),
    }
}

fn directory_name(path: &str) -> String {
    match path.rfind('/') {
        Some(at) => clean(path.get(..=at).unwrap_or_default()),
        None => ".".to_owned(),
    }
}

/// The shortest path that means the same, by its text alone.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            ".." if rooted => {}
            other => parts.push(other),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

fn absolute(setting: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let path = text(arguments, 0);
    if path.starts_with('/') {
        return Ok(Value::string(clean(path)));
    }
    let current = reader(setting)?
        .current_directory()
        .ok_or_else(|| FunctionError::new("the current directory is not known"))?;
    Ok(Value::string(clean(&format!("{current}/{path}"))))
}

fn expand(setting: &Setting<'_>, arguments: &[Value]) -> Outcome {
    Ok(Value::string(expanded(setting, text(arguments, 0))?))
}

fn expanded(setting: &Setting<'_>, path: &str) -> Result<String, FunctionError> {
    let Some(rest) = path.strip_prefix('~') else { return Ok(path.to_owned()) };
    if !rest.is_empty() && !rest.starts_with('/') {
        let reason = "only `~` alone or `~/` stands for a home directory";
        return Err(FunctionError::argument(0, reason));
    }
    let home = reader(setting)?
        .home()
        .ok_or_else(|| FunctionError::new("the home directory is not known"))?;
    Ok(format!("{home}{rest}"))
}

fn template_file(setting: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let source = read_text(setting, arguments)?;
    fill(setting, text(arguments, 0), &source, arguments.get(1))
}

fn template_string(setting: &Setting<'_>, arguments: &[Value]) -> Outcome {
    let filled = fill(setting, "<template>", text(arguments, 0), arguments.get(1))?;
    if filled.is_null() {
        return Err(FunctionError::argument(0, "it is null once it is filled"));
    }
    convert(&filled, &Type::String).map_err(|error| {
        let reason = format!("it is no text once it is filled: {}", error.describe());
        FunctionError::argument(0, reason)
    })
}

fn fill(setting: &Setting<'_>, name: &str, source: &str, variables: Option<&Value>) -> Outcome {
    if setting.in_template {
        return Err(FunctionError::new("a template cannot fill templates itself"));
    }
    let variables = variables.unwrap_or(&Value::NULL);
    let names = match (variables.ty(), variables.entries()) {
        (Type::Map(_) | Type::Object(_), Some(entries)) => entries,
        (Type::Map(_) | Type::Object(_) | Type::Any, None) if !variables.is_known() => {
            return Ok(Value::unknown(Type::Any));
        }
        (other, _) => {
            let reason = format!("a map or an object is needed, but this is {}", other.phrase());
            return Err(FunctionError::argument(1, reason));
        }
    };
    let template = parse(name, source)?;
    let mut bindings: BTreeMap<Arc<str>, Value> = BTreeMap::new();
    for (key, value) in names {
        let valid = key.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && key.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
        if !valid {
            return Err(FunctionError::argument(1, format!("`{key}` is not a name")));
        }
        bindings.insert(Arc::clone(key), value.clone());
    }
    Evaluator::new(setting.scope, setting.environment)
        .evaluate_template(&template, &bindings, setting.budget)
        .map(|value| value.mark(variables.marks()))
        .map_err(|problems| within(name, source, problems))
}

fn parse(name: &str, source: &str) -> Result<Expression, FunctionError> {
    let mut map = SourceMap::default();
    let file = map.add(name, source);
    let mut problems = Diagnostics::default();
    let template = syntax::parse_template(file, source, &mut problems);
    template.ok_or_else(|| within(name, source, problems))
}

/// Problems in a template speak of lines of it; its text is in nobody's source map.
fn within(name: &str, source: &str, problems: Diagnostics) -> FunctionError {
    let mut map = SourceMap::default();
    map.add(name, source);
    let moved = problems.into_iter().map(|problem| {
        let line = problem.span().map_or(1, |span| map.start(span).line);
        let detail = format!("In the template `{name}`, line {line}: {}", problem.detail);
        let mut moved = Diagnostic::error(code::TEMPLATE, detail);
        for help in problem.helps {
            moved = moved.help(help.text);
        }
        moved
    });
    FunctionError::inner(moved.collect())
}
