//! Gives emulators a world that outlives the process, and a place behind a transport.

use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sdk::http::{Interruption, Request, Response, Transport, TransportError};
use crate::world::faults::{CrashPoint, pass};
use crate::world::{BoxFuture, Timestamp, World};

use super::faults::{self, Fault, SILENCE};
use super::private;
use super::store::Change;
use super::{Emulator, Knob, LATENCY, LedgerEntry, Stage, Store, knobs_of};

/// A world that cannot be opened, with its path.
#[derive(Debug, thiserror::Error)]
#[error("{}: {reason}", path.display())]
pub struct EmulatorError {
    path: PathBuf,
    reason: String,
}

/// What one request did, as one line of a vendor's file: a write that is there or not.
#[derive(Debug, Serialize, Deserialize)]
struct Line {
    time: Timestamp,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    changes: Vec<Change>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    ledger: Vec<LedgerEntry>,
}

struct Resident {
    emulator: Arc<dyn Emulator>,
    knobs: BTreeMap<&'static str, u64>,
    world: Mutex<Kept>,
}

struct Kept {
    store: Store,
    /// Where lines go; `None` keeps the world in memory only.
    file: Option<File>,
    /// The time of the last line.
    noted: Option<Timestamp>,
}

/// How far a world's time may run ahead of the last line before a request that changed nothing is
/// kept for its time alone: who opens the world later must not find it younger than it was seen.
const TIME_STEP: Duration = Duration::from_secs(1);

/// Several emulators with their worlds.
pub struct Host {
    residents: BTreeMap<&'static str, Resident>,
    world: World,
    /// Where the worlds are kept, if they are.
    directory: Option<PathBuf>,
    /// Held as long as the host lives: one process at a time changes a kept world.
    _lock: Option<File>,
}

impl Host {
    /// Emulators whose worlds live as long as the host.
    pub fn in_memory(emulators: Vec<Arc<dyn Emulator>>, world: World) -> Self {
        let residents = emulators.into_iter().map(|emulator| {
            let knobs = defaults(&*emulator);
            let kept = Kept { store: Store::default(), file: None, noted: None };
            (emulator.vendor(), Resident { emulator, knobs, world: Mutex::new(kept) })
        });
        Self { residents: residents.collect(), world, directory: None, _lock: None }
    }

