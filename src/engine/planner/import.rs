//! Objects that exist and are taken into the state.

use crate::addr::{InstanceAddr, LocalResource};
use crate::config::ImportDecl;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::plan::Import;
use crate::state::ObjectRecord;
use crate::text::Span;

use super::super::frame::Frame;
use super::super::imports::{self, Wanted};
use super::super::refresh::Refreshed;
use super::super::take_in;
use super::Planner;

/// An address that got an object, and the block that says so.
pub(super) type Imported = (InstanceAddr, Span);

impl Planner<'_> {
    /// Reads the objects that `import` blocks name for instances of a resource, and puts them where
    /// the plan looks for what is there. An instance that is in state already needs none.
    pub(super) async fn imports(
        &mut self,
        frame: &Frame<'_>,
        local: &LocalResource,
    ) -> Vec<Imported> {
        let Some(root) = self.evaluation.root() else { return Vec::new() };
        let address = local.within(&frame.address);
        let mut imported = Vec::new();
        for import in imports::of_resource(root.module, &address.declared()) {
            let Some(wanted) = self.problems.absorb(imports::wanted(&root, import)) else {
                continue;
            };
            for Wanted { address: instance, id } in wanted {
                if imported.iter().any(|(earlier, _)| *earlier == instance) {
                    let detail = format!("`{instance}` is imported twice.");
                    self.problems.push(
                        Diagnostic::error(code::IMPORT, detail)
                            .at(import.to.span())
                            .help("keep one of the blocks"),
                    );
                    continue;
                }
                let is_new = !self.objects.contains_key(&(instance.clone(), None));
                if instance.resource != address || !is_new || !self.selection.has(&instance) {
                    continue;
                }
                let block = frame.module.resources.get(local).map(|found| self.block(frame, found));
                let Some(block) = block else { continue };
                match self.import(&instance, &block.provider, &id, import).await {
                    Ok(object) => {
                        let place = Some(import.id.span());
                        self.problems.extend(take_in::advice(
                            self.engine,
                            &instance,
                            &object,
                            place,
                        ));
                        self.imports.push(Import {
                            address: instance.clone(),
                            provider: block.provider.clone(),
                            id,
                            generated: None,
                            record: ObjectRecord {
                                dependencies: self.dependencies(&block),
                                ..object.record.clone()
                            },
                        });
                        self.objects.insert((instance.clone(), None), object);
                        imported.push((instance, import.header));
                    }
                    Err(found) => self
                        .problems
                        .extend(found.into_iter().map(|found| found.address(&instance))),
                }
            }
        }
        imported
    }

    async fn import(
        &self,
        address: &InstanceAddr,
        provider: &crate::addr::ProviderConfigAddr,
        id: &str,
        import: &ImportDecl,
    ) -> Result<Refreshed, Diagnostics> {
        let place = Some(import.id.span());
        take_in::read(self.engine, &self.clients, (address, provider), id, place).await
    }

    /// Refuses objects for instances that the configuration does not have: they would be deleted
    /// at once.
    pub(super) fn unwanted(&mut self, imported: &[Imported]) {
        for (address, header) in imported {
            if self.objects.remove(&(address.clone(), None)).is_some() {
                let detail = format!("The configuration has no instance `{address}`.");
                self.problems.push(
                    Diagnostic::error(code::IMPORT, detail)
                        .at(*header)
                        .help("declare it, or take this block out"),
                );
            }
        }
    }
}
