//! The long form of a code.

use std::fmt::Write as _;

use crate::diag::Severity;
use crate::diag::explain::{Example, GROUPS, Page};

use super::{Paint, Style};

/// One page: what the code means, then the wrong and the right text.
pub fn render_page(page: &Page, paint: Paint) -> String {
    let severity = match page.code.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let head = format!("{severity}[{}]: {}", page.code, page.code.title());
    let mut text = format!("{}\n\n{}\n", paint.strong(&head), page.text);
    for (title, style, examples) in
        [("Wrong", Style::Removed, &page.wrong), ("Right", Style::Added, &page.right)]
    {
        let _ = write!(text, "\n{}:\n", paint.paint(style, title));
        for example in examples {
            text.push('\n');
            text.push_str(&indented(example));
        }
    }
    text
}

fn indented(example: &Example) -> String {
    let mut text = String::new();
    if let Some(file) = example.detail.filter(|detail| detail.contains('.')) {
        let _ = writeln!(text, "  in {file}:");
    }
    for line in example.text.lines() {
        let _ = writeln!(text, "{}", format!("    {line}").trim_end());
    }
    text
}

/// Every code with its short phrase, by group.
pub fn render_codes(paint: Paint) -> String {
    let mut text = String::new();
    for group in GROUPS {
        let _ = writeln!(text, "{}", paint.strong(group.title));
        for code in group.codes() {
            let _ = writeln!(text, "  {code}  {}", code.title());
        }
        text.push('\n');
    }
    text.push_str("`snapform explain CODE` tells more about one of them.\n");
    text
}
