//! Blocks to declarations.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{ProviderConfigAddr, ProviderName, Reference, ResourceAddr};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::lang::{TypeConstraint, type_constraint};
use crate::syntax::{Block, Body};
use crate::text::Span;

use super::declaration::{
    LocalDecl, Module, OutputDecl, ProviderDecl, RemovedDecl, ResourceDecl, Validation,
    VariableDecl,
};
use super::fields::{Fields, labels, must_be_literal, validation};
use super::{lifecycle, meta, settings};

/// The block types of a module, and those of Terraform that are not there yet.
const KNOWN: [&str; 8] =
    ["terraform", "snapform", "provider", "resource", "variable", "locals", "output", "removed"];
const NOT_YET: [&str; 6] = ["data", "module", "moved", "import", "check", "ephemeral"];

/// Takes the files of a module one by one.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    module: Module,
}

impl Decoder {
    /// Takes in one file.
    pub(super) fn file(&mut self, body: Body, diagnostics: &mut Diagnostics) {
        for attribute in &body.attributes {
            diagnostics.push(
                Diagnostic::error(
                    code::UNKNOWN_ARGUMENT,
                    format!("`{}` stands outside every block.", attribute.name),
                )
                .at(attribute.name_span)
                .help(
                    "values of variables belong into a `.tfvars` file, other values into `locals`",
                ),
            );
        }
        for block in body.blocks {
            if let Err(problems) = self.block(block, diagnostics) {
                diagnostics.extend(problems);
            }
        }
    }

    fn block(&mut self, block: Block, diagnostics: &mut Diagnostics) -> Result<(), Diagnostics> {
        match &*block.kind {
            "terraform" | "snapform" => settings::decode(&block, &mut self.module.settings),
            "locals" => self.locals(&block, diagnostics),
            "variable" => self.variable(&block),
            "output" => self.output(&block),
            "provider" => self.provider(block),
            "resource" => self.resource(block),
            "removed" => {
                self.module.removed.push(removed(&block)?);
                Ok(())
            }
            other if NOT_YET.contains(&other) => Err(Diagnostic::error(
                code::UNSUPPORTED,
                format!("`{other}` blocks are not supported by this version of snapform."),
            )
            .at(block.kind_span)
            .into()),
            other => Err(Diagnostic::error(
                code::UNKNOWN_BLOCK,
                format!("There are no blocks of type `{other}`."),
            )
            .at(block.kind_span)
            .did_you_mean(other, KNOWN.into_iter().chain(NOT_YET))
            .into()),
        }
    }

    fn locals(&mut self, block: &Block, diagnostics: &mut Diagnostics) -> Result<(), Diagnostics> {
        labels::<0>(block, [])?;
        no_blocks(&block.body, "locals")?;
        for attribute in &block.body.attributes {
            let local = LocalDecl {
                name: Arc::clone(&attribute.name),
                name_span: attribute.name_span,
                value: attribute.value.clone(),
            };
            match self.module.locals.get(&local.name) {
                Some(first) => diagnostics.push(twice(
                    "local value",
                    &local.name,
                    local.name_span,
                    first.name_span,
                )),
                None => {
                    self.module.locals.insert(Arc::clone(&local.name), local);
                }
            }
        }
        Ok(())
    }

    fn variable(&mut self, block: &Block) -> Result<(), Diagnostics> {
        let [name] = labels(block, ["NAME"])?;
        let mut problems = Diagnostics::default();
        let mut fields = Fields::of(&block.body, &mut problems);
        let constraint = fields.take("type").map(|attribute| type_constraint(&attribute.value));
        let constraint = constraint.and_then(|constraint| fields.problems.absorb(constraint));
        let default = fields.take("default").map(|attribute| attribute.value.clone());
        let description = fields.text("description");
        let sensitive = fields.flag("sensitive").unwrap_or(false);
        let nullable = fields.flag("nullable").unwrap_or(true);
        let ephemeral = fields.flag("ephemeral").unwrap_or(false);
        fields.not_yet("deprecated");
        fields.finish("variable", &["validation"]);
        let validations: Vec<_> = block
            .body
            .blocks_of("validation")
            .filter_map(|inner| {
                let decoded = validation(inner).and_then(|rule| concerns(rule, &name));
                problems.absorb(decoded)
            })
            .collect();
        let variable = VariableDecl {
            name: Arc::clone(&name),
            header: block.header,
            constraint: constraint.unwrap_or(TypeConstraint::ANY),
            default,
            description,
            sensitive,
            ephemeral,
            nullable,
            validations,
        };
        declare(
            &mut self.module.variables,
            name,
            variable,
            |held| held.header,
            "variable",
            &mut problems,
        );
        problems.into_result(())
    }

    fn output(&mut self, block: &Block) -> Result<(), Diagnostics> {
        let [name] = labels(block, ["NAME"])?;
        let mut problems = Diagnostics::default();
        let mut fields = Fields::of(&block.body, &mut problems);
        let value = fields.required("value", block.header);
        let description = fields.text("description");
        let sensitive = fields.flag("sensitive").unwrap_or(false);
        let depends_on =
            fields.take("depends_on").map(|attribute| meta::depends_on(&attribute.value));
        let depends_on =
            depends_on.and_then(|list| fields.problems.absorb(list)).unwrap_or_default();
        let ephemeral = fields.flag("ephemeral").unwrap_or(false);
        fields.not_yet("deprecated");
        fields.finish("output", &["precondition"]);
        let preconditions = block.body.blocks_of("precondition");
        let preconditions: Vec<_> =
            preconditions.filter_map(|inner| problems.absorb(validation(inner))).collect();
        if let Some(value) = value {
            let output = OutputDecl {
                name: Arc::clone(&name),
                header: block.header,
                value,
                description,
                sensitive,
                ephemeral,
                depends_on,
                preconditions,
            };
            declare(
                &mut self.module.outputs,
                name,
                output,
                |held| held.header,
                "output",
                &mut problems,
            );
        }
        problems.into_result(())
    }

