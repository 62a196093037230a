//! Holders whose requests take longer than a lease now and then, whose clocks are worth nothing, and
//! some of whom die.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::super::super::{BackendError, Contents, Hold as _, Replacement};
use super::weather::{Random, Weather};
use super::{backend, holder};

/// What everybody was told.
#[derive(Default)]
struct Told {
    /// Lines whose append succeeded.
    written: BTreeSet<String>,
    takings: usize,
    losses: usize,
}

/// The lines that a state and a journal come to. A state is the lines that were folded into it, and
/// the journal beside it may be the one from before.
fn lines(contents: &Contents) -> Vec<String> {
    let parts = [contents.state.as_deref().unwrap_or_default(), &contents.journal];
    let mut all = Vec::new();
    for part in parts {
        let text = String::from_utf8(part.to_vec()).unwrap();
        let own: BTreeSet<_> = text.lines().collect();
        assert_eq!(own.len(), text.lines().count(), "{text}");
        let fresh = text.lines().filter(|line| !all.iter().any(|known| known == line));
        let fresh: Vec<_> = fresh.map(str::to_owned).collect();
        all.extend(fresh);
    }
    all
}

/// Works until the end: takes the lock, folds what is there, notes lines.
async fn work(name: &str, weather: &Weather, random: &Random, told: &Mutex<Told>) {
    let backend = backend(weather);
    let me = holder(name);
    for round in 0..40 {
        let mut hold = match backend.lock_now(&me).await {
            Ok(hold) => hold,
            Err(BackendError::Locked(_) | BackendError::Lost { .. }) => {
                tokio::time::sleep(Duration::from_secs(random.below(8))).await;
                continue;
            }
            Err(other) => panic!("{other}"),
        };
        if random.below(3) == 0 {
            hold.trust_no_clock();
        } else {
            hold.put_to_sleep();
        }
        told.lock().unwrap().takings += 1;
        let known = told.lock().unwrap().written.clone();
        let done = async {
            let found = hold.read().await?;
            let mut all = lines(&found);
            let unique: BTreeSet<_> = all.iter().cloned().collect();
            assert_eq!(unique.len(), all.len(), "{all:?}");
            assert!(
                known.is_subset(&unique),
                "{name} does not find {:?}",
                known.difference(&unique)
            );
            for step in 0..random.below(6) {
                let line = format!("{name} {round} {step}");
                tokio::time::sleep(Duration::from_secs(random.below(25))).await;
                hold.append(format!("{line}\n").as_bytes()).await?;
                told.lock().unwrap().written.insert(line.clone());
                all.push(line);
                if random.below(3) == 0 {
                    let mut state = all.join("\n").into_bytes();
                    state.push(b'\n');
                    let next = Replacement { state: Some(&state), journal: b"", previous: None };
                    hold.replace(next).await?;
                }
            }
            Ok::<_, BackendError>(())
        };
        match done.await {
            Ok(()) => {}
            Err(BackendError::Lost { .. }) => told.lock().unwrap().losses += 1,
            Err(other) => panic!("{other}"),
        }
        if random.below(3) == 0 {
            drop(hold);
        } else {
            Box::new(hold).release().await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_line_is_lost_or_doubled_however_late_everybody_is() {
    let (mut takings, mut losses) = (0, 0);
    for seed in 0..150 {
        let random = Arc::new(Random::new(seed + 1));
        let weather = Weather::slow(Arc::clone(&random));
        let told = Mutex::new(Told::default());
        tokio::join!(
            work("ann", &weather, &random, &told),
            work("bob", &weather, &random, &told),
            work("eve", &weather, &random, &told),
        );
        let reading = super::super::super::Backend::read(&backend(&weather)).await.unwrap();
        let found: BTreeSet<_> = lines(&reading).into_iter().collect();
        let told = told.into_inner().unwrap();
        assert!(told.written.is_subset(&found), "{seed}");
        takings += told.takings;
        losses += told.losses;
    }
    // Otherwise this has shown nothing.
    assert!(takings > 1_000 && losses > 50, "{takings} {losses}");
}
