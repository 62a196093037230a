//! Questions about single objects, put to the vendor together.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::MutexGuard;
use tokio::sync::oneshot::{Receiver, Sender, channel};

use crate::world::World;

use super::ProviderError;

/// What one of those who asked gets.
type Answer<T> = Result<Option<T>, ProviderError>;

/// For so long the first one that asks waits for company: steps that were answered together go on
/// together, and no vendor answers as fast.
const LINGER: Duration = Duration::from_millis(10);

/// Gathers what several steps ask about single objects. While one request is under way, further
/// questions wait, and the next request puts all of them: fifty steps that watch fifty snapshots cost
/// one request a look, not fifty.
///
/// An answer is never older than its question.
pub struct Gathering<T> {
    world: World,
    turn: tokio::sync::Mutex<()>,
    waiting: Mutex<BTreeMap<String, Vec<Sender<Answer<T>>>>>,
    most: usize,
}

impl<T: Clone> Gathering<T> {
    /// At most `most` objects in one request.
    pub fn new(world: World, most: usize) -> Self {
        let (turn, waiting) = (tokio::sync::Mutex::default(), Mutex::default());
        Self { world, turn, waiting, most: most.max(1) }
    }

    /// What the vendor tells of the object `key`; nothing where its answer leaves it out. `ask` puts
    /// one request about all the keys it is given.
    ///
    /// # Errors
    ///
    /// Those of `ask`, for everyone whose key was in the request.
    pub async fn ask<F>(&self, key: &str, ask: impl Fn(Vec<String>) -> F) -> Answer<T>
    where
        F: Future<Output = Result<BTreeMap<String, T>, ProviderError>>,
    {
        loop {
            let mut answer = self.wait_for(key);
            tokio::select! {
                biased;
                // Whoever asked for us may have been stopped: then the question is put again.
                told = &mut answer => if let Ok(told) = told { return told },
                turn = self.lead() => {
                    // Between two requests every question is either answered or still waiting.
                    if let Ok(told) = answer.try_recv() {
                        return told;
                    }
                    let batch = self.batch(key);
                    let told = ask(batch.keys().cloned().collect()).await;
                    let own = of(&told, key);
                    share(batch, &told);
                    drop(turn);
                    return own;
                }
            }
        }
    }

    /// The right to put the next request, once there was time for company.
    async fn lead(&self) -> MutexGuard<'_, ()> {
        let turn = self.turn.lock().await;
        self.world.clock.sleep(LINGER).await;
        turn
    }

    fn wait_for(&self, key: &str) -> Receiver<Answer<T>> {
        let (sender, receiver) = channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.entry(key.to_owned()).or_default().push(sender);
        receiver
    }

    /// What the next request is about: `key`, and as many others as fit.
    fn batch(&self, key: &str) -> BTreeMap<String, Vec<Sender<Answer<T>>>> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // Those who no longer listen have gone, and need no answer.
        waiting.retain(|_, senders| senders.iter().any(|sender| !sender.is_closed()));
        let mut batch = BTreeMap::from_iter(waiting.remove_entry(key));
        while batch.len() < self.most {
            let Some((other, senders)) = waiting.pop_first() else { break };
            batch.insert(other, senders);
        }
        batch
    }
}

fn of<T: Clone>(told: &Result<BTreeMap<String, T>, ProviderError>, key: &str) -> Answer<T> {
    match told {
        Ok(found) => Ok(found.get(key).cloned()),
        Err(error) => Err(error.clone()),
    }
}

fn share<T: Clone>(
    batch: BTreeMap<String, Vec<Sender<Answer<T>>>>,
    told: &Result<BTreeMap<String, T>, ProviderError>,
) {
    for (key, senders) in batch {
        for sender in senders {
            // Who no longer listens, such as ourselves, has no use for it.
            let _ = sender.send(of(told, &key));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::{ErrorKind, together};

    /// Requests that take a second, told as the keys of each.
    struct Vendor {
        world: World,
        asked: Mutex<Vec<String>>,
    }

    impl Vendor {
        fn new() -> Self {
            let world = World::fixed("2026-01-01T00:00:00Z".parse().unwrap());
            Self { world, asked: Mutex::default() }
        }

        async fn ask(&self, keys: Vec<String>) -> Result<BTreeMap<String, usize>, ProviderError> {
            self.asked.lock().unwrap().push(keys.join(" "));
            self.world.clock.sleep(Duration::from_secs(1)).await;
            if keys.iter().any(|key| key == "bad") {
                return Err(ProviderError::new(ErrorKind::Refused, "ask", "No."));
            }
            let known = keys.into_iter().filter(|key| key != "gone");
            Ok(known.map(|key| (key.clone(), key.len())).collect())
        }

        fn asked(&self) -> Vec<String> {
            std::mem::take(&mut self.asked.lock().unwrap())
        }
    }

    #[tokio::test]
    async fn who_comes_while_a_request_is_under_way_shares_the_next() {
        let vendor = Vendor::new();
        let gathering = Gathering::new(vendor.world.clone(), 3);
        let ask = |key: &'static str| gathering.ask(key, |keys| vendor.ask(keys));
        let keys = ["a", "bb", "gone", "bb", "cc", "dd"];
        let told = together(10, keys.map(ask)).await;
        let told: Vec<_> = told.into_iter().map(Result::unwrap).collect();
        assert_eq!(told, [Some(1), Some(2), None, Some(2), Some(2), Some(2)]);
        assert_eq!(vendor.asked(), ["a bb cc", "dd gone"]);
    }

    #[tokio::test]
    async fn an_error_is_told_to_everyone_in_the_request_and_to_nobody_else() {
        let vendor = Vendor::new();
        let gathering = Gathering::new(vendor.world.clone(), 2);
        let ask = |key: &'static str| gathering.ask(key, |keys| vendor.ask(keys));
        let told = together(10, ["a", "b", "bad", "c"].map(ask)).await;
        assert_eq!(vendor.asked(), ["a b", "bad c"]);
        let failed: Vec<_> = told.iter().map(Result::is_err).collect();
        assert_eq!(failed, [false, false, true, true]);
    }

    #[tokio::test]
    async fn a_question_survives_whoever_was_to_put_it() {
        let vendor = Vendor::new();
        let gathering = Gathering::new(vendor.world.clone(), 10);
        let never = gathering.ask("first", |_| std::future::pending());
        let other = gathering.ask("other", |keys| vendor.ask(keys));
        {
            // The first asks for both and is dropped while it waits.
            let mut never = Box::pin(never);
            let early = gathering.wait_for("other");
            let second = vendor.world.clock.sleep(Duration::from_secs(1));
            tokio::select! {
                _ = &mut never => unreachable!("nobody answers"),
                () = second => drop(never),
            }
            assert!(early.await.is_err());
        }
        assert_eq!(other.await.unwrap(), Some(5));
        assert_eq!(vendor.asked(), ["other"]);
    }
}
