//! Every situation under `tests/fixtures` that ends remediated, played as `make run EVENT=…` plays it: what the event is about
//! is made in the local AWS and changed as the event says, the real function is handed the event, and closes it. In how many
//! round trips stands in docs/containment.json, which docs/guardrails.md shows. What is only notified is notified.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that fails says so by panicking")]

use futures_util::future::join_all;
use serde_json::Value;
use shared::resources::catalogue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;
use tests::demo::Demo;
use tests::moto::{ACCOUNT, Moto};
use tests::play::{Play, Served};
use tests::stage::Stage;
use tests::view::View;
use tests::{paths, roles, stage};

/// What is not played, and why. The pure pipeline plays all of it (`shared/tests/all/fixtures.rs`).
const NOT_PLAYED: &[(&str, &str, &str)] = &[
    ("attached-policy-grants-admin", "violates-in-another-partition", NO_PARTITION),
    ("attached-policy-grants-admin", "violates-everything-but-identity-and-identity-beside", OF_ANOTHER),
    ("quarantined-user-has-active-keys", "violates-in-another-partition", NO_PARTITION),
    ("permissions-boundary-changed", "violates-user-changed", NO_BOUNDARY),
    ("permissions-boundary-changed", "violates-user-removed", NO_BOUNDARY),
    ("quarantined-user-has-active-keys", "violates-as-an-inline-policy", STRICT),
    ("inline-policy-grants-admin", "violates-one-statement-without-a-list", STRICT),
    ("subnet-assigns-public-address", "violates-ipv6", "moto's subnets assign no IPv6 addresses"),
    ("ebs-default-key-changed", "violates-not-listed-and-the-one-before-was", OTHERWISE),
    ("role-trust-open", "violates-a-service-unpinned", OTHERWISE),
    ("managed-policy-grants-admin", "violates-what-was-kept-was-deleted", OTHERWISE),
    ("image-shared-with-untrusted", "violates-permission-that-cannot-be-read-but-is-seen", UNREADABLE),
    ("snapshot-shared-with-untrusted", "violates-permission-that-cannot-be-read-but-is-seen", UNREADABLE),
    ("load-balancer-deletion-protection-off", "violates-among-other-attributes", "moto's load balancer is a new one"),
    ("security-group-admin-port-open", "violates-prefix-list-of-the-world", "the list is another account's"),
    ("security-group-admin-port-open", "violates-shape-unknown-but-read", UNREADABLE),
    ("access-key-not-allowed", "violates-changed-and-the-request-does-not-say-how", REOPENED),
    ("access-key-not-allowed", "violates-of-a-user-that-was-renamed", REOPENED),
    ("access-key-not-allowed", "violates-switched-on-again", REOPENED),
    ("access-key-not-allowed", "violates-switched-on-in-other-letters", REOPENED),
    ("console-password-set-by-another", "violates-the-hold-was-deleted", REOPENED),
    ("console-password-set-by-another", "violates-the-hold-was-overwritten", REOPENED),
    ("console-user-without-mfa", "violates-renamed", REOPENED),
    ("console-user-without-mfa", "violates-the-denial-was-deleted", REOPENED),
    ("inline-policy-grants-admin", "violates-too-large-for-its-record", REOPENED),
    ("inline-policy-grants-escalation", "violates-a-denial-was-deleted", REOPENED),
    ("inline-policy-grants-escalation", "violates-a-denial-was-overwritten", REOPENED),
    ("managed-policy-grants-admin", "violates-the-only-version-that-is-left", REOPENED),
    ("managed-policy-grants-admin", "violates-the-version-before-was-deleted", REOPENED),
    ("managed-policy-grants-admin", "violates-too-large-for-its-record", REOPENED),
    ("network-acl-admin-port-open", "violates-a-denial-was-deleted", REOPENED),
    ("quarantined-user-has-active-keys", "violates-a-key-was-switched-on-again", REOPENED),
    ("quarantined-user-has-active-keys", "violates-the-cut-was-deleted", REOPENED),
    ("security-group-admin-port-open", "violates-an-old-version-of-a-prefix-list-was-restored", REOPENED),
    ("security-group-admin-port-open", "violates-the-world-was-put-into-a-prefix-list", REOPENED),
];
const REOPENED: &str = "the stage makes what an event opens, not what was closed before it: `attacks` plays its kind";
const OF_ANOTHER: &str = "attached-policy-grants-escalation closes it first, by what one look shows";
const NO_PARTITION: &str = "moto knows AWS's policies in the partition `aws` only";
const NO_BOUNDARY: &str = "moto has no permissions boundaries of users";
const STRICT: &str = "moto refuses the document, which IAM takes";
const OTHERWISE: &str = "what stood before is not what the stage makes";
const UNREADABLE: &str = "what is to be made cannot be read from the record";

