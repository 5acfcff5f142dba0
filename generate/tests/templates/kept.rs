//! A stack that was deployed from the template of 0.1.0 updates in place.

use super::text;
use parapet::template::Node;

/// Every resource of that template: its logical id, its type, and its condition where it has one.
const DEPLOYED: &str = include_str!("deployed.txt");

/// What holds something, or is known elsewhere by its name: replaced, it would lose what it holds.
const KEPT: &[&str] = &[
    "AWS::DynamoDB::Table",
    "AWS::Events::EventBus",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Scheduler::ScheduleGroup",
    "AWS::Serverless::Function",
];

fn deployed() -> Vec<(&'static str, &'static str, Option<&'static str>)> {
    let line = |line: &'static str| {
        let mut words = line.split(' ');
        (words.next().unwrap(), words.next().unwrap(), words.next())
    };
    DEPLOYED.lines().map(line).collect()
}

#[test]
fn what_holds_something_keeps_its_logical_id() {
    let template = Node::parse(text("template.yaml")).unwrap();
    let mut kept = 0;
    for (id, kind, condition) in deployed() {
        // The rules that began the sweeps hold nothing: schedules begin them.
        if !KEPT.contains(&kind) || id.ends_with("Sweep") {
            continue;
        }
        let resource = template.at(&["Resources", id]).unwrap_or_else(|| panic!("`{id}` is gone"));
        assert_eq!(resource.get("Type").and_then(Node::text), Some(kind), "{id}");
        assert_eq!(resource.get("Condition").and_then(Node::text), condition, "{id}");
        kept += 1;
    }
    assert!(kept > 50, "{kept}");
}

/// "Update of resource type is not permitted", says CloudFormation.
#[test]
fn no_logical_id_is_used_for_another_type() {
    let template = Node::parse(text("template.yaml")).unwrap();
    for (id, kind, _) in deployed() {
        let now = template.at(&["Resources", id, "Type"]).and_then(Node::text);
        assert!(now.is_none_or(|now| now == kind), "{id} was {kind}");
    }
}

/// A policy that was a resource of its own is deleted by its name, after the role has been given the new one.
#[test]
fn no_policy_of_a_role_has_the_name_of_one_that_is_deleted_in_the_update() {
    let template = Node::parse(text("template.yaml")).unwrap();
    let gone: Vec<_> = deployed().into_iter().filter(|(_, kind, _)| *kind == "AWS::IAM::RolePolicy").collect();
    assert!(gone.iter().any(|(id, ..)| *id == "NetworkMembersPolicy"));
    for entry in template.get("Resources").unwrap().entries().iter().filter(|entry| entry.key.ends_with("Role")) {
        for policy in entry.value.at(&["Properties", "Policies"]).map(Node::items).unwrap_or_default() {
            let policy = policy.get("Fn::If").map_or(policy, |branches| &branches.items()[1]);
            assert_ne!(policy.get("PolicyName").and_then(Node::text), Some("members"), "{}", entry.key);
        }
    }
}
