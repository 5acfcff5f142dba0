//! What was probably meant: the word that comes closest to one with a typing error.

use std::collections::BTreeSet;

/// The closest of `words`, when so few letters differ that it may have been meant. Of a word of a letter or two every other one is
/// close: there only upper and lower case may differ.
pub(crate) fn word<'w>(wrong: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    const FARTHEST: usize = 3;
    const SHORT: usize = 2;
    let others = words.into_iter().filter(|word| *word != wrong);
    let (far, word) = others.map(|word| (distance(wrong, word), word)).min()?;
    let is_short = word.chars().count() <= SHORT;
    let may_be_meant = if is_short { word.eq_ignore_ascii_case(wrong) } else { far <= FARTHEST };
    may_be_meant.then_some(word)
}

/// The few of `words` that may have been meant, whatever their case: the closest where they differ by few letters; else those that
/// hold the word or stand in it; else those that begin like it.
pub(crate) fn words<'w>(wrong: &str, words: impl IntoIterator<Item = &'w str>) -> Vec<&'w str> {
    const MOST: usize = 5;
    /// So few letters stand in too many words.
    const LEAST: usize = 3;
    /// Of so many letters one may be wrong.
    const LETTERS_A_MISTAKE: usize = 3;
    let all: BTreeSet<&str> = words.into_iter().collect();
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

/// How many letters must change to make one word of the other.
pub(crate) fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (at, mine) in left.chars().enumerate() {
        let mut corner = std::mem::replace(row.first_mut().unwrap_or(&mut 0), at + 1);
        let mut before = at + 1;
        for (cell, theirs) in row.iter_mut().skip(1).zip(&right) {
            let changed = corner + usize::from(mine != *theirs);
            corner = *cell;
            before = changed.min(corner + 1).min(before + 1);
            *cell = before;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_counted() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn only_a_close_word_was_meant() {
        assert_eq!(word("enforec", ["off", "notify", "enforce"]), Some("enforce"));
        assert_eq!(word("something", ["off", "notify", "enforce"]), None);
        assert_eq!(word("off", ["off"]), None);
        assert_eq!(word("R3", ["R1", "R2"]), None);
        assert_eq!(word("r2", ["R1", "R2"]), Some("R2"));
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
