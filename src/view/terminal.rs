//! The one way out to people.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Pace, Paint};

/// Lines at the bottom of the screen that make room while something is written above them.
pub(super) trait Beneath: Send + Sync {
    /// Takes the lines away, has something written, and draws them again.
    fn step_aside(&self, write: &mut dyn FnMut());
}

/// What the terminal can do, as `cli` found out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// Whether to use colours.
    pub paint: Paint,
    /// Columns of a line.
    pub width: usize,
}

/// Bytes of a long result that are written together.
const PIECE: usize = 64 * 1024;

/// Standard output for results, standard error for problems. A reader that went away ends the
/// output silently, as with any tool in a pipe.
pub struct Terminal {
    /// What it can do.
    pub look: Look,
    pace: Pace,
    beneath: Mutex<Option<Arc<dyn Beneath>>>,
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

    /// Standard error alone: what is said is in no program's way.
    pub fn beside(look: Look) -> Self {
        Self::over(look, Box::new(io::stderr()), Box::new(io::stderr()))
    }

    /// A terminal over any two writers.
    pub fn over(look: Look, out: Box<dyn Write + Send>, err: Box<dyn Write + Send>) -> Self {
        Self {
            look,
            pace: Pace::default(),
            beneath: Mutex::new(None),
            out: Mutex::new(out),
            err: Mutex::new(err),
        }
    }

    /// The same terminal, on which progress is told at this pace.
    #[must_use]
    pub fn at_pace(self, pace: Pace) -> Self {
        Self { pace, ..self }
    }

    /// How progress is told on it.
    pub fn pace(&self) -> Pace {
        self.pace
    }

    /// From now on everything is written above these lines.
    pub(super) fn above(&self, lines: Option<Arc<dyn Beneath>>) {
        *self.beneath.lock().unwrap_or_else(PoisonError::into_inner) = lines;
    }

    fn write(&self, to: &Mutex<Box<dyn Write + Send>>, text: &str, end: &str) {
        let beneath = self.beneath.lock().unwrap_or_else(PoisonError::into_inner).clone();
        match beneath {
            Some(lines) => lines.step_aside(&mut || write(to, text, end)),
            None => write(to, text, end),
        }
    }

    /// Writes a long result piece by piece, with a line break behind it.
    ///
    /// # Errors
    ///
    /// Those of `write`. A reader that went away is none.
    pub fn document(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffered = io::BufWriter::with_capacity(PIECE, &mut *out);
        let written = write(&mut buffered)
            .and_then(|()| buffered.write_all(b"\n"))
            .and_then(|()| buffered.flush());
        match written {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            written => written,
        }
    }

    /// Writes a result, with a line break behind it.
    pub fn line(&self, text: &str) {
        self.write(&self.out, text, "\n");
    }

    /// Writes a result as it is.
    pub fn text(&self, text: &str) {
        self.write(&self.out, text, "");
    }

    /// Writes a problem, with a line break behind it.
    pub fn problem(&self, text: &str) {
        self.write(&self.err, text, "\n");
    }
}

fn write(to: &Mutex<Box<dyn Write + Send>>, text: &str, end: &str) {
    let mut writer = to.lock().unwrap_or_else(PoisonError::into_inner);
    let _ = writer.write_all(text.as_bytes());
    let _ = writer.write_all(end.as_bytes());
    let _ = writer.flush();
}
