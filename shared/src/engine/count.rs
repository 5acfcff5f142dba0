//! Numbers of things, as a sentence says them.

use std::fmt::Display;

/// `1 day`, `2 days`, `1 policy`, `0 policies`. The number may be written with separators.
#[must_use]
pub fn counted(number: impl Display, one: &str) -> String {
    let number = number.to_string();
    if number == "1" { format!("1 {one}") } else { format!("{number} {}", plural(one)) }
}

/// The plural of a noun, or of several words that end in one.
fn plural(one: &str) -> String {
    const VOWELS: &[char] = &['a', 'e', 'i', 'o', 'u'];
    match one.strip_suffix('y').filter(|stem| !stem.ends_with(VOWELS)) {
        Some(stem) => format!("{stem}ies"),
        None if ["s", "x", "ch", "sh"].iter().any(|ending| one.ends_with(ending)) => format!("{one}es"),
        None => format!("{one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::none("0", "day", "0 days")]
    #[case::one("1", "violation", "1 violation")]
    #[case::many("1,769", "record", "1,769 records")]
    #[case::several_words("2", "unreadable event", "2 unreadable events")]
    #[case::y_after_a_consonant("2", "policy", "2 policies")]
    #[case::sibilant("3", "address", "3 addresses")]
    fn a_noun_agrees_with_its_number(#[case] number: &str, #[case] one: &str, #[case] said: &str) {
        assert_eq!(counted(number, one), said);
    }
}
