//! Signatures of functions in the form that editors and other tools read.
//!
//! The form and the names of parameters are Terraform's, so that what reads its `metadata
//! functions -json` reads this too.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::value::Type;

use super::{Function, FunctionTable, Parameter};

/// The signatures of all functions, also under `core::`, those of providers left out.
#[derive(Debug, Serialize)]
pub struct Signatures {
    format_version: &'static str,
    function_signatures: BTreeMap<String, Signature>,
}

#[derive(Debug, Serialize)]
struct Signature {
    description: &'static str,
    return_type: Type,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parameters: Vec<ParameterSignature>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variadic_parameter: Option<ParameterSignature>,
}

#[derive(Debug, Serialize)]
struct ParameterSignature {
    name: &'static str,
    description: &'static str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_nullable: bool,
    #[serde(rename = "type")]
    ty: Type,
}

impl Signatures {
    /// The signatures as they are.
    pub fn new() -> Self {
        let plain = || FunctionTable::all().filter(|function| !function.name.contains("::"));
        let own = plain().map(|function| (function.name.to_owned(), Signature::of(function)));
        let core =
            plain().map(|function| (format!("core::{}", function.name), Signature::of(function)));
        Self { format_version: "1.0", function_signatures: own.chain(core).collect() }
    }
}

impl Default for Signatures {
    fn default() -> Self {
        Self::new()
    }
}

impl Signature {
    fn of(function: &Function) -> Self {
        let told = function.page().map(|page| page.parameters).unwrap_or_default();
        let described = |(index, parameter): (usize, &Parameter)| {
            let (name, description) = told.get(index).copied().unwrap_or((parameter.name, ""));
            let ty = parameter.expects.ty();
            ParameterSignature { name, description, is_nullable: parameter.null, ty }
        };
        let last = function.parameters.len();
        Self {
            description: function.description,
            return_type: function.result_type(),
            parameters: function.parameters.iter().enumerate().map(described).collect(),
            variadic_parameter: function.variadic.as_ref().map(|p| described((last, p))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_that_are_documented() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/function-signatures.json");
        let recorded: serde_json::Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut own = serde_json::to_value(Signatures::new()).unwrap();
        for signature in own["function_signatures"].as_object_mut().unwrap().values_mut() {
            let signature = signature.as_object_mut().unwrap();
            assert!(signature.remove("description").unwrap().as_str().unwrap().ends_with('.'));
            let parameters = signature.get_mut("parameters").and_then(|p| p.as_array_mut());
            let mut all: Vec<_> = parameters.into_iter().flatten().collect();
            let described = |parameter: &mut serde_json::Value| {
                let description = parameter.as_object_mut().unwrap().remove("description");
                assert!(!description.unwrap().as_str().unwrap().is_empty());
            };
            all.drain(..).for_each(described);
            signature.get_mut("variadic_parameter").into_iter().for_each(described);
        }
        let (own, recorded) = (&own["function_signatures"], &recorded["function_signatures"]);
        let mut differing = Vec::new();
        for (name, signature) in recorded.as_object().unwrap() {
            if own[name] != *signature {
                differing.push(format!("{name}: {} is not {signature}", own[name]));
            }
        }
        assert!(differing.is_empty(), "{}", differing.join("\n"));
        assert_eq!(own.as_object().unwrap().len(), recorded.as_object().unwrap().len());
    }
}
