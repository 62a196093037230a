//! "Did you mean …?"

/// Bytes of a word that may have been mistyped.
const LONGEST: usize = 256;

/// Candidates that are compared letter by letter: thousands of unknown names among thousands of
/// known ones must not take forever.
const MOST: usize = 500;

/// Returns the candidate most like `word`, when one is near enough to be what was meant.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > LONGEST {
        return None;
    }
    let lower = word.to_lowercase();
    candidates
        .into_iter()
        .filter(|candidate| looks_alike(word, candidate))
        .take(MOST)
        .map(|candidate| {
            let distance = strsim::osa_distance(&lower, &candidate.to_lowercase());
            (distance, candidate)
        })
        .filter(|(distance, candidate)| {
            *distance <= allowed_distance(word, candidate) || begins_alike(&lower, candidate)
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// Tells at a glance whether two words may be near each other: they are short, or begin or end alike.
fn looks_alike(word: &str, candidate: &str) -> bool {
    let (word, candidate) = (word.as_bytes(), candidate.as_bytes());
    let alike = |left: Option<&u8>, right: Option<&u8>| {
        left.zip(right).is_some_and(|(left, right)| left.eq_ignore_ascii_case(right))
    };
    candidate.len() <= LONGEST
        && (word.len().max(candidate.len()) <= 3
            || alike(word.first(), candidate.first())
            || alike(word.last(), candidate.last())
            || alike(word.get(1), candidate.get(1)))
}

/// Tells whether a word is the beginning of a candidate, but for its last letters.
fn begins_alike(word: &str, candidate: &str) -> bool {
    let alike = word.chars().zip(candidate.chars()).take_while(|(left, right)| left == right);
    alike.count() >= word.chars().count().saturating_sub(2).max(4)
}

/// One slip for short words, a third of the letters for long ones.
fn allowed_distance(word: &str, candidate: &str) -> usize {
    word.chars().count().max(candidate.chars().count()).div_ceil(3).max(1)
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn finds_near_words_only() {
        let names = ["disk_id", "name", "retention_time"];
        assert_eq!(closest("disc_id", names), Some("disk_id"));
        assert_eq!(closest("Name", names), Some("name"));
        assert_eq!(closest("expire", ["expiration_days"]), Some("expiration_days"));
        assert_eq!(closest("retention", names), Some("retention_time"));
        assert_eq!(closest("zone", ["disk_id"]), None);
        assert_eq!(closest("b", ["a"]), Some("a"));
        assert_eq!(closest(&"a".repeat(1000), [&*"a".repeat(999)]), None);
        let many: Vec<String> = (0..100_000).map(|number| format!("a{number}x")).collect();
        let many = || many.iter().map(String::as_str);
        assert!(closest("a12xx", many()).is_some());
    }
}
