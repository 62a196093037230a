//! Deaths and failures between any two requests.

use std::time::Duration;

use super::super::super::{Backend as _, Contents, Hold as _, lock_within};
use super::super::hold::ObjectHold;
use super::weather::{Fault, Weather};
use super::{backend, contents, holder, next};

const FAULTS: [Fault; 3] = [Fault::Request, Fault::Answer, Fault::Late];

/// A hold on a state `old` with the journal `base`, `one`.
async fn begun(weather: &Weather) -> ObjectHold {
    let mut hold = backend(weather).lock_now(&holder("ann")).await.unwrap();
    hold.replace(next("old", "base\n")).await.unwrap();
    hold.append(b"one\n").await.unwrap();
    hold.read().await.unwrap();
    hold
}

/// What the next one finds, who goes on working.
async fn found_after_death(weather: &Weather) -> Contents {
    let backend = backend(weather);
    let patience = Duration::from_secs(60);
    let mut hold = lock_within(&backend, &holder("bob"), patience).await.unwrap();
    weather.deliver().await;
    let found = hold.read().await.unwrap();
    hold.append(b"more\n").await.unwrap();
    let mut expected = found.clone();
    expected.journal.extend_from_slice(b"more\n");
    assert_eq!(hold.read().await, Ok(expected));
    hold.replace(next("last", "base\n")).await.unwrap();
    hold.release().await;
    assert_eq!(backend.read().await, Ok(contents(Some("last"), "base\n")));
    found
}

