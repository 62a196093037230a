//! Files and folders that only their owner may look at, as the state's are.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

/// Makes a folder and those above it; one that is there keeps its permissions.
pub(super) fn folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt as _;
        builder.mode(0o700);
    }
    builder.recursive(true).create(path)
}

/// Options with which a new file is private.
pub(super) fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
}

/// Writes a file anew. Another one takes its place as a whole, so that nobody reads half of it.
pub(super) fn write(path: &Path, content: &[u8]) -> io::Result<()> {
    let draft = path.with_extension("draft");
    let mut file: File = options().create(true).write(true).truncate(true).open(&draft)?;
    file.write_all(content)?;
    std::fs::rename(&draft, path)
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_the_owner_may_look() {
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("a").join("b");
        folder(&inner).unwrap();
        assert_eq!(mode(&inner), 0o700);
        let path = inner.join("knobs.json");
        write(&path, b"{}").unwrap();
        write(&path, b"{ }").unwrap();
        assert_eq!((mode(&path), std::fs::read(&path).unwrap()), (0o600, b"{ }".to_vec()));
    }
}
