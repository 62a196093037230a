//! Files that survive: written beside, flushed, renamed. Every operation can be told to fail by a
//! test.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use crate::world::faults::{CrashPoint, FileFault, file_fault, pass};

/// Fails where a test wants this operation to fail.
pub(in crate::state) fn check() -> io::Result<()> {
    file_fault().map_or(Ok(()), |fault| Err(fault.error()))
}

/// Writes all bytes, or half of them where a test wants that.
pub(in crate::state) fn write(file: &mut File, bytes: &[u8]) -> io::Result<()> {
    match file_fault() {
        Some(FileFault::Short) => {
            file.write_all(bytes.get(..bytes.len() / 2).unwrap_or_default())?;
            Err(FileFault::Short.error())
        }
        Some(fault) => Err(fault.error()),
        None => file.write_all(bytes),
    }
}

/// The folder of a file: a rename stays within it, because another one may be another file system.
pub(super) fn folder_of(path: &Path) -> &Path {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    parent.unwrap_or_else(|| Path::new("."))
}

/// Writes beside the file, then renames: nobody ever sees half of it.
pub(super) fn replace(
    path: &Path,
    bytes: &[u8],
    (written, replaced): (CrashPoint, CrashPoint),
) -> io::Result<()> {
    let folder = folder_of(path);
    make_private_folder(folder)?;
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(folder)?;
    write(file.as_file_mut(), bytes)?;
    check()?;
    file.as_file().sync_all()?;
    pass(written);
    check()?;
    file.persist(path).map_err(|error| error.error)?;
    pass(replaced);
    sync_folder(folder)
}

/// Gives a file a second name, in the place of whatever has that name. Its bytes are on disk
/// already, so there is nothing to copy; a file system without second names gets a copy.
pub(super) fn keep(from: &Path, to: &Path) -> io::Result<()> {
    let folder = folder_of(to);
    make_private_folder(folder)?;
    check()?;
    let room =
        tempfile::Builder::new().prefix(".new-").make_in(folder, |path| {
            match fs::hard_link(from, path) {
                Err(error) if is_refusal(&error) => fs::copy(from, path).map(|_| ()),
                linked => linked,
            }
        })?;
    let name = room.path().to_path_buf();
    room.persist(to).map_err(|error| error.error)?;
    // Where both names are of one file already, as after a death in between, a rename does nothing.
    match fs::remove_file(&name) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Whether a file system cannot give a file a second name, rather than failing to.
fn is_refusal(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, PermissionDenied, TooManyLinks, Unsupported};
    matches!(error.kind(), CrossesDevices | PermissionDenied | TooManyLinks | Unsupported)
}

/// Takes a file away, if it is there.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    check()?;
    match fs::remove_file(path) {
        Ok(()) => sync_folder(folder_of(path)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(unix)]
pub(in crate::state) fn make_private_folder(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(not(unix))]
pub(in crate::state) fn make_private_folder(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)
}

/// A rename survives a loss of power only once its folder is on disk.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    check()?;
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

pub(in crate::state) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600)
    }
    #[cfg(not(unix))]
    options
}
