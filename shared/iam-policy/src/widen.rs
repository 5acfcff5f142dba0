//! Whether one document allows more than another.
//!
//! What must hold: "no more" is only said where every statement of the new document is shown to be within the old one; "more" only
//! where a request is found that the new one allows and the old one does not. Everything else is unknown: the two may differ
//! in ways that a comparison of patterns does not decide.

use super::condition::Condition;
use super::document::{Document, Statement};
use super::glob::{Budget, Pattern};
use super::known::KNOWN;
use super::scope::Scope;
use super::words::clip;

/// How a document compares with the one before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Widening {
    /// It allows the same or less.
    No,
    /// It allows more; an example, for a person.
    Yes(String),
    /// That is unknown, and why.
    Unknown(String),
}

/// How far a document allows a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Allowed {
    No,
    /// Under conditions that a request may or may not meet.
    Maybe,
    Yes,
}

/// Requests that are tried, at most.
const MOST_REQUESTS: usize = 20_000;

/// Whether `now` allows something that `before` did not.
pub fn widens(before: &Document, now: &Document) -> Widening {
    let problem = before.problems.first().or_else(|| now.problems.first());
    if let Some(problem) = problem {
        return Widening::Unknown(format!("a document cannot be read as a whole, {problem}"));
    }
    let budget = Budget::new();
    if is_within(now, before, &budget) {
        return Widening::No;
    }
    let (actions, resources) = requests(before, now);
    let tried = actions.iter().flat_map(|action| resources.iter().map(move |resource| (action, resource)));
    for (action, resource) in tried.take(MOST_REQUESTS) {
        let (was, is) = (allowed(before, action, resource, &budget), allowed(now, action, resource, &budget));
        if budget.is_exhausted() {
            break;
        }
        // Two conditions of which neither is known to hold say nothing about which is the wider one.
        if is > was {
            let (action, resource) = (clip(action.text()), clip(resource.text()));
            return Widening::Yes(format!("`{action}` on `{resource}`"));
        }
    }
    Widening::Unknown("the two cannot be compared statement by statement".to_owned())
}

/// Each Allow of `inner` is within one of `outer`, and each Deny of `outer` is still there in `inner`.
fn is_within(inner: &Document, outer: &Document, budget: &Budget) -> bool {
    let allows = |document: &'_ Document| -> Vec<Statement> {
        document.statements.iter().filter(|statement| statement.allows()).cloned().collect()
    };
    let denies = |document: &'_ Document| -> Vec<Statement> {
        document.statements.iter().filter(|statement| statement.denies()).cloned().collect()
    };
    let (inner_allows, outer_allows) = (allows(inner), allows(outer));
    let (inner_denies, outer_denies) = (denies(inner), denies(outer));
    let is_denied = |deny: &Statement| {
        inner_denies.iter().any(|other| {
            let is_as_strict = other.conditions.is_empty() || same(&other.conditions, &deny.conditions);
            is_as_strict
                && contains(&other.actions, &deny.actions, budget)
                && contains(&other.resources, &deny.resources, budget)
        })
    };
    // What nothing allows any more needs no Deny.
    let is_moot = |deny: &Statement| {
        !inner_allows.iter().any(|allow| {
            overlaps(&allow.actions, &deny.actions, budget) && overlaps(&allow.resources, &deny.resources, budget)
        })
    };
    let are_allowed = inner_allows.iter().all(|allow| is_allowed(allow, &outer_allows, budget));
    are_allowed && outer_denies.iter().all(|deny| is_denied(deny) || is_moot(deny)) && !budget.is_exhausted()
}

/// Each action on each resource of the statement is within one of `outer`, under no more conditions than its own.
fn is_allowed(allow: &Statement, outer: &[Statement], budget: &Budget) -> bool {
    let fits = |other: &Statement| other.conditions.is_empty() || same(&other.conditions, &allow.conditions);
    let whole = |other: &Statement| {
        fits(other)
            && contains(&other.actions, &allow.actions, budget)
            && contains(&other.resources, &allow.resources, budget)
    };
    if outer.iter().any(whole) {
        return true;
    }
    let (Scope::Only(actions), Scope::Only(resources)) = (&allow.actions, &allow.resources) else { return false };
    actions.iter().all(|action| {
        resources.iter().all(|resource| {
            outer.iter().any(|other| {
                fits(other) && other.actions.covers(action, budget) && other.resources.covers(resource, budget)
            })
        })
    })
}

