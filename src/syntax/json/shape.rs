//! What the members of an object in JSON stand for.

/// What an object in JSON holds when it stands for a body.
#[derive(Debug)]
pub struct Shape {
    /// The members that are blocks.
    pub blocks: &'static [BlockShape],
    /// The members whose strings are no templates.
    pub readings: &'static [(&'static str, Reading)],
    /// What all other members are; none where only blocks may stand here.
    pub others: Option<Reading>,
}

/// A kind of block.
#[derive(Debug)]
pub struct BlockShape {
    /// Its first word.
    pub kind: &'static str,
    /// How many labels it has, each of which is one level of objects.
    pub labels: usize,
    /// What it holds.
    pub body: &'static Shape,
}

/// What a string is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// A template; one that is a single `${ … }` is the value in it.
    Template,
    /// The text as it is.
    Text,
    /// An expression, such as a reference or a type.
    Expression,
}

impl Shape {
    /// The kind of block that a member of this name is.
    pub(super) fn block(&self, name: &str) -> Option<&'static BlockShape> {
        self.blocks.iter().find(|block| block.kind == name)
    }

    /// How the strings of an argument are read.
    pub(super) fn reading(&self, name: &str) -> Option<Reading> {
        let own = self.readings.iter().find(|(known, _)| *known == name);
        own.map(|(_, reading)| *reading).or(self.others)
    }
}
