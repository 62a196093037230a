//! Blocks to declarations.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{LocalProvider, LocalResource, ProviderName, Reference, ResourceMode, Target};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::lang::{TypeConstraint, type_constraint};
use crate::syntax::{Block, Body};
use crate::text::Span;

use super::declaration::{
    CheckDecl, LocalDecl, Module, OutputDecl, OutsideText, ProviderDecl, ResourceDecl, Validation,
    VariableDecl,
};
use super::fields::{Fields, labels, must_be_literal, no_blocks, twice, validation};
use super::{check_data, lifecycle, meta, module_call, refactoring, settings};

/// The block types of a module, and those of Terraform that are not there yet.
const KNOWN: [&str; 13] = [
    "terraform",
    "snapform",
    "provider",
    "resource",
    "data",
    "variable",
    "locals",
    "output",
    "module",
    "moved",
    "removed",
    "import",
    "check",
];
const NOT_YET: [&str; 1] = ["ephemeral"];

/// Names that `module` blocks use themselves, or may use one day.
const RESERVED: [&str; 8] =
    ["source", "version", "providers", "count", "for_each", "lifecycle", "depends_on", "locals"];

/// After so many problems the rest is not looked at: nobody reads more, and each takes memory.
const MOST_PROBLEMS: usize = 10_000;

/// Takes the files of a module one by one.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    module: Module,
}

