//! The rows as a page for people.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{Reference, Row};

pub(super) fn page(references: &[Reference]) -> String {
    let mut text = format!(
        "{}\n\n# What is demanded of the providers\n\n\
         Each vendor's interface was read and written down as a list of demands: settings, attributes, \
         and what each operation must keep to. Here is how each is met, or why not; and for each of the \
         five documents in `tests/data/seeds`, which test shows what it says. The rows are data, in \
         `tests/data/references`, and a test holds them to the schemas, the tests and the documents.\n\n\
         | vendor | settings and attributes | behaviour shown by a test | not done |\n\
         | --- | --- | --- | --- |\n",
        crate::docs::NOTE
    );
    for reference in references {
        let count =
            |holds: fn(&Row) -> bool| reference.rows.iter().filter(|row| holds(row)).count();
        let _ = writeln!(
            text,
            "| [{}](#{}) | {} | {} | {} |",
            reference.title,
            reference.provider,
            count(|row| row.attribute.is_some() || row.setting.is_some()),
            count(|row| row.test.is_some()),
            count(|row| row.reason.is_some())
        );
    }
    for reference in references {
        let _ = write!(text, "\n## {}\n\n{}.\n\n", reference.provider, reference.title);
        text.push_str(&schemas(reference));
        text.push_str(&behaviour(reference));
        text.push_str(&not_done(reference));
        text.push_str(&seed(reference));
    }
    text
}

fn schemas(reference: &Reference) -> String {
    let mut names: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in &reference.rows {
        let of_setting = row.setting.as_ref().and_then(|setting| setting.split_once('.'));
        let of_setting = of_setting.map(|(provider, name)| (format!("provider {provider}"), name));
        let of_attribute = row.attribute.as_ref().and_then(|attribute| attribute.rsplit_once('.'));
        let of_attribute = of_attribute.map(|(of, name)| (of.replace("data.", "data "), name));
        if let Some((of, name)) = of_setting.or(of_attribute) {
            names.entry(of).or_default().push(format!("`{name}`"));
        }
    }
    let mut text = "| block | as demanded |\n| --- | --- |\n".to_owned();
    for (of, names) in names {
        let _ = writeln!(text, "| `{of}` | {} |", names.join(", "));
    }
    text
}

fn behaviour(reference: &Reference) -> String {
    let rows = reference.rows.iter().filter_map(|row| {
        let test = row.test.as_ref()?;
        Some(format!("| {} | {} | `{test}` |\n", row.id, row.demand))
    });
    format!("\n| | demand | test |\n| --- | --- | --- |\n{}", rows.collect::<String>())
}

fn not_done(reference: &Reference) -> String {
    let rows = reference.rows.iter().filter_map(|row| {
        let reason = row.reason.as_ref()?;
        Some(format!("| {} | {} | {reason} |\n", row.id, row.demand))
    });
    format!("\n| not done | demand | why |\n| --- | --- | --- |\n{}", rows.collect::<String>())
}

fn seed(reference: &Reference) -> String {
    let mut tests: BTreeMap<(&str, &str), Vec<String>> = BTreeMap::new();
    for item in &reference.seed.items {
        let told = format!("`{}`", item.text.replace('|', "\\|"));
        tests.entry((&item.part, &item.test)).or_default().push(told);
    }
    let mut text = format!(
        "\nWhat `{}` says:\n\n| part | words | test |\n| --- | --- | --- |\n",
        reference.seed.file
    );
    for ((part, test), texts) in tests {
        let _ = writeln!(text, "| {part} | {} | `{test}` |", texts.join(", "));
    }
    text
}
