//! Lists that come in pages: read to their end, and never for ever.
//!
//! The vendor cuts a list anew for each page. When it changes in between, a record may slip from
//! one page to another unseen, and what is not seen counts as deleted. So a list that shows signs
//! of a change is read again from the start, and one that does not come to rest is an error.

use std::collections::BTreeSet;

use crate::sdk::{ErrorKind, ProviderError};

/// More pages than any account needs; beyond them the server is not believed.
const MOST_PAGES: u64 = 1000;
/// How often a list is begun before we give up on it.
const BEGINNINGS: u32 = 3;

/// A record of a list.
pub(super) trait Listed {
    /// What no other record of the list has.
    fn id(&self) -> &str;
}

/// A list while it is read.
pub(super) struct Pages<T> {
    operation: &'static str,
    next: Option<u64>,
    begun: u32,
    total: Option<u64>,
    ids: BTreeSet<String>,
    records: Vec<T>,
}

impl<T: Listed> Pages<T> {
    pub(super) fn new(operation: &'static str) -> Self {
        Self {
            operation,
            next: Some(1),
            begun: 1,
            total: None,
            ids: BTreeSet::new(),
            records: Vec::new(),
        }
    }

    /// The number of the page to ask for; none once the list is complete.
    pub(super) fn next(&self) -> Option<u64> {
        self.next
    }

    /// Takes the page that was asked for, and the length of the whole list as told with it.
    pub(super) fn take(&mut self, total: u64, page: Vec<T>) -> Result<(), ProviderError> {
        let shrank = self.total.is_some_and(|before| total < before);
        let ends_early = page.is_empty() && (self.records.len() as u64) < total;
        let repeats = page.iter().any(|record| !self.ids.insert(record.id().to_owned()));
        let sign = match (shrank, ends_early, repeats) {
            (true, ..) => Some("its length shrank between two pages"),
            (_, true, _) => Some("it ended before its own length"),
            (.., true) => Some("a record came twice"),
            _ => None,
        };
        if let Some(sign) = sign {
            return self.begin_again(sign);
        }
        self.total = Some(total);
        self.records.extend(page);
        let number = self.next.unwrap_or(1);
        self.next = ((self.records.len() as u64) < total).then_some(number + 1);
        if self.next.is_some_and(|next| next > MOST_PAGES) {
            return Err(self.error(format!(
                "The list does not end: {MOST_PAGES} pages came and more were announced."
            )));
        }
        Ok(())
    }

    /// Every record, in the vendor's order.
    pub(super) fn into_records(self) -> Vec<T> {
        self.records
    }

    fn begin_again(&mut self, sign: &str) -> Result<(), ProviderError> {
        if self.begun >= BEGINNINGS {
            return Err(self.error(format!(
                "The list could not be read as a whole, {BEGINNINGS} times: {sign}."
            )));
        }
        *self = Self { begun: self.begun + 1, ..Self::new(self.operation) };
        Ok(())
    }

    fn error(&self, message: String) -> ProviderError {
        ProviderError::new(ErrorKind::Answer, self.operation, message)
            .help("try again when nothing else changes the account, or narrow the filters")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone, Debug, PartialEq, Eq)]
    struct Record(String);

    impl Listed for Record {
        fn id(&self) -> &str {
            &self.0
        }
    }

    /// Reads from a server that answers by page number and how many requests came before.
    fn read(
        server: impl Fn(u64, usize) -> (u64, Vec<u64>),
    ) -> (Result<Vec<String>, ProviderError>, usize) {
        let mut pages = Pages::new("DescribeDisks");
        let mut asked = 0;
        while let Some(number) = pages.next() {
            let (total, ids) = server(number, asked);
            asked += 1;
            let page = ids.into_iter().map(|id| Record(id.to_string())).collect();
            if let Err(error) = pages.take(total, page) {
                return (Err(error), asked);
            }
        }
        let ids = pages.into_records().into_iter().map(|record| record.0).collect();
        (Ok(ids), asked)
    }

    /// Page `number` of the records 1 to `total`, two a page.
    fn two_of(total: u64, number: u64) -> (u64, Vec<u64>) {
        (total, (number * 2 - 1..=number * 2).filter(|id| *id <= total).collect())
    }

    #[test]
    fn a_list_is_read_to_its_end() {
        for (total, requests) in [(0, 1), (1, 1), (2, 1), (3, 2), (5, 3)] {
            let (read, asked) = read(|number, _| two_of(total, number));
            assert_eq!(read.unwrap().len() as u64, total);
            assert_eq!(asked, requests, "{total}");
        }
        let (read, _) = read(|number, _| two_of(if number == 1 { 3 } else { 4 }, number));
        assert_eq!(read.unwrap(), ["1", "2", "3", "4"], "a list may grow at its end");
    }

    #[test]
    fn a_list_that_changed_is_read_again() {
        let (read, asked) = read(|number, asked| match asked {
            0 => two_of(4, number),
            1 => (3, vec![4]),
            _ => two_of(3, number),
        });
        assert_eq!(read.unwrap(), ["1", "2", "3"]);
        assert_eq!(asked, 4);
    }

    #[test]
    fn a_list_that_does_not_come_to_rest_is_an_error() {
        for (sign, most, server) in [
            ("twice", 6, (|_, _| (9, vec![1, 2])) as fn(u64, usize) -> (u64, Vec<u64>)),
            ("shrank", 6, |number, _| two_of(9 - number, number)),
            ("before its own length", 6, |number, _| (9, two_of(2, number).1)),
            ("twice", 3, |_, _| (9, vec![7, 7])),
            ("does not end", 1000, |number, _| (number * 2 + 1, two_of(9999, number).1)),
        ] {
            let (read, asked) = read(server);
            let error = read.unwrap_err();
            assert_eq!((error.kind, &*error.operation), (ErrorKind::Answer, "DescribeDisks"));
            assert!(error.message.contains(sign), "{error}");
            assert!(error.help.is_some());
            assert!(asked <= most, "{sign}: {asked} requests");
        }
    }
}
