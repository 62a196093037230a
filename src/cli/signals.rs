//! Interrupts: the first one ends the run in good order, the second one at once.

use std::sync::Arc;

use anyhow::anyhow;

use crate::view::Terminal;
use crate::world::Cancel;

/// Does `work`. At the first interrupt nothing new is started and what runs is waited for; at the
/// second one the work is dropped: what is not finished is in the journal.
pub(super) async fn with_interrupts<T>(
    work: impl Future<Output = T>,
    cancel: &Cancel,
    terminal: &Arc<Terminal>,
) -> anyhow::Result<T> {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        biased;
        done = &mut work => return Ok(done),
        () = interrupt() => {}
    }
    cancel.request();
    terminal.problem("\nInterrupted: no further step is started, and those under way are waited for. Interrupt again to leave at once.");
    tokio::select! {
        biased;
        done = &mut work => Ok(done),
        () = interrupt() => Err(anyhow!(
            "left at once; calls that were under way are in the journal, and the next command looks after them"
        )),
    }
}

/// Waits for an interrupt.
#[cfg(unix)]
pub(super) async fn interrupt() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else {
        return std::future::pending().await;
    };
    tokio::select! {
        result = tokio::signal::ctrl_c() => {
            if result.is_err() {
                std::future::pending::<()>().await;
            }
        }
        _ = terminate.recv() => {}
    }
}

/// Waits for an interrupt.
#[cfg(not(unix))]
pub(super) async fn interrupt() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
