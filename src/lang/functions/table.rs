//! All functions by name.

use super::{
    Function, charset, cipher, collection, combine, compression, encoding, files, format, hash,
    lazy, network, number, regular, sequence, string, tabular, tfvars, time, type_conversion, yaml,
    yaml_read,
};

/// Finds functions.
#[derive(Clone, Copy, Debug)]
pub struct FunctionTable;

/// Functions that are about the same things.
#[derive(Clone, Copy, Debug)]
pub struct Family {
    /// What they are about, as a title.
    pub title: &'static str,
    tables: &'static [&'static [Function]],
}

const FAMILIES: &[Family] = &[
    Family { title: "Texts", tables: &[string::FUNCTIONS, format::FUNCTIONS, regular::FUNCTIONS] },
    Family {
        title: "Collections",
        tables: &[collection::FUNCTIONS, combine::FUNCTIONS, sequence::FUNCTIONS],
    },
    Family { title: "Numbers", tables: &[number::FUNCTIONS] },
    Family { title: "Types", tables: &[type_conversion::FUNCTIONS, lazy::FUNCTIONS] },
    Family {
        title: "Encodings",
        tables: &[
            encoding::FUNCTIONS,
            charset::FUNCTIONS,
            compression::FUNCTIONS,
            tabular::FUNCTIONS,
            yaml::FUNCTIONS,
            yaml_read::FUNCTIONS,
            tfvars::FUNCTIONS,
        ],
    },
    Family { title: "Digests and secrets", tables: &[hash::FUNCTIONS, cipher::FUNCTIONS] },
    Family { title: "Networks", tables: &[network::FUNCTIONS] },
    Family { title: "Times", tables: &[time::FUNCTIONS] },
    Family { title: "Files", tables: &[files::FUNCTIONS] },
];

impl Family {
    /// Its functions.
    pub fn functions(&self) -> impl Iterator<Item = &'static Function> {
        self.tables.iter().flat_map(|table| table.iter())
    }
}

impl FunctionTable {
    /// The families of functions.
    pub fn families() -> &'static [Family] {
        FAMILIES
    }

    /// All functions.
    pub fn all() -> impl Iterator<Item = &'static Function> {
        FAMILIES.iter().flat_map(Family::functions)
    }

    /// The function called `name`.
    pub fn get(name: &str) -> Option<&'static Function> {
        Self::all().find(|function| function.name == name)
    }

    /// The names of all functions.
    pub fn names() -> impl Iterator<Item = &'static str> {
        Self::all().map(|function| function.name)
    }

    /// Functions that only the console offers.
    pub(in crate::lang) fn of_console() -> &'static [Function] {
        lazy::CONSOLE
    }
}
