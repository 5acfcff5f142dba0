//! What the two guardrails on the account's own managed policies share: which version to go back to.

use super::state::{CREATE_POLICY_VERSION, SET_DEFAULT_POLICY_VERSION};
use super::state::{ManagedPolicy, Since, Version, VersionAction, number};
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict};
use crate::resources::iam::granted::{Wanted, repaired};
use iam_policy::Tier;

pub(crate) const TRIGGERS: &[&str] = &["CreatePolicyVersion", "SetDefaultPolicyVersion", "CreatePolicy"];

pub(crate) const ACTIONS: &[Permission] = &[CREATE_POLICY_VERSION, SET_DEFAULT_POLICY_VERSION];

pub(crate) fn judge(policy: &ManagedPolicy, wanted: Wanted) -> Verdict {
    let Version { id, document } = &policy.default;
    // A record shows one version: a look may find a way back all the same.
    let is_settled =
        policy.versions.known().is_some() || matches!(policy.since, Since::Before | Since::MadeWithThePolicy);
    let way_back = match way_back(policy, wanted, Tier::PassRole) {
        Err(why) if is_settled => format!("; only notified, as {why}"),
        Ok(_) | Err(_) => String::new(),
    };
    let held = match &policy.holders {
        Observed::Known(0) => ", which no principal holds",
        Observed::Known(_) | Observed::Absent | Observed::Unknown { .. } => "",
    };
    let sentence = |why: &str| format!("default version {id} of the policy{held}: {why}{way_back}");
    // Who else holds what is another question for each of its holders: the document is judged alone.
    let beside = Observed::Absent;
    let verdict = wanted.judge(id, &Observed::Known(document.clone()), &beside, sentence);
    match (verdict, &policy.holders) {
        // It grants nothing until it is attached, and then that is looked at.
        (Verdict::Violation(mut violation), Observed::Known(0)) => {
            violation.severity = violation.severity.min(Severity::Medium);
            Verdict::Violation(violation)
        }
        (verdict, _) => verdict,
    }
}

/// `tier` is how far the ways reach that a document is rid of, where a version has to be made.
pub(crate) fn plan(policy: &ManagedPolicy, wanted: Wanted, tier: Tier) -> Plan<VersionAction> {
    let arn = || policy.arn.clone();
    let set = |version: &str| VersionAction::SetDefault { arn: arn(), version: version.to_owned() };
    let apply = match way_back(policy, wanted, tier) {
        Ok(Way::Version(version)) => set(&version.id),
        Ok(Way::New(document)) => VersionAction::Create { arn: arn(), document },
        Err(_) => return Plan::default(),
    };
    Plan::one(apply, set(&policy.default.id))
}

/// How to come back to a good version.
enum Way<'a> {
    /// One that is there.
    Version(&'a Version),
    /// None is: this is to be made.
    New(String),
}

/// What a policy says of which nothing would be left: IAM takes no policy without a statement, and this call needs no permission
/// ("GetCallerIdentity", AWS STS API reference).
const NOTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetCallerIdentity","Resource":"*"}]}"#;

/// A good version to make, where the one that holds is the only one, or the last good one was deleted.
fn new_version(policy: &ManagedPolicy, kept: Option<&Version>, tier: Tier) -> Option<String> {
    let versions = policy.versions.known()?;
    if let Some(kept) = kept {
        // "You can have up to five versions": another is refused, and none is deleted to make room for it.
        return (versions.len() < 5).then(|| kept.document.clone());
    }
    let is_alone = versions.iter().all(|id| *id == policy.default.id);
    let left = || repaired(&policy.default.document, &Observed::Absent, tier).unwrap_or_else(|| NOTHING.to_owned());
    is_alone.then(left)
}

