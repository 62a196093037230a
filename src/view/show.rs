//! States and outputs for people.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::state::{ObjectStatus, OutputRecord, State};
use crate::value::Value;

use super::values::{Lines, Sign, key_width, padded};
use super::{Look, Paint};

/// Every object of a state, then its outputs. `read` gives the attributes of an object with marks.
pub fn render_state(
    state: &State,
    read: impl Fn(&InstanceAddr, &crate::state::ObjectRecord) -> Value,
    look: Look,
) -> String {
    let mut text = String::new();
    for (address, _, instance) in state.instances() {
        let current = instance.current.iter().map(|object| (None, object));
        let deposed = instance.deposed.iter().map(|(key, object)| (Some(key), object));
        for (key, object) in current.chain(deposed) {
            let note = match (key, object.status) {
                (Some(key), _) => format!(" (deposed object {key})"),
                (None, ObjectStatus::Tainted) => " (tainted)".to_owned(),
                (None, ObjectStatus::Ready) => String::new(),
            };
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(&render_object(&address, &note, &read(&address, object), look.paint));
        }
    }
    if !state.outputs.is_empty() {
        text.push_str(if text.is_empty() { "Outputs:\n\n" } else { "\nOutputs:\n\n" });
        text.push_str(&render_outputs(&state.outputs, look.paint));
    }
    text
}

/// One object as a block.
pub fn render_object(address: &InstanceAddr, note: &str, object: &Value, paint: Paint) -> String {
    let mut text = format!("# {address}:{note}\n");
    let resource = &address.resource;
    text.push_str(&format!(
        "resource \"{}\" \"{}\" {{\n",
        resource.local.type_name, resource.local.name
    ));
    let entries = object.entries().unwrap_or_default();
    let shown = || entries.iter().filter(|(_, value)| !value.is_null());
    let width = key_width(shown().map(|(name, _)| name));
    let mut lines = Lines::default();
    for (name, value) in shown() {
        lines.value(0, Sign::Kept, &padded(name, width), value, "");
    }
    lines.write(paint, &mut text);
    text.push_str("}\n");
    text
}

/// Outputs, one `name = value` each; sensitive ones hidden.
pub fn render_outputs(outputs: &BTreeMap<Arc<str>, OutputRecord>, paint: Paint) -> String {
    let width = key_width(outputs.keys());
    let mut text = String::new();
    for (name, output) in outputs {
        let value =
            if output.sensitive { output.value.clone().sensitive() } else { output.value.clone() };
        let mut lines = Lines::default();
        lines.value(0, Sign::Kept, &padded(name, width), &value, "");
        let mut shown = String::new();
        lines.write(paint, &mut shown);
        // Results of a command begin at the first column.
        for line in shown.lines() {
            text.push_str(line.get(4..).unwrap_or(line));
            text.push('\n');
        }
    }
    text
}