#[tokio::test(start_paused = true)]
async fn a_death_while_replacing_leaves_old_or_new_and_no_line_is_lost() {
    let old_and_old = contents(Some("old"), "base\none\n");
    let new_and_old = contents(Some("new"), "base\none\n");
    let new_and_new = contents(Some("new"), "begun\n");
    for fault in FAULTS {
        let mut seen = Vec::new();
        for after in 0.. {
            let weather = Weather::calm();
            let mut hold = begun(&weather).await;
            let before = weather.requests();
            weather.storm(fault, after, u64::MAX);
            let replaced = hold.replace(next("new", "begun\n")).await;
            let needed = weather.requests() - before;
            drop(hold);
            weather.clear_up();
            let found = found_after_death(&weather).await;
            assert!(
                [&old_and_old, &new_and_old, &new_and_new].contains(&&found),
                "{fault:?} {after}: {found:?}"
            );
            if replaced.is_ok() {
                assert_eq!(found, new_and_new, "{fault:?} {after}");
            }
            seen.push(found);
            if needed <= after {
                break;
            }
        }
        // The storm passed over every request of it.
        assert!(seen.len() > 4, "{seen:?}");
        for expected in [&old_and_old, &new_and_old, &new_and_new] {
            assert!(seen.contains(expected), "{fault:?}: {seen:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_death_while_appending_or_giving_back_loses_no_line() {
    for fault in FAULTS {
        for after in 0..30 {
            let weather = Weather::calm();
            let mut hold = begun(&weather).await;
            weather.storm(fault, after, u64::MAX);
            let appended = hold.append(b"two\n").await;
            Box::new(hold).release().await;
            weather.clear_up();
            let found = found_after_death(&weather).await;
            let (without, with) = (b"base\none\n".to_vec(), b"base\none\ntwo\n".to_vec());
            if appended.is_ok() {
                assert_eq!(found.journal, with, "{fault:?} {after}");
            } else {
                assert!([without, with].contains(&found.journal), "{fault:?} {after}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_failed_is_not_there_for_whoever_goes_on() {
    for fault in FAULTS {
        for length in 1..8 {
            for after in 0..6 {
                let case = format!("{fault:?} {length} {after}");
                let weather = Weather::calm();
                let mut hold = begun(&weather).await;
                let mut expected = contents(Some("old"), "base\none\n");
                weather.storm(fault, after, length);
                for line in ["two\n", "three\n", "four\n"] {
                    if hold.append(line.as_bytes()).await.is_ok() {
                        expected.journal.extend_from_slice(line.as_bytes());
                    }
                }
                weather.clear_up();
                if hold.append(b"five\n").await.is_ok() {
                    expected.journal.extend_from_slice(b"five\n");
                }
                weather.deliver().await;
                assert_eq!(hold.read().await, Ok(expected.clone()), "{case}");
                hold.append(b"six\n").await.unwrap();
                expected.journal.extend_from_slice(b"six\n");
                assert_eq!(hold.read().await, Ok(expected), "{case}");
                hold.replace(next("new", "")).await.unwrap();
                Box::new(hold).release().await;
                assert_eq!(backend(&weather).read().await, Ok(contents(Some("new"), "")), "{case}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_could_not_be_begun_is_gone_on_with() {
    for fault in FAULTS {
        for length in 1..8 {
            for after in 0..8 {
                for again in 0..6 {
                    goes_on_after(fault, length, after, again).await;
                }
            }
        }
    }
}

/// Fails while a journal is begun, and once more while that is settled.
async fn goes_on_after(fault: Fault, length: u64, after: u64, again: u64) {
    let case = format!("{fault:?} {length} {after} {again}");
    let weather = Weather::calm();
    let mut hold = begun(&weather).await;
    weather.storm(fault, after, length);
    let is_replaced = hold.replace(next("new", "begun\n")).await.is_ok();
    weather.storm(fault, again, 2);
    let is_appended = hold.append(b"more\n").await.is_ok();
    weather.clear_up();
    hold.append(b"two\n").await.unwrap_or_else(|error| panic!("{case}: {error}"));
    weather.deliver().await;
    let found = hold.read().await.unwrap();
    let begin = if is_replaced { "begun\n" } else { "base\none\n" };
    let more = if is_appended { "more\n" } else { "" };
    let journal = format!("{begin}{more}two\n");
    let states = if is_replaced { &["new"][..] } else { &["old", "new"][..] };
    let mut expected = states.iter().map(|state| contents(Some(state), &journal));
    assert!(expected.any(|expected| expected == found), "{case}: {found:?}");
    hold.replace(next("last", "")).await.unwrap();
    Box::new(hold).release().await;
    assert_eq!(backend(&weather).read().await, Ok(contents(Some("last"), "")), "{case}");
}

#[tokio::test(start_paused = true)]
async fn a_death_while_taking_the_lock_is_no_obstacle() {
    for fault in FAULTS {
        for after in 0..20 {
            let weather = Weather::calm();
            drop(begun(&weather).await);
            let other = backend(&weather);
            let patience = Duration::from_secs(40);
            // Somebody dies while they take over from the dead.
            assert!(other.lock(&holder("eve")).await.is_err());
            tokio::time::sleep(patience).await;
            weather.storm(fault, after, u64::MAX);
            drop(other.lock(&holder("eve")).await);
            weather.clear_up();
            let found = found_after_death(&weather).await;
            assert_eq!(found, contents(Some("old"), "base\none\n"), "{fault:?} {after}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn old_segments_are_cleared_away_even_after_a_death() {
    let weather = Weather::calm();
    let mut hold = begun(&weather).await;
    let requests = weather.requests();
    let mut probe = begun(&Weather::calm()).await;
    probe.replace(next("new", "")).await.unwrap();
    // The deletes are the last requests.
    weather.storm(Fault::Request, 4, u64::MAX);
    hold.replace(next("new", "")).await.unwrap();
    assert!(weather.requests() > requests + 4, "nothing was to be cleared away");
    drop(hold);
    weather.clear_up();
    let segments = async || {
        let names = weather.names().await;
        names.iter().filter(|name| name.ends_with("0000000000")).count()
    };
    assert_eq!(segments().await, 1);
    found_after_death(&weather).await;
    assert_eq!(segments().await, 0, "{:?}", weather.names().await);
}
