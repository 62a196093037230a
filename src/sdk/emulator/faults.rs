//! What goes wrong between us and a vendor: drawn by lot, the same for the same seed.

use std::time::Duration;

use crate::sdk::auth::sha256_hex;
use crate::sdk::http::{Interruption, Request, Response, TransportError};
use crate::world::Timestamp;

use super::Knob;

/// How often anything goes wrong, in percent of all requests.
pub(super) const PERCENT: Knob = Knob {
    name: "fault_percent",
    default: 0,
    description: "How many of 100 requests go wrong on their way or back: no connection, connections \
                  that break before or after the work was done, answers that come too late or are cut \
                  off, refusals for too many requests, errors 500 to 504. In rehearsals only.",
};

/// What the lots depend on besides the request and its instant.
pub(super) const SEED: Knob = Knob {
    name: "fault_seed",
    default: 1,
    description: "Which requests go wrong, where some do: another number, other requests.",
};

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is no connection.
    Refused,
    /// The connection breaks before anything was done.
    ResetBefore,
    /// The connection breaks after the work was done.
    ResetAfter,
    /// The work was done, and the answer does not come.
    TimeoutAfter,
    /// There were too many requests.
    Throttled,
    /// Somebody in front of the vendor answers with this status, and nothing was done.
    ErrorBefore(u16),
    /// Somebody in front of the vendor answers with this status after the work was done.
    ErrorAfter(u16),
    /// The second half of the answer is missing.
    Truncated,
}

/// How long a client waits for an answer that does not come.
pub(super) const SILENCE: Duration = Duration::from_secs(60);

impl Fault {
    const ALL: [Self; 13] = [
        Self::Refused,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::TimeoutAfter,
        Self::Throttled,
        Self::ErrorBefore(500),
        Self::ErrorBefore(502),
        Self::ErrorBefore(503),
        Self::ErrorBefore(504),
        Self::ErrorAfter(500),
        Self::ErrorAfter(502),
        Self::ErrorAfter(504),
        Self::Truncated,
    ];

    /// The fault of this request, if it draws one: the same for the same request at the same
    /// instant, so that a rehearsal can be repeated.
    pub(super) fn draw(
        percent: u64,
        seed: u64,
        vendor: &str,
        request: &Request,
        now: Timestamp,
    ) -> Option<Self> {
        if percent == 0 {
            return None;
        }
        let body = sha256_hex(&request.body);
        let lot = format!("{seed} {vendor} {now} {:?} {} {body}", request.method, request.url);
        let digits = sha256_hex(lot.as_bytes());
        let number = |range: std::ops::Range<usize>| {
            digits.get(range).and_then(|digits| u64::from_str_radix(digits, 16).ok())
        };
        let (hit, which) = (number(0..12)?, number(12..24)?);
        let which = usize::try_from(which).ok()? % Self::ALL.len();
        (hit % 100 < percent).then(|| Self::ALL.get(which).copied()).flatten()
    }

    /// Whether the vendor does its work all the same.
    pub(super) fn is_after(self) -> bool {
        matches!(
            self,
            Self::ResetAfter | Self::TimeoutAfter | Self::ErrorAfter(_) | Self::Truncated
        )
    }

    /// What comes back in place of `answer`; `throttled` is the vendor's refusal of too many
    /// requests.
    pub(super) fn spoil(
        self,
        answer: Response,
        throttled: impl FnOnce() -> Response,
    ) -> Result<Response, TransportError> {
        let broken = |interruption, message: &str| {
            Err(TransportError { interruption, message: message.to_owned() })
        };
        match self {
            Self::Refused => broken(Interruption::NotSent, "the connection was refused"),
            Self::ResetBefore | Self::ResetAfter => {
                broken(Interruption::Interrupted, "the connection was reset")
            }
            Self::TimeoutAfter => broken(Interruption::Interrupted, "no answer came within 60 s"),
            Self::Throttled => Ok(throttled()),
            Self::ErrorBefore(status) | Self::ErrorAfter(status) => {
                let body = format!("<html><h1>{status}</h1></html>");
                Ok(Response { body: body.into_bytes(), ..Response::new(status) })
            }
            Self::Truncated => {
                // An HTTP client that was promised more bytes than came finds the connection broken.
                if answer.body.is_empty() {
                    return Ok(answer);
                }
                broken(Interruption::Interrupted, "the answer was cut off")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::http::Method;

    #[test]
    fn as_many_requests_go_wrong_as_asked_for_and_in_every_way() {
        let mut drawn = Vec::new();
        for index in 0..4000 {
            let request =
                Request::new(Method::Get, &format!("http://ctl.emulator/{index}")).unwrap();
            drawn.extend(Fault::draw(10, 7, "ctl", &request, Timestamp::EPOCH));
            assert_eq!(Fault::draw(0, 7, "ctl", &request, Timestamp::EPOCH), None);
        }
        assert!((300..500).contains(&drawn.len()), "{}", drawn.len());
        for fault in Fault::ALL {
            assert!(drawn.contains(&fault), "{fault:?}");
        }
    }
}