    /// Emulators whose worlds are kept in `directory`, one file per vendor. While another process has
    /// them, calls `waiting` and waits. Then asks `world` for a clock: no earlier than the latest
    /// instant these worlds have seen, which only their holder can know.
    pub fn kept_in(
        directory: &Path,
        emulators: Vec<Arc<dyn Emulator>>,
        waiting: impl FnOnce(),
        world: impl FnOnce(Option<Timestamp>) -> World,
    ) -> Result<Self, EmulatorError> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |error: io::Error| EmulatorError { path, reason: error.to_string() }
        };
        private::folder(directory).map_err(failed(directory))?;
        let lock_path = directory.join("lock");
        let lock = private::options().create(true).write(true).open(&lock_path);
        let lock = lock.map_err(failed(&lock_path))?;
        let locked = match lock.try_lock() {
            Err(TryLockError::WouldBlock) => {
                waiting();
                lock.lock()
            }
            Err(TryLockError::Error(error)) => Err(error),
            Ok(()) => Ok(()),
        };
        locked.map_err(failed(&lock_path))?;
        let kept_knobs = read_knobs(directory).map_err(failed(&knobs_file(directory)))?;
        let mut residents = BTreeMap::new();
        let mut latest = None;
        for emulator in emulators {
            let path = file_of(directory, emulator.vendor());
            let mut store = Store::default();
            let mut noted = None;
            let whole = each_line(&path, |line| {
                noted = noted.max(Some(line.time));
                line.changes.into_iter().for_each(|change| store.replay(change));
            })
            .map_err(failed(&path))?;
            let file = private::options()
                .create(true)
                .append(true)
                .open(&path)
                .and_then(|file| file.set_len(whole).map(|()| file))
                .map_err(failed(&path))?;
            let mut knobs = defaults(&*emulator);
            for (name, value) in &mut knobs {
                let kept = kept_knobs.get(&format!("{}.{name}", emulator.vendor()));
                *value = kept.copied().unwrap_or(*value);
            }
            latest = latest.max(noted);
            let world = Mutex::new(Kept { store, file: Some(file), noted });
            residents.insert(emulator.vendor(), Resident { emulator, knobs, world });
        }
        let world = world(latest);
        Ok(Self { residents, world, directory: Some(directory.to_owned()), _lock: Some(lock) })
    }

    /// Sets a knob, also for those who open this world later. `false` where the vendor has none
    /// of that name.
    pub fn set_knob(&mut self, vendor: &str, name: &str, value: u64) -> io::Result<bool> {
        let knobs = self.residents.get_mut(vendor).map(|resident| &mut resident.knobs);
        let knob = knobs.and_then(|knobs| knobs.iter_mut().find(|(knob, _)| **knob == name));
        let Some((_, held)) = knob else { return Ok(false) };
        *held = value;
        if let Some(directory) = &self.directory {
            let mut kept = read_knobs(directory)?;
            kept.insert(format!("{vendor}.{name}"), value);
            private::write(&knobs_file(directory), &serde_json::to_vec_pretty(&kept)?)?;
        }
        Ok(true)
    }

    /// The value of every knob, as `VENDOR.KNOB`.
    pub fn knobs(&self) -> BTreeMap<String, u64> {
        let knobs = self.residents.iter().flat_map(|(vendor, resident)| {
            resident.knobs.iter().map(move |(name, value)| (format!("{vendor}.{name}"), *value))
        });
        knobs.collect()
    }

    /// The world it was opened with.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The vendors at home here.
    pub fn vendors(&self) -> impl Iterator<Item = &'static str> {
        self.residents.keys().copied()
    }

    /// The emulator of `vendor`.
    pub fn emulator(&self, vendor: &str) -> Option<Arc<dyn Emulator>> {
        self.residents.get(vendor).map(|resident| Arc::clone(&resident.emulator))
    }

    /// Lets a test or a command change a vendor's world directly, and keeps the change.
    pub fn edit(&self, vendor: &str, change: impl FnOnce(&mut Store)) -> io::Result<()> {
        let Some(resident) = self.residents.get(vendor) else { return Ok(()) };
        let mut kept = lock(&resident.world);
        change(&mut kept.store);
        kept.keep(self.world.clock.now(), Vec::new()).map(|_| ())
    }

    /// How much longer than usual an answer of `vendor` takes.
    pub(super) fn latency(&self, vendor: &str) -> Duration {
        let knobs = self.residents.get(vendor).map(|resident| &resident.knobs);
        let milliseconds = knobs.and_then(|knobs| knobs.get(LATENCY.name));
        Duration::from_millis(milliseconds.copied().unwrap_or_default())
    }

    /// What goes wrong with a request to `vendor` at this instant.
    fn fault(&self, vendor: &str, request: &Request) -> Option<Fault> {
        let knobs = &self.residents.get(vendor)?.knobs;
        let knob = |knob: Knob| knobs.get(knob.name).copied().unwrap_or(knob.default);
        let (percent, seed) = (knob(faults::PERCENT), knob(faults::SEED));
        Fault::draw(percent, seed, vendor, request, self.world.clock.now())
    }

    /// How `vendor` refuses a request because there were too many.
    fn throttled(&self, vendor: &str, request: &Request) -> Response {
        let resident = self.residents.get(vendor);
        resident.map_or_else(
            || Response::new(429),
            |resident| resident.emulator.throttled(request, self.world.clock.now()),
        )
    }

    /// Answers a request to `vendor`. What it changed is in the vendor's file before the answer
    /// leaves. Gives also what it added to the ledger.
    pub fn answer(&self, vendor: &str, request: &Request) -> (Response, Vec<LedgerEntry>) {
        let Some(resident) = self.residents.get(vendor) else {
            return (Response::new(502), Vec::new());
        };
        let mut kept = lock(&resident.world);
        let now = self.world.clock.now();
        let mut ledger = Vec::new();
        let response = resident.emulator.answer(
            request,
            &mut Stage {
                store: &mut kept.store,
                now,
                ids: &*self.world.ids,
                ledger: &mut ledger,
                vendor: resident.emulator.vendor(),
                knobs: &resident.knobs,
            },
        );
        match kept.keep(now, ledger) {
            Ok(ledger) => (response, ledger),
            Err(error) => {
                let body = format!("the emulator cannot keep its world: {error}");
                (Response { body: body.into_bytes(), ..Response::new(500) }, Vec::new())
            }
        }
    }
}

