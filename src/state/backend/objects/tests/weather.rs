//! A store in memory to which requests get late, not at all, or without an answer.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures_util::stream::{BoxStream, StreamExt as _};
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{
    CopyOptions, Error, GetOptions, GetResult, ListResult, MultipartUpload, ObjectMeta,
    ObjectStore, PutMode, PutMultipartOptions, PutOptions, PutPayload, PutResult, Result,
};
use tokio::time::Instant;

/// What becomes of a request that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It never arrives.
    Request,
    /// It arrives, and its answer does not.
    Answer,
    /// It arrives when [`Weather::deliver`] is called.
    Late,
}

/// Which requests fail.
#[derive(Clone, Copy, Debug)]
struct Storm {
    fault: Fault,
    /// The first request that does, and the first one that does no longer.
    from: u64,
    until: u64,
}

/// Writes everything through to a store in memory, as the weather allows.
#[derive(Clone)]
pub(super) struct Weather {
    inner: Arc<InMemory>,
    requests: Arc<AtomicU64>,
    storm: Arc<Mutex<Option<Storm>>>,
    late: Arc<Mutex<Vec<(Path, PutPayload, PutOptions)>>>,
    /// The number of the first request that waits, and until when.
    frozen: Arc<Mutex<Option<(u64, Instant)>>>,
    /// Where delays come from; without them everything happens at once.
    delays: Option<Arc<Random>>,
}

/// Numbers that are the same for the same seed.
pub(super) struct Random(AtomicU64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1))
    }

    /// A number below `limit`.
    pub(super) fn below(&self, limit: u64) -> u64 {
        let mut state = self.0.load(Ordering::SeqCst);
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        self.0.store(state, Ordering::SeqCst);
        (state >> 11) % limit
    }
}

impl Weather {
    pub(super) fn calm() -> Self {
        Self {
            inner: Arc::default(),
            requests: Arc::default(),
            storm: Arc::default(),
            late: Arc::default(),
            frozen: Arc::default(),
            delays: None,
        }
    }

    /// Requests and answers take their time, now and then longer than a lease.
    pub(super) fn slow(random: Arc<Random>) -> Self {
        Self { delays: Some(random), ..Self::calm() }
    }

    /// The same store as another machine reaches it.
    pub(super) fn elsewhere(&self) -> Self {
        Self { inner: Arc::clone(&self.inner), ..Self::calm() }
    }

    /// From the one after the next `after`, keeps requests back until `until`: the machine sleeps.
    pub(super) fn freeze(&self, after: u64, until: Instant) {
        let from = self.requests.load(Ordering::SeqCst) + after;
        *self.frozen.lock().unwrap() = Some((from, until));
    }

    /// Lets requests fail from the one after the next `after`, `length` of them.
    pub(super) fn storm(&self, fault: Fault, after: u64, length: u64) {
        let from = self.requests.load(Ordering::SeqCst) + after;
        let until = from.saturating_add(length);
        *self.storm.lock().unwrap() = Some(Storm { fault, from, until });
    }

    pub(super) fn clear_up(&self) {
        *self.storm.lock().unwrap() = None;
    }

    /// How many requests there have been.
    pub(super) fn requests(&self) -> u64 {
        self.requests.load(Ordering::SeqCst)
    }

    /// Lets writes arrive that were under way all the time.
    pub(super) async fn deliver(&self) {
        let late = std::mem::take(&mut *self.late.lock().unwrap());
        for (path, payload, options) in late {
            let _ = self.inner.put_opts(&path, payload, options).await;
        }
    }

    /// The names of all objects.
    pub(super) async fn names(&self) -> Vec<String> {
        let listed: Vec<_> = self.inner.list(None).collect().await;
        listed.into_iter().map(|meta| meta.unwrap().location.to_string()).collect()
    }

    pub(super) fn inner(&self) -> &InMemory {
        &self.inner
    }

    async fn wait(&self) {
        if let Some(random) = &self.delays {
            let most = if random.below(40) == 0 { 50_000 } else { 400 };
            tokio::time::sleep(Duration::from_millis(random.below(most))).await;
        }
    }

    /// Counts a request; the fault, if it fails.
    async fn leave(&self) -> Option<Fault> {
        self.wait().await;
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let frozen = *self.frozen.lock().unwrap();
        if let Some((from, until)) = frozen
            && from <= number
        {
            tokio::time::sleep_until(until).await;
        }
        let storm = *self.storm.lock().unwrap();
        storm.filter(|storm| (storm.from..storm.until).contains(&number)).map(|storm| storm.fault)
    }
}

fn failure() -> Error {
    Error::Generic { store: "weather", source: "the network is down".into() }
}

impl fmt::Display for Weather {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("weather")
    }
}

impl fmt::Debug for Weather {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("weather")
    }
}

#[async_trait]
impl ObjectStore for Weather {
    async fn put_opts(
        &self,
        location: &Path,
        payload: PutPayload,
        options: PutOptions,
    ) -> Result<PutResult> {
        assert_ne!(options.mode, PutMode::Overwrite, "{location} is written blindly");
        match self.leave().await {
            None => {
                let result = self.inner.put_opts(location, payload, options).await;
                self.wait().await;
                result
            }
            Some(Fault::Request) => Err(failure()),
            Some(Fault::Answer) => {
                let _ = self.inner.put_opts(location, payload, options).await;
                Err(failure())
            }
            Some(Fault::Late) => {
                self.late.lock().unwrap().push((location.clone(), payload, options));
                Err(failure())
            }
        }
    }

    async fn put_multipart_opts(
        &self,
        location: &Path,
        _options: PutMultipartOptions,
    ) -> Result<Box<dyn MultipartUpload>> {
        panic!("{location} is written in parts");
    }

    async fn get_opts(&self, location: &Path, options: GetOptions) -> Result<GetResult> {
        if self.leave().await.is_some() {
            return Err(failure());
        }
        let result = self.inner.get_opts(location, options).await;
        self.wait().await;
        result
    }

    fn delete_stream(
        &self,
        locations: BoxStream<'static, Result<Path>>,
    ) -> BoxStream<'static, Result<Path>> {
        let weather = self.clone();
        let deletes = locations.then(move |location| {
            let weather = weather.clone();
            async move {
                let location = location?;
                let fault = weather.leave().await;
                if fault.is_none_or(|fault| fault == Fault::Answer) {
                    use object_store::ObjectStoreExt as _;
                    weather.inner.delete(&location).await?;
                }
                if fault.is_some() { Err(failure()) } else { Ok(location) }
            }
        });
        deletes.boxed()
    }

    fn list(&self, prefix: Option<&Path>) -> BoxStream<'static, Result<ObjectMeta>> {
        let (weather, prefix) = (self.clone(), prefix.cloned());
        let listed = async move {
            match weather.leave().await {
                Some(_) => futures_util::stream::once(async { Err(failure()) }).boxed(),
                None => weather.inner.list(prefix.as_ref()),
            }
        };
        futures_util::stream::once(listed).flatten().boxed()
    }

    async fn list_with_delimiter(&self, prefix: Option<&Path>) -> Result<ListResult> {
        if self.leave().await.is_some() {
            return Err(failure());
        }
        self.inner.list_with_delimiter(prefix).await
    }

    async fn copy_opts(&self, from: &Path, _to: &Path, _options: CopyOptions) -> Result<()> {
        panic!("{from} is copied");
    }
}