/// What stands afterwards is what stood before the change, but for these guardrails and situations.
const NOT_AS_BEFORE: &[(&str, &str, &str)] = &[
    ("access-key-not-allowed", "", "a key is switched off, not deleted"),
    ("access-key-exposed", "", REPORTED),
    ("access-key-reported", "", REPORTED),
    ("eks-audit-logs-off", "violates-switched-off", "the log of the scheduler is the owner's to switch off"),
    ("guardduty-detector-deleted", "", "the detector that is created has an id of its own"),
    ("instance-not-isolated", "", REPORTED),
    ("role-session-reported", "", REPORTED),
    ("console-password-set-by-another", "", HELD),
    ("console-user-without-mfa", "", HELD),
    ("quarantined-user-has-active-keys", "", "AWS's own policy stays"),
    ("instance-metadata-v1-allowed", "", "an instance is launched open"),
    ("kms-grant-to-untrusted", "", "the grant exists before the event: KMS chooses its id"),
    ("db-snapshot-shared-with-untrusted", "violates-one-of-two", TRUSTED),
    ("image-shared-with-untrusted", "violates-one-of-two-accounts", TRUSTED),
    ("image-shared-with-untrusted", "violates-organizational-unit", TRUSTED),
    ("snapshot-shared-with-untrusted", "violates-one-of-two-accounts", TRUSTED),
    ("security-group-admin-port-open", "violates-beside-rules-of-groups", TRUSTED),
    ("security-group-admin-port-open", "violates-modified-several-rules", TRUSTED),
    ("security-group-admin-port-open", "violates-one-of-several-sources", TRUSTED),
    ("inline-policy-grants-admin", "violates-nothing-kept-and-one-statement-is-wrong", TRUSTED),
    ("inline-policy-grants-escalation", "violates-nothing-kept", TRUSTED),
    ("inline-policy-grants-escalation", "violates-one-way", TRUSTED),
    ("db-cluster-deletion-protection-off", "violates-request-omitted", BESIDE),
    ("db-cluster-deletion-protection-off", "violates-turned-off", BESIDE),
    ("db-instance-publicly-accessible", "violates-created-and-nothing-says", BESIDE),
    ("db-instance-publicly-accessible", "violates-created-by-default", BESIDE),
    ("db-instance-publicly-accessible", "violates-created-explicitly", BESIDE),
    ("db-instance-publicly-accessible", "violates-request-omitted", BESIDE),
    ("db-instance-publicly-accessible", "violates-restored-from-a-snapshot", BESIDE),
    ("db-instance-publicly-accessible", "violates-restored-from-s3", BESIDE),
    ("db-instance-publicly-accessible", "violates-restored-to-a-point-in-time", BESIDE),
    ("inline-policy-grants-escalation", "violates-overwritten-policy", TRUSTED),
    ("inline-policy-grants-escalation", "violates-though-its-name-is-protected", TRUSTED),
    (
        "organization-policy-deleted",
        "violates-and-a-weaker-one-has-its-name",
        "the one that took its name keeps its own description and tags",
    ),
    ("password-policy-weak", "violates-what-is-stricter-now-stays", "what the change made stricter stays"),
    ("role-trust-open", "violates-a-new-role-though-its-name-is-protected", NEW),
    ("role-trust-open", "violates-and-another-good-policy-stood-there", TRUSTED),
    ("role-trust-open", "violates-changed-of-a-role-that-only-bears-a-protected-name", TRUSTED),
    ("role-trust-open", "violates-everybody-among-others", TRUSTED),
    ("role-trust-open", "violates-foreign-provider", TRUSTED),
    ("role-trust-open", "violates-github-any-repository", TRUSTED),
    ("role-trust-open", "violates-and-is-only-named-like-aws-s-own", NEW),
    ("role-trust-open", "violates-and-is-read", NEW),
    ("role-trust-open", "violates-new-role", NEW),
    ("role-trust-open", "violates-new-role-of-a-known-name", NEW),
    ("role-trust-open", "violates-request-omitted-but-response-shows", NEW),
    ("security-group-default-has-rules", "violates-created-default-vpc", NEW),
    ("security-group-default-has-rules", "violates-created-vpc", NEW),
    ("trail-weakened", "violates-one-region", TRUSTED),
    ("subnet-assigns-public-address", "violates-default-subnet-made-and-policy-includes-them", NEW),
    ("db-backup-retention-short", "violates-cluster-nothing-kept", BY_POLICY),
    ("db-exported-to-untrusted-bucket", "", "an export that was cancelled is listed still"),
    ("db-instance-backups-off", "violates-nothing-kept", BY_POLICY),
    ("dynamodb-table-point-in-time-recovery-off", "violates-disabled-and-nothing-kept", BY_POLICY),
    ("eks-endpoint-open", "violates-created-open", NEW),
    ("eks-endpoint-open", "violates-limited-to-what-policy-allows", BY_POLICY),
    ("emr-block-public-access-weakened", "violates-switched-off-and-nothing-is-known", BY_POLICY),
    ("kms-key-deletion-scheduled", "violates-scheduled-and-nothing-kept", BY_POLICY),
    ("kms-key-rotation-off", "violates-disabled-and-nothing-kept", BY_POLICY),
    ("load-balancer-listener-plain-http", "", ANSWERING),
    ("load-balancer-listener-tls-outdated", "", ANSWERING),
    ("redshift-snapshot-shared-with-untrusted", "violates-as-a-read-shows", TRUSTED),
    ("resource-share-external", "violates-associated", TRUSTED),
    ("s3-account-public-access-block-weakened", "violates-deleted-and-nothing-kept", BY_POLICY),
    ("s3-bucket-acl-public", "violates-and-log-delivery-stays", TRUSTED),
    ("s3-bucket-acl-public", "violates-grant-in-a-header", TRUSTED),
    ("s3-bucket-acl-untrusted", "violates-another-account", TRUSTED),
    ("s3-bucket-acls-enabled", "violates-preferred-and-nothing-kept", BY_POLICY),
    ("s3-bucket-expires-soon", "", TRUSTED),
    ("s3-bucket-public-access-block-weakened", "violates-deleted-and-nothing-kept", BY_POLICY),
    ("s3-bucket-replicated-to-untrusted", "", TRUSTED),
    ("s3-bucket-tls-not-required", "", "a statement is added, whatever stood there"),
    ("s3-bucket-versioning-suspended", "violates-suspended-and-nothing-kept", BY_POLICY),
    ("sms-spend-limit-raised", "violates-above-the-setting", BY_POLICY),
    ("ssm-document-public", "violates-all", "moto puts `all` in the place of the accounts that stood there"),
    ("ssm-document-shared-with-untrusted", "violates-a-stranger", TRUSTED),
    ("trail-logs-less", "violates-and-nothing-was-kept", BY_POLICY),
];
const BY_POLICY: &str = "what stood before is not known: what policy asks for is set";
const ANSWERING: &str = "the listener that the stage makes answers by itself until the event";
const REPORTED: &str = "what a finding names is contained, and was not before";
const HELD: &str = "a deny is written into the user";
const TRUSTED: &str = "what the change made besides is allowed and stays";
const NEW: &str = "the event made it";
const BESIDE: &str = "its backups are kept for too short a time, and that is put right as well";

