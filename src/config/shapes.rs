//! What the members of configuration in JSON are: blocks, arguments, texts or expressions.
//!
//! Whatever is not named here is an argument, and strings in it are templates.

use crate::syntax::Reading::{Expression, Template, Text};
use crate::syntax::{BlockShape, Reading, Shape};

const fn block(kind: &'static str, labels: usize, body: &'static Shape) -> BlockShape {
    BlockShape { kind, labels, body }
}

/// A file with declarations.
pub(super) static MODULE: Shape = Shape {
    blocks: &[
        block("terraform", 0, &SETTINGS),
        block("snapform", 0, &SETTINGS),
        block("provider", 1, &PROVIDER),
        block("resource", 2, &RESOURCE),
        block("data", 2, &RESOURCE),
        block("ephemeral", 2, &RESOURCE),
        block("module", 1, &CALL),
        block("variable", 1, &VARIABLE),
        block("locals", 0, &FREE),
        block("output", 1, &OUTPUT),
        block("moved", 0, &MOVED),
        block("removed", 0, &REMOVED),
        block("import", 0, &IMPORT),
        block("check", 1, &CHECK),
    ],
    readings: &[],
    others: None,
};

/// A file with values of variables.
pub(super) static VALUES: Shape = Shape { blocks: &[], readings: &[], others: Some(Text) };

const fn of_arguments(readings: &'static [(&'static str, Reading)]) -> Shape {
    Shape { blocks: &[], readings, others: Some(Template) }
}

static FREE: Shape = of_arguments(&[]);

static SETTINGS: Shape = Shape {
    blocks: &[
        block("required_providers", 0, &FREE),
        block("backend", 1, &FREE),
        block("cloud", 0, &FREE),
        block("provider_meta", 1, &FREE),
    ],
    readings: &[("required_version", Text), ("experiments", Expression)],
    others: Some(Template),
};

static PROVIDER: Shape = of_arguments(&[("alias", Text), ("version", Text)]);

static RESOURCE: Shape = Shape {
    blocks: &[
        block("lifecycle", 0, &LIFECYCLE),
        block("timeouts", 0, &FREE),
        block("dynamic", 1, &DYNAMIC),
        block("provisioner", 1, &PROVISIONER),
        block("connection", 0, &FREE),
    ],
    readings: &[("provider", Expression), ("depends_on", Expression)],
    others: Some(Template),
};

static LIFECYCLE: Shape = Shape {
    blocks: &[block("precondition", 0, &FREE), block("postcondition", 0, &FREE)],
    readings: &[("ignore_changes", Expression), ("replace_triggered_by", Expression)],
    others: Some(Template),
};

static DYNAMIC: Shape = Shape {
    blocks: &[block("content", 0, &CONTENT)],
    readings: &[("iterator", Expression)],
    others: Some(Template),
};

static CONTENT: Shape =
    Shape { blocks: &[block("dynamic", 1, &DYNAMIC)], readings: &[], others: Some(Template) };

static PROVISIONER: Shape = Shape {
    blocks: &[block("connection", 0, &FREE)],
    readings: &[("when", Expression), ("on_failure", Expression)],
    others: Some(Template),
};

static CALL: Shape = of_arguments(&[
    ("source", Text),
    ("version", Text),
    ("providers", Expression),
    ("depends_on", Expression),
]);

static VARIABLE: Shape = Shape {
    blocks: &[block("validation", 0, &FREE)],
    readings: &[
        ("type", Expression),
        ("default", Text),
        ("description", Text),
        ("deprecated", Text),
    ],
    others: Some(Template),
};

static OUTPUT: Shape = Shape {
    blocks: &[block("precondition", 0, &FREE)],
    readings: &[("description", Text), ("deprecated", Text), ("depends_on", Expression)],
    others: Some(Template),
};

static MOVED: Shape = of_arguments(&[("from", Expression), ("to", Expression)]);

static REMOVED: Shape = Shape {
    blocks: &[block("lifecycle", 0, &FREE), block("provisioner", 1, &PROVISIONER)],
    readings: &[("from", Expression)],
    others: Some(Template),
};

static IMPORT: Shape = of_arguments(&[("to", Expression), ("provider", Expression)]);

static CHECK: Shape = Shape {
    blocks: &[block("data", 2, &RESOURCE), block("assert", 0, &FREE)],
    readings: &[],
    others: Some(Template),
};
