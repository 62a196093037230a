//! Lists, read page by page to an end that is sure to come.
//!
//! Nova cuts its lists without a word, so they are read until a page is empty or shorter than one
//! before. Cinder names the next page in a link, of which only the query counts: its host may be the
//! server's inner name.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::sdk::http::{Method, Request, Response, Safety, Url};
use crate::sdk::{ErrorKind, MOST_RECORDS, ProviderError};
use crate::world::Timestamp;

use super::client::{Api, Cloud, Region};
use super::wire::{Limits, Link, Listed, MessagePage, Page, Quotas, WireSnapshot, WireVolume};

/// Page size; the server's own maximum may be smaller.
const PAGE: &str = "1000";
/// Size of the first page where the newest few are wanted.
const SHORT_PAGE: &str = "100";
/// Pages in a row without anything new after which a list is taken to go round in circles. One or
/// two are possible where much is made while a list is read.
const MOST_STALE: usize = 5;
/// Pages after which a list is taken to have no end: a million entries, at the usual page size.
const MOST_PAGES: usize = 1000;
/// Microversion from which cinder tells why an asynchronous step failed.
const MESSAGES: &str = "volume 3.5";

/// How much of a list is wanted. Nova's list is newest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reach {
    /// All of it.
    All,
    /// Down to the first page that ends so long before the server's present time. With whether much is
    /// expected to be that young.
    Recent(Duration, bool),
    /// Down to the first page that ends before this instant.
    Since(Timestamp),
}

/// Entries of a list, with the server's clock at its first page.
pub(super) struct Listing<T> {
    /// What was listed, each once.
    pub(super) entries: Vec<T>,
    /// The server's time, where it told it.
    pub(super) server_time: Option<Timestamp>,
}

/// Collects pages, and knows when to give up.
struct Pages<'a, T> {
    operation: &'a str,
    entries: Vec<T>,
    seen: BTreeSet<String>,
    turned: usize,
    stale: usize,
}

impl<'a, T: Listed> Pages<'a, T> {
    fn new(operation: &'a str) -> Self {
        Self { operation, entries: Vec::new(), seen: BTreeSet::new(), turned: 0, stale: 0 }
    }

    /// Takes what is new of a page: a list may shift between two pages and show something twice.
    fn turn(&mut self, page: Vec<T>) -> Result<(), ProviderError> {
        if page.len() > MOST_RECORDS {
            return Err(self.broken(format!("A page of the list holds {} records.", page.len())));
        }
        let before = self.entries.len();
        for entry in page {
            if self.seen.insert(entry.id().to_owned()) {
                self.entries.push(entry);
            }
        }
        self.turned += 1;
        self.stale = if self.entries.len() == before { self.stale + 1 } else { 0 };
        if self.stale >= MOST_STALE || self.turned >= MOST_PAGES {
            let message = format!(
                "The list does not end: after {} pages the cloud still promises more, and it has \
                 shown {} entries.",
                self.turned,
                self.entries.len()
            );
            return Err(self.broken(message));
        }
        Ok(())
    }

    fn broken(&self, message: String) -> ProviderError {
        ProviderError::new(ErrorKind::Answer, self.operation, message).help(
            "look at the address in the catalogue, and at what stands between you and the cloud",
        )
    }

    /// The query of the next page, which must be of the same list.
    fn follow(
        &self,
        link: &Link,
        collection: &str,
    ) -> Result<Vec<(String, String)>, ProviderError> {
        let url = Url::parse(&link.href).ok();
        let own = url.filter(|url| url.path().ends_with(&format!("/{collection}")));
        let Some(url) = own else {
            let href = &link.href;
            return Err(
                self.broken(format!("The list goes on at `{href}`, which is no part of it."))
            );
        };
        Ok(url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect())
    }
}

