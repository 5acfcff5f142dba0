//! Findings for tests: the same change with every end that it can have.

use crate::engine::event::{Actor, ActorKind};
use crate::engine::finding::{Cause, Finding, Outcome, Remedy, StepRecord, Times, finding_id};
use crate::engine::guardrail::Guardrail;
use crate::engine::observed::{Place, Resource};
use crate::engine::plan::{Action, ApplyError};
use crate::engine::verdict::{Evidence, VerdictKind};
use crate::policy::Mode;
use crate::resources::ec2::security_group::all_traffic_open::SecurityGroupAllTraffic;
use crate::resources::ec2::security_group::state::{Direction, GroupAction, Rule, RuleSet, Source, Traffic};
use crate::resources::iam::access_key::root_key_created::RootAccessKey;
use crate::resources::iam::access_key::state::{AccessKey, KeyAction};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Alice opened a group to everybody; it was closed and verified.
pub(crate) fn remediated() -> Finding {
    let rule = rule("");
    let mut finding = with_rules(std::slice::from_ref(&rule));
    finding.steps = vec![done(step(&[rule]))];
    finding
}

/// The dry run of the same.
pub(crate) fn notified() -> Finding {
    let mut finding = remediated();
    finding.mode = Mode::Notify;
    finding.steps = vec![step(&[rule("")])];
    untouched(finding, Outcome::Notified)
}

/// The role lacks the permission.
pub(crate) fn denied() -> Finding {
    let mut finding = untouched(remediated(), Outcome::Failed);
    let mut step = step(&[rule("")]);
    let error = ApplyError::Denied { permission: step.permission, code: "UnauthorizedOperation".to_owned() };
    finding.reasons.push(format!("cannot {}: {error}", step.action));
    step.answer = Some(error.to_string());
    finding.steps = vec![step];
    finding
}

/// The call answered success, a look was not possible.
pub(crate) fn partial() -> Finding {
    let mut finding = remediated();
    finding.outcome = Outcome::Partial;
    finding.times.verified = None;
    finding.after = None;
    finding.reasons.push("the call answered success, but verification was not possible: timed out".to_owned());
    finding
}

/// Another caller was faster.
pub(crate) fn already_compliant() -> Finding {
    let mut finding = untouched(remediated(), Outcome::AlreadyCompliant);
    finding.reasons.push("already closed when it was read".to_owned());
    finding.steps = vec![step(&[rule("")])];
    finding
}

/// Policy allows it.
pub(crate) fn exempt() -> Finding {
    let mut finding = untouched(remediated(), Outcome::Exempt);
    finding.reasons.push("exempt until 2027-03-31 (web@example.com): public web site".to_owned());
    finding.steps = vec![step(&[rule("")])];
    finding
}

/// Too many rules for one event.
pub(crate) fn skipped() -> Finding {
    let rules: Vec<Rule> = (0..7).map(|port| Rule { traffic: tcp(8000 + port), ..rule("") }).collect();
    let mut finding = untouched(with_rules(&rules), Outcome::Skipped);
    finding.reasons.push("not acted on: the plan changes 61 elements, more than the 60 that one event may".to_owned());
    finding.steps = rules.iter().map(|rule| step(std::slice::from_ref(rule))).collect();
    finding
}

/// A prefix list could not be read.
pub(crate) fn undetermined() -> Finding {
    let mut finding = untouched(remediated(), Outcome::Notified);
    finding.verdict = VerdictKind::Undetermined;
    finding.evidence.clear();
    finding.reasons = vec!["what `pl-0123` holds was not read: AccessDenied".to_owned()];
    finding.steps.clear();
    finding
}

/// A person took the remediation back.
pub(crate) fn undone() -> Finding {
    let mut finding = remediated();
    finding.outcome = Outcome::Undone;
    finding
}

/// Root made itself an access key: nothing that the function may do closes it.
pub(crate) fn root_key() -> Finding {
    let mut finding = untouched(remediated(), Outcome::Notified);
    let about = Guardrail::<AccessKey, KeyAction>::about(&RootAccessKey);
    finding.guardrail = about;
    finding.severity = about.severity;
    finding.resource = Resource {
        id: "arn:aws:iam::111122223333:root/access-key/AKIAIOSFODNN7EXAMPLE".to_owned(),
        kind: "AwsIamAccessKey",
        name: "AKIAIOSFODNN7EXAMPLE".to_owned(),
    };
    finding.id = finding_id(&finding.cause.event_id, about.name, &finding.resource.id);
    finding.thread = finding.id;
    finding.cause.actor = Actor {
        kind: ActorKind::Root,
        arn: Some("arn:aws:iam::111122223333:root".to_owned()),
        name: None,
        ..finding.cause.actor
    };
    finding.cause.event_name = "CreateAccessKey".to_owned();
    finding.cause.event_source = "iam.amazonaws.com".to_owned();
    finding.evidence = vec![Evidence {
        element: finding.resource.name.clone(),
        why: "access key `AKIAIOSFODNN7EXAMPLE` belongs to the root user".to_owned(),
    }];
    finding.reasons = finding.evidence.iter().map(|evidence| evidence.why.clone()).collect();
    finding.steps.clear();
    finding
}

/// Every end, by name.
pub(crate) fn all() -> Vec<(&'static str, Finding)> {
    vec![
        ("remediated", remediated()),
        ("notified", notified()),
        ("denied", denied()),
        ("partial", partial()),
        ("already-compliant", already_compliant()),
        ("exempt", exempt()),
        ("skipped", skipped()),
        ("undetermined", undetermined()),
        ("undone", undone()),
        ("root-key", root_key()),
    ]
}

