//! How far a record is believed: what is forged, late or overtaken by its owner leads to no call that it should not lead to, and
//! what another principal has written meanwhile is not written over in silence.

use crate::world::{Living, Watch, World, now};
use rstest::rstest;
use serde_json::{Value, json};
use shared::engine::event::Event;
use shared::engine::family::{Counter, Family, LAG, LAG_OF_IAM};
use shared::engine::finding::Outcome;
use shared::engine::memory::{Memory, MemoryError};
use shared::engine::observed::Observed;
use shared::engine::pipeline::{Handled, Rules, RunContext, handle};
use shared::engine::plan::ApplyError;
use shared::engine::unavailable::Unavailable;
use shared::engine::verdict::Severity;
use shared::policy::Mode;
use shared::resources::ec2::security_group::SecurityGroups;
use shared::resources::iam::compromised_user::CompromisedUsers;
use shared::resources::iam::inline_policy::InlinePolicies;
use shared::resources::iam::role_trust::RoleTrusts;
use shared::resources::{Visitor, visit_all};

/// What the owner wrote: reads one bucket.
const READS: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::b/*"}]}"#;
/// What mallory would like to have: everything that is left once the violation beside it is taken out.
const FORGED: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","dynamodb:*"],"Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const STRANGER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:root"},"Action":"sts:AssumeRole"}]}"#;
const EVERYBODY: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}"#;

fn event(name: &str, time: &str, request: Value) -> Event {
    Event::from_record(&json!({
        "eventID": format!("e-{name}-{time}"),
        "eventSource": if name.contains("SecurityGroup") { "ec2.amazonaws.com" } else { "iam.amazonaws.com" },
        "eventName": name,
        "eventTime": time,
        "awsRegion": "us-east-1",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/mallory", "userName": "mallory"},
        "requestParameters": request,
        "responseElements": null,
    }))
    .unwrap()
}

fn put(document: &str) -> Event {
    let request = json!({"userName": "mallory", "policyName": "x", "policyDocument": document});
    event("PutUserPolicy", "2026-03-02T09:14:07Z", request)
}

fn inline(document: &str) -> Observed<<InlinePolicies as Family>::State> {
    let holder = json!({"kind": "user", "name": "mallory"});
    InlinePolicies::live(&json!({"Holder": holder, "PolicyName": "x", "PolicyDocument": document}))
}

fn update(document: &str, time: &str) -> Event {
    event("UpdateAssumeRolePolicy", time, json!({"roleName": "prod", "policyDocument": document}))
}

fn trust(document: &str) -> Observed<<RoleTrusts as Family>::State> {
    RoleTrusts::live(&json!({"RoleName": "prod", "AssumeRolePolicyDocument": document}))
}

const EARLY: &str = "2026-03-02T09:14:07Z";

fn run<F: Living>(family: &F, world: &World<F>, event: &Event) -> Handled {
    let rules = Rules { fallback: Mode::Enforce, ..Rules::default() };
    let context = RunContext { world, clock: &Watch::default(), memory: world, rules: &rules };
    now(handle(family, context, event))
}

fn outcome(handled: &Handled, guardrail: &str) -> Outcome {
    handled.findings.iter().find(|finding| finding.guardrail.name == guardrail).unwrap().outcome
}

/// What stands is read before anything is written: a document that never existed is not "repaired" into being.
#[test]
fn a_forged_policy_is_not_written() {
    let world = World::<InlinePolicies>::new(inline(READS));
    let handled = run(&InlinePolicies, &world, &put(FORGED));
    assert_eq!(world.calls(), [""; 0]);
    assert_eq!(outcome(&handled, "inline-policy-grants-admin"), Outcome::AlreadyCompliant);
    assert_eq!(world.rounds()[0].len(), 2, "the read runs beside the recall: {:?}", world.rounds());
}

#[test]
fn a_forged_policy_of_a_name_that_does_not_exist_is_not_made() {
    let world = World::<InlinePolicies>::new(Observed::Absent);
    let handled = run(&InlinePolicies, &world, &put(FORGED));
    assert_eq!(world.calls(), [""; 0]);
    let finding = handled.findings.iter().find(|f| f.guardrail.name == "inline-policy-grants-admin").unwrap();
    assert_eq!((finding.outcome, finding.severity), (Outcome::Gone, Severity::Low));
    assert!(finding.is_notifiable());
}

/// The roles that a forged record trusts beside its violation are not let in.
#[test]
fn a_forged_trust_policy_is_not_written() {
    let world = World::<RoleTrusts>::new(trust(EC2));
    let handled = run(&RoleTrusts, &world, &update(EVERYBODY, EARLY));
    assert_eq!(world.calls(), [""; 0]);
    assert_eq!(outcome(&handled, "role-trust-open"), Outcome::AlreadyCompliant);
}

/// Nor does a forged good record become what is restored next.
#[test]
fn what_is_kept_is_what_was_read() {
    let world = World::<InlinePolicies>::new(inline(READS));
    let theirs = READS.replace("s3:GetObject", "s3:PutObject");
    run(&InlinePolicies, &world, &put(&theirs));
    let kept = world.kept.lock().unwrap().clone().unwrap();
    assert!(kept.contains("s3:GetObject") && !kept.contains("s3:PutObject"), "{kept}");
    assert_eq!(world.calls(), [""; 0]);
}

/// A good record of a policy that is bad when it is read makes nothing good of it.
#[test]
fn what_was_read_and_is_bad_is_not_kept() {
    let world = World::<InlinePolicies>::new(inline(FORGED));
    run(&InlinePolicies, &world, &put(READS));
    // The good document stood for a moment: what was kept before it would be older still.
    assert_eq!(world.kept.lock().unwrap().as_deref(), Some("null"));
}

/// What its owner has deleted is kept as deleted: a policy of that name is not brought back later.
#[test]
fn what_was_deleted_is_not_brought_back() {
    let world = World::<InlinePolicies>::new(inline(READS));
    run(&InlinePolicies, &world, &put(READS));
    let world = World::<InlinePolicies>::new(Observed::Absent).keeping(world.kept.lock().unwrap().clone());
    run(&InlinePolicies, &world, &event("DeleteUserPolicy", EARLY, json!({"userName": "mallory", "policyName": "x"})));
    let world = World::<InlinePolicies>::new(inline(FORGED)).keeping(world.kept.lock().unwrap().clone());
    let handled = run(&InlinePolicies, &world, &put(FORGED));
    assert_eq!(world.calls(), ["delete inline policy x of user/mallory"]);
    assert_eq!(outcome(&handled, "inline-policy-grants-admin"), Outcome::Remediated);
}

/// The owner has corrected it before the function looks.
#[test]
fn a_correction_before_the_look_stays() {
    let world = World::<RoleTrusts>::new(trust(EC2));
    run(&RoleTrusts, &world, &update(STRANGER, EARLY));
    assert_eq!(world.calls(), [""; 0]);
    assert_eq!(world.lines(), [EC2]);
}

/// The owner corrects it between the look and the call: what stands is compared right before.
#[test]
fn a_correction_between_the_look_and_the_call_stays() {
    let world = World::<RoleTrusts>::new(trust(STRANGER));
    *world.others.lock().unwrap() = [Some(trust(EC2))].into();
    let handled = run(&RoleTrusts, &world, &update(STRANGER, EARLY));
    assert_eq!(world.calls(), [""; 0], "{:?}", world.rounds());
    assert_eq!(world.lines(), [EC2]);
    assert_eq!(outcome(&handled, "role-trust-open"), Outcome::AlreadyCompliant);
}

/// Something else that is bad too: what is written is made of that.
#[test]
fn what_is_written_is_made_of_what_was_read_last() {
    let both = format!(
        "{}{}",
        EC2.trim_end_matches("]}"),
        ",{\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"sts:AssumeRole\"}]}"
    );
    let world = World::<RoleTrusts>::new(trust(STRANGER));
    *world.others.lock().unwrap() = [Some(trust(&both))].into();
    let handled = run(&RoleTrusts, &world, &update(STRANGER, EARLY));
    assert_eq!(world.calls().len(), 1);
    let left: Value = serde_json::from_str(&world.lines()[0]).unwrap();
    assert_eq!(
        left,
        serde_json::from_str::<Value>(EC2).unwrap(),
        "of the first bad one nothing, of the second what is good"
    );
    assert_eq!(outcome(&handled, "role-trust-open"), Outcome::Remediated);
}

/// A principal that changes it each time is not raced for ever, and it is said that it stands open.
#[test]
fn who_changes_it_each_time_is_not_raced_for_ever() {
    let world = World::<RoleTrusts>::new(trust(STRANGER));
    let bad = [EVERYBODY, STRANGER];
    *world.others.lock().unwrap() = (0..9).map(|n| Some(trust(bad[n % 2]))).collect();
    let handled = run(&RoleTrusts, &world, &update(STRANGER, EARLY));
    assert_eq!(world.calls(), [""; 0]);
    assert_eq!(outcome(&handled, "role-trust-open"), Outcome::Failed);
    let reasons = handled.findings[0].reasons.concat();
    assert!(reasons.contains("another caller changed it"), "{reasons}");
}

/// What comes between the last look and the call is written over; its record, when it comes, says so, and how to write it again.
#[test]
fn an_overwritten_change_is_notified_when_its_record_comes() {
    let world = World::<RoleTrusts>::new(trust(STRANGER));
    let owners = EC2.replace("ec2.", "lambda.");
    // After the second look, which compares, there is the call.
    *world.others.lock().unwrap() = [None, Some(trust(&owners))].into();
    let handled = run(&RoleTrusts, &world, &update(STRANGER, EARLY));
    assert!(handled.notices.is_empty());
    assert_eq!(world.calls().len(), 1);
    // The clock of this world says 09:14:20.
    let handled = run(&RoleTrusts, &world, &update(&owners, "2026-03-02T09:14:20Z"));
    let [notice] = &handled.notices[..] else { panic!("{:?}", handled.notices) };
    assert_eq!((notice.kind, notice.severity), ("overwritten", Severity::High));
    let (says, next) = (notice.says.join("\n"), notice.next.join("\n"));
    assert!(says.contains("lambda.amazonaws.com") && says.contains("role/prod"), "{says}");
    assert!(next.contains("aws iam update-assume-role-policy --role-name prod"), "{next}");
    assert!(next.contains("lambda.amazonaws.com"), "{next}");
    // What was read, what was written and what came later were not hidden.
    for (document, time) in [
        (STRANGER, "2026-03-02T09:14:20Z"),
        (&world.lines()[0], "2026-03-02T09:14:20Z"),
        (&owners, "2026-03-02T09:20:00Z"),
    ] {
        assert!(run(&RoleTrusts, &world, &update(document, time)).notices.is_empty(), "{document} {time}");
    }
}

/// A ledger that answers nothing about the calls that wrote over something, or has something unreadable for them.
struct Ledger<'a> {
    world: &'a World<RoleTrusts>,
    recalled: Result<Option<String>, MemoryError>,
    keeps: bool,
}

impl Memory for Ledger<'_> {
    async fn recall(&self, name: &str) -> Result<Option<String>, MemoryError> {
        if name.starts_with("wrote#") { self.recalled.clone() } else { self.world.recall(name).await }
    }

    async fn keep(&self, name: &str, state: &str) -> Result<(), MemoryError> {
        if name.starts_with("wrote#") && !self.keeps {
            return Err(Unavailable::new("the ledger is full").into());
        }
        self.world.keep(name, state).await
    }

    async fn count(&self, counter: &Counter) -> Result<Option<u64>, MemoryError> {
        self.world.count(counter).await
    }
}

/// No answer is not the answer that nothing was overwritten: the finding says what is not known.
#[rstest]
#[case::it_does_not_answer(Err(Unavailable::new("throttled").into()), "whether a remediation overwrote this change is not known: throttled")]
#[case::it_cannot_be_read(Ok(Some("[{".to_owned())), "what was kept of them cannot be read")]
fn what_the_ledger_does_not_say_is_not_nothing(
    #[case] recalled: Result<Option<String>, MemoryError>,
    #[case] expected: &str,
) {
    let reasons = |recalled: Result<Option<String>, MemoryError>, keeps: bool, document: &str| {
        let world = World::<RoleTrusts>::new(trust(document));
        let rules = Rules { fallback: Mode::Enforce, ..Rules::default() };
        let ledger = Ledger { world: &world, recalled, keeps };
        let context = RunContext { world: &world, clock: &Watch::default(), memory: &ledger, rules: &rules };
        let handled = now(handle(&RoleTrusts, context, &update(document, EARLY)));
        assert!(handled.notices.is_empty());
        handled.findings.into_iter().flat_map(|finding| finding.reasons).collect::<Vec<_>>().join("\n")
    };
    let owners = EC2.replace("ec2.", "lambda.");
    let said = reasons(recalled.clone(), true, &owners);
    assert!(said.contains(expected), "{said}");
    // What is kept from now on takes the place of what is not known.
    let said = reasons(recalled, true, STRANGER);
    assert!(said.contains("changes that earlier remediations wrote over may go unnoticed"), "{said}");
    let said = reasons(Ok(None), false, STRANGER);
    assert!(said.contains("could not be kept, the ledger is full"), "{said}");
    // And a ledger that answers leaves nothing to be said.
    for document in [&owners, STRANGER] {
        let said = reasons(Ok(None), true, document);
        assert!(!said.contains("overw") && !said.contains("wrote over"), "{said}");
    }
}

/// A record that comes back later proves nothing, whatever it is about.
#[test]
fn a_late_record_proves_nothing() {
    let group = "sg-0a1b2c3d4e5f60718";
    let rule = json!({"groupId": group, "securityGroupRuleId": "sgr-1", "isEgress": false, "ipProtocol": "tcp",
        "fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/0"});
    let opened = |waited: Option<&str>| {
        let record = json!({
            "eventID": "e", "eventSource": "ec2.amazonaws.com", "eventName": "AuthorizeSecurityGroupIngress",
            "eventTime": EARLY, "awsRegion": "eu-central-1", "recipientAccountId": "111122223333",
            "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ben", "userName": "ben"},
            "requestParameters": {"groupId": group, "ipPermissions": {}},
            "responseElements": {"_return": true, "securityGroupRuleSet": {"items": [rule]}},
        });
        Event { waited: waited.map(str::to_owned), ..Event::from_record(&record).unwrap() }
    };
    let closed =
        || World::new(SecurityGroups::live(&json!({"GroupId": group, "GroupName": "web", "IpPermissions": []})));
    let world = closed();
    run(&SecurityGroups, &world, &opened(None));
    assert!(world.log()[0].starts_with("call revoke"), "a fresh one is enough to remove a rule: {:?}", world.log());
    let world = closed();
    let handled = run(&SecurityGroups, &world, &opened(Some("the grace period")));
    assert_eq!(world.calls(), [""; 0], "{:?}", world.log());
    assert_eq!(outcome(&handled, "security-group-admin-port-open"), Outcome::AlreadyCompliant);
}

/// A read that is behind does not make a hole closed.
#[test]
fn a_read_that_is_behind_is_looked_at_again() {
    let fresh = "2026-03-02T09:14:18Z";
    let world = World::<RoleTrusts>::new(trust(STRANGER)).showing([Some(Ok(trust(EC2))), Some(Ok(trust(EC2)))]);
    let handled = run(&RoleTrusts, &world, &update(STRANGER, fresh));
    assert_eq!(world.calls().len(), 1, "{:?}", world.log());
    assert_eq!(outcome(&handled, "role-trust-open"), Outcome::Remediated);
    // Long after the event, reads are not behind any more.
    let world = World::<RoleTrusts>::new(trust(STRANGER)).showing([Some(Ok(trust(EC2)))]);
    run(&RoleTrusts, &world, &update(STRANGER, "2026-03-02T09:13:07Z"));
    assert_eq!(world.calls(), [""; 0], "{:?}", world.log());
}

/// All of IAM is behind for as long: what is closed is not called open because of the family that it belongs to.
#[test]
fn every_family_of_iam_waits_as_long_for_its_reads() {
    struct Lags(Vec<&'static str>);

    impl Visitor for Lags {
        fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
            let is_iam = family.reads().iter().any(|read| read.action.starts_with("iam:"));
            // The account's own settings are as far away.
            let is_far = is_iam || family.is_global();
            assert_eq!(family.lag(), if is_far { LAG_OF_IAM } else { LAG }, "{}", family.kind());
            self.0.extend(is_iam.then(|| family.kind()));
        }
    }

    let mut lags = Lags(Vec::new());
    visit_all(&mut lags);
    assert!(["role-trust", "inline-policy", "access-key"].iter().all(|kind| lags.0.contains(kind)), "{:?}", lags.0);
}

/// A call that follows a failed one of the same plan is not made.
#[test]
fn after_a_failed_call_the_next_is_not_made() {
    let quarantine = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
    let attached = event("AttachUserPolicy", EARLY, json!({"userName": "ben", "policyArn": quarantine}));
    let attached = Event { actor: aws(), ..attached };
    let keys: Vec<Value> = ["AKIA1", "AKIA2"].iter().map(|id| json!({"AccessKeyId": id, "Status": "Active"})).collect();
    let live = json!({"UserName": "ben", "AccessKeyMetadata": keys, "Policies": [], "Seen": EARLY});
    let denied = ApplyError::Denied { permission: "iam:UpdateAccessKey", code: "AccessDenied".to_owned() };
    let world = World::<CompromisedUsers>::new(CompromisedUsers::live(&live)).answering([None, Some(denied)]);
    let handled = run(&CompromisedUsers, &world, &attached);
    assert_eq!(world.calls().len(), 2, "the second was refused, and the cut is not made: {:?}", world.calls());
    assert_eq!(outcome(&handled, "quarantined-user-has-active-keys"), Outcome::Partial);
    let steps = &handled.findings[0].steps;
    assert_eq!(steps.len(), 2);
    assert!(steps[1].answer.as_ref().unwrap().contains("lacks"), "{steps:?}");
}

/// AWS itself.
fn aws() -> shared::engine::event::Actor {
    let identity = json!({"type": "AWSService", "invokedBy": "AWS Internal"});
    let record = json!({
        "eventID": "e", "eventSource": "iam.amazonaws.com", "eventName": "AttachUserPolicy", "eventTime": EARLY,
        "awsRegion": "us-east-1", "recipientAccountId": "111122223333", "userIdentity": identity,
        "requestParameters": {}, "responseElements": null,
    });
    Event::from_record(&record).unwrap().actor
}
