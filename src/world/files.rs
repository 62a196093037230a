//! Reading files that anybody may have put there.

use std::io;
use std::path::Path;

/// The bytes of a file. A pipe would make the run wait, and a device never ends: neither is read.
///
/// # Errors
///
/// Where it cannot be read, or something else is there.
pub fn read_regular(path: &Path) -> io::Result<Vec<u8>> {
    if std::fs::metadata(path)?.is_file() {
        std::fs::read(path)
    } else {
        Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"))
    }
}