/// Whether what stands afterwards need not be what stood before.
fn may_differ(guardrail: &str, name: &str) -> bool {
    NOT_AS_BEFORE.iter().any(|(of, situation, _)| *of == guardrail && (situation.is_empty() || *situation == name))
}

/// Round trips by guardrail and situation.
type Rounds = BTreeMap<String, BTreeMap<String, usize>>;

/// The violations that end like this, by guardrail and name.
fn ending(result: &str) -> BTreeMap<(String, String), &'static Value> {
    let all = situations::all().unwrap().iter();
    let is_it = |expect: &Value| expect["result"] == result && expect["verdict"] == "violation";
    all.filter(|(_, situation)| is_it(&situation["expect"])).map(|(key, situation)| (key.clone(), situation)).collect()
}

/// The situations that end remediated and are played.
fn played() -> BTreeMap<(String, String), &'static Value> {
    let mut found = ending("remediated");
    // A situation may give the reason itself.
    found.retain(|_, situation| situation.get("not_played").is_none());
    for (guardrail, name, why) in NOT_PLAYED {
        let known = found.remove(&((*guardrail).to_owned(), (*name).to_owned()));
        assert!(known.is_some(), "{guardrail}/{name} ({why}) is no situation that ends remediated");
    }
    found
}

/// Lines of a situation, in the account that plays it.
fn at_home(lines: &[Value]) -> Vec<String> {
    lines.iter().filter_map(Value::as_str).map(|line| line.replace("111122223333", ACCOUNT)).collect()
}

