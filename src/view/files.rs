//! Differences of files.

use crate::value::unified_diff;

use super::{Paint, Style};

/// What would become of a file, in the form that `patch` reads.
pub fn render_file_diff(name: &str, old: &str, new: &str, paint: Paint) -> String {
    let diff = unified_diff((&format!("old/{name}"), old), (&format!("new/{name}"), new));
    let mut text = String::with_capacity(diff.len());
    for line in diff.split_inclusive('\n') {
        let content = line.trim_end_matches(['\n', '\r']);
        let style = match line.as_bytes().first() {
            Some(b'+') if !line.starts_with("+++ ") => Style::Added,
            Some(b'-') if !line.starts_with("--- ") => Style::Removed,
            Some(b'@') => Style::Faint,
            Some(b' ') => {
                text.push_str(line);
                continue;
            }
            _ => Style::Strong,
        };
        text.push_str(&paint.paint(style, content));
        text.push_str(line.get(content.len()..).unwrap_or_default());
    }
    text
}
