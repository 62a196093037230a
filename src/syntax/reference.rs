//! What the words at the start of a traversal refer to.

use std::sync::Arc;

use crate::addr::{Reference, ResourceMode, ResourceType};

/// Words that mean something else than a name where an expression starts.
pub(super) const KEYWORDS: [&str; 6] = ["true", "false", "null", "for", "in", "if"];

/// How many of `words` belong to the reference they start, and which one it is. The error says why
/// they start none, and takes all words that were looked at.
pub(super) fn resolve(words: &[&Arc<str>]) -> (usize, Result<Reference, String>) {
    let Some(root) = words.first() else {
        return (0, Err("There is no name here.".to_owned()));
    };
    match &***root {
        "var" => named(words, "variable", Reference::Variable),
        "local" => named(words, "local value", Reference::Local),
        "module" => named(words, "module call", |name| Reference::Module {
            name,
            output: None,
            keyed: false,
        }),
        "output" => named(words, "output", Reference::Output),
        "path" => one_of(words, &["module", "root", "cwd"], Reference::Path),
        "terraform" | "snapform" => named(words, "setting", Reference::Terraform),
        "self" => (1, Ok(Reference::SelfObject)),
        "each" => each(words),
        "count" => match words.get(1).map(|word| &***word) {
            Some("index") => (2, Ok(Reference::CountIndex)),
            _ => incomplete(words, "`count` offers only `count.index`."),
        },
        "data" => resource(words, 1, ResourceMode::Data),
        "resource" => resource(words, 1, ResourceMode::Managed),
        _ => resource(words, 0, ResourceMode::Managed),
    }
}

fn named(
    words: &[&Arc<str>],
    what: &str,
    make: impl FnOnce(Arc<str>) -> Reference,
) -> (usize, Result<Reference, String>) {
    if let Some(name) = words.get(1) {
        return (2, Ok(make(Arc::clone(name))));
    }
    let root = words.first().map_or("", |word| word);
    incomplete(words, &format!("`{root}` must be followed by a dot and the name of a {what}."))
}

fn one_of(
    words: &[&Arc<str>],
    allowed: &[&str],
    make: impl FnOnce(Arc<str>) -> Reference,
) -> (usize, Result<Reference, String>) {
    match words.get(1) {
        Some(name) if allowed.contains(&&***name) => (2, Ok(make(Arc::clone(name)))),
        _ => {
            let root = words.first().map_or("", |word| word);
            let allowed: Vec<_> = allowed.iter().map(|word| format!("`{root}.{word}`")).collect();
            incomplete(words, &format!("`{root}` offers only {}.", allowed.join(", ")))
        }
    }
}

fn each(words: &[&Arc<str>]) -> (usize, Result<Reference, String>) {
    match words.get(1).map(|word| &***word) {
        Some("key") => (2, Ok(Reference::EachKey)),
        Some("value") => (2, Ok(Reference::EachValue)),
        _ => incomplete(words, "`each` offers only `each.key` and `each.value`."),
    }
}

fn resource(
    words: &[&Arc<str>],
    skip: usize,
    mode: ResourceMode,
) -> (usize, Result<Reference, String>) {
    match (words.get(skip), words.get(skip + 1)) {
        (Some(type_name), Some(name)) => {
            let type_name = ResourceType(Arc::clone(type_name));
            (skip + 2, Ok(Reference::Resource { mode, type_name, name: Arc::clone(name) }))
        }
        _ if skip == 0 => {
            let root = words.first().map_or("", |word| word);
            incomplete(
                words,
                &format!(
                    "`{root}` alone stands for nothing: a resource is named by its type and its \
                     name, `{root}.NAME`, a variable by `var.{root}`, a local value by \
                     `local.{root}`; a text must be quoted."
                ),
            )
        }
        _ => {
            let root = words.first().map_or("", |word| word);
            incomplete(
                words,
                &format!("`{root}` must be followed by a type and a name, `{root}.TYPE.NAME`."),
            )
        }
    }
}

fn incomplete(words: &[&Arc<str>], reason: &str) -> (usize, Result<Reference, String>) {
    (words.len().min(2), Err(reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_for_references() {
        for (text, taken, shown) in [
            ("var.a.b", 2, Some("var.a")),
            ("local.a", 2, Some("local.a")),
            ("data.t.n.id", 3, Some("data.t.n")),
            ("resource.t.n.id", 3, Some("t.n")),
            ("t.n.id", 2, Some("t.n")),
            ("self.id", 1, Some("self")),
            ("each.value.x", 2, Some("each.value")),
            ("count.index", 2, Some("count.index")),
            ("path.module", 2, Some("path.module")),
            ("terraform.workspace", 2, Some("terraform.workspace")),
            ("var", 1, None),
            ("each.x", 2, None),
            ("foo", 1, None),
            ("data.t", 2, None),
        ] {
            let words: Vec<Arc<str>> = text.split('.').map(Arc::from).collect();
            let (count, target) = resolve(&words.iter().collect::<Vec<_>>());
            assert_eq!(count, taken, "{text}");
            assert_eq!(target.ok().map(|target| target.to_string()).as_deref(), shown, "{text}");
        }
    }
}