/// The version that was the default when the policy was last seen good. Where none was kept and the event made a version,
/// the newest one before it. Never one that is just as bad.
fn way_back(policy: &ManagedPolicy, wanted: Wanted, tier: Tier) -> Result<Way<'_>, String> {
    match policy.since {
        Since::Before => return Err("it existed before it was first read".to_owned()),
        Since::MadeWithThePolicy => return Err("there is no version before it".to_owned()),
        Since::MadeByTheEvent | Since::ChosenByTheEvent => {}
    }
    let is_left = |version: &&Version| match &policy.versions {
        Observed::Known(ids) => ids.contains(&version.id),
        Observed::Absent | Observed::Unknown { .. } => true,
    };
    // A policy that was deleted and made anew counts from one again.
    let is_older =
        |version: &&Version| policy.since != Since::MadeByTheEvent || number(&version.id) < number(&policy.default.id);
    let is_another = |version: &&Version| version.id != policy.default.id && wanted.is_absent_from(&version.document);
    let good = policy.before.known().filter(is_older).filter(is_another);
    if let Some(version) = good.filter(is_left) {
        return Ok(Way::Version(version));
    }
    let is_bad = |version: &Version| !wanted.is_absent_from(&version.document);
    let has_good_predecessor = policy.predecessor.known().is_some_and(|version| !is_bad(version));
    let may_choose = policy.since == Since::MadeByTheEvent && has_good_predecessor;
    if let Some(document) = new_version(policy, good, tier).filter(|_| !may_choose) {
        return Ok(Way::New(document));
    }
    if policy.since == Since::ChosenByTheEvent {
        return Err("no good version that was the default before is known and still there".to_owned());
    }
    match &policy.predecessor {
        Observed::Known(version) if !is_bad(version) => Ok(Way::Version(version)),
        Observed::Known(version) => Err(format!("the version before it, {}, grants the same", version.id)),
        Observed::Absent => Err("no version before it is left".to_owned()),
        Observed::Unknown { why } => Err(format!("the version before it is not known: {why}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"{"Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}}"#;
    const BAD: &str = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}"#;

    fn version(id: &str, document: &str) -> Version {
        Version { id: id.to_owned(), document: document.to_owned() }
    }

    fn policy(since: Since) -> ManagedPolicy {
        ManagedPolicy {
            arn: "arn:aws:iam::111122223333:policy/p".to_owned(),
            default: version("v3", BAD),
            holders: Observed::Known(1),
            before: Observed::Unknown { why: "none was kept".to_owned() },
            versions: Observed::Unknown { why: "not read".to_owned() },
            predecessor: Observed::Unknown { why: "not read".to_owned() },
            since,
        }
    }

    fn back(policy: &ManagedPolicy) -> Option<String> {
        match &plan(policy, Wanted::Admin, Tier::PassRole).steps.first()?.apply {
            VersionAction::SetDefault { version, .. } => Some(version.clone()),
            VersionAction::Create { document, .. } => Some(document.clone()),
        }
    }

    #[test]
    fn back_to_the_version_that_was_good() {
        let kept = ManagedPolicy { before: Observed::Known(version("v2", GOOD)), ..policy(Since::MadeByTheEvent) };
        assert_eq!(back(&kept).as_deref(), Some("v2"));
        let ids = |ids: &[&str]| Observed::Known(ids.iter().map(|id| (*id).to_owned()).collect());
        let deleted = back(&ManagedPolicy { versions: ids(&["v1", "v3"]), ..kept.clone() });
        assert_eq!(deleted.as_deref(), Some(GOOD), "it was deleted, and is made anew");
        let full = ids(&["v1", "v3", "v4", "v5", "v6"]);
        assert_eq!(back(&ManagedPolicy { versions: full, ..kept.clone() }), None, "there is no room for another");
        assert_eq!(back(&ManagedPolicy { versions: ids(&["v2", "v3"]), ..kept.clone() }).as_deref(), Some("v2"));
        let bad = ManagedPolicy { before: Observed::Known(version("v2", BAD)), ..kept.clone() };
        assert_eq!(back(&bad), None, "just as bad");
        let newer = ManagedPolicy { before: Observed::Known(version("v7", GOOD)), ..kept };
        assert_eq!(back(&newer), None, "of a policy of the same name that is gone");
    }

    #[test]
    fn the_version_before_stands_in_where_the_event_made_the_new_one() {
        let predecessor = Observed::Known(version("v2", GOOD));
        let made = ManagedPolicy { predecessor: predecessor.clone(), ..policy(Since::MadeByTheEvent) };
        assert_eq!(back(&made).as_deref(), Some("v2"));
        for since in [Since::ChosenByTheEvent, Since::Before, Since::MadeWithThePolicy] {
            assert_eq!(back(&ManagedPolicy { predecessor: predecessor.clone(), ..policy(since) }), None, "{since:?}");
        }
        let bad = ManagedPolicy { predecessor: Observed::Known(version("v2", BAD)), ..made };
        assert_eq!(back(&bad), None);
    }

    #[test]
    fn the_only_version_left_is_rid_of_what_is_wrong_with_it() {
        let alone = |since| ManagedPolicy {
            versions: Observed::Known(vec!["v3".to_owned()]),
            predecessor: Observed::Absent,
            ..policy(since)
        };
        for since in [Since::MadeByTheEvent, Since::ChosenByTheEvent] {
            assert_eq!(back(&alone(since)).as_deref(), Some(NOTHING), "{since:?}: nothing would be left");
        }
        for since in [Since::Before, Since::MadeWithThePolicy] {
            assert_eq!(back(&alone(since)), None, "{since:?}");
        }
        let mixed = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
            {"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
        let mixed = ManagedPolicy { default: version("v3", mixed), ..alone(Since::MadeByTheEvent) };
        let left = back(&mixed).unwrap();
        assert!(left.contains("s3:GetObject") && Wanted::Admin.is_absent_from(&left), "{left}");
        assert!(Wanted::Admin.is_absent_from(NOTHING));
    }

    #[test]
    fn that_there_is_no_way_back_is_said_once_that_is_sure() {
        let says = |policy: &ManagedPolicy| judge(policy, Wanted::Admin).reasons().concat().contains("only notified");
        let made = policy(Since::MadeByTheEvent);
        assert!(!says(&made), "a look may find one");
        let versions = Observed::Known(vec!["v2".to_owned(), "v3".to_owned()]);
        let looked = ManagedPolicy { versions, predecessor: Observed::Known(version("v2", BAD)), ..made };
        assert!(says(&looked));
        assert!(says(&policy(Since::MadeWithThePolicy)));
    }

    #[test]
    fn what_nobody_holds_is_told_as_less() {
        let severity = |policy: &ManagedPolicy| match judge(policy, Wanted::Admin) {
            Verdict::Violation(violation) => violation.severity,
            Verdict::Compliant | Verdict::Undetermined { .. } => Severity::Informational,
        };
        let held = policy(Since::MadeByTheEvent);
        assert_eq!(severity(&held), Severity::Critical);
        assert_eq!(severity(&ManagedPolicy { holders: Observed::Known(0), ..held }), Severity::Medium);
    }
}
