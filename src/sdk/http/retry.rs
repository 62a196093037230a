//! Whether to ask again: one table.

use std::time::Duration;

use super::{Interruption, Response, TransportError};

/// Whether a request may be repeated without harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Safety {
    /// A second one changes nothing more than the first: reads, deletes, creates with a token.
    Repeatable,
    /// A second one may do its work twice.
    Once,
}

/// What one answer means for repeating.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A definite answer, good or bad: the provider looks at it.
    Definite,
    /// Nothing was executed; ask again, after this time if the vendor said so.
    NotExecuted(Option<Duration>),
    /// It may have been executed.
    Unclear,
}

/// Judges by HTTP status alone: 429 was not executed; 408 and all of 5xx are unclear, also the
/// numbers that only edges in front of a service use, such as 524. Just 501 and 505 say that the
/// request was not understood.
pub fn judge_by_status(response: &Response) -> Verdict {
    match response.status {
        429 => Verdict::NotExecuted(retry_after(response)),
        501 | 505 => Verdict::Definite,
        408 | 500.. => Verdict::Unclear,
        _ => Verdict::Definite,
    }
}

/// The header `Retry-After` in its form with seconds.
fn retry_after(response: &Response) -> Option<Duration> {
    response.header_value("retry-after")?.trim().parse().ok().map(Duration::from_secs)
}

/// How often and how patiently to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// Requests at the most, the first one included.
    pub attempts: u32,
    /// Wait before the second one; each further wait is twice as long.
    pub first_wait: Duration,
    /// Longest wait, also where the vendor asks for more: then the answer is an error.
    pub longest_wait: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            first_wait: Duration::from_secs(1),
            longest_wait: Duration::from_secs(90),
        }
    }
}

/// What to do after one attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// Hand the answer to the provider.
    Answered,
    /// Wait and ask again.
    Again(Duration),
    /// Give up; nothing was executed.
    GiveUp,
    /// Give up; it may have been executed.
    OutcomeUnknown,
}

impl RetryPolicy {
    /// Decides after attempt number `attempt` (from 1).
    pub fn decide(
        &self,
        attempt: u32,
        safety: Safety,
        result: Result<Verdict, &TransportError>,
    ) -> Attempt {
        let wait = self.first_wait.saturating_mul(2_u32.saturating_pow(attempt - 1));
        let again = |wait: Duration, otherwise: Attempt| {
            if attempt < self.attempts && wait <= self.longest_wait {
                Attempt::Again(wait)
            } else {
                otherwise
            }
        };
        match (result, safety) {
            (Ok(Verdict::Definite), _) => Attempt::Answered,
            (Ok(Verdict::NotExecuted(asked)), _) => {
                again(asked.map_or(wait, |asked| asked.max(wait)), Attempt::Answered)
            }
            (Ok(Verdict::Unclear), Safety::Repeatable) => again(wait, Attempt::Answered),
            (Ok(Verdict::Unclear), Safety::Once) => Attempt::OutcomeUnknown,
            (Err(error), _) if error.interruption == Interruption::NotSent => {
                again(wait, Attempt::GiveUp)
            }
            (Err(_), Safety::Repeatable) => again(wait, Attempt::GiveUp),
            (Err(_), Safety::Once) => Attempt::OutcomeUnknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(interruption: Interruption) -> TransportError {
        TransportError { interruption, message: String::new() }
    }

    #[test]
    fn an_edge_that_gave_up_says_nothing_about_what_was_done() {
        for status in [408, 500, 502, 503, 504, 507, 520, 522, 524, 599] {
            assert_eq!(judge_by_status(&Response::new(status)), Verdict::Unclear, "{status}");
        }
        for status in [200, 201, 301, 400, 404, 413, 501, 505] {
            assert_eq!(judge_by_status(&Response::new(status)), Verdict::Definite, "{status}");
        }
    }

    #[test]
    fn the_table() {
        let policy = RetryPolicy::default();
        let second = Duration::from_secs(1);
        let not_sent = broken(Interruption::NotSent);
        let interrupted = broken(Interruption::Interrupted);
        let cases = [
            (Safety::Once, Ok(Verdict::Definite), Attempt::Answered),
            (Safety::Once, Ok(Verdict::NotExecuted(None)), Attempt::Again(second)),
            (Safety::Once, Ok(Verdict::NotExecuted(Some(second * 7))), Attempt::Again(second * 7)),
            (Safety::Once, Ok(Verdict::NotExecuted(Some(second * 7200))), Attempt::Answered),
            (Safety::Repeatable, Ok(Verdict::Unclear), Attempt::Again(second)),
            (Safety::Once, Ok(Verdict::Unclear), Attempt::OutcomeUnknown),
            (Safety::Once, Err(&not_sent), Attempt::Again(second)),
            (Safety::Repeatable, Err(&interrupted), Attempt::Again(second)),
            (Safety::Once, Err(&interrupted), Attempt::OutcomeUnknown),
        ];
        for (safety, result, expected) in cases {
            let described = format!("{safety:?} {result:?}");
            assert_eq!(policy.decide(1, safety, result), expected, "{described}");
        }
        assert_eq!(policy.decide(5, Safety::Once, Err(&not_sent)), Attempt::GiveUp);
    }
}
