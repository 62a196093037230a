//! The `data` block that a check may hold.
//!
//! It has one instance and no promises of its own: the conditions of the check are those. Its name is
//! one among those of the module, so that a reference never has two meanings.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::Block;

use super::Module;
use super::fields::twice;

/// What such a block may not say.
pub(super) fn refused(block: &Block) -> Diagnostics {
    let repetition = ["count", "for_each"].into_iter().filter_map(|name| {
        let attribute = block.body.attribute(name)?;
        let detail = format!("The data of a check has one instance, so `{name}` cannot be given.");
        Some(
            Diagnostic::error(code::META_ARGUMENT, detail)
                .at(attribute.name_span)
                .help("move the block out of the check, which may refer to it all the same"),
        )
    });
    let lifecycle = block.body.blocks_of("lifecycle").map(|lifecycle| {
        let detail = "The data of a check has no `lifecycle`: the check says what must hold.";
        Diagnostic::error(code::META_ARGUMENT, detail)
            .at(lifecycle.header)
            .help("write the conditions as `assert` blocks beside it")
    });
    repetition.chain(lifecycle).collect()
}

/// Data whose name is taken, in the module or by another check.
pub(super) fn named_twice(module: &Module) -> Diagnostics {
    let mut problems = Diagnostics::default();
    let mut seen = BTreeMap::new();
    for data in module.checks.values().filter_map(|check| check.data.as_ref()) {
        let declared = module.resources.get(&data.address).map(|found| found.header);
        let first = declared.or_else(|| seen.insert(&data.address, data.header));
        if let Some(first) = first {
            let name = data.address.to_string().into();
            problems.push(twice("data", &name, data.header, first));
        }
    }
    problems
}
