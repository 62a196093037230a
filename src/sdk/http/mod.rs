//! Requests and answers: a transport that can be exchanged, retries by one table, polling.
//!
//! In: requests that providers build. Out: answers, or typed errors without secrets. The only home
//! of the HTTP library; it knows no vendor.

mod client;
mod gate;
mod log;
mod message;
mod network;
mod poll;
mod proxies;
mod retry;
mod transport;

pub use client::{Call, Client};
pub use gate::Gate;
pub use message::{Method, Request, Response, form_encode, percent_encode};
pub use network::{Network, Trust};
pub use poll::Poll;
pub use reqwest::Url;
pub use retry::{Attempt, RetryPolicy, Safety, Verdict, judge_by_status};
pub use transport::{Interruption, Transport, TransportError};
