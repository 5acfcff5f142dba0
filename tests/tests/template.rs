//! The template against the code: its patterns deliver what the guardrails wait for and nothing else, its roles hold what
//! the families declare and nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails says so by panicking"
)]

use serde_json::{Value, json};
use shared::families::iam_user::IamUsers;
use shared::families::security_group::SecurityGroups;
use shared::families::{Entry, Family, catalogue, permissions};
use std::collections::BTreeSet;
use tests::bus::Bus;
use tests::{paths, records, roles};

/// The account that the fixtures happen in, with the roles that their records name.
fn bus() -> Bus {
    let role = |name: &str| format!("arn:aws:iam::111122223333:role/parapet-{name}");
    let (groups, users) = (role("security-group"), role("iam-user"));
    Bus::new(&[("SecurityGroupRole", groups.as_str()), ("IamUserRole", users.as_str())]).unwrap()
}

/// Guardrail, situation and content of every fixture.
fn fixtures() -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for folder in std::fs::read_dir(paths::fixtures()).unwrap().map(|entry| entry.unwrap().path()) {
        for file in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let content = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
            let name = |path: &std::path::Path| path.file_stem().unwrap().to_string_lossy().into_owned();
            found.push((name(&folder), name(&file), content));
        }
    }
    found
}

fn family_of(guardrail: &str) -> &'static str {
    let entry = catalogue().into_iter().find(|entry| entry.about.name == guardrail);
    entry.unwrap_or_else(|| panic!("no guardrail is called `{guardrail}`")).family
}

#[test]
fn every_fixture_reaches_its_function_or_none_as_it_says() {
    let bus = bus();
    for (guardrail, name, fixture) in fixtures() {
        let event = &fixture["event"];
        let event = if event.get("detail-type").is_some() { event.clone() } else { records::envelope(event.clone()) };
        let expected = if fixture["delivered"] == false { Vec::new() } else { vec![family_of(&guardrail)] };
        assert_eq!(bus.targets(&event), expected, "{guardrail}/{name}");
    }
}

#[test]
fn every_trigger_is_delivered_and_no_other_call_of_the_service() {
    let bus = bus();
    for Entry { family, about } in catalogue() {
        let source = if family == "iam-user" { "iam.amazonaws.com" } else { "ec2.amazonaws.com" };
        for trigger in about.triggers {
            let event = records::event(&records::Caller::user("ben"), source, trigger, Value::Null, Value::Null);
            assert_eq!(bus.targets(&event), [family], "{trigger}");
        }
        for other in
            ["RunInstances", "DescribeSecurityGroups", "RevokeSecurityGroupIngress", "UpdateAccessKey", "GetUser"]
        {
            let event = records::event(&records::Caller::user("ben"), source, other, Value::Null, Value::Null);
            assert_eq!(bus.targets(&event), Vec::<&str>::new(), "{other}");
        }
    }
}

/// A pattern that names no `source` can be triggered by anybody who may put an event on the bus.
#[test]
fn a_forged_event_reaches_nobody() {
    let bus = bus();
    let forge = |key: &str, value: &str| {
        let caller = records::Caller::user("ben");
        let mut event =
            records::event(&caller, "ec2.amazonaws.com", "AuthorizeSecurityGroupIngress", Value::Null, Value::Null);
        assert_eq!(bus.targets(&event), ["security-group"]);
        event[key] = json!(value);
        event
    };
    for (key, value) in [("source", "com.example"), ("source", "ec2.amazonaws.com"), ("detail-type", "Made up")] {
        assert_eq!(bus.targets(&forge(key, value)), Vec::<&str>::new(), "{key}: {value}");
    }
}

#[test]
fn the_roles_hold_what_the_families_declare_and_nothing_else() {
    fn holds<F: Family>(family: &F) {
        let statements = roles::statements(family.name(), "arn:aws:sns:us-east-1:123456789012:topic").unwrap();
        let declared: BTreeSet<String> = permissions(family).into_iter().map(str::to_owned).collect();
        assert_eq!(roles::actions(&statements, "Family"), declared, "{}", family.name());
        let rest: BTreeSet<String> = roles::actions(&statements, "").difference(&declared).cloned().collect();
        let ledger = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
        let around = ["logs:CreateLogStream", "logs:PutLogEvents", "sns:Publish"];
        let queue = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage", "sqs:SendMessage"];
        let expected: BTreeSet<String> = ledger.into_iter().chain(around).chain(queue).map(str::to_owned).collect();
        assert_eq!(rest, expected, "{}", family.name());
        assert!(statements.iter().all(|statement| statement["Effect"] == "Allow"));
    }
    holds(&SecurityGroups);
    holds(&IamUsers);
}

/// What changes something is allowed on the family's resources alone; only EC2's reads take `*`.
#[test]
fn the_roles_reach_no_further_than_their_resources() {
    let topic = "arn:aws:sns:us-east-1:123456789012:topic";
    for family in ["security-group", "iam-user"] {
        for statement in roles::statements(family, topic).unwrap() {
            let resource = statement["Resource"].as_str().unwrap();
            let is_read_of_ec2 = statement["Sid"] == "FamilySecurityGroupRead";
            assert_eq!(resource == "*", is_read_of_ec2, "{statement}");
            let actions = roles::actions(std::slice::from_ref(&statement), "");
            assert!(actions.iter().all(|action| !action.contains('*')), "{statement}");
            if is_read_of_ec2 {
                let reads = |action: &String| action.contains(":Describe") || action.contains(":Get");
                assert!(actions.iter().all(reads), "{statement}");
            }
            if statement["Sid"] == "Notify" {
                assert_eq!(resource, topic);
            }
        }
    }
}