/// A finding with `text` in every place that an attacker can name.
pub(crate) fn named(text: &str) -> Finding {
    let mut finding = denied();
    let some = || Some(text.to_owned());
    let rule = rule(text);
    finding.steps = vec![done(step(std::slice::from_ref(&rule))), step(std::slice::from_ref(&rule))];
    for step in &mut finding.steps {
        step.action.push_str(text);
        step.undo.push_str(text);
        step.request_id = some();
    }
    if let Some(step) = finding.steps.last_mut() {
        step.answer = some();
    }
    finding.resource.name = text.to_owned();
    finding.resource.id = format!("arn:aws:s3:::{text}");
    finding.place.region = text.to_owned();
    finding.place.account = text.to_owned();
    finding.cause = Cause {
        event_id: text.to_owned(),
        event_name: text.to_owned(),
        event_source: text.to_owned(),
        time: finding.cause.time,
        source_ip: some(),
        user_agent: some(),
        actor: Actor {
            arn: some(),
            account: some(),
            name: some(),
            role: some(),
            access_key_id: some(),
            invoked_by: Some(format!("{text}.")),
            ..finding.cause.actor
        },
    };
    finding.evidence = vec![Evidence { element: text.to_owned(), why: format!("`{text}` is open") }];
    finding.reasons = vec![format!("`{text}` is open"), text.to_owned()];
    finding.before = serde_json::json!({ "rules": [rule], text: text });
    finding.after = Some(finding.before.clone());
    finding
}

fn with_rules(rules: &[Rule]) -> Finding {
    let about = SecurityGroupAllTraffic.about();
    let at = |time: &str| time.parse::<Timestamp>().unwrap();
    let event_id = "7c1f4b1e-3c5a-4b57-9d0e-2a6f8e1c0d11".to_owned();
    let resource = Resource {
        id: "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0123456789abcdef0".to_owned(),
        kind: "AwsEc2SecurityGroup",
        name: "sg-0123456789abcdef0".to_owned(),
    };
    let evidence: Vec<Evidence> = rules
        .iter()
        .map(|rule| Evidence {
            element: rule.element(),
            why: format!("`{}` opens the group to the whole IPv4 internet", rule.element()),
        })
        .collect();
    Finding {
        id: finding_id(&event_id, about.name, &resource.id),
        thread: finding_id(&event_id, about.name, &resource.id),
        stack: None,
        exempted_by: None,
        guardrail: about,
        place: Place {
            partition: "aws".to_owned(),
            account: "111122223333".to_owned(),
            region: "eu-west-1".to_owned(),
        },
        cause: Cause {
            event_id,
            event_name: "AuthorizeSecurityGroupIngress".to_owned(),
            event_source: "ec2.amazonaws.com".to_owned(),
            time: at("2026-01-31T12:00:00Z"),
            actor: Actor {
                kind: ActorKind::IamUser,
                arn: Some("arn:aws:iam::111122223333:user/alice".to_owned()),
                account: Some("111122223333".to_owned()),
                name: Some("alice".to_owned()),
                role: None,
                access_key_id: Some("AKIAI44QH8DHBEXAMPLE".to_owned()),
                mfa: Some(false),
                invoked_by: None,
                tool: None,
            },
            source_ip: Some("198.51.100.7".to_owned()),
            user_agent: Some("aws-cli/2.17.0 md/Botocore#1.34.0".to_owned()),
        },
        verdict: VerdictKind::Violation,
        severity: about.severity,
        mode: Mode::Enforce,
        outcome: Outcome::Remediated,
        reasons: evidence.iter().map(|evidence| evidence.why.clone()).collect(),
        evidence,
        steps: Vec::new(),
        before: serde_json::json!({ "id": resource.name, "rules": rules, "is_whole": false }),
        after: Some(serde_json::json!({ "id": resource.name, "rules": [], "is_whole": true })),
        resource,
        times: Times {
            event: at("2026-01-31T12:00:00Z"),
            received: at("2026-01-31T12:00:08.1Z"),
            contained: Some(at("2026-01-31T12:00:08.4Z")),
            verified: Some(at("2026-01-31T12:00:08.6Z")),
        },
        also: vec!["security-group-admin-port-open"],
        notified_by: None,
        is_counted: false,
        remedy: Remedy::default(),
    }
}

fn untouched(mut finding: Finding, outcome: Outcome) -> Finding {
    finding.outcome = outcome;
    finding.after = None;
    finding.times.contained = None;
    finding.times.verified = None;
    finding
}

fn tcp(port: u16) -> Traffic {
    Traffic::Ports { transport: crate::resources::ec2::security_group::state::Transport::Tcp, from: port, to: port }
}

fn rule(description: &str) -> Rule {
    Rule {
        id: Some("sgr-0a1b2c3d4e5f60718".to_owned()),
        direction: Direction::Ingress,
        traffic: Traffic::All,
        source: Source::Cidr("0.0.0.0/0".parse().unwrap()),
        description: Some(description.to_owned()).filter(|text| !text.is_empty()),
        tags: BTreeMap::new(),
        in_question: true,
    }
}

fn step(rules: &[Rule]) -> StepRecord {
    let set =
        RuleSet { group: "sg-0123456789abcdef0".to_owned(), direction: Direction::Ingress, rules: rules.to_vec() };
    let (apply, undo) = (GroupAction::Revoke(set.clone()), GroupAction::Authorize(set));
    StepRecord {
        action: apply.to_string(),
        permission: apply.permission(),
        command: apply.command(""),
        request_id: None,
        answer: None,
        undo_command: Some(undo.command("")),
        undo: undo.to_string(),
    }
}

fn done(step: StepRecord) -> StepRecord {
    let request_id = Some("59dbff89-35bd-4eac-99ed-be587ed8d4e1".to_owned());
    StepRecord { request_id, answer: Some("done".to_owned()), ..step }
}
