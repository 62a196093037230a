//! `snapform output`.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::json;

use crate::diag::{Diagnostic, code};
use crate::state::OutputRecord;
use crate::value::Data;
use crate::view::render_outputs;

use super::workbench::{Start, Workbench};
use super::{Done, Exit, args};

/// Shows outputs, for people or for programs.
pub(super) fn run(start: Start, args: &args::Output) -> Done {
    let workbench = Workbench::for_programs(start, args.world)?;
    let terminal = &workbench.start.terminal;
    let session = workbench.look()?;
    let outputs = &session.state().outputs;
    let Some(name) = &args.name else {
        if args.json {
            let all: BTreeMap<_, _> =
                outputs.iter().map(|(name, output)| (name, document(output))).collect();
            terminal.line(&serde_json::to_string_pretty(&all).context("outputs")?);
        } else if outputs.is_empty() {
            terminal.line("State holds no outputs.");
        } else {
            terminal.text(&render_outputs(outputs, terminal.look.paint));
        }
        return Ok(Exit::Success);
    };
    let Some(output) = outputs.get(name.as_str()) else {
        let diagnostic =
            Diagnostic::error(code::OUTPUT_MISSING, format!("State holds no output `{name}`."))
                .did_you_mean(name, outputs.keys().map(|name| &**name));
        return Err(workbench.stop(diagnostic.into()));
    };
    if args.json {
        terminal.line(&output.value.to_json().to_string());
        return Ok(Exit::Success);
    }
    if args.raw {
        let text = match output.value.data() {
            Data::String(text) => text.to_string(),
            Data::Number(number) => number.to_string(),
            Data::Bool(truth) => truth.to_string(),
            _ => {
                let detail =
                    format!("`{name}` is a {}, which has no bare text.", output.value.ty());
                let diagnostic =
                    Diagnostic::error(code::OUTPUT_MISSING, detail).help("use `-json`");
                return Err(workbench.stop(diagnostic.into()));
            }
        };
        terminal.text(&text);
        return Ok(Exit::Success);
    }
    // Asked for by name, a value is shown, sensitive or not.
    let shown = BTreeMap::from([(
        name.as_str().into(),
        OutputRecord { value: output.value.clone(), sensitive: false },
    )]);
    let text = render_outputs(&shown, terminal.look.paint);
    terminal.text(text.split_once(" = ").map_or(text.as_str(), |(_, value)| value));
    Ok(Exit::Success)
}

fn document(output: &OutputRecord) -> serde_json::Value {
    json!({
        "sensitive": output.sensitive,
        "type": output.value.ty().to_json(),
        "value": output.value.to_json(),
    })
}
