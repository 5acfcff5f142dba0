//! What the two guardrails on the account's own managed policies share: which version to go back to.

use super::state::{CREATE_POLICY_VERSION, DELETE_POLICY_VERSION, SET_DEFAULT_POLICY_VERSION};
use super::state::{MOST_VERSIONS, ManagedPolicy, Since, Version, VersionAction, number};
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict};
use crate::resources::iam::edited::edited;
use crate::resources::iam::granted::{Wanted, repaired};
use iam_policy::Tier;

pub(crate) const TRIGGERS: &[&str] = &["CreatePolicyVersion", "SetDefaultPolicyVersion", "CreatePolicy"];

pub(crate) const ACTIONS: &[Permission] = &[CREATE_POLICY_VERSION, DELETE_POLICY_VERSION, SET_DEFAULT_POLICY_VERSION];

pub(crate) fn judge(policy: &ManagedPolicy, wanted: Wanted) -> Verdict {
    let Version { id, document } = &policy.default;
    let note = match policy.since {
        Since::Before | Since::MadeWithThePolicy => {
            why_none(policy, wanted).map(|why| format!("; only notified, as {why}"))
        }
        // A record shows one version: `remarks` says it once the others were read.
        Since::MadeByTheEvent | Since::ChosenByTheEvent => None,
    };
    let note = note.unwrap_or_default();
    let of_holders = match &policy.holders {
        Observed::Known(0) => ", which no principal holds",
        Observed::Known(_) | Observed::Absent | Observed::Unknown { .. } => "",
    };
    let sentence = |why: &str| format!("default version {id} of the policy{of_holders}: {why}{note}");
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

/// Why a version that the event made or chose is only notified, once that is sure.
pub(crate) fn remarks(policy: &ManagedPolicy, wanted: Wanted) -> Vec<String> {
    let is_the_event_s = matches!(policy.since, Since::MadeByTheEvent | Since::ChosenByTheEvent);
    let is_settled = is_the_event_s && policy.others.known().is_some();
    let is_bad = |document: &str| !wanted.is_absent_from(document);
    let why = if is_settled && is_bad(&policy.default.document) { why_none(policy, wanted) } else { None };
    why.map(|why| format!("no version to go back to: {why}")).into_iter().collect()
}

fn why_none(policy: &ManagedPolicy, wanted: Wanted) -> Option<String> {
    good_version(policy, wanted, Tier::PassRole).err()
}

/// `tier` is how far the ways reach that a document is rid of, where a version has to be made.
pub(crate) fn plan(policy: &ManagedPolicy, wanted: Wanted, tier: Tier) -> Plan<VersionAction> {
    let arn = || policy.arn.clone();
    let set = |version: &str| VersionAction::SetDefault { arn: arn(), version: version.to_owned() };
    let apply = match good_version(policy, wanted, tier) {
        Ok(Way::Version(version)) => set(&version.id),
        Ok(Way::New(document, room)) => {
            let (arn, changes) = (arn(), edited(Some(&policy.default.document), &document));
            match room {
                Room::Free => VersionAction::Create { arn, document, changes },
                Room::InPlaceOf(version) => VersionAction::Replace { arn, deleted: version.clone(), document, changes },
            }
        }
        Err(_) => return Plan::default(),
    };
    Plan::one(apply, set(&policy.default.id))
}

/// How to come back to a good version.
enum Way<'a> {
    /// One that is there.
    Version(&'a Version),
    /// None is: this is to be made.
    New(String, Room<'a>),
}

/// Where a version that is to be made finds room: "You can have up to five versions" ("Versioning IAM policies", IAM User Guide).
#[derive(Clone, Copy)]
enum Room<'a> {
    /// There are fewer.
    Free,
    /// The oldest that grants what must not be granted, as the default version does. A principal that fills all five with
    /// such documents would keep what they gave themselves.
    InPlaceOf(&'a Version),
}

fn room(policy: &ManagedPolicy, wanted: Wanted) -> Option<Room<'_>> {
    if policy.versions.known()?.len() < MOST_VERSIONS {
        return Some(Room::Free);
    }
    let others = policy.others.known()?.iter();
    others
        .filter(|version| wanted.is_granted_by(&version.document))
        .min_by_key(|version| number(&version.id))
        .map(Room::InPlaceOf)
}

/// What a policy says of which nothing would be left: IAM takes no policy without a statement, and this call needs no permission
/// ("GetCallerIdentity", AWS STS API reference).
const NOTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:GetCallerIdentity","Resource":"*"}]}"#;

/// The version that was the default when the policy was last seen good, made anew where it was deleted. Where none was kept, the
/// newest of the others that grants nothing of the kind: of a version that the event made, those before it. Where every one that is
/// left is as bad, the version that holds without what is wrong with it. Without one, the reason is part of what the finding says: nothing
/// failed below.
fn good_version(policy: &ManagedPolicy, wanted: Wanted, tier: Tier) -> Result<Way<'_>, String> {
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
    let kept = policy.before.known().filter(is_older).filter(is_another);
    if let Some(version) = kept.filter(is_left) {
        return Ok(Way::Version(version));
    }
    // It may have been laid ready: nothing that a guardrail would object to.
    let is_good = |version: &&Version| Wanted::Escalation(tier).is_absent_from(&version.document);
    let others = policy.others.known().map(Vec::as_slice).unwrap_or_default();
    let mut older = others.iter().filter(is_older);
    let room = room(policy, wanted);
    let newest = older.clone().next().filter(is_good).filter(|_| policy.since == Since::MadeByTheEvent);
    if let Some(version) = newest {
        return Ok(Way::Version(version));
    }
    if let (Some(kept), Some(room)) = (kept, room) {
        return Ok(Way::New(kept.document.clone(), room));
    }
    if let Some(version) = older.find(is_good) {
        return Ok(Way::Version(version));
    }
    match (&policy.others, room) {
        (Observed::Known(_), Some(room)) => {
            let left = repaired(&policy.default.document, &Observed::Absent, tier);
            Ok(Way::New(left.unwrap_or_else(|| NOTHING.to_owned()), room))
        }
        (Observed::Known(_), None) => Err(format!(
            "no other version of the policy is known to be good or to grant the same, and IAM keeps no more than {MOST_VERSIONS}: \
             delete one of them"
        )),
        (Observed::Absent, _) => Err("the policy's other versions are not known".to_owned()),
        (Observed::Unknown { why }, _) => Err(format!("the policy's other versions are not known: {why}")),
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
            others: Observed::Unknown { why: "not read".to_owned() },
            since,
        }
    }

    /// With these versions beside the default one.
    fn beside(policy: ManagedPolicy, others: &[(&str, &str)]) -> ManagedPolicy {
        let mut others: Vec<Version> = others.iter().map(|(id, document)| version(id, document)).collect();
        others.sort_by_key(|version| std::cmp::Reverse(number(&version.id)));
        let ids = others.iter().chain([&policy.default]).map(|version| version.id.clone()).collect();
        ManagedPolicy { versions: Observed::Known(ids), others: Observed::Known(others), ..policy }
    }

    fn back(policy: &ManagedPolicy) -> Option<String> {
        match &plan(policy, Wanted::Admin, Tier::PassRole).steps.first()?.apply {
            VersionAction::SetDefault { version, .. } => Some(version.clone()),
            VersionAction::Create { document, .. } => Some(document.clone()),
            VersionAction::Replace { deleted, document, .. } => Some(format!("{document} in place of {}", deleted.id)),
        }
    }

    #[test]
    fn back_to_the_version_that_was_good() {
        let kept = ManagedPolicy { before: Observed::Known(version("v2", GOOD)), ..policy(Since::MadeByTheEvent) };
        assert_eq!(back(&kept).as_deref(), Some("v2"), "before anybody looked");
        assert_eq!(back(&beside(kept.clone(), &[("v2", GOOD)])).as_deref(), Some("v2"));
        let deleted = back(&beside(kept.clone(), &[("v1", BAD)]));
        assert_eq!(deleted.as_deref(), Some(GOOD), "it was deleted, and is made anew");
        let full = [("v1", BAD), ("v4", BAD), ("v5", BAD), ("v6", BAD)];
        let replaced = format!("{GOOD} in place of v1");
        assert_eq!(
            back(&beside(kept.clone(), &full)),
            Some(replaced),
            "IAM keeps no more: the oldest bad one makes room"
        );
        let bad = ManagedPolicy { before: Observed::Known(version("v2", BAD)), ..kept.clone() };
        assert_eq!(back(&bad), None, "just as bad");
        let newer = ManagedPolicy { before: Observed::Known(version("v7", GOOD)), ..kept };
        assert_eq!(back(&newer), None, "of a policy of the same name that is gone");
    }

    #[test]
    fn the_newest_good_one_of_the_others_stands_in() {
        let (made, chosen) = (policy(Since::MadeByTheEvent), policy(Since::ChosenByTheEvent));
        assert_eq!(back(&beside(made.clone(), &[("v1", GOOD), ("v2", GOOD)])).as_deref(), Some("v2"));
        let older = beside(made.clone(), &[("v1", GOOD), ("v2", BAD)]);
        assert_eq!(back(&older).as_deref(), Some("v1"), "one that was laid ready is as bad");
        assert_eq!(back(&beside(made, &[("v4", GOOD)])).as_deref(), Some(NOTHING), "made later, it was no default");
        assert_eq!(back(&beside(chosen.clone(), &[("v1", GOOD), ("v5", GOOD)])).as_deref(), Some("v5"));
        assert_eq!(back(&beside(chosen, &[("v1", GOOD), ("v5", BAD)])).as_deref(), Some("v1"));
        for since in [Since::Before, Since::MadeWithThePolicy] {
            assert_eq!(back(&beside(policy(since), &[("v2", GOOD)])), None, "{since:?}");
        }
    }

    /// Making it the default would be the attacker's own doing, by Parapet's hand.
    #[test]
    fn a_version_that_allows_privilege_escalation_is_not_good() {
        let way = r#"{"Statement":{"Effect":"Allow","Action":"iam:PutUserPolicy","Resource":"*"}}"#;
        for since in [Since::MadeByTheEvent, Since::ChosenByTheEvent] {
            let laid_ready = beside(policy(since), &[("v1", GOOD), ("v2", way)]);
            assert_eq!(back(&laid_ready).as_deref(), Some("v1"), "{since:?}");
        }
    }

    #[test]
    fn where_none_is_good_a_version_without_what_is_wrong_is_made() {
        for since in [Since::MadeByTheEvent, Since::ChosenByTheEvent] {
            let alone = beside(policy(since), &[]);
            assert_eq!(back(&alone).as_deref(), Some(NOTHING), "{since:?}: nothing would be left");
            assert_eq!(back(&beside(policy(since), &[("v2", BAD)])).as_deref(), Some(NOTHING), "{since:?}");
            let full = [("v1", BAD), ("v2", BAD), ("v4", BAD), ("v5", BAD)];
            let replaced = format!("{NOTHING} in place of v1");
            assert_eq!(back(&beside(policy(since), &full)), Some(replaced), "{since:?}: IAM keeps no more");
            let unclear = [("v1", "{"), ("v2", "{"), ("v4", "{"), ("v5", "{")];
            assert_eq!(back(&beside(policy(since), &unclear)), None, "{since:?}: what cannot be read is not deleted");
            assert_eq!(back(&policy(since)), None, "{since:?}: not observed");
        }
        for since in [Since::Before, Since::MadeWithThePolicy] {
            assert_eq!(back(&beside(policy(since), &[])), None, "{since:?}");
        }
        let mixed = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
            {"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
        let mixed = ManagedPolicy { default: version("v3", mixed), ..beside(policy(Since::MadeByTheEvent), &[]) };
        let left = back(&mixed).unwrap();
        assert!(left.contains("s3:GetObject") && Wanted::Admin.is_absent_from(&left), "{left}");
        assert!(Wanted::Admin.is_absent_from(NOTHING));
    }

    #[test]
    fn that_no_version_is_good_is_said_once_that_is_sure() {
        let says = |policy: &ManagedPolicy| judge(policy, Wanted::Admin).reasons().concat().contains("only notified");
        assert!(says(&policy(Since::MadeWithThePolicy)));
        let made = policy(Since::MadeByTheEvent);
        assert!(!says(&made) && remarks(&made, Wanted::Admin).is_empty(), "a look may find one");
        assert!(remarks(&beside(made.clone(), &[("v1", BAD)]), Wanted::Admin).is_empty(), "one is made");
        let full = [("v1", BAD), ("v2", BAD), ("v4", BAD), ("v5", BAD)];
        assert!(remarks(&beside(made.clone(), &full), Wanted::Admin).is_empty(), "one takes another's place");
        let full = remarks(&beside(made, &[("v1", "{"), ("v2", "{"), ("v4", "{"), ("v5", "{")]), Wanted::Admin);
        assert!(full.concat().contains("delete one of them"), "{full:?}");
    }

    #[test]
    fn a_policy_without_a_holder_is_less_severe() {
        let severity = |policy: &ManagedPolicy| match judge(policy, Wanted::Admin) {
            Verdict::Violation(violation) => violation.severity,
            Verdict::Compliant | Verdict::Undetermined { .. } => Severity::Informational,
        };
        let held_by_many = policy(Since::MadeByTheEvent);
        assert_eq!(severity(&held_by_many), Severity::Critical);
        assert_eq!(severity(&ManagedPolicy { holders: Observed::Known(0), ..held_by_many }), Severity::Medium);
    }
}
