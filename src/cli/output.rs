//! `snapform output`.

use std::collections::BTreeMap;

use anyhow::Context as _;
use serde_json::json;

use crate::diag::{Diagnostic, code};
use crate::state::OutputRecord;
use crate::value::Data;
use crate::view::{render_output_values, render_value};

use super::workbench::{Start, Workbench};
use super::{Done, Exit, args};

/// Shows outputs, for people or for programs.
pub(super) async fn run(start: Start, args: &args::Output) -> Done {
    let mut workbench = Workbench::for_programs(start, args.world)?;
    workbench.keep_state_in(args.file.clone().into());
    let terminal = &workbench.start.terminal;
    let session = workbench.look().await?;
    let state = session.state();
    let outputs = &state.outputs;
    if args.json && args.name.is_none() {
        let all: BTreeMap<_, _> =
            outputs.iter().map(|(name, output)| (name, document(output))).collect();
        terminal.line(&serde_json::to_string_pretty(&all).context("outputs")?);
        return Ok(Exit::Success);
    }
    if outputs.is_empty() {
        // No failure, as with Terraform: a configuration may have none. Scripts that read a value
        // see it on standard error.
        let detail = format!("The state at `{}` holds no outputs.", session.place());
        let warning = Diagnostic::warning(code::NO_OUTPUTS, detail)
            .help("declare some with `output` blocks; an apply puts them into state");
        workbench.tell_beside(&warning.into());
        return Ok(Exit::Success);
    }
    let Some(name) = &args.name else {
        terminal.text(&render_output_values(outputs));
        return Ok(Exit::Success);
    };
    let Some(output) = outputs.get(name.as_str()) else {
        let diagnostic =
            Diagnostic::error(code::OUTPUT_MISSING, format!("State holds no output `{name}`."))
                .did_you_mean(name, outputs.keys().map(|name| &**name))
                .help("an output that was declared just now comes into state by an apply");
        return Err(workbench.stop(diagnostic.into()));
    };
    if args.json {
        terminal.line(&output.value.to_json().to_string());
    } else if args.raw {
        let Some(text) = bare(output) else {
            let detail =
                format!("`{name}` is {}, which has no bare text.", output.value.ty().phrase());
            let diagnostic = Diagnostic::error(code::OUTPUT_MISSING, detail).help("use `-json`");
            return Err(workbench.stop(diagnostic.into()));
        };
        terminal.text(&text);
    } else {
        // Asked for by name, a value is shown, sensitive or not.
        terminal.line(&render_value(&output.value));
    }
    Ok(Exit::Success)
}

/// What can stand in a script without quotation marks.
fn bare(output: &OutputRecord) -> Option<String> {
    match output.value.data() {
        Data::String(text) => Some(text.to_string()),
        Data::Number(number) => Some(number.to_string()),
        Data::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn document(output: &OutputRecord) -> serde_json::Value {
    json!({
        "sensitive": output.sensitive,
        "type": output.value.ty().to_json(),
        "value": output.value.to_json(),
    })
}
