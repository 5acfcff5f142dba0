//! A policy may hold its principal back, too: when one that denied goes, or says something else, what the principal holds as
//! a whole decides.

use super::granted::{Wanted, parsed};
use crate::engine::holder::Beside;
use crate::engine::observed::Observed;
use crate::engine::verdict::{Evidence, Verdict, Violation};
use iam_policy::{Document, may_release, power};

/// A policy that changed, and what its principal holds beside it.
pub(crate) struct Released<'a> {
    /// What it said when it was last seen good.
    pub(crate) before: &'a Observed<String>,
    /// What it says; absent where it is gone.
    pub(crate) now: &'a Observed<String>,
    pub(crate) beside: &'a Observed<Beside>,
}

/// Whether the principal may do what it must not since `change`, and might not before.
pub(crate) fn released(
    wanted: Wanted,
    element: &str,
    change: &Released<'_>,
    sentence: impl FnOnce(&str) -> String,
) -> Verdict {
    let before = match change.before {
        Observed::Known(before) => before,
        Observed::Unknown { why } => return unknown(element, why, change),
        Observed::Absent => return Verdict::Compliant,
    };
    let now = match change.now {
        Observed::Known(now) => Some(now),
        Observed::Absent => None,
        Observed::Unknown { .. } => return Verdict::Compliant,
    };
    if !may_release(before, now) {
        return Verdict::Compliant;
    }
    let beside = match change.beside {
        Observed::Known(beside) => beside,
        Observed::Absent => return Verdict::Compliant,
        Observed::Unknown { why } => {
            let why = format!("`{element}` denied something; what its holder may do without it is not known: {why}");
            return Verdict::Undetermined { why };
        }
    };
    let (others, boundary) = parsed(beside);
    let with = |document: Option<&String>| {
        let documents: Vec<Document> =
            document.map(|text| Document::parse(text)).into_iter().chain(others.iter().cloned()).collect();
        power(&documents, boundary.as_ref())
    };
    match wanted.fault(&with(now), Some(&with(Some(before)))) {
        None => Verdict::Compliant,
        Some(fault) => {
            let why = format!("what it denied its holder may do again, {}", fault.why);
            let evidence = vec![Evidence { element: element.to_owned(), why: sentence(&why) }];
            Verdict::Violation(Violation { severity: fault.severity, evidence })
        }
    }
}

/// A policy is gone of which it is unknown what it said: it may have denied. Once its holder was looked at, everything that is
/// left there is judged by itself ([`crate::engine::span::Span::HeldBy`]).
fn unknown(element: &str, why: &str, change: &Released<'_>) -> Verdict {
    match (change.now, change.beside) {
        (Observed::Absent, Observed::Unknown { why: unread }) => Verdict::Undetermined {
            why: format!(
                "`{element}` may have denied something, its document is unknown: {why}; so are the holder's permissions \
                 without it: {unread}"
            ),
        },
        (Observed::Absent, Observed::Known(_) | Observed::Absent)
        | (Observed::Known(_) | Observed::Unknown { .. }, _) => Verdict::Compliant,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::iam::policy_attachment::state::unread;
    use iam_policy::Tier;
    use rstest::rstest;

    const DENY: &str = r#"{"Statement":[{"Effect":"Deny","Action":"iam:*","Resource":"*"}]}"#;
    const ADMIN: &str = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    const KEYS: &str = r#"{"Statement":[{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"*"}]}"#;
    const READS: &str = r#"{"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;

    fn known(text: &str) -> Observed<String> {
        Observed::Known(text.to_owned())
    }

    fn unknown_document() -> Observed<String> {
        Observed::Unknown { why: "there is no ledger".to_owned() }
    }

    fn with(document: &str) -> Observed<Beside> {
        Observed::Known(Beside { documents: vec![document.to_owned()], boundary: None })
    }

    #[rstest]
    #[case::deleted_and_it_held_back_a_way(known(DENY), Observed::Absent, with(KEYS), "violation")]
    #[case::overwritten_by_something_harmless(known(DENY), known(READS), with(KEYS), "violation")]
    #[case::nothing_was_held_back(known(DENY), Observed::Absent, with(READS), "compliant")]
    #[case::it_denied_nothing(known(READS), Observed::Absent, with(KEYS), "compliant")]
    #[case::never_observed(known(DENY), Observed::Absent, unread(), "undetermined")]
    #[case::it_stands_as_it_was(known(DENY), known(DENY), with(KEYS), "compliant")]
    #[case::nothing_was_kept(Observed::Absent, Observed::Absent, with(KEYS), "compliant")]
    #[case::what_is_gone_is_unknown(unknown_document(), Observed::Absent, unread(), "undetermined")]
    #[case::unknown_and_the_rest_is_judged_by_itself(unknown_document(), Observed::Absent, with(KEYS), "compliant")]
    #[case::what_was_replaced_is_unknown(unknown_document(), known(READS), unread(), "compliant")]
    fn what_a_deny_held_back(
        #[case] before: Observed<String>,
        #[case] now: Observed<String>,
        #[case] beside: Observed<Beside>,
        #[case] word: &str,
    ) {
        let change = Released { before: &before, now: &now, beside: &beside };
        let verdict = released(Wanted::Escalation(Tier::PassRole), "deny-iam", &change, str::to_owned);
        assert_eq!(verdict.kind().word(), word, "{verdict:?}");
    }

    #[test]
    fn lifting_a_deny_on_iam_from_a_full_allow_is_a_violation() {
        let (before, now, beside) = (known(DENY), Observed::Absent, with(ADMIN));
        let change = Released { before: &before, now: &now, beside: &beside };
        let verdict = released(Wanted::Admin, "deny-iam", &change, str::to_owned);
        assert_eq!(verdict.kind().word(), "violation", "all but identity is no administration: {verdict:?}");
    }
}