impl Kept {
    fn keep(&mut self, time: Timestamp, ledger: Vec<LedgerEntry>) -> io::Result<Vec<LedgerEntry>> {
        let changes = self.store.take_changes();
        let passed = self.noted.is_none_or(|noted| time.since(noted) >= TIME_STEP);
        if let Some(file) = &mut self.file
            && (passed || !(changes.is_empty() && ledger.is_empty()))
        {
            let line = Line { time, changes, ledger };
            let mut text = serde_json::to_vec(&line)?;
            text.push(b'\n');
            file.write_all(&text)?;
            self.noted = self.noted.max(Some(time));
            return Ok(line.ledger);
        }
        Ok(ledger)
    }
}

fn lock(kept: &Mutex<Kept>) -> std::sync::MutexGuard<'_, Kept> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

fn defaults(emulator: &dyn Emulator) -> BTreeMap<&'static str, u64> {
    knobs_of(emulator).into_iter().map(|knob| (knob.name, knob.default)).collect()
}

fn knobs_file(directory: &Path) -> PathBuf {
    directory.join("knobs.json")
}

/// The knobs that were set for the worlds in `directory`, as `VENDOR.KNOB`.
fn read_knobs(directory: &Path) -> io::Result<BTreeMap<String, u64>> {
    match fs::read(knobs_file(directory)) {
        Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(error),
    }
}

fn file_of(directory: &Path, vendor: &str) -> PathBuf {
    directory.join(format!("{vendor}.jsonl"))
}

/// Hands every whole line to `take` and gives the length of the whole lines in bytes: what comes
/// after it was torn by a death and is not part of the world.
fn each_line(path: &Path, mut take: impl FnMut(Line)) -> io::Result<u64> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut reader = BufReader::new(file);
    let mut text = Vec::new();
    let mut whole = 0;
    loop {
        text.clear();
        let length = reader.read_until(b'\n', &mut text)?;
        if length == 0 || text.last() != Some(&b'\n') {
            return Ok(whole);
        }
        take(serde_json::from_slice(&text)?);
        whole += length as u64;
    }
}

/// Everything that happened in the worlds kept in `directory`, in order of time.
pub fn read_ledger(directory: &Path) -> Result<Vec<LedgerEntry>, EmulatorError> {
    let failed =
        |error: io::Error| EmulatorError { path: directory.to_owned(), reason: error.to_string() };
    let mut entries = Vec::new();
    let files = match fs::read_dir(directory) {
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(entries),
        Err(error) => return Err(failed(error)),
    };
    let mut paths = files
        .map(|file| file.map(|file| file.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(failed)?;
    paths.sort();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "jsonl")) {
        each_line(path, |line| entries.extend(line.ledger)).map_err(failed)?;
    }
    entries.sort_by_key(|entry| entry.time);
    Ok(entries)
}

/// The transport that leads to a host: `http://VENDOR.emulator/…`.
pub struct InProcess {
    host: Arc<Host>,
    latency: Duration,
}

impl InProcess {
    /// How long a request takes on the rehearsal's clock.
    const LATENCY: Duration = Duration::from_millis(20);

    /// A transport to the vendors of `host`.
    pub fn new(host: Arc<Host>) -> Self {
        Self { host, latency: Self::LATENCY }
    }

    /// The base address of a vendor on this transport.
    pub fn base_url(vendor: &str) -> String {
        format!("http://{vendor}.emulator")
    }
}

impl Transport for InProcess {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let target = request.url.host_str().and_then(|host| host.strip_suffix(".emulator"));
            let latency =
                self.latency + target.map_or(Duration::ZERO, |name| self.host.latency(name));
            self.host.world.clock.sleep(latency / 2).await;
            let Some(vendor) = target else {
                return Err(TransportError {
                    interruption: Interruption::NotSent,
                    message: format!(
                        "`{}` is not an emulated vendor, and nothing else is reached while emulating",
                        request.url.host_str().unwrap_or_default()
                    ),
                });
            };
            pass(CrashPoint::Send);
            let fault = self.host.fault(vendor, &request);
            let is_done = fault.is_none_or(Fault::is_after);
            let response =
                if is_done { self.host.answer(vendor, &request).0 } else { Response::new(0) };
            pass(CrashPoint::Receive);
            self.host.world.clock.sleep(latency / 2).await;
            let Some(fault) = fault else { return Ok(response) };
            if fault == Fault::TimeoutAfter {
                self.host.world.clock.sleep(SILENCE).await;
            }
            fault.spoil(response, || self.host.throttled(vendor, &request))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::emulator::LedgerOperation;
    use crate::sdk::http::Method;
    use crate::world::VirtualClock;

