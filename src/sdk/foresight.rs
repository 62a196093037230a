//! What a vendor would say to a plan, asked while it can still be changed.

/// What a plan does to the objects of one type under one provider configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Intended<A, O> {
    /// The arguments of each object that is made, replacements too; nothing where some of them are
    /// not known before the apply.
    pub creates: Vec<Option<A>>,
    /// The objects that go, replaced ones too.
    pub deletes: Vec<O>,
}

impl<A, O> Intended<A, O> {
    /// The creates whose arguments are known, each with its place among all.
    pub fn known(&self) -> impl Iterator<Item = (usize, &A)> {
        let numbered = self.creates.iter().enumerate();
        numbered.filter_map(|(index, arguments)| Some((index, arguments.as_ref()?)))
    }
}

/// How sure it is that the vendor refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It refuses as long as nobody changes anything there: no plan is made.
    Sure,
    /// It refuses if all stays as it is now: people are warned.
    Likely,
}

/// What stands against a plan at the vendor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// One create would be refused.
    Create {
        /// Its place among [`Intended::creates`].
        index: usize,
        /// The argument to blame.
        attribute: &'static str,
        /// How sure that is.
        certainty: Certainty,
        /// Why, as full sentences.
        message: String,
        /// What to do.
        help: String,
    },
    /// All creates together are more than the vendor allows: people are warned.
    Quota {
        /// What is allowed, what is left and what the plan needs, as full sentences.
        message: String,
        /// What to do.
        help: String,
    },
}

impl Obstacle {
    /// A create that would surely be refused.
    pub fn sure(
        index: usize,
        attribute: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let (certainty, message, help) = (Certainty::Sure, message.into(), help.into());
        Self::Create { index, attribute, certainty, message, help }
    }

    /// A create from a disk that is not there.
    pub fn no_disk(index: usize, id: &str, help: &str) -> Self {
        let message = format!("There is no disk `{id}`, or these credentials may not see it.");
        Self::sure(index, "disk_id", message, help)
    }

    /// A create from a disk whose status, which may pass, does not allow it.
    pub fn unfit_disk(index: usize, id: &str, status: &str, help: &str) -> Self {
        let message = format!("Disk `{id}` is in status `{status}`, which allows no snapshot.");
        Self::likely(index, "disk_id", message, help)
    }

    /// A create that would be refused if all stays as it is now.
    pub fn likely(
        index: usize,
        attribute: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        let (certainty, message, help) = (Certainty::Likely, message.into(), help.into());
        Self::Create { index, attribute, certainty, message, help }
    }
}
