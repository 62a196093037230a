//! Faults on demand, for tests of what is left behind. Release builds have none of it.

use std::io;

/// A moment at which a process may be told to die.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrashPoint {
    /// An entry is about to be written into the journal.
    JournalWrite,
    /// An entry is in the journal's file and may not be on disk yet.
    JournalWritten,
    /// An entry is on disk.
    JournalDurable,
    /// A request is about to leave.
    Send,
    /// The answer is there, and nobody has looked at it.
    Receive,
    /// The predecessor of the state was put aside.
    StateKept,
    /// The new state is beside the old one.
    StateWritten,
    /// The new state has the place of the old one.
    StateReplaced,
    /// The new journal is beside the old one.
    JournalBegun,
    /// The new journal has the place of the old one.
    JournalReplaced,
    /// The lock is held, and nothing else has happened.
    Locked,
}

impl CrashPoint {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::JournalWrite,
        Self::JournalWritten,
        Self::JournalDurable,
        Self::Send,
        Self::Receive,
        Self::StateKept,
        Self::StateWritten,
        Self::StateReplaced,
        Self::JournalBegun,
        Self::JournalReplaced,
        Self::Locked,
    ];

    /// Its name in `SNAPFORM_CRASH_AT`.
    pub fn name(self) -> &'static str {
        match self {
            Self::JournalWrite => "journal-write",
            Self::JournalWritten => "journal-written",
            Self::JournalDurable => "journal-durable",
            Self::Send => "send",
            Self::Receive => "receive",
            Self::StateKept => "state-kept",
            Self::StateWritten => "state-written",
            Self::StateReplaced => "state-replaced",
            Self::JournalBegun => "journal-begun",
            Self::JournalReplaced => "journal-replaced",
            Self::Locked => "locked",
        }
    }
}

/// How the operation of a file fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileFault {
    /// No space is left (`ENOSPC`).
    Full,
    /// No space is left after half of the bytes.
    Short,
    /// The device fails (`EIO`).
    Broken,
    /// The file system can only be read (`EROFS`).
    ReadOnly,
}

impl FileFault {
    /// The fault called `name` in `SNAPFORM_FAIL_FILE`.
    pub fn named(name: &str) -> Option<Self> {
        match name {
            "full" => Some(Self::Full),
            "short" => Some(Self::Short),
            "broken" => Some(Self::Broken),
            "read-only" => Some(Self::ReadOnly),
            _ => None,
        }
    }

    /// What the system says of it.
    pub fn error(self) -> io::Error {
        io::Error::from_raw_os_error(match self {
            Self::Full | Self::Short => 28,
            Self::Broken => 5,
            Self::ReadOnly => 30,
        })
    }
}

#[cfg(debug_assertions)]
mod armed {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::{CrashPoint, FileFault};

    static CRASH: OnceLock<(CrashPoint, AtomicU64)> = OnceLock::new();
    static FILE: OnceLock<(FileFault, AtomicU64, bool)> = OnceLock::new();

    /// Takes `CrashPoint:NTH` and `FAULT:NTH` or `FAULT:NTH+`, which fails all from then on. What
    /// cannot be read is an error: a test that injects nothing proves nothing.
    pub fn arm(crash: Option<&str>, file: Option<&str>) -> Result<(), String> {
        if let Some(text) = crash {
            let (name, count) = text.split_once(':').unwrap_or((text, "1"));
            let point = CrashPoint::ALL.into_iter().find(|point| point.name() == name);
            let count = count.parse().ok();
            let (Some(point), Some(count)) = (point, count) else { return Err(text.to_owned()) };
            let _ = CRASH.set((point, AtomicU64::new(count)));
        }
        if let Some(text) = file {
            let (name, count) = text.split_once(':').unwrap_or((text, "1"));
            let all = count.ends_with('+');
            let count = count.trim_end_matches('+').parse().ok();
            let (Some(fault), Some(count)) = (FileFault::named(name), count) else {
                return Err(text.to_owned());
            };
            let _ = FILE.set((fault, AtomicU64::new(count), all));
        }
        Ok(())
    }

    /// Counts down to the moment: 1 is the next one.
    fn is_now(left: &AtomicU64) -> bool {
        let before =
            left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        before == Ok(1)
    }

    pub(super) fn pass(point: CrashPoint) {
        if let Some((armed, left)) = CRASH.get()
            && *armed == point
            && is_now(left)
        {
            // As good as a kill: no destructor runs, nothing is flushed.
            std::process::abort();
        }
    }

    pub(super) fn file_fault() -> Option<FileFault> {
        let (fault, left, all) = FILE.get()?;
        let over = *all && left.load(Ordering::SeqCst) == 0;
        (over || is_now(left)).then_some(*fault)
    }
}

#[cfg(debug_assertions)]
pub use armed::arm;

/// Dies here where a test asks for it.
#[inline]
pub fn pass(point: CrashPoint) {
    #[cfg(debug_assertions)]
    armed::pass(point);
    #[cfg(not(debug_assertions))]
    let _ = point;
}

/// The fault that the next operation of a file is to have, where a test asks for one.
#[inline]
pub fn file_fault() -> Option<FileFault> {
    #[cfg(debug_assertions)]
    return armed::file_fault();
    #[cfg(not(debug_assertions))]
    None
}