/// What a function called that its role in the template does not hold. Compared by the action: not by the resource, nor what a call needs beside its own.
fn beyond_its_role(served: &Served) -> Vec<String> {
    static ROLES: Mutex<BTreeMap<String, BTreeSet<String>>> = Mutex::new(BTreeMap::new());
    let mut roles = ROLES.lock().unwrap();
    let held = roles.entry(served.function.clone()).or_insert_with(|| {
        let topic = format!("arn:aws:sns:us-east-1:{ACCOUNT}:security");
        roles::actions(&roles::statements(&served.function, &topic).unwrap(), "")
    });
    let called = served.calls.iter().map(tests::proxy::Call::permission);
    // It needs no permission ("GetCallerIdentity", AWS STS API reference).
    called.filter(|action| !held.contains(action) && action != "sts:GetCallerIdentity").collect()
}

/// In which round trip it was closed; else how it ended.
async fn play(
    moto: &Moto,
    (guardrail, name): (&str, &str),
    situation: &Value,
    is_first: bool,
    delay: Duration,
) -> tests::Result<usize> {
    moto.reset().await?;
    let own = stage::own(situation)?;
    let (event, policy) = (&own.events[0], own.policy.as_deref().unwrap_or(Demo::OWN_POLICY));
    let mut play = Play::new(moto.address(), stage::region(event), policy).await?;
    let staged = play.stage(event, &own.beside).await?;
    let opened = staged.view.lines(&play.clients).await?;
    // Whatever is asked at the same time overlaps.
    play.delay(delay);
    let mut ended = format!("no function speaks of it; {}", staged.note);
    for one in play.deliver_warm(&staged.event).await? {
        let beyond = beyond_its_role(&one);
        if !beyond.is_empty() {
            return Err(format!("the role of {} does not allow {beyond:?}", one.function).into());
        }
        let Ok(outcome) = one.answer.outcome(guardrail) else { continue };
        match one.containment() {
            Some((round, _)) if outcome["result"] == "remediated" => {
                let after = Some(staged.view.lines(&play.clients).await?);
                let is_right = match (&staged.view, &situation["expect"]["after"]) {
                    // What the event wrote is more than what is at fault: the situation says what is left of it.
                    (View::Policy(_), Value::Array(lines)) => after == Some(at_home(lines)),
                    _ if may_differ(guardrail, name) => after != staged.before && after.as_ref() != Some(&opened),
                    _ => after == staged.before,
                };
                if is_right && (name == MIXED || is_first && matches!(staged.view, View::Read(_) | View::Organization))
                {
                    let finding = outcome["finding_id"].as_str().unwrap_or_default().to_owned();
                    take_back(&mut play, &staged, guardrail, &finding, &opened).await?;
                }
                if is_right {
                    return Ok(round);
                }
                return Err(format!("not as it should be: {:#?} before, {after:#?} after", staged.before).into());
            }
            Some(_) | None => ended = format!("{outcome}; {}", staged.note),
        }
    }
    Err(ended.into())
}

