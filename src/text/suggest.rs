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
        .filter(|(distance, candidate)| *distance <= allowed_distance(word, candidate))
        .min()
        .map(|(_, candidate)| candidate)
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
        assert_eq!(closest("retention", names), Some("retention_time"));
        assert_eq!(closest("zone", ["disk_id"]), None);
    }
}
