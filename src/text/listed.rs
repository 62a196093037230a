//! Several things in one sentence.

/// Names in one, as `a, b and c`; of more than `most`, the first ones and how many there are besides.
pub fn listed(names: impl IntoIterator<Item = String>, most: usize) -> String {
    let mut names: Vec<_> = names.into_iter().collect();
    let besides = names.len().saturating_sub(most);
    names.truncate(most);
    if besides > 0 {
        names.push(format!("{besides} more"));
    }
    match names.pop() {
        None => String::new(),
        Some(only) if names.is_empty() => only,
        Some(last) => format!("{} and {last}", names.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_counted() {
        let in_one = |count: usize| listed((0..count).map(|index| index.to_string()), 3);
        assert_eq!([0, 1, 2, 3].map(in_one), ["", "0", "0 and 1", "0, 1 and 2"]);
        assert_eq!([4, 10].map(in_one), ["0, 1, 2 and 1 more", "0, 1, 2 and 7 more"]);
    }
}
