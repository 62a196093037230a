//! Machines that fall asleep between any two requests, and wake when somebody else has taken over.

use std::time::Duration;

use tokio::time::Instant;

use super::super::super::{Backend as _, BackendError, Contents, Hold, lock_within};
use super::super::hold::ObjectHold;
use super::weather::Weather;
use super::{backend, contents, holder, next};

/// For how long a machine sleeps: long enough for others to take over and to work.
const SLEEP: Duration = Duration::from_secs(120);

/// What somebody is doing when their machine falls asleep.
#[derive(Clone, Copy, Debug)]
enum Doing {
    Appending,
    Replacing,
    GivingBack,
    Taking,
}

/// What the next holder does until it wakes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Meanwhile {
    Looking,
    Appending,
    Replacing,
    GivingBack,
}

/// Whether what was done when the machine fell asleep was done in the end.
async fn is_done(doing: Doing, weather: &Weather, hold: Option<ObjectHold>) -> bool {
    let done = match (doing, hold) {
        (Doing::Appending, Some(mut hold)) => hold.append(b"late\n").await,
        (Doing::Replacing, Some(mut hold)) => hold.replace(next("late", "begun\n")).await,
        (Doing::GivingBack, Some(hold)) => {
            Box::new(hold).release().await;
            return false;
        }
        (_, _) => match take(weather, "eve").await {
            Ok(mut hold) => {
                hold.trust_no_clock();
                hold.append(b"eve\n").await
            }
            Err(error) => Err(error),
        },
    };
    match done {
        Ok(()) => true,
        Err(BackendError::Lost { .. } | BackendError::Locked(_)) => false,
        Err(other) => panic!("{other}"),
    }
}

async fn take(weather: &Weather, name: &str) -> Result<ObjectHold, BackendError> {
    let (backend, holder) = (backend(weather), holder(name));
    let begun = Instant::now();
    loop {
        match backend.lock_now(&holder).await {
            Err(BackendError::Locked(_)) if begun.elapsed() < SLEEP => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            result => return result,
        }
    }
}

/// What the next holder finds and what it leaves, before the other one wakes.
async fn meanwhile(what: Meanwhile, weather: &Weather) -> (Box<dyn Hold>, Contents, Contents) {
    tokio::time::sleep(Duration::from_secs(1)).await;
    let backend = backend(weather);
    let mut hold = lock_within(&backend, &holder("bob"), SLEEP).await.unwrap();
    let found = hold.read().await.unwrap();
    let mut left = found.clone();
    if what >= Meanwhile::Appending {
        hold.append(b"bob\n").await.unwrap();
        left.journal.extend_from_slice(b"bob\n");
    }
    if what >= Meanwhile::Replacing {
        hold.replace(next("bob", "base\n")).await.unwrap();
        left = contents(Some("bob"), "base\n");
    }
    if what >= Meanwhile::GivingBack {
        hold.release().await;
        hold = backend.lock(&holder("bob")).await.unwrap();
    }
    (hold, found, left)
}

/// One machine falls asleep after so many requests. Tells whether it had got as far as that.
async fn one_sleeps(doing: Doing, what: Meanwhile, has_state: bool, after: u64) -> bool {
    let case = format!("{doing:?} {what:?} {has_state} {after}");
    let weather = Weather::calm();
    let mut hold = backend(&weather).lock_now(&holder("ann")).await.unwrap();
    if has_state {
        hold.replace(next("old", "base\n")).await.unwrap();
    }
    hold.append(b"one\n").await.unwrap();
    hold.put_to_sleep();
    let is_taking = matches!(doing, Doing::Taking);
    let sleeper = if is_taking { weather.elsewhere() } else { weather.clone() };
    let hold = if is_taking { None } else { Some(hold) };
    if is_taking {
        // By then `eve` has asked for the lock often enough.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let before = sleeper.requests();
    let wakes = Instant::now() + SLEEP;
    sleeper.freeze(if is_taking { 150 + after } else { after }, wakes);
    let other = weather.elsewhere();
    let (is_done, (mut hold, found, left)) =
        tokio::join!(is_done(doing, &sleeper, hold), meanwhile(what, &other));
    if is_done {
        let is_found = match doing {
            Doing::Appending => found.journal.ends_with(b"late\n"),
            Doing::Taking => found.journal.ends_with(b"eve\n"),
            _ => found == contents(Some("late"), "begun\n"),
        };
        assert!(is_found, "{case}: {found:?}");
    }
    tokio::time::sleep(2 * SLEEP).await;
    assert_eq!(hold.read().await, Ok(left.clone()), "{case}");
    hold.append(b"goes on\n").await.unwrap();
    hold.replace(next("last", "")).await.unwrap();
    hold.release().await;
    assert_eq!(backend(&other).read().await, Ok(contents(Some("last"), "")), "{case}");
    sleeper.requests() - before > after
}

#[tokio::test(start_paused = true)]
async fn whoever_sleeps_between_two_requests_changes_nothing_when_they_wake() {
    use Meanwhile::{Appending, GivingBack, Looking, Replacing};
    for doing in [Doing::Appending, Doing::Replacing, Doing::GivingBack] {
        for what in [Looking, Appending, Replacing, GivingBack] {
            for has_state in [false, true] {
                let mut after = 0;
                while one_sleeps(doing, what, has_state, after).await {
                    after += 1;
                }
                assert!(after > 0, "{doing:?} makes no requests");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_sleeps_while_taking_over_is_taken_over_from() {
    use Meanwhile::{Appending, GivingBack, Looking, Replacing};
    for what in [Looking, Appending, Replacing, GivingBack] {
        for has_state in [false, true] {
            // The lease is out after 150 looks; the writes of a takeover are among the next ones.
            for after in 0..30 {
                one_sleeps(Doing::Taking, what, has_state, after).await;
            }
        }
    }
}
