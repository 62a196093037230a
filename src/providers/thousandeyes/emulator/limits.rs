//! The organization's limits: requests in a minute, refused credentials, new snapshots.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::sdk::emulator::Stage;
use crate::sdk::http::Response;
use crate::world::Timestamp;

use super::{Version, error};

const LIMITS: &str = "limits";

/// A window that begins with its first event.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Window {
    begin: Timestamp,
    count: u64,
}

impl Window {
    /// The window of that name, a new one where the last has ended.
    fn open(stage: &Stage<'_>, name: &str, length: Duration) -> Self {
        stage
            .store
            .get(LIMITS, name)
            .filter(|window: &Self| window.begin.saturating_add(length) > stage.now)
            .unwrap_or(Self { begin: stage.now, count: 0 })
    }

    fn count(mut self, stage: &mut Stage<'_>, name: &str) {
        self.count += 1;
        stage.store.put(LIMITS, name, &self);
    }
}

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// Counts a request, unless the minute's requests are used up or the sender is blocked.
pub(super) fn admit(stage: &mut Stage<'_>) -> Result<(), Response> {
    let window = Window::open(stage, "requests", MINUTE);
    let used_up = window.count >= stage.knob("rate_limit");
    if !used_up {
        window.count(stage, "requests");
    }
    let refused = Window::open(stage, "refusals", HOUR).count;
    if used_up || refused >= stage.knob("refusal_limit") {
        return Err(error(Version::V6, 429, "Too many requests."));
    }
    Ok(())
}

/// Adds the rate headers that every answer has.
pub(super) fn with_headers(response: Response, stage: &Stage<'_>) -> Response {
    let window = Window::open(stage, "requests", MINUTE);
    let limit = stage.knob("rate_limit");
    let reset = window.begin.saturating_add(MINUTE).epoch_seconds();
    response
        .header("X-Organization-Rate-Limit-Limit", limit.to_string())
        .header(
            "X-Organization-Rate-Limit-Remaining",
            limit.saturating_sub(window.count).to_string(),
        )
        .header("X-Organization-Rate-Limit-Reset", reset.to_string())
}

/// Refuses credentials, and counts it: many refusals block the sender.
pub(super) fn refuse_credentials(version: Version, stage: &mut Stage<'_>) -> Response {
    Window::open(stage, "refusals", HOUR).count(stage, "refusals");
    error(version, 401, "Invalid username or token.")
}

/// Takes a place among the new snapshots of the window, unless all are taken.
pub(super) fn take_create(version: Version, stage: &mut Stage<'_>) -> Result<(), Response> {
    let length = Duration::from_secs(stage.knob("create_quota_seconds"));
    let creates: Vec<Timestamp> = stage.store.get(LIMITS, "creates").unwrap_or_default();
    let mut creates: Vec<_> = creates
        .into_iter()
        .filter(|created_at| created_at.saturating_add(length) > stage.now)
        .collect();
    if creates.len() as u64 >= stage.knob("create_quota") {
        let status = u16::try_from(stage.knob("create_quota_status")).unwrap_or(429);
        return Err(error(version, status, "The limit of new snapshots is reached."));
    }
    creates.push(stage.now);
    stage.store.put(LIMITS, "creates", &creates);
    Ok(())
}
