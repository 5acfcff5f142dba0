//! What was probably meant: the words that come closest to one with a typing error.

use std::collections::BTreeSet;

/// The few of `words` that may have been meant, whatever their case: the closest where they differ by few letters; else those that
/// hold the word or stand in it; else those that begin like it. None where the word is one of them.
pub(crate) fn words<'w>(wrong: &str, words: impl IntoIterator<Item = &'w str>) -> Vec<&'w str> {
    const MOST: usize = 5;
    /// So few letters stand in too many words.
    const LEAST: usize = 3;
    /// Of so many letters one may be wrong.
    const LETTERS_A_MISTAKE: usize = 3;
    let all: BTreeSet<&str> = words.into_iter().collect();
    if all.contains(wrong) {
        return Vec::new();
    }
    let wrong = wrong.to_lowercase();
    let letters = wrong.chars().count();
    let mistakes = letters / LETTERS_A_MISTAKE;
    let far: Vec<(usize, &str)> = all.iter().map(|word| (distance(&wrong, &word.to_lowercase()), *word)).collect();
    let least = far.iter().map(|(far, _)| *far).min().filter(|least| *least <= mistakes);
    let such = |is_near: &dyn Fn(&str) -> bool| -> Vec<&'w str> {
        all.iter().filter(|word| is_near(&word.to_lowercase())).take(MOST).copied().collect()
    };
    let is_part =
        |word: &str| letters >= LEAST && (word.contains(&wrong) || (word.len() >= LEAST && wrong.contains(word)));
    let beginning: String = wrong.chars().take(LEAST).collect();
    let close = far.iter().filter(|(far, _)| Some(*far) == least).map(|(_, word)| *word).take(MOST).collect();
    let parts = such(&is_part);
    [close, parts, such(&|word| letters > LEAST && word.starts_with(&beginning))]
        .into_iter()
        .find(|words: &Vec<&str>| !words.is_empty())
        .unwrap_or_default()
}

/// The end of a sentence about a word that is none of `words`: what may have been meant, or else `otherwise`.
pub(crate) fn hint<'w>(wrong: &str, all: impl IntoIterator<Item = &'w str>, otherwise: &str) -> String {
    let near: Vec<String> = words(wrong, all).iter().map(|word| format!("`{word}`")).collect();
    match near.split_last() {
        Some((last, [])) => format!("did you mean {last}?"),
        Some((last, rest)) => format!("did you mean {} or {last}?", rest.join(", ")),
        None => otherwise.to_owned(),
    }
}

/// How many letters must change to make one word of the other; two neighbours that changed places count once.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    strsim::osa_distance(left, right)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(distance("same", "same"), 0);
        assert_eq!(distance("mdoe", "mode"), 1);
    }

    #[test]
    fn only_a_close_word_was_meant() {
        let modes = ["off", "notify", "enforce"];
        assert_eq!(words("enforec", modes), ["enforce"]);
        assert_eq!(words("something", modes), Vec::<&str>::new());
        assert_eq!(words("off", modes), Vec::<&str>::new());
        assert_eq!(words("R3", ["R1", "R2"]), Vec::<&str>::new());
        assert_eq!(words("r2", ["R1", "R2"]), ["R2"]);
    }

    #[test]
    fn a_part_of_a_word_is_near_too() {
        let known =
            ["security-group", "network-acl", "s3", "iam-user", "iam-policy", "secret", "ecr", "EC2.19", "EC2.21"];
        assert_eq!(words("securty-group", known), ["security-group"]);
        assert_eq!(words("group", known), ["security-group"]);
        assert_eq!(words("IAM", known), ["iam-policy", "iam-user"]);
        assert_eq!(words("security-groups-all", known), ["security-group"]);
        assert_eq!(words("ec2.999", known), ["EC2.19"]);
        assert_eq!(words("secgroup", known), ["secret", "security-group"]);
        assert_eq!(words("zebra", known), Vec::<&str>::new());
        assert_eq!(hint("iam", known, "-"), "did you mean `iam-policy` or `iam-user`?");
        assert_eq!(hint("zzzzzzz", known, "`parapet guardrails` lists them"), "`parapet guardrails` lists them");
    }
}
