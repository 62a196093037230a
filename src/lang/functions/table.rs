//! All functions by name.

use super::{
    Function, charset, cipher, collection, combine, compression, encoding, files, format, hash,
    network, number, regular, sequence, string, tabular, tfvars, time, type_conversion, yaml,
    yaml_read,
};

/// Finds functions.
#[derive(Clone, Copy, Debug)]
pub struct FunctionTable;

const FAMILIES: &[&[Function]] = &[
    string::FUNCTIONS,
    format::FUNCTIONS,
    regular::FUNCTIONS,
    collection::FUNCTIONS,
    combine::FUNCTIONS,
    sequence::FUNCTIONS,
    number::FUNCTIONS,
    network::FUNCTIONS,
    tabular::FUNCTIONS,
    yaml::FUNCTIONS,
    yaml_read::FUNCTIONS,
    type_conversion::FUNCTIONS,
    encoding::FUNCTIONS,
    charset::FUNCTIONS,
    compression::FUNCTIONS,
    hash::FUNCTIONS,
    cipher::FUNCTIONS,
    time::FUNCTIONS,
    files::FUNCTIONS,
    tfvars::FUNCTIONS,
];

impl FunctionTable {
    /// The function called `name`.
    pub fn get(name: &str) -> Option<&'static Function> {
        FAMILIES.iter().flat_map(|family| family.iter()).find(|function| function.name == name)
    }

    /// The names of all functions; `try` and `can` are among them, though they are no functions in
    /// the strict sense: they decide themselves what becomes of their arguments.
    pub fn names() -> impl Iterator<Item = &'static str> {
        FAMILIES
            .iter()
            .flat_map(|family| family.iter())
            .map(|function| function.name)
            .chain(["can", "try"])
    }
}
