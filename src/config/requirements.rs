//! `required_providers`: what a module says of the providers it needs.
//!
//! Providers are built in, so only `configuration_aliases` means something here. The rest is what
//! Terraform reads in the same file: it may name any vendor's provider, and a slip of the pen is told
//! before Terraform would stumble over it.

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Attribute, Block, Expression};
use crate::text::Span;

use super::declaration::Settings;
use super::meta;

/// Takes in one block.
pub(super) fn decode(block: &Block, settings: &mut Settings, problems: &mut Diagnostics) {
    for provider in &block.body.attributes {
        problems.extend(local_name(provider));
        let Some(items) = provider.value.object_items() else {
            match provider.value.as_literal_string() {
                Some(_) => problems.extend(version(&provider.value)),
                None => problems.push(not_a_requirement(provider.value.span())),
            }
            continue;
        };
        for item in items {
            match item.key.as_literal_string().as_deref() {
                Some("source") => problems.extend(source(&item.value)),
                Some("version") => problems.extend(version(&item.value)),
                Some("configuration_aliases") => aliases(&item.value, settings, problems),
                _ => problems.push(not_a_requirement(item.key.span())),
            }
        }
    }
}

fn not_a_requirement(place: Span) -> Diagnostic {
    let detail = "A provider is required by its `source`, `version` and `configuration_aliases`.";
    Diagnostic::error(code::META_ARGUMENT, detail)
        .at(place)
        .help("settings belong into a `provider` block")
}

/// The configurations with an alias that whoever calls the module must hand in.
fn aliases(value: &Expression, settings: &mut Settings, problems: &mut Diagnostics) {
    let Some(names) = value.list_items() else {
        problems.push(
            Diagnostic::error(code::META_ARGUMENT, "`configuration_aliases` is a list.")
                .at(value.span())
                .help("write `configuration_aliases = [NAME.ALIAS]`"),
        );
        return;
    };
    let names = names.iter().filter_map(|name| problems.absorb(meta::local_provider(name)));
    settings.configuration_aliases.extend(names);
}

fn local_name(provider: &Attribute) -> Option<Diagnostic> {
    let name = &*provider.name;
    let problem = |detail: String, help: String| {
        Some(Diagnostic::error(code::NAME, detail).at(provider.name_span).help(help))
    };
    if let Err(reason) = part(name) {
        let help = "name it with letters, digits and single dashes between them";
        return problem(
            format!("A provider cannot be called `{name}`: {reason}."),
            help.to_owned(),
        );
    }
    let lower = name.to_lowercase();
    (lower != name).then(|| {
        let detail = format!("Names of providers have no capital letters, and `{name}` has.");
        problem(detail, format!("write `{lower}`"))
    })?
}

/// Checks a source such as `hashicorp/aws` or `example.com/acme/cloud`.
fn source(value: &Expression) -> Option<Diagnostic> {
    let problem = |detail: String| {
        Diagnostic::error(code::META_ARGUMENT, detail)
            .at(value.span())
            .help("a source is `NAMESPACE/NAME` or `HOST/NAMESPACE/NAME`")
    };
    let Some(text) = value.as_literal_string() else {
        return Some(problem("`source` is a text without anything to evaluate.".to_owned()));
    };
    let parts: Vec<&str> = text.split('/').collect();
    if parts.len() > 3 || parts.iter().any(|part| part.is_empty()) {
        return Some(problem(format!("`{text}` is not the source of a provider.")));
    }
    let (names, host) = match &*parts {
        [host, names @ ..] if names.len() == 2 => (names, Some(*host)),
        names => (names, None),
    };
    if let Some(reason) = host.and_then(|name| self::host(name).err()) {
        return Some(problem(format!("`{text}` names no host: {reason}.")));
    }
    // Providers from before there were namespaces have a dash in its place.
    let named = names.iter().filter(|name| names.len() < 2 || **name != "-");
    for name in named {
        if let Err(reason) = part(name) {
            return Some(problem(format!(
                "`{text}` is not the source of a provider, because of `{name}`: {reason}."
            )));
        }
    }
    let (name, before) = names.split_last().filter(|(_, before)| !before.is_empty())?;
    let prefix = ["terraform-provider-", "terraform-"].into_iter().find(|prefix| {
        let everywhere = *prefix != "terraform-" || host.is_none();
        everywhere && name.starts_with(prefix) && name.len() > prefix.len()
    })?;
    let detail = format!("The name of a provider does not begin with `{prefix}`.");
    let short = name.get(prefix.len()..).unwrap_or(name);
    let help =
        format!("that is how its repository is called; write `{}/{short}`", before.join("/"));
    Some(Diagnostic::error(code::META_ARGUMENT, detail).at(value.span()).help(help))
}

