//! The seed's rules for texts, each as the rest of a sentence that says what is wrong.

/// "2~128 English or Chinese characters. It must start with a letter or Chinese, and cannot start
/// with http:// or https. It can contain numbers, colons (:), underscores (_), or hyphens (-).
/// cannot start with auto". The seed's own sample value, `test-Snapshot****`, holds asterisks.
pub(super) fn name(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    let allowed = |character: char| {
        is_letter(character)
            || character.is_ascii_digit()
            || matches!(character, ':' | '_' | '-' | '*')
    };
    if !(2..=128).contains(&length) {
        return Err(format!("must have 2 to 128 characters, not {length}"));
    }
    if !text.chars().next().is_some_and(is_letter) {
        return Err(format!("must start with a letter or Chinese character; `{text}` does not"));
    }
    if let Some(start) = ["auto", "http://", "https"].iter().find(|start| text.starts_with(**start))
    {
        return Err(format!("must not start with `{start}`; `{text}` does"));
    }
    match text.chars().find(|character| !allowed(*character)) {
        None => Ok(()),
        Some(wrong) => Err(format!(
            "may hold letters, Chinese characters, digits, `:`, `_` and `-` only, not `{wrong}`"
        )),
    }
}

/// "2 to 256 English or Chinese characters in length and cannot start with http:// or https.
/// default value: empty".
pub(super) fn description(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if text.is_empty() {
        return Ok(());
    }
    if !(2..=256).contains(&length) {
        return Err(format!("must have 2 to 256 characters or none at all, not {length}"));
    }
    match ["http://", "https"].iter().find(|start| text.starts_with(**start)) {
        None => Ok(()),
        Some(start) => Err(format!("must not start with `{start}`")),
    }
}

/// "an empty string is not allowed. it can be up to 128 characters in length. it cannot start with
/// aliyun or acs: and cannot contain http:// or https://".
pub(super) fn tag_key(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if !(1..=128).contains(&length) {
        return Err(format!("must have tag keys of 1 to 128 characters, not {length}"));
    }
    if let Some(start) = ["aliyun", "acs:"].iter().find(|start| text.starts_with(**start)) {
        return Err(format!("must have no tag key that starts with `{start}`, as `{text}` does"));
    }
    no_address(text, "tag key")
}

/// "it can be an empty string. it can be up to 128 characters and cannot start with acs: and cannot
/// contain http:// or https://".
pub(super) fn tag_value(text: &str) -> Result<(), String> {
    let length = text.chars().count();
    if length > 128 {
        return Err(format!("must have tag values of at most 128 characters, not {length}"));
    }
    if text.starts_with("acs:") {
        return Err(format!("must have no tag value that starts with `acs:`, as `{text}` does"));
    }
    no_address(text, "tag value")
}

fn no_address(text: &str, what: &str) -> Result<(), String> {
    match ["http://", "https://"].iter().find(|address| text.contains(**address)) {
        None => Ok(()),
        Some(address) => {
            Err(format!("must have no {what} that holds `{address}`, as `{text}` does"))
        }
    }
}

fn is_letter(character: char) -> bool {
    character.is_ascii_alphabetic()
        || matches!(character,
            '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}'
            | '\u{20000}'..='\u{3FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seed_003_names() {
        let longest = format!("a{}", "9".repeat(127));
        for good in ["ab", "test-Snapshot****", "夜间:快照_1-a", "Auto", &longest] {
            assert_eq!(name(good), Ok(()), "{good}");
        }
        let too_long = format!("{longest}9");
        for bad in
            ["", "a", "1a", "_a", "auto1", "http://a", "https", "a b", "a.b", "aü", &too_long]
        {
            assert!(name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn seed_003_descriptions() {
        let longest = "快".repeat(256);
        for good in ["", "ab", "This is a description example.", &longest] {
            assert_eq!(description(good), Ok(()), "{good}");
        }
        for bad in ["a", "http://x", "https is good", &format!("{longest}快")] {
            assert!(description(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn seed_003_tags() {
        for good in ["TestKey", "a", "ACS:x", &"k".repeat(128)] {
            assert_eq!(tag_key(good), Ok(()), "{good}");
        }
        for bad in ["", "aliyunx", "acs:x", "xhttp://", "xhttps://", &"k".repeat(129)] {
            assert!(tag_key(bad).is_err(), "{bad}");
        }
        for good in ["", "TestValue", "aliyun", &"v".repeat(128)] {
            assert_eq!(tag_value(good), Ok(()), "{good}");
        }
        for bad in ["acs:x", "xhttp://", "xhttps://", &"v".repeat(129)] {
            assert!(tag_value(bad).is_err(), "{bad}");
        }
    }
}
