//! Which texts can be the id of something: whether a pattern of the policy file can match any of them.

use crate::policy::pattern::{Part, parts};
use crate::policy::{Guardrails, is_custom};

/// The forms of the ids of the resources that a guardrail's findings name.
#[must_use]
pub fn resource_ids(guardrail: &str) -> &'static [&'static str] {
    if is_custom(guardrail) {
        // What a guardrail of the policy file is about, its own expression says.
        return &["*"];
    }
    Guardrails::known().iter().find(|about| about.name == guardrail).map_or(&[], |about| about.ids)
}

/// Whether `pattern` can be about any resource of the guardrail, in this account where one is named.
#[must_use]
pub fn could_be_about(pattern: &str, guardrail: &str, account: Option<&str>) -> bool {
    resource_ids(guardrail).iter().any(|shape| meets(pattern, &in_account(shape, account)))
}

/// The shape with the account where its ARN has one.
fn in_account(shape: &str, account: Option<&str>) -> String {
    let Some(account) = account else { return shape.to_owned() };
    let mut fields: Vec<&str> = shape.splitn(6, ':').collect();
    if let Some(field @ &mut "%") = fields.get_mut(4) {
        *field = account;
    }
    fields.join(":")
}

/// Whether a pattern matches everything whatever is named.
pub(super) fn is_everything(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.chars().all(|c| c == '*')
}

/// Whether some text is matched by the pattern and has the shape.
pub(super) fn meets(pattern: &str, shape: &str) -> bool {
    let (pattern, shape) = (parts(pattern), shape.chars().collect::<Vec<char>>());
    let mut seen = vec![false; (pattern.len() + 1) * (shape.len() + 1)];
    let mut open = vec![(0, 0)];
    while let Some((p, s)) = open.pop() {
        let Some(mark) = seen.get_mut(p * (shape.len() + 1) + s) else { continue };
        if std::mem::replace(mark, true) {
            continue;
        }
        let (part, sign) = (pattern.get(p), shape.get(s));
        let (is_run, is_wild) = (part == Some(&Part::Run), matches!(sign, Some('*' | '%')));
        if part.is_none() && sign.is_none() {
            return true;
        }
        // A run of either may be over.
        open.extend(is_run.then_some((p + 1, s)));
        open.extend(is_wild.then_some((p, s + 1)));
        // Or both take one more character.
        if part.zip(sign).is_some_and(|(part, sign)| share_one(*part, *sign)) {
            open.push((if is_run { p } else { p + 1 }, if is_wild { s } else { s + 1 }));
        }
    }
    false
}

fn share_one(part: Part, sign: char) -> bool {
    match (part, sign) {
        (Part::Run | Part::One, _) | (Part::Just(_), '*') => true,
        (Part::Just(letter), '%') => !matches!(letter, ':' | '/'),
        (Part::Just(letter), sign) => letter == sign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("*", "arn:%:ec2:%:%:security-group/%", true)]
    #[case("arn:aws:ec2:*:*:security-group/sg-1", "arn:%:ec2:%:%:security-group/%", true)]
    #[case("*:security-group/sg-0?", "arn:%:ec2:%:%:security-group/%", true)]
    #[case("sg-1", "arn:%:ec2:%:%:security-group/%", false)]
    #[case("arn:aws:ec2:eu-west-1:111122223333:instance/i-1", "arn:%:ec2:%:%:security-group/%", false)]
    #[case("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1/x", "arn:%:ec2:%:%:security-group/%", false)]
    #[case("arn:aws:ec2:eu-west-1:111122223333:security-group/${*}", "arn:%:ec2:%:%:security-group/%", true)]
    #[case("*:user/ci/*", "arn:%:iam::%:user/%/access-key/%", true)]
    #[case("*:user/ci", "arn:%:iam::%:user/%/access-key/%", false)]
    #[case("", "*", true)]
    #[case("a?", "a", false)]
    fn a_pattern_meets_a_shape(#[case] pattern: &str, #[case] shape: &str, #[case] expected: bool) {
        assert_eq!(meets(pattern, shape), expected);
    }

    #[rstest]
    #[case("arn:aws:iam::111122223333:user/ben/*", "access-key-not-allowed", Some("111122223333"), true)]
    #[case("arn:aws:iam::111122223333:user/ben/*", "access-key-not-allowed", Some("444455556666"), false)]
    #[case::snapshots_name_no_account(
        "arn:aws:ec2:eu-west-1::snapshot/snap-1",
        "snapshot-public",
        Some("111122223333"),
        true
    )]
    fn an_account_is_part_of_most_ids(
        #[case] pattern: &str,
        #[case] guardrail: &str,
        #[case] account: Option<&str>,
        #[case] expected: bool,
    ) {
        assert_eq!(could_be_about(pattern, guardrail, account), expected);
    }

    #[test]
    fn every_guardrail_says_what_its_ids_look_like() {
        for about in Guardrails::known() {
            let (name, ids) = (about.name, about.ids);
            assert!(!ids.is_empty() && ids.iter().all(|id| id.starts_with("arn:%:")), "{name}: {ids:?}");
        }
        assert_eq!(resource_ids("no-such-guardrail"), [""; 0]);
    }
}
