//! Declarations: what the files of a module say, before anything is evaluated.
//!
//! In: a folder. Out: [`Module`] with every declaration and its place, all problems at once. It
//! knows nothing of values at run time, of schemas or of state.

mod declaration;
mod decode;
mod fields;
mod files;
mod lifecycle;
mod load;
mod meta;
mod settings;
mod shapes;
mod variables;

pub use declaration::{
    IgnoreChanges, Lifecycle, LocalDecl, Module, OutputDecl, ProviderDecl, RemovedDecl, Repetition,
    RequiredVersion, ResourceDecl, Settings, Tool, Validation, VariableDecl,
};
pub use files::TreeReader;
pub use load::{
    ConfigFiles, FILE_LIMIT, LoadedFile, Loader, decode_files, is_ignored, read_text, text_of,
};
pub use variables::{Assignment, AssignmentSource, decode_variables, read_variables_file};
