//! Configuration for objects that are imported and not declared yet.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::addr::{
    DeclaredResource, InstanceAddr, InstanceKey, LocalProvider, ModuleInstance, ModulePath,
    ProviderConfigAddr,
};
use crate::config::{Config, ImportDecl};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::lang::expression_text;
use crate::schema::{Nesting, Schema};
use crate::sdk::{Context, Reading};
use crate::syntax;
use crate::value::Value;

use super::clients::Clients;
use super::evaluate::{Evaluation, Surroundings};
use super::imports::{resource_of, wanted};
use super::{Engine, Variables, report};

/// A block for one object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GeneratedBlock {
    /// The instance that the block declares.
    pub address: InstanceAddr,
    /// What the vendor calls the object.
    pub id: String,
    /// The block, laid out.
    pub text: String,
}

/// The resources of the root module that `import` blocks lead to and nobody declares.
fn undeclared(config: &Config) -> impl Iterator<Item = (&ImportDecl, DeclaredResource)> {
    config.root().imports.iter().filter_map(|import| {
        let is_keyed = matches!(import.to.kind(), syntax::Kind::Index(_));
        let resource =
            resource_of(&import.to).filter(|_| !is_keyed && import.for_each.is_none())?;
        let declared = config.root().resources.contains_key(&resource.local);
        (resource.module.is_root() && !declared).then_some((import, resource))
    })
}

/// Reads the objects that `import` blocks of the root module name for resources that nobody
/// declares, and writes blocks that declare them as they are.
///
/// # Errors
///
/// Everything that cannot be read or written.
pub async fn generate(
    engine: &Engine<'_>,
    config: &Config,
    variables: &Variables,
    surroundings: Surroundings<'_>,
) -> Result<Vec<GeneratedBlock>, Diagnostics> {
    let evaluation = Evaluation::new(config, variables, surroundings);
    let clients = Clients::new(engine, &evaluation);
    let mut problems = Diagnostics::default();
    let mut blocks = Vec::new();
    for (import, resource) in undeclared(config) {
        let block = block(engine, &evaluation, &clients, import, &resource).await;
        blocks.extend(problems.absorb(block).flatten());
    }
    problems.into_result(blocks)
}

async fn block(
    engine: &Engine<'_>,
    evaluation: &Evaluation<'_>,
    clients: &Clients<'_>,
    import: &ImportDecl,
    resource: &DeclaredResource,
) -> Result<Option<GeneratedBlock>, Diagnostics> {
    let Some(root) = evaluation.root() else { return Ok(None) };
    let Some(wanted) = wanted(&root, import)?.into_iter().next() else { return Ok(None) };
    let type_name = &*resource.local.type_name.0;
    let refuse = |detail: String| Diagnostic::error(code::IMPORT, detail).at(import.id.span());
    let Some(spec) = engine.catalog.resource(type_name) else {
        return Err(refuse(format!("There is no resource type `{type_name}`.")).into());
    };
    let local =
        LocalProvider::default_of(engine.catalog.provider_of(&resource.local).unwrap_or_default());
    let provider = ProviderConfigAddr { module: ModulePath::root(), local };
    let client = clients.resource(&provider, type_name)?;
    let address = resource.local.within(&ModuleInstance::root()).instance(InstanceKey::None);
    let reading = client.import(&Context::new(engine.world.clone()), &wanted.id).await;
    let reading = reading.map_err(|error| {
        let found = report::of_error(error, &address, None, Some(import.id.span()));
        Diagnostic { code: code::IMPORT, ..found }
    })?;
    let object = match reading {
        Reading::Present(object) | Reading::Failed(object, _) => object,
        Reading::NotVerifiable(_, reason) => {
            return Err(refuse(format!("`{}` cannot be looked at. {reason}", wanted.id)).into());
        }
        Reading::Gone | Reading::Expired => {
            return Err(refuse(format!("The vendor has no object `{}`.", wanted.id)).into());
        }
    };
    let mut text = format!("resource \"{type_name}\" \"{}\" {{\n", resource.local.name);
    arguments(&spec.schema, &object, &mut text).map_err(refuse)?;
    text.push_str("}\n");
    Ok(Some(GeneratedBlock { address, id: wanted.id, text: syntax::format(&text) }))
}

/// The arguments that an object was made with. What is secret is left for a person to fill in.
fn arguments(schema: &Schema, object: &Value, text: &mut String) -> Result<(), String> {
    let blocks: Vec<_> = schema.block_names().collect();
    for attribute in schema.attributes.iter().filter(|found| found.is_settable()) {
        if blocks.contains(&attribute.name) {
            continue;
        }
        let value = object.attribute(attribute.name).cloned().unwrap_or(Value::NULL);
        let _ = if attribute.sensitive {
            writeln!(text, "{} = null # sensitive", attribute.name)
        } else {
            writeln!(text, "{} = {}", attribute.name, expression_text(&value.reveal())?)
        };
    }
    for name in blocks {
        if let (Some(block), Some(value)) = (schema.block(name), object.attribute(name)) {
            nested(name, &block, value, text)?;
        }
    }
    Ok(())
}

fn nested(
    name: &str,
    block: &crate::schema::NestedBlock,
    value: &Value,
    text: &mut String,
) -> Result<(), String> {
    let occurrences: Vec<(Option<Arc<str>>, &Value)> = match block.nesting {
        _ if value.is_null() => Vec::new(),
        Nesting::Single => vec![(None, value)],
        Nesting::List | Nesting::Set => value.children().map(|item| (None, item)).collect(),
        Nesting::Map => {
            let entries = value.entries().unwrap_or_default().iter();
            entries.map(|(key, item)| (Some(Arc::clone(key)), item)).collect()
        }
    };
    for (label, occurrence) in occurrences {
        let label = label.map_or_else(String::new, |label| format!(" {label:?}"));
        let _ = writeln!(text, "{name}{label} {{");
        arguments(&block.schema, occurrence, text)?;
        text.push_str("}\n");
    }
    Ok(())
}
