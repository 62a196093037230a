//! Steps behind a reference to a resource that can be told to lead nowhere without any value.
//!
//! The attributes of a resource type are the same for all its objects, so a name that is none of
//! them is a slip of the pen even where `try` or `can` would take the error for an answer.

use std::sync::Arc;

use crate::addr::{LocalResource, Reference};
use crate::config::{Repetition, ResourceDecl};
use crate::diag::{Diagnostic, code};
use crate::lang;
use crate::schema::{Schema, TIMEOUTS};
use crate::syntax::{Expression, Kind};
use crate::value::{Type, Value};

use super::super::Catalog;
use super::lookup::{Site, instances_of};

/// The resource types there are, and where expressions stand that may name resources.
pub(super) struct Members<'a, 's> {
    pub(super) catalog: &'a Catalog,
    pub(super) site: &'s Site<'a>,
}

impl<'a> Members<'a, '_> {
    /// What is wrong with the last step of an expression, its other steps being right.
    pub(super) fn wrong_step(&self, expression: &Expression) -> Option<Diagnostic> {
        match expression.kind() {
            Kind::Attribute(part) => {
                let (object, name, span) = &**part;
                if let Some(declared) = self.resource_at(object) {
                    let what = declared.address.to_string();
                    return instances_of(&what, &declared.repetition, expression.span()).or_else(
                        || misspelt(self.catalog.schema(&declared.address)?, name, *span),
                    );
                }
                if let Some(schema) = self.instance_at(object) {
                    return misspelt(schema, name, *span);
                }
                let ty = self.type_of(object)?;
                let found = lang::attribute(&Value::unknown(ty.clone()), name, *span);
                found.err()?.into_iter().next()
            }
            Kind::Index(part) => {
                let (object, key) = &**part;
                key.as_literal()?;
                let declared = self.resource_at(object)?;
                let is_single = matches!(declared.repetition, Repetition::Single);
                is_single.then(|| {
                    let what = &declared.address;
                    let detail =
                        format!("`{what}` has neither `count` nor `for_each`, so it has no keys.");
                    Diagnostic::error(code::ATTRIBUTE_ACCESS, detail)
                        .at(key.span())
                        .help(format!("write `{what}`, or `{what}.NAME` for an attribute"))
                })
            }
            _ => None,
        }
    }

    /// The resource that an expression names as a whole.
    fn resource_at(&self, expression: &Expression) -> Option<&'a ResourceDecl> {
        let Kind::Reference(node) = expression.kind() else { return None };
        let Ok(Reference::Resource { mode, type_name, name }) = &node.target else { return None };
        let (mode, type_name, name) = (*mode, type_name.clone(), Arc::clone(name));
        let address = LocalResource { mode, type_name, name };
        let own = self.site.check.and_then(|check| check.data.as_ref());
        let own = own.filter(|data| data.address == address);
        own.or_else(|| self.site.module.resources.get(&address)).map(|found| &**found)
    }

    /// The schema of the resource of which an expression names one instance by its key.
    fn instance_at(&self, expression: &Expression) -> Option<&'a Schema> {
        let Kind::Index(part) = expression.kind() else { return None };
        let declared = self.resource_at(&part.0)?;
        if matches!(declared.repetition, Repetition::Single) {
            return None;
        }
        self.catalog.schema(&declared.address)
    }

    /// The type that an attribute of a resource, or a part of one, has in every object.
    fn type_of(&self, expression: &Expression) -> Option<&'a Type> {
        let Kind::Attribute(part) = expression.kind() else { return None };
        let (object, name, _) = &**part;
        let single =
            |declared: &&'a ResourceDecl| matches!(declared.repetition, Repetition::Single);
        let schema = match self.resource_at(object) {
            Some(declared) => self.catalog.schema(&Some(declared).filter(single)?.address),
            None => self.instance_at(object),
        };
        match schema {
            Some(schema) => Some(&schema.attribute(name)?.ty),
            None => Some(&self.type_of(object)?.attribute(name)?.ty),
        }
    }
}

/// A name that no attribute of a resource type has.
fn misspelt(schema: &Schema, name: &str, span: crate::text::Span) -> Option<Diagnostic> {
    if name == TIMEOUTS || schema.attribute(name).is_some() {
        return None;
    }
    let object = Value::unknown(schema.object_type());
    lang::attribute(&object, name, span).err()?.into_iter().next()
}
