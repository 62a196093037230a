//! Where a watermark is kept: one line in a file of its own, written in place.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::sdk::auth::sha256_hex;
use crate::world::read_regular;

use super::super::backend::disk;
use super::super::journal::Chain;
use super::Watermark;

/// What a disk writes as a whole. A record is filled up to it, so that one write replaces another.
const SECTOR: usize = 512;

/// The file with the watermark of one place.
#[derive(Clone, Debug)]
pub struct WatermarkFile {
    path: PathBuf,
    place: String,
}

/// What is remembered of a place, and who remembers it from now on.
#[derive(Default)]
pub(in crate::state) struct Recalled {
    pub(in crate::state) watermark: Option<Watermark>,
    pub(in crate::state) keeper: Keeper,
}

/// Writes watermarks. To fail with it is no reason to stop a run, which loses nothing by that: the
/// trouble is kept to be told.
#[derive(Default)]
pub(in crate::state) struct Keeper {
    file: Option<WatermarkFile>,
    open: Option<File>,
    last: Option<Watermark>,
    trouble: Option<String>,
    is_told: bool,
}

#[derive(Serialize, Deserialize)]
struct Record {
    #[serde(flatten)]
    watermark: Watermark,
    /// For people who look into the file.
    place: String,
}

impl WatermarkFile {
    /// The file in `folder` for what is kept at `place`.
    pub fn new(folder: &Path, place: String) -> Self {
        let name: String = sha256_hex(place.as_bytes()).chars().take(16).collect();
        Self { path: folder.join(name), place }
    }

    pub(in crate::state) fn recall(&self) -> Recalled {
        let (watermark, trouble) = match self.read() {
            Ok(watermark) => (watermark, None),
            Err(error) => (None, Some(self.trouble("read", &error))),
        };
        let file = Some(self.clone());
        let keeper = Keeper { file, last: watermark.clone(), trouble, ..Keeper::default() };
        Recalled { watermark, keeper }
    }

    fn read(&self) -> io::Result<Option<Watermark>> {
        let bytes = match read_regular(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            bytes => bytes?,
        };
        let damaged = |reason| io::Error::new(io::ErrorKind::InvalidData, reason);
        let json = Chain::default().read_line(bytes.trim_ascii_end()).map_err(damaged)?;
        let record: Record = serde_json::from_str(json)?;
        Ok(Some(record.watermark))
    }

    fn record(&self, watermark: &Watermark) -> io::Result<Vec<u8>> {
        let record = Record { watermark: watermark.clone(), place: self.place.clone() };
        let mut bytes = Vec::with_capacity(SECTOR);
        Chain::default().write(&serde_json::to_string(&record)?, &mut bytes);
        // A blank at the end means nothing, and the line break ends what people see.
        bytes.resize(bytes.len().next_multiple_of(SECTOR), b' ');
        Ok(bytes)
    }

    fn opened(&self, length: usize) -> io::Result<File> {
        if let Some(folder) = self.path.parent() {
            disk::make_private_folder(folder)?;
        }
        disk::check()?;
        let file = disk::private(OpenOptions::new().create(true).truncate(false).write(true))
            .open(&self.path)?;
        // What is behind the record would be taken for a part of it.
        if file.metadata()?.len() > length as u64 {
            file.set_len(length as u64)?;
        }
        Ok(file)
    }

    fn trouble(&self, what: &str, error: &io::Error) -> String {
        format!("`{}` cannot be {what}: {error}.", self.path.display())
    }

    /// Its name, for messages.
    pub(in crate::state) fn name(&self) -> String {
        self.path.display().to_string()
    }
}

impl Keeper {
    /// Remembers `watermark`. It is not flushed: where power fails, an earlier one is remembered.
    pub(in crate::state) fn keep(&mut self, watermark: &Watermark) {
        self.write(watermark, |_| Ok(()));
    }

    /// Remembers `watermark` also where power fails.
    pub(in crate::state) fn keep_for_good(&mut self, watermark: &Watermark) {
        self.write(watermark, File::sync_data);
    }

    fn write(&mut self, watermark: &Watermark, flush: impl FnOnce(&File) -> io::Result<()>) {
        let Some(file) = &self.file else { return };
        if self.last.as_ref() == Some(watermark) {
            return;
        }
        let open = &mut self.open;
        let written = file.record(watermark).and_then(|record| {
            let open = match open {
                Some(open) => open,
                None => open.insert(file.opened(record.len())?),
            };
            open.seek(SeekFrom::Start(0))?;
            disk::write(open, &record)?;
            flush(open)
        });
        match written {
            Ok(()) => self.last = Some(watermark.clone()),
            Err(error) => self.trouble = Some(file.trouble("written", &error)),
        }
    }

    /// Remembers nothing of the place any more.
    pub(in crate::state) fn forget(&mut self) {
        let Some(file) = &self.file else { return };
        self.open = None;
        self.last = None;
        match fs::remove_file(&file.path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                self.trouble = Some(file.trouble("deleted", &error));
            }
            _ => {}
        }
    }

    /// What went wrong first, once: whoever cannot remember a line cannot remember the next either.
    pub(in crate::state) fn take_trouble(&mut self) -> Option<String> {
        let trouble = self.trouble.take().filter(|_| !self.is_told);
        self.is_told |= trouble.is_some();
        trouble
    }
}
