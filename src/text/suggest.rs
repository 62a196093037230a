//! "Did you mean …?"

/// Returns the candidate most like `word`, when one is near enough to be what was meant.
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    candidates
        .into_iter()
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
    }
}
