//! What counts in texts: lines, written configuration, graphs, places of diagnostics.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Value as Json, json};

/// The lines of a text, without blanks at their ends and without blank lines around them.
pub(super) fn lines(text: &str) -> Vec<String> {
    let trimmed: Vec<_> = text.lines().map(str::trim_end).collect();
    let text = trimmed.join("\n");
    text.trim().lines().map(str::to_owned).collect()
}

/// Written configuration without comments and blanks.
pub(super) fn squeeze(text: &str) -> Json {
    let is_comment = |line: &str| line.starts_with('#') || line.starts_with("//");
    let kept = text.lines().filter(|line| !is_comment(line.trim_start()));
    let squeezed = kept.map(|line| line.split_whitespace().collect::<String>());
    squeezed.filter(|line| !line.is_empty()).map(Json::String).collect()
}

/// The nodes and edges of a graph in the dot language.
pub(super) fn graph(text: &str) -> Json {
    let tidy =
        |name: &str| name.replace("\\\"", "\"").replace("[root] ", "").replace(" (expand)", "");
    let quoted = r#""((?:[^"\\]|\\.)*)""#;
    let edge = Regex::new(&format!(r"{quoted}\s*->\s*{quoted}")).unwrap();
    let node = Regex::new(&format!(r"(?m)^\s*{quoted}\s*(?:\[|;|$)")).unwrap();
    let edges = edge.captures_iter(text);
    let edges = edges.map(|found| format!("{} -> {}", tidy(&found[1]), tidy(&found[2])));
    let nodes = node.captures_iter(text).map(|found| tidy(&found[1]));
    json!({
        "nodes": nodes.collect::<BTreeSet<_>>(),
        "edges": edges.collect::<BTreeSet<_>>(),
    })
}

/// The diagnostics in a stream of events, or in the one document of `validate -json`.
pub(super) fn diagnostics(text: &str) -> Vec<Json> {
    let mut found = Vec::new();
    for document in std::iter::once(text).chain(text.lines()) {
        let Ok(document) = serde_json::from_str::<Json>(document) else { continue };
        found.extend(document["diagnostics"].as_array().cloned().unwrap_or_default());
        found.extend(document.get("diagnostic").cloned());
    }
    found
}

/// Where diagnostics are: severity, file and line. Their words and their order are the engine's own.
pub(super) fn places(text: &str, folder: &str) -> Json {
    let placed = diagnostics(text).into_iter().filter_map(|diagnostic| {
        let file = diagnostic["range"]["filename"].as_str()?;
        let file = file.replace(&format!("{folder}/"), "");
        let file = file.strip_prefix("./").unwrap_or(&file).to_owned();
        let severity = diagnostic["severity"].as_str()?.to_owned();
        Some((severity, file, diagnostic["range"]["start"]["line"].as_u64()?))
    });
    let placed: BTreeSet<_> = placed.collect();
    placed.iter().map(|(severity, file, line)| format!("{severity} {file}:{line}")).collect()
}

/// Whether the counts in a document of `validate -json` are those of its diagnostics.
pub(super) fn counts(text: &str) -> Result<Json, String> {
    let told: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let all = told["diagnostics"].as_array().ok_or("there are no diagnostics")?;
    let count = |severity| all.iter().filter(|one| one["severity"] == severity).count();
    let (errors, warnings) = (count("error"), count("warning"));
    Ok(json!({
        "valid": told["valid"],
        "counts are right": told["error_count"] == errors && told["warning_count"] == warnings,
        "has errors": errors > 0,
    }))
}