    fn provider(&mut self, mut block: Block) -> Result<(), Diagnostics> {
        let [name] = labels(&block, ["NAME"])?;
        let mut problems = Diagnostics::default();
        let alias = meta::take(&mut block.body, "alias").and_then(|attribute| {
            attribute.value.as_literal_string().or_else(|| {
                problems.push(must_be_literal(&attribute, "a text in quotation marks"));
                None
            })
        });
        if let Some(version) = meta::take(&mut block.body, "version") {
            problems.push(
                Diagnostic::error(
                    code::UNSUPPORTED,
                    "Providers are built in and have the version of snapform itself.",
                )
                .at(version.name_span)
                .help("remove `version`, or set `required_version` in a `snapform` block"),
            );
        }
        let address = ProviderConfigAddr { provider: ProviderName(name), alias };
        let text = Arc::from(address.local());
        let declaration =
            ProviderDecl { address: address.clone(), header: block.header, body: block.body };
        if let Some(first) = self.module.providers.get(&address) {
            problems.push(twice("provider configuration", &text, declaration.header, first.header));
        } else {
            self.module.providers.insert(address, declaration);
        }
        problems.into_result(())
    }

    fn resource(&mut self, mut block: Block) -> Result<(), Diagnostics> {
        let [type_name, name] = labels(&block, ["TYPE", "NAME"])?;
        let address = ResourceAddr::managed(type_name, name);
        let mut problems = Diagnostics::default();
        let repetition = meta::repetition(&mut block.body, &mut problems);
        let provider = meta::provider(&mut block.body, &address, &mut problems);
        let depends_on = meta::take(&mut block.body, "depends_on")
            .and_then(|attribute| problems.absorb(meta::depends_on(&attribute.value)))
            .unwrap_or_default();
        let lifecycle = lifecycle::take(&mut block.body, &mut problems);
        meta::refuse_provisioners(&mut block.body, &mut problems);
        let declaration = ResourceDecl {
            address: address.clone(),
            header: block.header,
            type_span: block.labels.first().map_or(block.header, |label| label.span),
            repetition,
            provider: provider.0,
            provider_span: provider.1,
            depends_on,
            lifecycle,
            body: block.body,
        };
        if let Some(first) = self.module.resources.get(&address) {
            let text = Arc::from(address.to_string());
            problems.push(twice("resource", &text, declaration.header, first.header));
        } else {
            self.module.resources.insert(address, declaration);
        }
        problems.into_result(())
    }

    /// The module; checks what only all files together show.
    pub(super) fn finish(self, diagnostics: &mut Diagnostics) -> Module {
        for removed in &self.module.removed {
            if let Some(declared) = self.module.resources.get(&removed.from) {
                diagnostics.push(
                    Diagnostic::error(
                        code::DUPLICATE,
                        format!("`{}` is declared and said to be removed.", removed.from),
                    )
                    .label(removed.header, "said to be removed here")
                    .label(declared.header, "declared here"),
                );
            }
        }
        self.module
    }
}

/// A rule of a variable that looks at something else only would not check what is given.
fn concerns(rule: Validation, variable: &Arc<str>) -> Result<Validation, Diagnostics> {
    let own = Reference::Variable(Arc::clone(variable));
    if rule.condition.references().iter().any(|(reference, _)| *reference == own) {
        return Ok(rule);
    }
    let detail = format!("This rule of `var.{variable}` does not look at `var.{variable}`.");
    Err(Diagnostic::error(code::CONDITION_FIXED, detail)
        .at(rule.condition.span())
        .help(format!("refer to `var.{variable}` in the condition"))
        .into())
}

fn removed(block: &Block) -> Result<RemovedDecl, Diagnostics> {
    labels::<0>(block, [])?;
    let mut problems = Diagnostics::default();
    let mut fields = Fields::of(&block.body, &mut problems);
    let from = fields.required("from", block.header);
    fields.finish("removed", &["lifecycle"]);
    let from = from.and_then(|from| problems.absorb(meta::resource_address(&from)));
    let mut destroy = true;
    for lifecycle in block.body.blocks_of("lifecycle") {
        let mut fields = Fields::of(&lifecycle.body, &mut problems);
        destroy = fields.flag("destroy").unwrap_or(true);
        fields.finish("lifecycle", &[]);
    }
    match from {
        Some(from) if !problems.has_errors() => {
            Ok(RemovedDecl { from, destroy, header: block.header })
        }
        _ => Err(problems),
    }
}

fn no_blocks(body: &Body, kind: &str) -> Result<(), Diagnostics> {
    match body.blocks.first() {
        None => Ok(()),
        Some(block) => Err(Diagnostic::error(
            code::UNKNOWN_BLOCK,
            format!("`{kind}` blocks hold no `{}` blocks.", block.kind),
        )
        .at(block.kind_span)
        .into()),
    }
}

fn twice(kind: &str, name: &Arc<str>, again: Span, first: Span) -> Diagnostic {
    Diagnostic::error(code::DUPLICATE, format!("The {kind} `{name}` is declared twice."))
        .label(again, "declared again here")
        .label(first, "declared first here")
}

fn declare<T>(
    held: &mut BTreeMap<Arc<str>, T>,
    name: Arc<str>,
    declaration: T,
    place: impl Fn(&T) -> Span,
    kind: &str,
    problems: &mut Diagnostics,
) {
    if let Some(first) = held.get(&name) {
        problems.push(twice(kind, &name, place(&declaration), place(first)));
    } else {
        held.insert(name, declaration);
    }
}
