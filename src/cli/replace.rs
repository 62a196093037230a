//! Files that are replaced as a whole, or not at all.

use std::fs::Permissions;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;

/// Writes a file that must not be there yet.
pub(super) fn write_new(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Puts `bytes` in the place of the file at `path`, or where none is. Without `permissions` the
/// file is for its owner only.
pub(super) fn replace(
    path: &Path,
    bytes: &[u8],
    permissions: Option<Permissions>,
) -> anyhow::Result<()> {
    replace_with(path, permissions, |to| to.write_all(bytes))
}

/// The same for what `write` writes.
pub(super) fn replace_with(
    path: &Path,
    permissions: Option<Permissions>,
    write: impl FnOnce(&mut std::fs::File) -> std::io::Result<()>,
) -> anyhow::Result<()> {
    let failed = || format!("`{}` cannot be written", path.display());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut temporary = tempfile::Builder::new()
        .prefix(".snapform-")
        .tempfile_in(folder.unwrap_or_else(|| Path::new(".")))
        .with_context(failed)?;
    write(temporary.as_file_mut()).with_context(failed)?;
    if let Some(permissions) = permissions {
        temporary.as_file().set_permissions(permissions).with_context(failed)?;
    }
    temporary.as_file().sync_all().with_context(failed)?;
    temporary.persist(path).with_context(failed)?;
    Ok(())
}
