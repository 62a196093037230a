//! The one way out to people.

use std::io::{self, Write};
use std::sync::{Mutex, PoisonError};

use super::Paint;

/// What the terminal can do, as `cli` found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether to use colours.
    pub paint: Paint,
    /// Columns of a line.
    pub width: usize,
}

/// Standard output for results, standard error for problems. A reader that went away ends the
/// output silently, as with any tool in a pipe.
pub struct Terminal {
    /// What it can do.
    pub look: Look,
    out: Mutex<Box<dyn Write + Send>>,
    err: Mutex<Box<dyn Write + Send>>,
}

impl Terminal {
    /// The terminal of this process.
    pub fn standard(look: Look) -> Self {
        Self::over(look, Box::new(io::stdout()), Box::new(io::stderr()))
    }

    /// A terminal that nobody reads.
    pub fn silent(look: Look) -> Self {
        Self::over(look, Box::new(io::sink()), Box::new(io::sink()))
    }

    /// A terminal over any two writers.
    pub fn over(look: Look, out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        Self { look, out: Mutex::new(out), err: Mutex::new(err) }
    }

    /// Writes a result, with a line break behind it.
    pub fn line(&self, text: &str) {
        write(&self.out, text, "\n");
    }

    /// Writes a result as it is.
    pub fn text(&self, text: &str) {
        write(&self.out, text, "");
    }

    /// Writes a problem, with a line break behind it.
    pub fn problem(&self, text: &str) {
        write(&self.err, text, "\n");
    }
}

fn write(to: &Mutex<Box<dyn Write + Send>>, text: &str, end: &str) {
    let mut writer = to.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = writer.write_all(text.as_bytes());
    let _ = writer.write_all(end.as_bytes());
    let _ = writer.flush();
}
