//! What people and tools are told about functions besides what calling them needs.

use super::Function;

/// A line for each function, its fields separated by tabs: its name, an example, and for each
/// parameter Terraform's name of it, a colon, and what it is for.
const MANUAL: &str = include_str!("manual.txt");

/// What the manual says of one function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// A call of it.
    pub example: &'static str,
    /// For each parameter, the variadic one last, the name that Terraform has for it and what it
    /// is for.
    pub parameters: Vec<(&'static str, &'static str)>,
}

impl Function {
    /// What the manual says of it.
    pub fn page(&self) -> Option<Page> {
        let line = MANUAL.lines().find(|line| line.split('\t').next() == Some(self.name))?;
        let mut fields = line.split('\t').skip(1);
        let example = fields.next()?;
        let parameters = fields.map(|field| field.split_once(": ")).collect::<Option<_>>()?;
        Some(Page { example, parameters })
    }
}

#[cfg(test)]
mod tests {
    use super::super::FunctionTable;
    use super::*;

    #[test]
    fn every_function_has_a_page_with_its_parameters() {
        for function in FunctionTable::all() {
            let page = function.page().unwrap_or_else(|| panic!("{}", function.name));
            let parameters = function.parameters.len() + usize::from(function.variadic.is_some());
            assert_eq!(page.parameters.len(), parameters, "{}", function.name);
            assert!(page.example.starts_with(function.name), "{}", page.example);
        }
        assert_eq!(MANUAL.lines().count(), FunctionTable::all().count());
    }
}
