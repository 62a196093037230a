//! Paths to parts of objects in state files.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::value::{JsonValue, Path, PathSegment, Value};

/// One step of a path.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub(super) enum FileStep {
    GetAttr(Arc<str>),
    Index(JsonValue),
}

pub(super) fn path_from_file(steps: Vec<FileStep>) -> Path {
    Path(
        steps
            .into_iter()
            .filter_map(|step| match step {
                FileStep::GetAttr(name) => Some(PathSegment::Attribute(name)),
                FileStep::Index(JsonValue(index)) => match index.as_str() {
                    Some(key) => Some(PathSegment::Attribute(Arc::from(key))),
                    None => {
                        let index = index.as_number()?.as_u64()?;
                        Some(PathSegment::Index(usize::try_from(index).ok()?))
                    }
                },
            })
            .collect(),
    )
}

pub(super) fn path_to_file(path: &Path) -> Vec<FileStep> {
    let steps = path.0.iter().map(|segment| match segment {
        PathSegment::Attribute(name) => FileStep::GetAttr(Arc::clone(name)),
        PathSegment::Index(index) => {
            FileStep::Index(JsonValue(Value::from(i64::try_from(*index).unwrap_or(i64::MAX))))
        }
    });
    steps.collect()
}
