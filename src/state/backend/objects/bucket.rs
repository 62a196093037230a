//! A bucket: objects that are read whole and written only where nobody else has written.
//!
//! In: paths and bytes. Out: what is there with its version, and whether a write won. It knows
//! nothing of states.

use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use object_store::path::Path;
use object_store::{
    Attribute, Error, GetOptions, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions,
    PutPayload, UpdateVersion,
};

use super::super::BackendError;

/// How many requests for small objects are under way at once.
const AT_ONCE: usize = 8;

/// Objects under one address.
#[derive(Clone, Debug)]
pub(super) struct Bucket {
    store: Arc<dyn ObjectStore>,
    /// Its address with its scheme, for messages.
    address: String,
}

/// An object that was read.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) bytes: Vec<u8>,
    pub(super) version: UpdateVersion,
}

/// What a write must find in its place.
#[derive(Clone, Debug)]
pub(super) enum Expected {
    Nothing,
    Version(UpdateVersion),
}

impl Expected {
    /// To find what was found.
    pub(super) fn of(found: Option<&Found>) -> Self {
        found.map_or(Self::Nothing, |found| Self::Version(found.version.clone()))
    }
}

/// What became of a write.
#[derive(Debug)]
pub(super) enum Put {
    /// It is there, as this version.
    Done(UpdateVersion),
    /// Something else is there, and this write will never be.
    Refused(Option<Found>),
}

impl Put {
    pub(super) fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }
}

impl Bucket {
    pub(super) fn new(store: Arc<dyn ObjectStore>, address: String) -> Self {
        Self { store, address }
    }

    /// Where an object is, for messages.
    pub(super) fn place(&self, path: &Path) -> String {
        format!("{}/{path}", self.address)
    }

    fn failed(&self, path: &Path, error: &Error) -> BackendError {
        BackendError::Failed { place: self.place(path), reason: error.to_string() }
    }

    /// The object at `path`, if there is one.
    pub(super) async fn get(&self, path: &Path) -> Result<Option<Found>, BackendError> {
        let read = async {
            let result = self.store.get(path).await?;
            let version = UpdateVersion {
                e_tag: result.meta.e_tag.clone(),
                version: result.meta.version.clone(),
            };
            Ok(Found { bytes: result.bytes().await?.to_vec(), version })
        };
        match read.await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed(path, &error)),
        }
    }

    /// The version of the object at `path`, if there is one.
    pub(super) async fn version(&self, path: &Path) -> Result<Expected, BackendError> {
        match self.store.head(path).await {
            Ok(meta) => {
                Ok(Expected::Version(UpdateVersion { e_tag: meta.e_tag, version: meta.version }))
            }
            Err(Error::NotFound { .. }) => Ok(Expected::Nothing),
            Err(error) => Err(self.failed(path, &error)),
        }
    }

    /// What somebody noted about the object at `path` under `name`.
    pub(super) async fn metadata(
        &self,
        path: &Path,
        name: &'static str,
    ) -> Result<Option<String>, BackendError> {
        match self.store.get_opts(path, GetOptions::new().with_head(true)).await {
            Ok(result) => {
                let noted = result.attributes.get(&Attribute::Metadata(name.into()));
                Ok(noted.map(|value| value.to_string()))
            }
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed(path, &error)),
        }
    }

    /// Writes an object if what is there is what is expected. Where the answer does not tell, what
    /// is there does: whoever must not take another's write for theirs writes bytes that nobody
    /// else writes.
    ///
    /// # Errors
    ///
    /// It is not known what became of it: it may still arrive.
    pub(super) async fn put(
        &self,
        path: &Path,
        bytes: &[u8],
        expected: &Expected,
    ) -> Result<Put, BackendError> {
        let mode = match expected {
            Expected::Nothing => PutMode::Create,
            Expected::Version(version) => PutMode::Update(version.clone()),
        };
        let payload = PutPayload::from(bytes.to_vec());
        let error = match self.store.put_opts(path, payload, PutOptions::from(mode)).await {
            Ok(result) => return Ok(Put::Done(result.into())),
            Err(error) => error,
        };
        // The client sends a request again where its answer got lost: the first one may have won
        // against the second.
        let found = self.get(path).await;
        if let Ok(Some(found)) = &found
            && found.bytes == bytes
        {
            return Ok(Put::Done(found.version.clone()));
        }
        match error {
            Error::AlreadyExists { .. } | Error::Precondition { .. } => Ok(Put::Refused(found?)),
            error => Err(self.failed(path, &error)),
        }
    }

    /// The paths of all objects below a folder.
    pub(super) async fn list(&self, folder: &Path) -> Result<Vec<Path>, BackendError> {
        let listed = self.store.list(Some(folder)).map_ok(|meta| meta.location);
        listed.try_collect().await.map_err(|error| self.failed(folder, &error))
    }

    /// The paths of the objects in a folder, without those in folders of it.
    pub(super) async fn list_here(&self, folder: &Path) -> Result<Vec<Path>, BackendError> {
        let listed = self.store.list_with_delimiter(Some(folder)).await;
        let listed = listed.map_err(|error| self.failed(folder, &error))?;
        Ok(listed.objects.into_iter().map(|meta| meta.location).collect())
    }

    /// What is at each of `paths`, in their order.
    pub(super) async fn get_all(
        &self,
        paths: Vec<Path>,
    ) -> Result<Vec<Option<Vec<u8>>>, BackendError> {
        let reads = stream::iter(paths).map(async |path| {
            let found = self.get(&path).await?;
            Ok(found.map(|found| found.bytes))
        });
        reads.buffered(AT_ONCE).try_collect().await
    }

    /// Deletes an object, which may be gone already.
    pub(super) async fn delete(&self, path: &Path) -> Result<(), BackendError> {
        match self.store.delete(path).await {
            Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(self.failed(path, &error)),
        }
    }

    /// Deletes all of `paths`.
    pub(super) async fn delete_all(&self, paths: Vec<Path>) -> Result<(), BackendError> {
        let deletes = stream::iter(paths).map(async |path| self.delete(&path).await);
        deletes.buffer_unordered(AT_ONCE).try_collect().await
    }
}
