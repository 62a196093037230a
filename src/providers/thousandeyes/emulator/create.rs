//! Making a snapshot.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::sdk::emulator::Stage;
use crate::sdk::http::{Request, Response};
use crate::world::Timestamp;

use super::super::range::HOURS;
use super::listing::{Record, V6_DATE, end_of_life, is_source, keep};
use super::{USER_ID, Version, error, limits};

/// Numbers of new tests and letters of links begin where the vendor's example has them.
const FIRST_TEST: u64 = 58856;
const FIRST_LINK: u64 = 10_111_610;
const LINKS: u64 = 26_u64.pow(5);

struct Wanted {
    test_id: u64,
    display_name: String,
    from: Timestamp,
    to: Timestamp,
    public: bool,
}

/// Answers a v6 create.
pub(super) fn v6(request: &Request, stage: &mut Stage<'_>) -> Response {
    let version = Version::V6;
    let Ok(body) = request.json_body::<Json>() else {
        return error(version, 400, "The body is no JSON.");
    };
    let public = match &body["isPublic"] {
        Json::Null => Some(false),
        other => whole(other).filter(|number| *number < 2).map(|number| number == 1),
    };
    let wanted = || {
        Some(Wanted {
            test_id: whole(&body["testId"])?,
            display_name: title(&body["displayName"])?,
            from: date(&body["from"])?,
            to: date(&body["to"])?,
            public: public?,
        })
    };
    match wanted() {
        Some(wanted) => make(version, &wanted, stage),
        None => error(
            version,
            400,
            "testId, displayName, from and to are required; isPublic is 0 or 1.",
        ),
    }
}

/// Answers a v7 create.
pub(super) fn v7(request: &Request, test_id: &str, stage: &mut Stage<'_>) -> Response {
    let version = Version::V7;
    let saves = stage.knob("v7_public_saves") == 1;
    let Ok(body) = request.json_body::<Json>() else {
        return error(version, 400, "The body is no JSON.");
    };
    let wanted = || {
        Some(Wanted {
            test_id: test_id.parse().ok()?,
            display_name: title(&body["displayName"])?,
            from: instant(&body["startDate"])?,
            to: instant(&body["endDate"])?,
            // The vendor's page and the field's name contradict each other.
            public: body["isPublic"].as_bool().unwrap_or(saves) != saves,
        })
    };
    match wanted() {
        Some(wanted) => make(version, &wanted, stage),
        None => error(version, 400, "displayName, startDate and endDate are required."),
    }
}

/// A whole number, also as a text.
fn whole(json: &Json) -> Option<u64> {
    match json {
        Json::Number(number) => number.as_u64(),
        Json::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn title(json: &Json) -> Option<String> {
    json.as_str().filter(|title| !title.trim().is_empty()).map(str::to_owned)
}

/// A date and time without a zone, with `T` or a blank.
fn date(json: &Json) -> Option<Timestamp> {
    let text = json.as_str()?;
    let patterns = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"];
    patterns.iter().find_map(|pattern| Timestamp::parse_utc(pattern, text).ok())
}

fn instant(json: &Json) -> Option<Timestamp> {
    json.as_str()?.parse().ok()
}

/// Five lower-case letters that differ for each number.
fn link_id(number: u64) -> String {
    // A step without a common factor with 26 visits all of them, and neighbours look unlike.
    let mut rest = (FIRST_LINK + (number - 1) * 7_368_787) % LINKS;
    let mut letters = [b'a'; 5];
    for letter in letters.iter_mut().rev() {
        *letter += u8::try_from(rest % 26).unwrap_or_default();
        rest /= 26;
    }
    letters.iter().copied().map(char::from).collect()
}

fn make(version: Version, wanted: &Wanted, stage: &mut Stage<'_>) -> Response {
    if stage.knob("may_create") == 0 {
        return error(version, 403, "Create snapshot shares: this permission is missing.");
    }
    let seconds = wanted.to.epoch_seconds() - wanted.from.epoch_seconds();
    if !HOURS.iter().any(|hours| hours * 3600 == seconds) {
        let text = "The time range must be one of 1, 2, 4, 6, 12, 24, 48 hours.";
        return error(version, 400, text);
    }
    if wanted.to > stage.now {
        return error(version, 400, "The end of the time range lies in the future.");
    }
    if !is_source(stage, wanted.test_id) {
        return error(version, 400, "There is no such test, or it cannot be shared.");
    }
    if wanted.public && stage.knob("may_share") == 0 {
        return error(version, 403, "Public snapshots are switched off.");
    }
    if let Err(refusal) = limits::take_create(version, stage) {
        return refusal;
    }
    let number = stage.store.count_up("snapshots");
    let lag = Duration::from_secs(stage.knob("list_lag_seconds"));
    let record = Record {
        test_id: FIRST_TEST + number - 1,
        source_test_id: wanted.test_id,
        display_name: wanted.display_name.clone(),
        public: wanted.public,
        shared_at: stage.now,
        listed_at: stage.now.saturating_add(lag),
        expires_at: end_of_life(stage),
    };
    keep(stage, &record);
    let link_id = link_id(number);
    let view_url = format!("https://{link_id}.share.thousandeyes.com/view/tests/");
    let (begin, end) = (wanted.from.epoch_seconds(), wanted.to.epoch_seconds());
    let body = match version {
        Version::V6 => json!({ "link": {
            "displayName": record.display_name, "endRoundId": end, "extraParams": "",
            "linkId": link_id, "roundId": begin, "shareDate": stage.now.format(V6_DATE),
            "sourceTestId": record.source_test_id, "startRoundId": begin,
            "testId": record.test_id, "uid": USER_ID, "viewUrl": view_url,
        }, "test": [] }),
        Version::V7 => json!({
            "displayName": record.display_name, "endRoundId": end, "extraParams": "",
            "id": link_id, "roundId": begin, "shareDate": stage.now.whole_seconds().to_string(),
            "sourceTestId": record.source_test_id.to_string(), "startRoundId": begin,
            "testId": record.test_id.to_string(), "uid": USER_ID.to_string(),
            "test": { "testId": record.test_id.to_string(), "savedEvent": !record.public },
            "_links": {
                "appLink": { "href": view_url },
                "self": { "href": format!("https://api.thousandeyes.com/v7/tests/{}", record.test_id) },
            },
        }),
    };
    Response::json(201, &body)
}