fn owned(query: &[(&str, &str)]) -> Vec<(String, String)> {
    query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

impl Cloud {
    /// Snapshots, those of compute as far as `reach` says.
    pub(super) async fn snapshots(
        &self,
        api: Api,
        region: &Region,
        reach: Reach,
        filters: &[(&str, &str)],
    ) -> Result<Listing<WireSnapshot>, ProviderError> {
        match api {
            Api::Compute => self.until_empty(api.snapshots(), region, reach).await,
            Api::BlockStorage => self.linked(api.snapshots(), region, filters).await,
        }
    }

    /// Volumes with all their attributes.
    pub(super) async fn volumes(
        &self,
        api: Api,
        region: &Region,
        filters: &[(&str, &str)],
    ) -> Result<Vec<WireVolume>, ProviderError> {
        let listing = match api {
            Api::Compute => self.until_empty(api.all_volumes(), region, Reach::All).await,
            Api::BlockStorage => self.linked(api.all_volumes(), region, filters).await,
        };
        Ok(listing?.entries)
    }

    /// What block storage says of a step that failed, where it says anything.
    pub(super) async fn reason(&self, region: &Region, id: &str) -> Option<String> {
        let build = |base: &str| {
            let request = Request::new(Method::Get, &format!("{base}/messages"))?;
            Ok(request.header("OpenStack-API-Version", MESSAGES))
        };
        let (api, operation) = (Api::BlockStorage, "GET messages");
        let sent = self.send(api, operation, Safety::Repeatable, region, &build).await;
        let page: MessagePage = sent.ok().filter(Response::is_success)?.parse(operation).ok()?;
        let own = page.messages.into_iter().find(|message| message.resource_uuid == id)?;
        Some(own.user_message)
    }

    /// What the project may have of block storage and has; `None` where the cloud does not say.
    pub(super) async fn quotas(&self, region: &Region) -> Result<Option<Quotas>, ProviderError> {
        let build = |base: &str| Request::new(Method::Get, &format!("{base}/limits"));
        let (api, operation) = (Api::BlockStorage, "GET limits");
        // Nova's snapshots count, too; a cloud may show nothing but nova.
        if self.region(api, region.0.as_deref()).await.is_err() {
            return Ok(None);
        }
        let response = self.send(api, operation, Safety::Repeatable, region, &build).await?;
        if !response.is_success() {
            return Ok(None);
        }
        Ok(Some(response.parse::<Limits>(operation)?.limits.absolute))
    }

    /// A list of block storage, along its links.
    async fn linked<T: Listed + DeserializeOwned>(
        &self,
        collection: &str,
        region: &Region,
        filters: &[(&str, &str)],
    ) -> Result<Listing<T>, ProviderError> {
        let operation = format!("GET {collection}");
        let mut pages = Pages::new(&operation);
        let mut query = owned(&[filters, &[("limit", PAGE)]].concat());
        let mut server_time = None;
        loop {
            let (page, time) =
                self.page::<T>(Api::BlockStorage, &operation, collection, region, &query).await?;
            server_time = server_time.or(time);
            let is_last = page.entries.is_empty();
            pages.turn(page.entries)?;
            // A full page has a link, also where nothing follows.
            let next = page.links.iter().find(|link| link.rel == "next");
            let Some(link) = next.filter(|_| !is_last) else {
                return Ok(Listing { entries: pages.entries, server_time });
            };
            query = pages.follow(link, collection)?;
        }
    }

    /// A list of compute, until a page is empty.
    async fn until_empty<T: Listed + DeserializeOwned>(
        &self,
        collection: &str,
        region: &Region,
        reach: Reach,
    ) -> Result<Listing<T>, ProviderError> {
        let operation = format!("GET {collection}");
        let much = matches!(reach, Reach::All | Reach::Recent(_, true));
        let mut limit = if much { PAGE } else { SHORT_PAGE };
        let mut pages = Pages::new(&operation);
        let mut server_time = None;
        let (mut offset, mut longest) = (0, 0);
        loop {
            let query = owned(&[("limit", limit), ("offset", &offset.to_string())]);
            let (page, time) =
                self.page::<T>(Api::Compute, &operation, collection, region, &query).await?;
            server_time = server_time.or(time);
            let length = page.entries.len();
            // A page shorter than asked for says nothing: the server's maximum may be smaller. One that is
            // shorter than another before was not cut, so it is the last. While many are made, what moves
            // down the list would fill page after page with what was seen already.
            let is_last = length < longest;
            longest = longest.max(length);
            offset += length;
            let Some(last) = page.entries.last() else {
                return Ok(Listing { entries: pages.entries, server_time });
            };
            let since = match reach {
                Reach::All => None,
                Reach::Recent(span, _) => server_time.map(|now| now.saturating_sub(span)),
                Reach::Since(since) => Some(since),
            };
            let enough =
                since.is_some_and(|since| last.created_at().is_some_and(|end| end < since));
            pages.turn(page.entries)?;
            if enough || is_last {
                return Ok(Listing { entries: pages.entries, server_time });
            }
            // There is more than a few of what is new.
            limit = PAGE;
        }
    }

    async fn page<T: DeserializeOwned>(
        &self,
        api: Api,
        operation: &str,
        collection: &str,
        region: &Region,
        query: &[(String, String)],
    ) -> Result<(Page<T>, Option<Timestamp>), ProviderError> {
        let build = |base: &str| {
            let request = Request::new(Method::Get, &format!("{base}/{collection}"))?;
            Ok(query.iter().fold(request, |request, (name, value)| request.query(name, value)))
        };
        let response = self.send(api, operation, Safety::Repeatable, region, &build).await?;
        if !response.is_success() {
            return Err(self.refusal(api, operation, &response));
        }
        Ok((response.parse(operation)?, server_time(&response)))
    }
}

/// The header `Date`, as HTTP writes it.
fn server_time(response: &Response) -> Option<Timestamp> {
    let text = response.header_value("Date")?;
    Timestamp::parse_utc("%a, %d %b %Y %H:%M:%S GMT", text).ok()
}