impl Decoder {
    /// Takes in one file.
    pub(super) fn file(&mut self, body: Body, diagnostics: &mut Diagnostics) {
        for attribute in body.attributes.iter().take(MOST_PROBLEMS) {
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
        self.blocks(body.blocks, diagnostics);
    }

    /// Takes in blocks.
    pub(super) fn blocks(&mut self, blocks: Vec<Block>, diagnostics: &mut Diagnostics) {
        for block in blocks {
            if diagnostics.len() > MOST_PROBLEMS {
                return;
            }
            if let Err(problems) = self.block(block, diagnostics) {
                diagnostics.extend(problems);
            }
        }
    }

    fn block(&mut self, block: Block, diagnostics: &mut Diagnostics) -> Result<(), Diagnostics> {
        match &*block.kind {
            "terraform" | "snapform" => settings::decode(&block, &mut self.module.settings),
            "locals" => self.locals(&block, diagnostics),
            "variable" => self.variable(&block, diagnostics),
            "output" => self.output(&block, diagnostics),
            "provider" => self.provider(block, diagnostics),
            "resource" => self.resource(block, ResourceMode::Managed, diagnostics),
            "data" => self.resource(block, ResourceMode::Data, diagnostics),
            "module" => {
                self.call(block, diagnostics);
                Ok(())
            }
            "check" => self.check(block),
            "moved" => {
                self.module.moved.push(refactoring::moved(&block)?);
                Ok(())
            }
            "removed" => {
                self.module.removed.push(refactoring::removed(&block)?);
                Ok(())
            }
            "import" => {
                self.module.imports.push(refactoring::import(&block)?);
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

    fn variable(&mut self, block: &Block, problems: &mut Diagnostics) -> Result<(), Diagnostics> {
        let [name] = labels(block, ["NAME"])?;
        if RESERVED.contains(&&*name) {
            let detail = format!(
                "No variable can be called `{name}`: in `module` blocks, that word has a meaning of its own."
            );
            let place = block.labels.first().map(|label| label.span);
            problems.push(Diagnostic::error(code::NAME, detail).at_if_missing(place));
        }
        let mut fields = Fields::of(&block.body, problems);
        let ty = fields.take("type");
        let type_span = ty.map(|attribute| attribute.value.span());
        let constraint = ty.map(|attribute| type_constraint(&attribute.value));
        let constraint = constraint.and_then(|constraint| fields.problems.absorb(constraint));
        let outside = match &constraint {
            Some(constraint) if !constraint.ty.is_primitive() => OutsideText::Expression,
            _ => OutsideText::Verbatim,
        };
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
            type_span,
            outside,
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
            problems,
        );
        Ok(())
    }

    fn output(&mut self, block: &Block, problems: &mut Diagnostics) -> Result<(), Diagnostics> {
        let [name] = labels(block, ["NAME"])?;
        let mut fields = Fields::of(&block.body, problems);
        let value = fields.required("value", block.header);
        let description = fields.text("description");
        let sensitive = fields.flag("sensitive").unwrap_or(false);
        let depends_on = fields
            .take("depends_on")
            .map(|attribute| meta::depends_on(&attribute.value, fields.problems))
            .unwrap_or_default();
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
            declare(&mut self.module.outputs, name, output, |held| held.header, "output", problems);
        }
        Ok(())
    }

    fn provider(
        &mut self,
        mut block: Block,
        problems: &mut Diagnostics,
    ) -> Result<(), Diagnostics> {
        let [name] = labels(&block, ["NAME"])?;
        let alias = meta::take(&mut block.body, "alias").and_then(|attribute| {
            attribute.value.as_literal_string().or_else(|| {
                problems.push(must_be_literal(&attribute, "a text in quotation marks"));
                None
            })
        });
        if let Some(alias) = alias.as_ref().filter(|alias| !meta::is_name(alias)) {
            let detail = format!("`{alias}` is not a name, so no reference could lead here.");
            problems.push(
                Diagnostic::error(code::NAME, detail).at(block.header).help(
                    "begin it with a letter or `_` and go on with letters, digits, `_` and `-`",
                ),
            );
        }
        if let Some(version) = meta::take(&mut block.body, "version") {
            problems.push(
                Diagnostic::warning(
                    code::NO_EFFECT,
                    "Providers are built in and have the version of snapform itself.",
                )
                .at(version.name_span)
                .help("remove `version`, or set `required_version` in a `snapform` block"),
            );
        }
        let address = LocalProvider { provider: ProviderName(name), alias };
        let text = Arc::from(address.to_string());
        let declaration =
            ProviderDecl { address: address.clone(), header: block.header, body: block.body };
        if let Some(first) = self.module.providers.get(&address) {
            problems.push(twice("provider configuration", &text, declaration.header, first.header));
        } else {
            self.module.providers.insert(address, declaration);
        }
        Ok(())
    }

    fn resource(
        &mut self,
        block: Block,
        mode: ResourceMode,
        problems: &mut Diagnostics,
    ) -> Result<(), Diagnostics> {
        let declaration = resource(block, mode, problems)?;
        let address = declaration.address.clone();
        if let Some(first) = self.module.resources.get(&address) {
            let text = Arc::from(address.to_string());
            problems.push(twice("resource", &text, declaration.header, first.header));
        } else {
            self.module.resources.insert(address, Box::new(declaration));
        }
        Ok(())
    }

    fn call(&mut self, block: Block, problems: &mut Diagnostics) {
        let Some(call) = module_call::decode(block, problems) else { return };
        let name = Arc::clone(&call.name);
        let place = |held: &super::ModuleCall| held.header;
        declare(&mut self.module.calls, name, call, place, "module", problems);
    }

    fn check(&mut self, block: Block) -> Result<(), Diagnostics> {
        let [name] = labels(&block, ["NAME"])?;
        let mut problems = Diagnostics::default();
        Fields::of(&block.body, &mut problems).finish("check", &["assert", "data"]);
        let mut check = CheckDecl {
            name: Arc::clone(&name),
            header: block.header,
            data: None,
            assertions: Vec::new(),
        };
        for inner in block.body.blocks {
            match &*inner.kind {
                "assert" => check.assertions.extend(problems.absorb(validation(&inner))),
                "data" if check.data.is_some() => problems.push(
                    Diagnostic::error(code::DUPLICATE, "A check reads one `data` block.")
                        .at(inner.header),
                ),
                "data" => {
                    problems.extend(check_data::refused(&inner));
                    let data = resource(inner, ResourceMode::Data, &mut problems);
                    check.data = problems.absorb(data).map(Box::new);
                }
                _ => {}
            }
        }
        if check.assertions.is_empty() && !problems.has_errors() {
            problems.push(
                Diagnostic::error(code::MISSING_ARGUMENT, "A check has at least one condition.")
                    .at(block.header)
                    .help("write `assert { condition = … error_message = … }` inside"),
            );
        }
        let place = |held: &CheckDecl| held.header;
        declare(&mut self.module.checks, name, check, place, "check", &mut problems);
        problems.into_result(())
    }

    /// The module; checks what only all files together show.
    pub(super) fn finish(self, diagnostics: &mut Diagnostics) -> Module {
        for removed in &self.module.removed {
            let declared = match &removed.from {
                Target::Resource(address) if address.module.is_root() => {
                    self.module.resources.get(&address.local).map(|found| found.header)
                }
                Target::Module(module) => match &*module.0 {
                    [call] => self.module.calls.get(&call.name).map(|found| found.header),
                    _ => None,
                },
                _ => None,
            };
            if let Some(declared) = declared {
                diagnostics.push(
                    Diagnostic::error(
                        code::DUPLICATE,
                        format!("`{}` is declared and said to be removed.", removed.from),
                    )
                    .label(removed.header, "said to be removed here")
                    .label(declared, "declared here"),
                );
            }
        }
        diagnostics.extend(check_data::named_twice(&self.module));
        self.module
    }
}

/// A `resource` or `data` block.
fn resource(
    mut block: Block,
    mode: ResourceMode,
    problems: &mut Diagnostics,
) -> Result<ResourceDecl, Diagnostics> {
    let [type_name, name] = labels(&block, ["TYPE", "NAME"])?;
    let address = match mode {
        ResourceMode::Managed => LocalResource::managed(type_name, name),
        ResourceMode::Data => LocalResource::data(type_name, name),
    };
    let repetition = meta::repetition(&mut block.body, problems);
    let (provider, provider_span) = meta::provider(&mut block.body, &address, problems);
    let depends_on = meta::take(&mut block.body, "depends_on")
        .map(|attribute| meta::depends_on(&attribute.value, problems))
        .unwrap_or_default();
    let lifecycle = lifecycle::take(&mut block.body, mode, problems);
    meta::refuse_provisioners(&mut block.body, problems);
    // Most blocks have fewer arguments than a vector makes room for.
    block.body.attributes.shrink_to_fit();
    Ok(ResourceDecl {
        address,
        header: block.header,
        type_span: block.labels.first().map_or(block.header, |label| label.span),
        repetition,
        provider,
        provider_span,
        depends_on,
        lifecycle,
        body: block.body,
    })
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
