//! Several calls at once, where a vendor has no bulk call.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

/// Runs futures, at most `limit` of them at a time, and gives their results in order.
pub async fn together<F: Future>(
    limit: usize,
    futures: impl IntoIterator<Item = F>,
) -> Vec<F::Output> {
    let mut waiting = futures.into_iter().enumerate();
    let mut running = FuturesUnordered::new();
    let mut done = Vec::new();
    loop {
        let room = limit.max(1) - running.len();
        running.extend(waiting.by_ref().take(room).map(|(index, future)| numbered(index, future)));
        let Some(result) = running.next().await else { break };
        done.push(result);
    }
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, output)| output).collect()
}

async fn numbered<F: Future>(index: usize, future: F) -> (usize, F::Output) {
    (index, future.await)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::world::World;

    #[tokio::test]
    async fn results_come_in_order_and_time_passes_once_for_each_group() {
        let start = "2026-01-01T00:00:00Z".parse().unwrap();
        let world = World::fixed(start);
        let wait = async |seconds: u64| {
            world.clock.sleep(Duration::from_secs(seconds)).await;
            seconds
        };
        assert_eq!(together(2, [30, 10, 20, 5].map(&wait)).await, [30, 10, 20, 5]);
        assert_eq!(world.clock.now().since(start), Duration::from_secs(35));
        assert!(together(2, [0; 0].map(wait)).await.is_empty());
    }
}
