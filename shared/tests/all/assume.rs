//! Who gets into a role before and after: an independent evaluator (`iam-rs`) answers, since the local AWS lets anybody assume
//! any role. A stranger gets in before and not after; every other caller that got in still does.

use crate::world::{Living, Watch, World, now};
use iam_rs::{
    Arn, Context as Facts, ContextValue, Decision, IAMPolicy, IAMRequest, Principal, PrincipalId, evaluate_policy,
};
use rstest::rstest;
use serde_json::{Value, json};
use shared::engine::event::Event;
use shared::engine::finding::Outcome;
use shared::engine::pipeline::{Rules, RunContext, handle};
use shared::policy::Mode;
use shared::resources::iam::role_trust::RoleTrusts;

const OWN: &str = "arn:aws:iam::111122223333:role/ci";
const STRANGER: &str = "arn:aws:iam::999988887777:user/eve";
const ROLE: &str = "arn:aws:iam::111122223333:role/deploy";
const GITHUB: &str = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
const SUBJECT: &str = "token.actions.githubusercontent.com:sub";

/// A caller.
#[derive(Clone, Copy, Debug)]
enum Caller {
    Own,
    Stranger,
    Ec2,
    /// A workflow of the own repository, and of another owner's.
    OwnWorkflow,
    StrangersWorkflow,
}

impl Caller {
    fn gets_in(self, document: &str) -> bool {
        let mut policy: Value = serde_json::from_str(document).unwrap();
        // A trust policy has no `Resource`; the evaluator wants one.
        let statements = policy["Statement"].as_array_mut().unwrap();
        statements.iter_mut().for_each(|statement| statement["Resource"] = json!("*"));
        let policy = IAMPolicy::from_json(&policy.to_string()).unwrap();
        let id = |text: &str| PrincipalId::String(text.to_owned());
        let text = |value: &str| ContextValue::String(value.to_owned());
        let mut facts = Facts::new();
        // Whatever a caller may choose, the stranger has chosen.
        facts.insert("sts:ExternalId".to_owned(), text("12345"));
        let (principal, action) = match self {
            Self::Own => (Principal::Aws(id(OWN)), "sts:AssumeRole"),
            Self::Stranger => (Principal::Aws(id(STRANGER)), "sts:AssumeRole"),
            Self::Ec2 => (Principal::Service(id("ec2.amazonaws.com")), "sts:AssumeRole"),
            Self::OwnWorkflow | Self::StrangersWorkflow => {
                let owner = if matches!(self, Self::OwnWorkflow) { "example" } else { "eve" };
                facts.insert(SUBJECT.to_owned(), text(&format!("repo:{owner}/app:ref:refs/heads/main")));
                (Principal::Federated(id(GITHUB)), "sts:AssumeRoleWithWebIdentity")
            }
        };
        let asked = IAMRequest::new_with_context(principal, action, Arn::parse(ROLE).unwrap(), facts);
        evaluate_policy(&policy, &asked).is_ok_and(|decision| decision == Decision::Allow)
    }
}

fn document(statements: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// A principal writes the document; what stands after it was handled.
fn handled(document: &str, kept: Option<&str>) -> String {
    let event = Event::from_record(&json!({
        "eventID": "e", "eventSource": "iam.amazonaws.com", "eventName": "UpdateAssumeRolePolicy",
        "eventTime": "2026-03-02T09:14:07Z", "awsRegion": "us-east-1", "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "userName": "eve"},
        "requestParameters": {"roleName": "deploy", "policyDocument": document},
    }))
    .unwrap();
    let kept = kept.map(|document| {
        json!({"name": "deploy", "path": {"known": "/"}, "document": {"known": document}, "before": "absent",
            "as_of": "2026-03-01T08:00:00Z"})
        .to_string()
    });
    let live = RoleTrusts::live(&json!({"RoleName": "deploy", "AssumeRolePolicyDocument": document}));
    let world = World::<RoleTrusts>::new(live).keeping(kept);
    let rules = Rules { fallback: Mode::Enforce, ..Rules::default() };
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules: &rules };
    let findings = now(handle(&RoleTrusts, context, &event)).findings;
    assert!(findings.iter().all(|finding| finding.outcome == Outcome::Remediated), "{:?}", findings[0].reasons);
    world.lines().remove(0)
}

fn allow(principal: Value) -> Value {
    json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"})
}

fn allow_workflows(subjects: Value) -> Value {
    json!({"Effect": "Allow", "Principal": {"Federated": GITHUB}, "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {SUBJECT: subjects}}})
}

#[rstest]
#[case::beside_a_service(json!([allow(json!({"Service": "ec2.amazonaws.com"})), allow(json!({"AWS": STRANGER}))]),
    Caller::Stranger, Some(Caller::Ec2))]
#[case::in_one_list(json!([allow(json!({"AWS": [STRANGER, OWN]}))]), Caller::Stranger, Some(Caller::Own))]
#[case::everybody(json!([allow(json!("*")), allow(json!({"AWS": OWN}))]), Caller::Stranger, Some(Caller::Own))]
#[case::everybody_with_a_password(
    json!([allow(json!({"AWS": OWN})), {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": "12345"}}}]),
    Caller::Stranger, Some(Caller::Own))]
#[case::any_workflow(json!([allow_workflows(json!(["repo:example/app:*", "repo:*"]))]),
    Caller::StrangersWorkflow, Some(Caller::OwnWorkflow))]
#[case::no_other_caller(json!([allow(json!({"AWS": STRANGER}))]), Caller::Stranger, None)]
fn the_stranger_is_out_and_the_others_stay_in(
    #[case] statements: Value,
    #[case] stranger: Caller,
    #[case] other: Option<Caller>,
) {
    let before = document(statements);
    assert!(stranger.gets_in(&before), "nothing was open");
    let after = handled(&before, None);
    assert!(!stranger.gets_in(&after), "{after}");
    if let Some(other) = other {
        assert!(other.gets_in(&before) && other.gets_in(&after), "{other:?} is out: {after}");
    }
}

#[test]
fn a_principal_locked_out_by_the_attack_is_let_in_again() {
    let good = document(json!([allow(json!({"AWS": OWN}))]));
    let taken_over = document(json!([allow(json!({"AWS": STRANGER}))]));
    assert!(!Caller::Own.gets_in(&taken_over) && Caller::Stranger.gets_in(&taken_over));
    let after = handled(&taken_over, Some(&good));
    assert!(Caller::Own.gets_in(&after) && !Caller::Stranger.gets_in(&after), "{after}");
}
