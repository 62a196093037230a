//! Lists that come in pages: read to their end, and never for ever.
//!
//! The vendor cuts a list anew for each page. When it changes in between, a record may slip from
//! one page to another unseen, and what is not seen counts as deleted. So a list that shows signs
//! of a change is read again from the start, and one that does not come to rest is an error.

use std::collections::BTreeSet;

use super::{ErrorKind, ProviderError};

/// How many records a page is asked to hold.
pub const PAGE_SIZE: usize = 100;
/// More records on one page than any server sends, also one that has never heard of a size of pages.
pub const MOST_RECORDS: usize = 10_000;
/// More pages than any account needs; beyond them the server is not believed.
const MOST_PAGES: u64 = 1000;
/// How often a list is begun before we give up on it.
const BEGINNINGS: u32 = 3;

/// A record of a list.
pub trait Listed {
    /// What no other record of the list has.
    fn id(&self) -> &str;
}

/// A list while it is read.
pub struct Pages<T> {
    operation: &'static str,
    next: Option<u64>,
    begun: u32,
    total: Option<u64>,
    ids: BTreeSet<String>,
    records: Vec<T>,
}

impl<T: Listed> Pages<T> {
    /// A list that `operation` reads.
    pub fn new(operation: &'static str) -> Self {
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
    pub fn next(&self) -> Option<u64> {
        self.next
    }

    /// Takes the page that was asked for, and the length of the whole list if it is told with it.
    ///
    /// # Errors
    ///
    /// The list has no end, or does not come to rest.
    pub fn take(&mut self, total: Option<u64>, page: Vec<T>) -> Result<(), ProviderError> {
        if page.len() > MOST_RECORDS {
            let message = format!("A page of the list holds {} records.", page.len());
            return Err(self.error(message));
        }
        let shrank = self.total.zip(total).is_some_and(|(before, now)| now < before);
        let held = self.records.len() as u64;
        let ends_early = page.is_empty() && total.is_some_and(|total| held < total);
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
        // Without a total, a page that is not full is the last one.
        let goes_on = match total {
            Some(total) => held + (page.len() as u64) < total,
            None => page.len() >= PAGE_SIZE,
        };
        self.total = total;
        self.records.extend(page);
        self.next = self.next.map(|number| number + 1).filter(|_| goes_on);
        if self.next.is_some_and(|next| next > MOST_PAGES) {
            return Err(self.error(format!(
                "The list does not end: {MOST_PAGES} pages came and more were announced."
            )));
        }
        Ok(())
    }

    /// Every record, in the vendor's order.
    pub fn into_records(self) -> Vec<T> {
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
        server: impl Fn(u64, usize) -> (Option<u64>, Vec<u64>),
    ) -> (Result<Vec<String>, ProviderError>, usize) {
        let mut pages = Pages::new("DescribeSnapshots");
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

    /// Page `number` of the records 1 to `total`, a hundred a page.
    fn hundred_of(total: u64, number: u64) -> Vec<u64> {
        (number * 100 - 99..=number * 100).filter(|id| *id <= total).collect()
    }

    #[test]
    fn a_list_is_read_to_its_end_whether_its_length_is_told_or_not() {
        for (total, told, untold) in [(0, 1, 1), (1, 1, 1), (100, 1, 2), (101, 2, 2), (300, 3, 4)] {
            let (known, asked) = read(|number, _| (Some(total), hundred_of(total, number)));
            assert_eq!((known.unwrap().len() as u64, asked), (total, told));
            let (unknown, asked) = read(|number, _| (None, hundred_of(total, number)));
            assert_eq!((unknown.unwrap().len() as u64, asked), (total, untold));
        }
        let grows = |number, _| (Some(100 + number), hundred_of(102, number));
        assert_eq!(read(grows).0.unwrap().len(), 102, "a list may grow at its end");
    }

    #[test]
    fn a_list_that_changed_is_read_again() {
        let (read, asked) = read(|number, asked| match asked {
            0 => (Some(102), hundred_of(102, number)),
            1 => (Some(101), vec![102]),
            _ => (Some(101), hundred_of(101, number)),
        });
        assert_eq!((read.unwrap().len(), asked), (101, 4));
    }

    #[test]
    fn a_list_that_does_not_come_to_rest_is_an_error() {
        type Server = fn(u64, usize) -> (Option<u64>, Vec<u64>);
        let cases: [(&str, usize, Server); 7] = [
            ("holds 10001 records", 1, |_, _| (Some(10_001), (0..10_001).collect())),
            ("twice", 6, |_, _| (Some(9), vec![1, 2])),
            ("twice", 6, |_, _| (None, hundred_of(100, 1))),
            ("shrank", 6, |number, _| (Some(900 - number), hundred_of(900, number))),
            ("before its own length", 6, |number, _| (Some(900), hundred_of(100, number))),
            ("does not end", 1000, |number, _| (Some(number * 2), vec![number])),
            ("does not end", 1000, |number, _| (None, hundred_of(1_000_000, number))),
        ];
        for (sign, most, server) in cases {
            let (read, asked) = read(server);
            let error = read.unwrap_err();
            assert_eq!((error.kind, &*error.operation), (ErrorKind::Answer, "DescribeSnapshots"));
            assert!(error.message.contains(sign), "{error}");
            assert!(error.help.is_some());
            assert!(asked <= most, "{sign}: {asked} requests");
        }
    }
}