/// A name between slashes: letters of any script, digits, and single dashes between them.
fn part(name: &str) -> Result<(), &'static str> {
    let fits = |character: char| character.is_alphanumeric() || character == '-';
    if name.is_empty() || !name.chars().all(fits) {
        Err("a name has only letters, digits and dashes")
    } else if name.starts_with('-') || name.ends_with('-') {
        Err("a name neither begins nor ends with a dash")
    } else if name.contains("--") {
        Err("a name has no two dashes side by side")
    } else {
        Ok(())
    }
}

fn host(name: &str) -> Result<(), &'static str> {
    let (labels, port) = match name.split_once(':') {
        Some((labels, port)) => (labels, Some(port)),
        None => (name, None),
    };
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Err("a port is a number up to 65535");
    }
    for label in labels.split('.') {
        if label.is_empty() {
            return Err("each of its dots stands between two words");
        }
        // An encoded label has two dashes side by side.
        part(&label.replace("--", "-"))?;
    }
    Ok(())
}

/// Checks constraints such as `>= 1.0, < 2.0.0`.
fn version(value: &Expression) -> Option<Diagnostic> {
    let problem = |detail: String| {
        Diagnostic::error(code::META_ARGUMENT, detail)
            .at(value.span())
            .help("write for instance `>= 1.2.0, < 2.0.0` or `~> 1.2`")
    };
    let Some(text) = value.as_literal_string() else {
        return Some(problem("`version` is a text without anything to evaluate.".to_owned()));
    };
    let wrong = text.split(',').find(|part| !is_constraint(part.trim()))?;
    Some(problem(format!("`{}` is not a constraint of versions.", wrong.trim())))
}

fn is_constraint(part: &str) -> bool {
    let operators = ["!=", ">=", "<=", "~>", "=", ">", "<"];
    let version = operators.iter().find_map(|operator| part.strip_prefix(operator));
    let version = version.unwrap_or(part);
    // At most one space may stand between the two.
    let version = version.strip_prefix(' ').unwrap_or(version);
    let (version, build) = version.split_once('+').unwrap_or((version, ""));
    let (numbers, before) = version.split_once('-').unwrap_or((version, ""));
    let extra = |text: &str| {
        text.chars().all(|found| found.is_ascii_alphanumeric() || matches!(found, '.' | '-'))
    };
    let mut parts = numbers.split('.');
    numbers.split('.').count() <= 3
        && parts.all(|part| {
            part.chars().all(|digit| digit.is_ascii_digit()) && part.parse::<u64>().is_ok()
        })
        && extra(before)
        && extra(build)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::SourceMap;

    fn literal(text: &str) -> Expression {
        let span = Span::new(SourceMap::default().add("x", text), 0, 0);
        Expression::literal(crate::value::Value::string(text), span)
    }

    #[test]
    fn constraints_of_versions() {
        for right in [
            "1.0",
            ">= 1.0, < 2",
            "~>1",
            "> 1.0.0-beta1",
            "1.0.0+x",
            "~> 1.0.0-a.1+b",
            " 1 ",
            "01.2",
        ] {
            assert!(version(&literal(right)).is_none(), "{right}");
        }
        for wrong in [
            "",
            "not",
            "1.x",
            "1.0.0.0",
            "1.0 2.0",
            "1.0,",
            "*",
            "v1.0",
            "=> 1",
            "== 1",
            "1..0",
            "^1",
            ">  = 1",
            "99999999999999999999",
            "1.0.0-ä",
        ] {
            assert!(version(&literal(wrong)).is_some(), "{wrong}");
        }
    }

    #[test]
    fn sources() {
        for right in [
            "hashicorp/aws",
            "example.com:8443/acme/cloud",
            "terraform.io/builtin/terraform",
            "aws",
            "localhost/a/b",
            "UPPER/Case",
            "-/aws",
            "Ünï/b",
            "terraform-x",
            "xn--a.example/a/b",
        ] {
            assert!(source(&literal(right)).is_none(), "{right}");
        }
        for wrong in [
            "",
            "a/b/c/d",
            "foo bar/baz",
            "-x/c",
            "a_b/c",
            "a/b--c",
            "a/terraform-b",
            "a//b",
            "/a/b",
            "a/terraform-provider-b",
            "a-",
            "ex_ample.com/a/b",
            ".com/a/b",
            "x.com:99999/a/b",
            "https://x.com/a",
            " a/b",
            "-h/a/b",
        ] {
            assert!(source(&literal(wrong)).is_some(), "{wrong}");
        }
    }
}
