//! Values of the language: data, types, what is unknown, and marks.
//!
//! In: literals, JSON, vendors' answers. Out: [`Value`] with total operations over unknown values
//! and marks, conversions, JSON, and differences. It knows nothing of expressions or schemas.
//!
//! A [`Value`] is [`Data`] plus [`Marks`]. Cloning one is cheap at any size. Marks tell that a
//! value is sensitive or ephemeral and from which instances it came; every operation hands them
//! on, and only [`Value::reveal`] looks at a sensitive value on purpose.

mod convert;
mod diff;
mod equality;
#[cfg(any(test, fuzzing))]
pub mod guesses;
mod json;
mod json_text;
mod marked;
mod marks;
mod number;
mod number_text;
mod path;
mod set;
#[cfg(test)]
mod tests;
mod typed;
mod types;
mod unify;
mod unknown;
mod value_data;

pub use convert::{ConversionError, convert, convert_type};
pub use diff::{Edit, diff_items, diff_lines, unified_diff};
pub use equality::equals;
pub use json::{AsJson, JsonSeed, JsonValue, read_json, read_json_as, write_json};
pub use json_text::JsonText;
pub use marks::Marks;
pub use number::{Number, NumberError};
pub use path::{Path, PathSegment};
pub use typed::{TypedError, from_value, to_value};
pub use types::{ObjectAttribute, Type};
pub use unify::unify;
pub use value_data::{Data, Elements, Entries, Key, Refinement, Unknown, Value};
