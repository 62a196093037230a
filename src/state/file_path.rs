//! Paths to parts of objects in state files.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::value::{JsonValue, Path, PathSegment, Value};

/// One step of a path.
#[derive(Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub(super) enum FileStep {
    GetAttr(Arc<str>),
    Index(FileKey),
}

/// A key or position: with its type, as Terraform writes it, or bare.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum FileKey {
    Typed {
        value: JsonValue,
        #[serde(rename = "type")]
        ty: Cow<'static, str>,
    },
    Bare(JsonValue),
}

pub(super) fn path_from_file(steps: Vec<FileStep>) -> Path {
    Path(
        steps
            .into_iter()
            .filter_map(|step| match step {
                FileStep::GetAttr(name) => Some(PathSegment::Attribute(name)),
                FileStep::Index(
                    FileKey::Typed { value: JsonValue(index), .. }
                    | FileKey::Bare(JsonValue(index)),
                ) => match index.as_str() {
                    Some(key) => Some(PathSegment::Key(Arc::from(key))),
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
        PathSegment::Key(key) => FileStep::Index(FileKey::Typed {
            value: JsonValue(Value::string(key)),
            ty: Cow::Borrowed("string"),
        }),
        PathSegment::Index(index) => {
            let value = JsonValue(Value::from(i64::try_from(*index).unwrap_or(i64::MAX)));
            FileStep::Index(FileKey::Typed { value, ty: Cow::Borrowed("number") })
        }
    });
    steps.collect()
}