/// Everything of `inner` is in `outer`.
fn contains(outer: &Scope, inner: &Scope, budget: &Budget) -> bool {
    match (outer, inner) {
        (_, Scope::Only(patterns)) => patterns.iter().all(|pattern| outer.covers(pattern, budget)),
        // All but a list is within all but a shorter one.
        (Scope::Except(left_out), Scope::Except(listed)) => {
            left_out.iter().all(|pattern| listed.iter().any(|other| other.covers_within(pattern, budget)))
        }
        (Scope::Only(patterns), Scope::Except(_)) => patterns.iter().any(Pattern::is_everything),
    }
}

fn overlaps(one: &Scope, other: &Scope, budget: &Budget) -> bool {
    match (one, other) {
        (_, Scope::Only(patterns)) => patterns.iter().any(|pattern| one.meets(pattern, budget)),
        (Scope::Only(patterns), Scope::Except(_)) => patterns.iter().any(|pattern| other.meets(pattern, budget)),
        (Scope::Except(_), Scope::Except(_)) => true,
    }
}

/// The same conditions, in whatever order they and their values are written.
fn same(one: &[Condition], other: &[Condition]) -> bool {
    let plain = |conditions: &[Condition]| {
        let mut plain: Vec<_> = conditions
            .iter()
            .map(|condition| {
                let mut values = condition.values.clone();
                values.sort();
                (condition.operator_text.to_ascii_lowercase(), condition.key.clone(), values)
            })
            .collect();
        plain.sort();
        plain
    };
    plain(one) == plain(other)
}

/// Requests that the two answer differently, if any: each pattern of either document with something in place of its
/// wildcards, and the actions by which a principal gets more permissions.
fn requests(before: &Document, now: &Document) -> (Vec<Pattern>, Vec<Pattern>) {
    let (mut actions, mut resources) = (Vec::new(), Vec::new());
    for statement in now.statements.iter().chain(&before.statements) {
        let of = |scope: &Scope| match scope {
            Scope::Only(patterns) | Scope::Except(patterns) => {
                patterns.iter().map(|pattern| filled(pattern.text())).collect::<Vec<_>>()
            }
        };
        actions.extend(of(&statement.actions).iter().map(|text| action(text)));
        resources.extend(of(&statement.resources).iter().map(|text| Pattern::value(text)));
    }
    actions.extend(KNOWN.iter().map(|known| known.pattern.clone()));
    actions.push(action("x:x"));
    resources.push(Pattern::value("x"));
    (unique(actions), unique(resources))
}

/// An action names its service: what is left of a pattern without one is of any.
fn action(text: &str) -> Pattern {
    if text.contains(':') { Pattern::action(text) } else { Pattern::action(&format!("{text}:{text}")) }
}

/// The pattern with a word that no document has in place of each wildcard.
fn filled(text: &str) -> String {
    text.replace('*', "x0q").replace('?', "q")
}

fn unique(patterns: Vec<Pattern>) -> Vec<Pattern> {
    let mut kept: Vec<Pattern> = Vec::with_capacity(patterns.len());
    for pattern in patterns {
        if !kept.iter().any(|other| other.text() == pattern.text()) {
            kept.push(pattern);
        }
    }
    kept
}

