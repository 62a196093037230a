//! Declarations: what the files of a module say, before anything is evaluated.
//!
//! In: a folder. Out: [`Config`], the [`Module`] of that folder and all modules below it, with every
//! declaration and its place, all problems at once. It knows nothing of values at run time, of
//! schemas or of state.

mod check_data;
mod declaration;
mod decode;
mod dynamic;
mod fields;
mod files;
mod lifecycle;
mod load;
mod mentions;
mod meta;
mod module_call;
mod overrides;
mod refactoring;
mod requirements;
mod settings;
mod shapes;
mod tree;
mod variables;

pub use declaration::{
    BackendDecl, CheckDecl, IgnoreChanges, IgnoredPath, ImportDecl, Lifecycle, LocalDecl, Module,
    ModuleCall, MovedDecl, OnExpiry, OutputDecl, OutsideText, PassedProvider, ProviderDecl,
    RemovedDecl, Repetition, RequiredVersion, ResourceDecl, Settings, Tool, Validation,
    VariableDecl,
};
pub use dynamic::{DYNAMIC, DynamicBlock, references};
pub use files::TreeReader;
pub use load::{
    ConfigFiles, FILE_LIMIT, LoadedFile, Loader, decode_files, is_ignored, read_text, text_of,
};
pub use mentions::{Mention, MentionStep, Subject, expressions_of, mentions};
pub use tree::{Config, ConfigModule, Folders, OnDisk, Saved, load_config};
pub use variables::{Assignment, AssignmentSource, decode_variables, read_variables_file};