/// The situation of every resource policy that mixes what violates with what does not.
const MIXED: &str = "violates-among-three-that-stay";

/// Handled again, nothing changes; undone by the command, it is what it was; handled once more, the guardrail does not fight that.
async fn take_back(
    play: &mut Play,
    staged: &Stage,
    guardrail: &str,
    finding: &str,
    opened: &[String],
) -> tests::Result<()> {
    play.delay(Duration::ZERO);
    let closed = staged.view.lines(&play.clients).await?;
    play.deliver(&staged.event).await?;
    let again = staged.view.lines(&play.clients).await?;
    if again != closed {
        return Err(format!("a second delivery made {again:#?} of {closed:#?}").into());
    }
    play.undo(finding).await?;
    let restored = staged.view.lines(&play.clients).await?;
    if restored != opened {
        return Err(format!("the undo made {restored:#?} of {opened:#?}").into());
    }
    play.restart();
    let answers = play.deliver(&staged.event).await?;
    let results: Vec<_> = answers.iter().filter_map(|one| one.answer.result(guardrail).ok()).collect();
    match staged.view.lines(&play.clients).await? == restored && results.iter().any(|result| *result == "exempt") {
        true => Ok(()),
        false => Err(format!("it fights the undo: {results:?}").into()),
    }
}

/// What is added to each round trip, try by try: the longer, the surer that what is asked at the same time overlaps.
const DELAYS: [Duration; 4] =
    [Duration::from_millis(10), Duration::from_millis(50), Duration::from_millis(150), Duration::from_millis(500)];

/// Plays at once: most of each is waiting for a process to start, or for a delay that was asked for.
const AT_ONCE: usize = 6;

/// What is still to be played.
type Left = Mutex<BTreeMap<(String, String), &'static Value>>;

/// Plays what is left, one situation after the other, with a moto of its own. What took longer than `known` is played again: on a
/// busy machine, what was asked at the same time may not have arrived at the same time.
async fn play_all(left: &Left, firsts: &BTreeMap<String, String>, known: &Rounds) -> (Rounds, String) {
    let moto = Moto::start().await.unwrap();
    let (mut rounds, mut wrong) = (Rounds::new(), String::new());
    let next = || left.lock().unwrap().pop_first();
    while let Some(((guardrail, name), situation)) = next() {
        let is_first = firsts.get(&guardrail) == Some(&name);
        let most = known.get(&guardrail).and_then(|known| known.get(&name)).copied();
        let mut least = None;
        for delay in DELAYS {
            match play(&moto, (&guardrail, &name), situation, is_first, delay).await {
                Ok(round) => least = Some(least.map_or(round, |least: usize| least.min(round))),
                Err(problem) => {
                    wrong += &format!("\n{guardrail}/{name}: {problem}");
                    break;
                }
            }
            if least.is_some() && (most.is_none() || least <= most) {
                break;
            }
        }
        rounds.entry(guardrail).or_default().extend(least.map(|least| (name, least)));
    }
    (rounds, wrong)
}