/// How far the document allows this one action on this one resource.
fn allowed(document: &Document, action: &Pattern, resource: &Pattern, budget: &Budget) -> Allowed {
    let mut found = Allowed::No;
    let mut most = Allowed::Yes;
    for statement in &document.statements {
        if !statement.actions.covers(action, budget) || !statement.resources.covers(resource, budget) {
            continue;
        }
        let sure = if statement.conditions.is_empty() { Allowed::Yes } else { Allowed::Maybe };
        if statement.allows() {
            found = found.max(sure);
        } else if statement.denies() {
            most = most.min(if sure == Allowed::Yes { Allowed::No } else { Allowed::Maybe });
        }
    }
    found.min(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn document(statements: &str) -> Document {
        Document::parse(&format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#))
    }

    fn allow(actions: &str, resource: &str) -> String {
        format!(r#"{{"Effect":"Allow","Action":{actions},"Resource":"{resource}"}}"#)
    }

    const S3: &str = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*"}"#;
    const READ: &str = r#"{"Effect":"Allow","Action":["s3:Get*","s3:List*"],"Resource":"*"}"#;
    const ALL: &str = r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#;
    const BUT_IAM: &str = r#"{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}"#;
    const BUT_MORE: &str = r#"{"Effect":"Allow","NotAction":["iam:*","sts:*"],"Resource":"*"}"#;
    const DENY: &str = r#"{"Effect":"Deny","Action":"s3:DeleteBucket","Resource":"*"}"#;
    const DENY_KMS: &str = r#"{"Effect":"Deny","Action":"kms:*","Resource":"*"}"#;
    const WITH_MFA: &str = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}"#;
    const WITH_IP: &str = r#"{"Effect":"Allow","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":"203.0.113.0/24"}}}"#;

    #[rstest]
    #[case::the_same(S3, S3)]
    #[case::fewer_actions(S3, READ)]
    #[case::a_service_of_all(ALL, S3)]
    #[case::one_more_deny(S3, &format!("{S3},{DENY}"))]
    #[case::more_left_out(BUT_IAM, BUT_MORE)]
    #[case::all_but_one_service(ALL, BUT_IAM)]
    #[case::what_is_not_left_out(BUT_IAM, S3)]
    #[case::a_condition_more(S3, WITH_MFA)]
    #[case::the_same_condition(WITH_MFA, WITH_MFA)]
    #[case::nothing(S3, DENY)]
    #[case::two_statements_in_one(
        r#"{"Effect":"Allow","Action":"s3:Get*","Resource":"*"},{"Effect":"Allow","Action":"s3:List*","Resource":"*"}"#,
        READ
    )]
    #[case::a_deny_of_what_is_not_allowed_any_more(&format!("{ALL},{DENY_KMS}"), S3)]
    fn a_document_that_allows_no_more(#[case] before: &str, #[case] now: &str) {
        assert_eq!(widens(&document(before), &document(now)), Widening::No);
    }

    #[rstest]
    #[case::more_actions(READ, S3)]
    #[case::everything(S3, ALL)]
    #[case::a_deny_less(&format!("{S3},{DENY}"), S3)]
    #[case::a_narrower_deny(&format!("{ALL},{DENY_KMS}"), ALL)]
    #[case::less_left_out(BUT_MORE, BUT_IAM)]
    #[case::nothing_left_out(BUT_IAM, ALL)]
    #[case::a_condition_less(WITH_MFA, S3)]
    #[case::other_actions(S3, r#"{"Effect":"Allow","Action":"ec2:*","Resource":"*"}"#)]
    #[case::other_resources(&allow(r#""s3:GetObject""#, "arn:aws:s3:::a/*"), &allow(r#""s3:GetObject""#, "arn:aws:s3:::b/*"))]
    #[case::wider_resources(&allow(r#""s3:GetObject""#, "arn:aws:s3:::a/*"), &allow(r#""s3:GetObject""#, "arn:aws:s3:::*"))]
    #[case::tighter_here_and_wider_there(S3, &format!("{READ},{}", allow(r#""iam:PassRole""#, "*")))]
    #[case::under_a_condition_what_was_not_at_all(READ, WITH_MFA)]
    fn a_document_that_allows_more(#[case] before: &str, #[case] now: &str) {
        let found = widens(&document(before), &document(now));
        assert!(matches!(found, Widening::Yes(_)), "{found:?}");
    }

    #[rstest]
    #[case::another_condition(WITH_MFA, WITH_IP)]
    #[case::unreadable(S3, r#"{"Effect":"Allow","Colour":1}"#)]
    fn what_cannot_be_compared(#[case] before: &str, #[case] now: &str) {
        let found = widens(&document(before), &document(now));
        assert!(matches!(found, Widening::Unknown(_)), "{found:?}");
    }
}