    struct Counter;

    impl Emulator for Counter {
        fn vendor(&self) -> &'static str {
            "counter"
        }

        fn answer(&self, _: &Request, stage: &mut Stage<'_>) -> Response {
            let id = stage.store.count_up("ids").to_string();
            stage.record(LedgerEntry::new(LedgerOperation::Create, &id, "source"));
            Response::json(200, &id)
        }

        fn settings(&self, _: &str) -> Vec<(&'static str, Option<String>)> {
            Vec::new()
        }
    }

    struct Idle;

    impl Emulator for Idle {
        fn vendor(&self) -> &'static str {
            "idle"
        }

        fn answer(&self, _: &Request, _: &mut Stage<'_>) -> Response {
            Response::new(204)
        }

        fn settings(&self, _: &str) -> Vec<(&'static str, Option<String>)> {
            Vec::new()
        }
    }

    #[test]
    fn a_world_outlives_its_process_and_a_torn_line_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let request = Request::new(Method::Get, "http://counter.emulator/").unwrap();
        let open = || {
            let world = |latest: Option<Timestamp>| World::fixed(latest.unwrap_or(start));
            Host::kept_in(directory.path(), vec![Arc::new(Counter)], || {}, world).unwrap()
        };
        let first = open();
        first.answer("counter", &request);
        first.answer("counter", &request);
        drop(first);
        let path = file_of(directory.path(), "counter");
        let mut file = private::options().append(true).open(&path).unwrap();
        file.write_all(b"{\"time\":\"20").unwrap();
        let (response, _) = open().answer("counter", &request);
        assert_eq!(response.body, b"\"3\"");
        let ledger = read_ledger(directory.path()).unwrap();
        assert_eq!(ledger.iter().map(|entry| &*entry.id).collect::<Vec<_>>(), ["1", "2", "3"]);
        assert_eq!(open().world().clock.now(), start);
    }

    #[test]
    fn whoever_waits_for_a_world_is_told() {
        let directory = tempfile::tempdir().unwrap();
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let open = |waiting: &mut dyn FnMut()| {
            let emulators: Vec<Arc<dyn Emulator>> = vec![Arc::new(Idle)];
            Host::kept_in(directory.path(), emulators, waiting, |_| World::fixed(start)).unwrap()
        };
        let mut first = Some(open(&mut || panic!("nobody has it")));
        let mut told = 0;
        open(&mut || {
            told += 1;
            first = None;
        });
        assert_eq!(told, 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_kept_world_is_private() {
        use std::os::unix::fs::PermissionsExt as _;
        let outer = tempfile::tempdir().unwrap();
        let directory = outer.path().join("kept");
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let emulators: Vec<Arc<dyn Emulator>> = vec![Arc::new(Idle)];
        drop(Host::kept_in(&directory, emulators, || {}, |_| World::fixed(start)).unwrap());
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&directory), 0o700);
        for file in fs::read_dir(&directory).unwrap() {
            assert_eq!(mode(&file.unwrap().path()), 0o600);
        }
    }

    #[test]
    fn time_that_passed_while_nothing_changed_is_kept() {
        let directory = tempfile::tempdir().unwrap();
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let clock = Arc::new(VirtualClock::starting_at(start));
        let world = World { clock: Arc::clone(&clock) as _, ..World::fixed(start) };
        let emulators = || -> Vec<Arc<dyn Emulator>> { vec![Arc::new(Idle)] };
        let host = Host::kept_in(directory.path(), emulators(), || {}, |_| world).unwrap();
        let request = Request::new(Method::Get, "http://idle.emulator/").unwrap();
        for _ in 0..5 {
            host.answer("idle", &request);
            clock.advance(Duration::from_secs(20));
        }
        drop(host);
        let again = |latest: Option<Timestamp>| World::fixed(latest.unwrap());
        let host = Host::kept_in(directory.path(), emulators(), || {}, again).unwrap();
        assert_eq!(host.world().clock.now(), start.saturating_add(Duration::from_secs(80)));
    }
}
