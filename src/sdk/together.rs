//! Several calls at once, where a vendor has no bulk call.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

/// Runs futures, at most `limit` of them at a time, and gives their results in order.
pub async fn together<F: Future>(
    limit: usize,
    futures: impl IntoIterator<Item = F>,
) -> Vec<F::Output> {
    let mut waiting = futures.into_iter().enumerate();
    let mut running: Vec<(usize, Pin<Box<F>>)> = Vec::new();
    let mut done: Vec<(usize, F::Output)> = Vec::new();
    loop {
        let room = limit.max(1) - running.len();
        running
            .extend(waiting.by_ref().take(room).map(|(index, future)| (index, Box::pin(future))));
        if running.is_empty() {
            break;
        }
        let before = done.len();
        poll_fn(|cx| {
            running.retain_mut(|(index, future)| match future.as_mut().poll(cx) {
                Poll::Ready(output) => {
                    done.push((*index, output));
                    false
                }
                Poll::Pending => true,
            });
            if done.len() > before { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, output)| output).collect()
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
