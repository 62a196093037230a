//! Outputs in the notation of expressions, as the command for them shows them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::state::OutputRecord;

use super::console::render_value;

/// All outputs, one `name = value` each; sensitive ones hidden.
pub fn render_output_values(outputs: &BTreeMap<Arc<str>, OutputRecord>) -> String {
    let mut text = String::new();
    for (name, output) in outputs {
        // Scripts know this word.
        let value =
            if output.sensitive { "<sensitive>".to_owned() } else { render_value(&output.value) };
        text.push_str(&format!("{name} = {value}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Value;

    #[test]
    fn values_read_as_expressions_and_secrets_stay_hidden() {
        let output = |value, sensitive| OutputRecord { value, sensitive };
        let object = Value::object([("a b", Value::from("x\ny\n")), ("c", Value::from(1))]);
        let outputs = BTreeMap::from([
            (Arc::from("hidden"), output(Value::from("psst"), true)),
            (Arc::from("object"), output(object, false)),
        ]);
        assert_eq!(
            render_output_values(&outputs),
            "hidden = <sensitive>\nobject = {\n  \"a b\" = <<-EOT\n  x\n  y\n  \n  EOT\n  \"c\" = 1\n}\n"
        );
    }
}
