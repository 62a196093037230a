//! Texts that occur again and again.

use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use rustc_hash::FxHasher;

/// How many texts are remembered unless it is said otherwise.
const PLACES: usize = 1 << 10;

/// Texts that were read lately with what they stand for: what thousands of records name is read once
/// and kept once. Of two texts that fall on one place the later one stays.
#[derive(Debug)]
pub struct Recent<T> {
    places: Vec<Option<(Arc<str>, T)>>,
    size: usize,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self::with_places(PLACES)
    }
}

impl<T> Recent<T> {
    /// Remembers at most so many texts.
    pub fn with_places(size: usize) -> Self {
        Self { places: Vec::new(), size: size.max(1) }
    }

    /// The text as it is kept, and what it stands for, by `read` where it was not read lately.
    fn entry<E>(
        &mut self,
        text: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<&(Arc<str>, T)>, E> {
        if self.places.is_empty() {
            self.places.resize_with(self.size, || None);
        }
        let mut hasher = FxHasher::default();
        text.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % self.size as u64).unwrap_or_default();
        let Some(held) = self.places.get_mut(place) else { return Ok(None) };
        if held.as_ref().is_none_or(|(kept, _)| **kept != *text) {
            *held = Some((Arc::from(text), read(text)?));
        }
        Ok(held.as_ref())
    }
}

impl<T: Clone> Recent<T> {
    /// What `text` stands for, by `read` where it was not read lately.
    pub fn get<E>(&mut self, text: &str, read: impl Fn(&str) -> Result<T, E>) -> Result<T, E> {
        match self.entry(text, &read)? {
            Some((_, meaning)) => Ok(meaning.clone()),
            None => read(text),
        }
    }
}

/// Hands out one text for each name that was asked for lately.
#[derive(Debug, Default)]
pub struct Names(Recent<()>);

impl Names {
    /// The text of `name`.
    pub fn get(&mut self, name: &str) -> Arc<str> {
        match self.0.entry(name, |_| Ok::<_, std::convert::Infallible>(())) {
            Ok(Some((kept, ()))) => Arc::clone(kept),
            _ => Arc::from(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_text_keeps_its_meaning_whoever_takes_its_place() {
        let mut recent = Recent::default();
        for round in 0..2 {
            for number in 0..3 * PLACES {
                let read = |text: &str| text.parse::<usize>();
                assert_eq!(recent.get(&number.to_string(), read), Ok(number), "round {round}");
            }
        }
        assert!(recent.get("x", str::parse::<usize>).is_err());
        assert_eq!(recent.get("7", str::parse::<usize>), Ok(7));
        assert_eq!(recent.get("7", |_| Err("not read again")), Ok(7));
    }

    #[test]
    fn a_name_is_kept_once() {
        let mut names = Names::default();
        let first = names.get("name");
        assert!(Arc::ptr_eq(&first, &names.get("name")));
        for number in 0..3 * PLACES {
            assert_eq!(*names.get(&number.to_string()), *number.to_string());
        }
        assert_eq!(*names.get("name"), *first);
    }
}