#[tokio::test]
async fn every_situation_is_closed_as_make_run_plays_it() {
    let path = paths::root().join("docs/containment.json");
    let is_written = std::env::var_os("PARAPET_UPDATE_DOCS").is_some();
    let known = if is_written { "{}".to_owned() } else { std::fs::read_to_string(&path).unwrap() };
    let known: Rounds = serde_json::from_str(&known).unwrap();
    let all = played();
    // The first situation of each setting is taken back as well.
    let firsts = all.keys().rev().cloned().collect();
    let left = Mutex::new(all);
    let next = || play_all(&left, &firsts, &known);
    let (mut rounds, mut wrong) = (Rounds::new(), String::new());
    for (more, problems) in join_all((0..AT_ONCE).map(|_| next())).await {
        wrong += &problems;
        for (guardrail, more) in more {
            rounds.entry(guardrail).or_default().extend(more);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    if is_written {
        let text = serde_json::to_string_pretty(&rounds).unwrap() + "\n";
        std::fs::write(&path, text).unwrap();
    } else {
        let hint =
            "docs/containment.json is out of date: run this test with PARAPET_UPDATE_DOCS=1, then `parapet guardrails`";
        let flat = |rounds: &Rounds| -> BTreeMap<String, usize> {
            let of = |(guardrail, situations): (&String, &BTreeMap<String, usize>)| {
                situations.iter().map(|(name, round)| (format!("{guardrail}/{name}"), *round)).collect::<Vec<_>>()
            };
            rounds.iter().flat_map(of).collect()
        };
        let (rounds, known) = (flat(&rounds), flat(&known));
        assert_eq!(rounds.keys().collect::<Vec<_>>(), known.keys().collect::<Vec<_>>(), "{hint}");
        // On a busy machine, what was asked at the same time may have been counted as asked one after the other.
        let more: Vec<_> =
            rounds.iter().filter(|(name, round)| known.get(*name).is_none_or(|most| *round > most)).collect();
        assert!(more.is_empty(), "more round trips than are written down: {more:?}; {hint}");
    }
}

/// Guardrails that nothing closes.
#[tokio::test]
async fn what_is_only_notified_is_notified() {
    let moto = Moto::start().await.unwrap();
    let is_closed: BTreeSet<String> = ending("remediated").into_keys().map(|(guardrail, _)| guardrail).collect();
    let mut notified = BTreeSet::new();
    for ((guardrail, name), situation) in ending("notified") {
        if is_closed.contains(&guardrail) {
            continue;
        }
        // It says what the local AWS lacks for it.
        if situation.get("not_played").is_some() {
            notified.insert(guardrail);
            continue;
        }
        moto.reset().await.unwrap();
        let own = stage::own(situation).unwrap();
        let (event, policy) = (&own.events[0], own.policy.as_deref().unwrap_or(Demo::OWN_POLICY));
        let mut play = Play::new(moto.address(), stage::region(event), policy).await.unwrap();
        let staged = play.stage(event, &own.beside).await.unwrap();
        let served = play.deliver(&staged.event).await.unwrap();
        let ended = served.iter().find_map(|one| one.answer.outcome(&guardrail).ok()).cloned().unwrap_or_default();
        assert_eq!(
            (&ended["verdict"], &ended["result"]),
            (&"violation".into(), &"notified".into()),
            "{guardrail}/{name}"
        );
        assert!(!play.channel.hear().await.unwrap().is_empty(), "{guardrail}/{name} was not notified");
        notified.insert(guardrail);
    }
    let all: BTreeSet<String> = catalogue().iter().map(|entry| entry.about.name.to_owned()).collect();
    assert_eq!(is_closed.union(&notified).cloned().collect::<BTreeSet<_>>(), all, "every guardrail is played");
}
