//! What was read lately.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

/// How many texts are remembered at most.
const PLACES: usize = 1 << 14;

/// Texts that were read lately with what they stand for: what thousands of records name is read once
/// and kept once. Of two texts that fall on one place the later one stays.
pub(super) struct Recent<T> {
    places: Vec<Option<(Box<str>, T)>>,
}

impl<T> Default for Recent<T> {
    fn default() -> Self {
        Self { places: std::iter::repeat_with(|| None).take(PLACES).collect() }
    }
}

impl<T: Clone> Recent<T> {
    /// What `text` stands for, by `read` where it was not read lately.
    pub(super) fn get<E>(
        &mut self,
        text: &str,
        read: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut hasher = DefaultHasher::new();
        text.hash(&mut hasher);
        let place = usize::try_from(hasher.finish() % PLACES as u64).unwrap_or_default();
        if let Some(Some((held, meaning))) = self.places.get(place)
            && **held == *text
        {
            return Ok(meaning.clone());
        }
        let meaning = read(text)?;
        if let Some(held) = self.places.get_mut(place) {
            *held = Some((Box::from(text), meaning.clone()));
        }
        Ok(meaning)
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
        let known = recent.get("7", |_| Err("not read again"));
        assert_eq!(recent.get("7", |_| Err("not read again")).is_ok(), known.is_ok());
    }
}
