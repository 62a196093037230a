//! What hangs on what, as lines that lead from one to the other.

/// Something with what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    /// Its line.
    pub name: String,
    /// What hangs on it, in order.
    pub branches: Vec<Tree>,
}

/// A tree under a heading.
pub fn render_tree(heading: &str, tree: &Tree) -> String {
    let mut text = format!("{heading}\n\n{}\n", tree.name);
    branches(&mut text, "", &tree.branches);
    text
}

fn branches(text: &mut String, before: &str, all: &[Tree]) {
    for (position, branch) in all.iter().enumerate() {
        let last = position + 1 == all.len();
        let (here, below) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
        text.push_str(&format!("{before}{here}{}\n", branch.name));
        branches(text, &format!("{before}{below}"), &branch.branches);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lead_from_the_root_to_every_leaf() {
        let leaf = |name: &str| Tree { name: name.to_owned(), branches: Vec::new() };
        let inner = Tree { name: "m".to_owned(), branches: vec![leaf("x"), leaf("y")] };
        let tree = Tree { name: ".".to_owned(), branches: vec![inner, leaf("z")] };
        let shown = "T:\n\n.\n├── m\n│   ├── x\n│   └── y\n└── z\n";
        assert_eq!(render_tree("T:", &tree), shown);
    }
}
