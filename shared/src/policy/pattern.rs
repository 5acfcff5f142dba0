//! Patterns of the policy file: IAM's wildcards, and IAM's way to write such a character itself.
//!
//! "IAM policy elements: Variables and tags", special characters, in the IAM user guide: `${*}`, `${?}` and `${$}`.

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// `*`: any run of characters.
    Run,
    /// `?`: any one character.
    One,
    /// This character.
    Just(char),
}

/// IAM's wildcards: `*` any run of characters, `?` any one. Linear in the text for each `*`, never exponential.
#[must_use]
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (parts(pattern), text.chars().collect::<Vec<char>>());
    let (mut p, mut t) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while let Some(letter) = text.get(t) {
        let is_match = match pattern.get(p) {
            Some(Part::Run) => {
                retry = Some((p, t));
                p += 1;
                continue;
            }
            Some(Part::One) => true,
            Some(Part::Just(expected)) => expected == letter,
            None => false,
        };
        match retry {
            _ if is_match => {
                p += 1;
                t += 1;
            }
            Some((star, from)) => {
                retry = Some((star, from + 1));
                p = star + 1;
                t = from + 1;
            }
            None => return false,
        }
    }
    pattern.iter().skip(p).all(|part| *part == Part::Run)
}

/// The pattern that matches `text` and nothing else, whatever characters it contains.
#[must_use]
pub fn exact_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '*' | '?' | '$' => pattern.extend(['$', '{', letter, '}']),
            _ => pattern.push(letter),
        }
    }
    pattern
}

/// The parts of a pattern.
pub(super) fn parts(pattern: &str) -> Vec<Part> {
    let letters: Vec<char> = pattern.chars().collect();
    let mut parts = Vec::with_capacity(letters.len());
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        let (part, length) = match (letter, letters.get(at + 1..at + 4)) {
            ('$', Some(['{', escaped @ ('*' | '?' | '$'), '}'])) => (Part::Just(*escaped), 4),
            ('*', _) => (Part::Run, 1),
            ('?', _) => (Part::One, 1),
            (other, _) => (Part::Just(*other), 1),
        };
        parts.push(part);
        at += length;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("*", "", true)]
    #[case("ci-*", "ci-build", true)]
    #[case("ci-*", "cd-build", false)]
    #[case("a?c", "abc", true)]
    #[case("a?c", "ac", false)]
    #[case("*-*-x", "a-b-c-x", true)]
    #[case("a*a*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false)]
    #[case("group/${*}", "group/*", true)]
    #[case("group/${*}", "group/web", false)]
    #[case("group/${?}", "group/w", false)]
    #[case("${*", "${x", true)]
    fn wildcards_match_as_in_iam(#[case] pattern: &str, #[case] text: &str, #[case] expected: bool) {
        assert_eq!(matches_pattern(pattern, text), expected);
    }

    #[rstest]
    #[case("arn:aws:ec2:eu-west-1:111122223333:security-group/*")]
    #[case("a?b")]
    #[case("${*}")]
    #[case("$")]
    #[case("arn:aws:iam::111122223333:user/ben")]
    fn an_exact_pattern_matches_its_text_alone(#[case] text: &str) {
        let pattern = exact_pattern(text);
        assert!(matches_pattern(&pattern, text), "{pattern}");
        for other in [text.replace('*', "x"), text.replace('?', "y"), format!("{text}z")] {
            assert!(other == text || !matches_pattern(&pattern, &other), "{pattern} matches {other}");
        }
    }

    #[test]
    fn a_plain_text_is_its_own_pattern() {
        assert_eq!(exact_pattern("arn:aws:iam::111122223333:user/ben"), "arn:aws:iam::111122223333:user/ben");
    }
}
