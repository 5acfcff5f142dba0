//! The members' template against the hub's and the families, without a word of what generates it.

use super::{blocks, text};
use parapet::patterns::{Params, Patterns};
use parapet::template::{Environment, Node};
use serde_json::Value;
use shared::engine::family::{Family, permissions, permissions_to_undo};
use shared::resources::{Visitor, visit_all};
use std::collections::{BTreeMap, BTreeSet};

const HUB: &str = "999988887777";
const MEMBER: &str = "111122223333";

/// The template as it would be in a member, and its resources.
fn resolved(name: &str, account: &str) -> (Environment, Node) {
    let template = Node::parse(text(name)).unwrap();
    let mut environment = Environment::of_template(&template);
    let given = [("AccountId", account), ("Region", "us-east-1"), ("Partition", "aws"), ("StackName", "parapet")];
    for (name, value) in given {
        environment.set(&format!("AWS::{name}"), value);
    }
    environment.set("OrganizationId", "o-a1b2c3d4e5");
    environment.set("HubAccountId", HUB);
    (environment, template)
}

fn at(name: &str, account: &str, path: &[&str]) -> Option<Value> {
    let (environment, template) = resolved(name, account);
    environment.resolve(template.at(path)?)
}

/// All that a role holds, in itself and in the policies of the template that are attached to it.
fn held(file: &str, account: &str, role: &str) -> Vec<Value> {
    let (environment, template) = resolved(file, account);
    let properties = template.at(&["Resources", role, "Properties"]).unwrap();
    let inline = properties.get("Policies").map(Node::items).unwrap_or_default();
    let attached = properties.get("ManagedPolicyArns").map(Node::items).unwrap_or_default();
    let attached = attached.iter().filter_map(|arn| arn.get("Ref")?.text());
    let attached = attached.map(|id| template.at(&["Resources", id, "Properties"]).unwrap());
    let documents = inline.iter().chain(attached).filter_map(|policy| policy.at(&["PolicyDocument", "Statement"]));
    documents.flat_map(Node::items).filter_map(|statement| environment.resolve(statement)).collect()
}

/// What is about resources among these statements, by name.
fn about_resources(all: Vec<Value>) -> BTreeMap<String, Value> {
    let about = all.into_iter().filter(|one| one["Sid"].as_str().is_some_and(blocks::is_about_resources));
    about.map(|statement| (statement["Sid"].as_str().unwrap().to_owned(), statement)).collect()
}

fn actions(statements: &BTreeMap<String, Value>) -> BTreeSet<&str> {
    statements.values().flat_map(|statement| list(&statement["Action"])).filter_map(Value::as_str).collect()
}

fn list(value: &Value) -> &[Value] {
    match value {
        Value::Array(list) => list,
        one => std::slice::from_ref(one),
    }
}

#[test]
fn each_function_has_the_lines_of_a_hub() {
    let template = Node::parse(text("template.yaml")).unwrap();
    for function in blocks::functions(&template) {
        let name = &function.name;
        let environment = function.block.at(&["Properties", "Environment", "Variables", "PARAPET_ROLE_NAME"]);
        let expected =
            serde_json::json!({"Fn::If": ["IsHub", format!("parapet-member-{name}"), {"Ref": "AWS::NoValue"}]});
        let line = format!("PARAPET_ROLE_NAME: !If [IsHub, parapet-member-{name}, !Ref AWS::NoValue]");
        let is = environment.map(Node::to_value);
        assert_eq!(is, Some(expected), "`{}Function` needs in its environment\n          {line}", function.stem);

        let given = format!("${{AWS::StackName}}-{name}-${{AWS::Region}}");
        let expected = serde_json::json!({"Fn::If": ["IsHub", {"Fn::Sub": given}, {"Ref": "AWS::NoValue"}]});
        let is = function.role_block.at(&["Properties", "RoleName"]).map(Node::to_value);
        let line = format!("RoleName: !If [IsHub, !Sub \"{given}\", !Ref AWS::NoValue]");
        assert_eq!(is, Some(expected), "`{}` needs\n      {line}", function.role);
    }
}

/// The same statements in the member's account, in whichever of its regions; and they are what the families declare.
#[test]
fn a_members_role_holds_what_the_hubs_does() {
    struct Declared(BTreeMap<&'static str, BTreeSet<&'static str>>);
    impl Visitor for Declared {
        fn visit<F: Family + 'static>(&mut self, function: &'static str, family: F) {
            let needs = permissions(&family).into_iter().map(|permission| permission.action);
            self.0.entry(function).or_default().extend(needs);
            let undoes = permissions_to_undo(&family).into_iter().map(|permission| permission.action);
            self.0.entry("operate").or_default().extend(undoes);
        }
    }
    let mut declared = Declared(BTreeMap::new());
    visit_all(&mut declared);

    let template = Node::parse(text("template.yaml")).unwrap();
    for function in blocks::functions(&template) {
        let hub = about_resources(held("template.yaml", MEMBER, function.role));
        let denied =
            |all: Vec<Value>| -> Vec<Value> { all.into_iter().filter(|one| one["Effect"] == "Deny").collect() };
        let all = held("template-spoke.yaml", MEMBER, function.role);
        let never = denied(all.clone());
        assert_eq!(never, denied(held("template.yaml", MEMBER, function.role)), "parapet-member-{}", function.name);
        // Secrets are deleted with a recovery window alone.
        assert_eq!(never.len(), usize::from(function.name == "operate"), "{never:?}");
        let count = all.len() - never.len();
        let member = about_resources(all);
        let name = &function.name;
        let without_region = |statement: &Value| statement.to_string().replace(":us-east-1:", ":*:");
        assert_eq!(member.keys().collect::<Vec<_>>(), hub.keys().collect::<Vec<_>>(), "parapet-member-{name}");
        for (sid, statement) in &hub {
            assert_eq!(without_region(&member[sid]), without_region(statement), "parapet-member-{name}");
            assert!(!member[sid].to_string().contains("us-east-1"), "a role works in every region: {}", member[sid]);
        }
        assert_eq!(actions(&member), declared.0[name.as_str()], "parapet-member-{name}");
        assert_eq!(count, member.len(), "parapet-member-{name} holds something beside its family's work");
    }
}

/// No principal but the function of that name in the hub, and only while the hub is of the organisation.
#[test]
fn a_members_role_trusts_one_role() {
    let template = Node::parse(text("template.yaml")).unwrap();
    let (hub, _) = resolved("template.yaml", HUB);
    for function in blocks::functions(&template) {
        let role = ["Resources", function.role, "Properties"];
        let trust =
            at("template-spoke.yaml", MEMBER, &[&role[..], &["AssumeRolePolicyDocument", "Statement"]].concat());
        let name = hub.resolve(function.role_block.at(&["Properties", "RoleName"]).unwrap()).unwrap();
        let expected = serde_json::json!([{
            "Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{HUB}:root")}, "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
                "ArnEquals": {"aws:PrincipalArn": format!("arn:aws:iam::{HUB}:role/{}", name.as_str().unwrap())},
            },
        }]);
        assert_eq!(trust, Some(expected), "{}", function.name);
        let name = at("template-spoke.yaml", MEMBER, &[&role[..], &["RoleName"]].concat()).unwrap();
        let policies = at("template.yaml", HUB, &[&role[..], &["Policies"]].concat()).unwrap();
        let into = policies.as_array().unwrap().iter().find(|policy| policy["PolicyName"] == "into-members");
        let statement =
            &into.unwrap_or_else(|| panic!("{} has no way into the members", function.role))["PolicyDocument"];
        let statement = &statement["Statement"];
        assert_eq!(statement[0]["Resource"], format!("arn:aws:iam::*:role/{}", name.as_str().unwrap()));
        assert_eq!(statement[0]["Condition"]["StringEquals"]["aws:ResourceOrgID"], "o-a1b2c3d4e5");
    }
}

/// Security Hub gathers the findings of members itself.
fn is_of_findings(rule: &blocks::Rule<'_>) -> bool {
    rule.stem.ends_with("Findings")
}

/// A pattern that differs forwards too little, or what no function handles.
#[test]
fn a_members_rule_is_the_hubs_with_its_own_role() {
    let template = Node::parse(text("template.yaml")).unwrap();
    for function in blocks::functions(&template) {
        for rule in function.rules.iter().filter(|rule| !is_of_findings(rule)) {
            let id = format!("{}Rule", rule.stem);
            let (mut environment, _) = resolved("template.yaml", HUB);
            for each in blocks::functions(&template) {
                let own = format!("arn:aws:iam::{MEMBER}:role/parapet-member-{}", each.name);
                environment.set_attribute(&format!("{}.Arn", each.role), &own);
            }
            let hub = environment.resolve(rule.pattern);
            let member = at("template-spoke.yaml", MEMBER, &["Resources", &id, "Properties", "EventPattern"]);
            assert_eq!(member, hub, "{id}");
        }
    }
}

/// The sweep would look at each user once for every region of the account.
#[test]
fn the_families_of_a_global_function_are_global() {
    struct Regional(Vec<(&'static str, &'static str)>);
    impl Visitor for Regional {
        fn visit<F: Family + 'static>(&mut self, function: &'static str, family: F) {
            if !family.is_global() {
                self.0.push((function, family.kind()));
            }
        }
    }
    let mut regional = Regional(Vec::new());
    visit_all(&mut regional);
    let template = Node::parse(text("template.yaml")).unwrap();
    for function in blocks::functions(&template) {
        let wrong = regional.0.iter().find(|(name, _)| *name == function.name);
        assert!(
            function.condition.is_none() || wrong.is_none(),
            "{wrong:?} is of a function that is in one region alone: its family should say `is_global`"
        );
    }
}

#[test]
fn the_dashboard_is_json_and_names_every_function() {
    let (mut environment, template) = resolved("template.yaml", HUB);
    environment.set_attribute("DeadLetters.QueueName", "dead");
    for function in blocks::functions(&template) {
        environment.set(&format!("{}Function", function.stem), &format!("is-{}", function.name));
    }
    let body = environment.resolve(template.at(&["Resources", "Dashboard", "Properties", "DashboardBody"]).unwrap());
    let body: Value = serde_json::from_str(body.unwrap().as_str().unwrap()).unwrap();
    let text = body.to_string();
    assert!(!text.contains("${"), "{text}");
    for function in blocks::functions(&template) {
        assert!(text.contains(&format!("is-{}", function.name)));
    }
    let counted = ["Events", "Violations", "Undetermined", "Remediations", "StayedOpen", "Failures", "BreakerOpen"];
    for metric in counted.into_iter().chain(["ContainmentFromEvent", "ContainmentFromInvocation"]) {
        assert!(text.contains(&format!("\"Parapet\",\"{metric}\"")), "{metric}");
    }
}

/// The alarms of the whole stack count what the functions write under these names.
#[test]
fn the_alarms_count_what_the_functions_write() {
    let template = Node::parse(text("template.yaml")).unwrap();
    for (alarm, metric) in [
        ("StayedOpenAlarm", shared::operations::metrics::STAYED_OPEN),
        ("SweepHeartbeatAlarm", shared::operations::metrics::SWEEPS_COMPLETED),
    ] {
        let properties = template.at(&["Resources", alarm, "Properties"]).unwrap();
        assert_eq!(
            properties.get("Namespace").and_then(Node::text),
            Some(shared::operations::metrics::NAMESPACE),
            "{alarm}"
        );
        assert_eq!(properties.get("MetricName").and_then(Node::text), Some(metric), "{alarm}");
        let [dimension] = properties.get("Dimensions").unwrap().items() else { panic!("{alarm}") };
        assert_eq!(dimension.get("Name").and_then(Node::text), Some("Stack"), "{alarm}");
        assert_eq!(dimension.get("Value").map(Node::to_value), Some(serde_json::json!({"Ref": "AWS::StackName"})));
    }
    let variables = ["Globals", "Function", "Environment", "Variables", "PARAPET_STACK"];
    assert_eq!(template.at(&variables).map(Node::to_value), Some(serde_json::json!({"Ref": "AWS::StackName"})));
}

/// The heartbeat waits for as many sweeps as there are functions that sweep, in either kind of region.
#[test]
fn the_heartbeat_waits_for_every_sweep() {
    let template = Node::parse(text("template.yaml")).unwrap();
    let resources = template.get("Resources").unwrap().entries();
    let sweeps = |condition: &str| {
        let all = resources.iter().filter(|entry| entry.key.ends_with("SweepSchedule"));
        all.filter(|entry| entry.value.get("Condition").and_then(Node::text) == Some(condition)).count()
    };
    let (regional, global) = (sweeps("HasSweep"), sweeps("HasGlobalSweep"));
    assert!(regional > 0 && global > 0);
    let threshold = template.at(&["Resources", "SweepHeartbeatAlarm", "Properties", "Threshold"]).map(Node::to_value);
    assert_eq!(threshold, Some(serde_json::json!({"Fn::If": ["IsGlobalRegion", regional + global, regional]})));
}

/// One alarm adds up ten metrics at most, and every function that serves events is in one.
#[test]
fn an_alarm_sees_every_functions_throttles() {
    let (environment, template) = resolved("template.yaml", HUB);
    let resources = template.get("Resources").unwrap().entries();
    let mut seen = String::new();
    for alarm in resources.iter().filter(|entry| entry.key.starts_with("ThrottlesAlarm")) {
        let metrics = environment.resolve(alarm.value.at(&["Properties", "Metrics"]).unwrap()).unwrap();
        let metrics = metrics.as_array().unwrap();
        assert!(metrics.len() <= 11, "{}: {}", alarm.key, metrics.len());
        seen.push_str(&alarm.value.to_value().to_string());
    }
    for function in blocks::functions(&template).iter().filter(|function| function.serves_events()) {
        assert!(seen.contains(&format!("{{\"Ref\":\"{}Function\"}}", function.stem)), "{}", function.name);
    }
}

/// The rules on the members' bus leave nothing out that the default bus's let through, but for the hub's own account: the same
/// pattern without the role, which does nothing in a member.
#[test]
fn the_members_bus_delivers_what_members_forward() {
    let template = Node::parse(text("template.yaml")).unwrap();
    let mut seen = 0;
    for function in blocks::functions(&template) {
        for rule in function.rules.iter().filter(|rule| !is_of_findings(rule)) {
            let (mut environment, _) = resolved("template.yaml", HUB);
            for each in blocks::functions(&template) {
                environment.set_attribute(&format!("{}.Arn", each.role), "arn:aws:iam::999988887777:role/own");
            }
            let mut expected = environment.resolve(rule.pattern).unwrap();
            let detail = expected.get_mut("detail").and_then(Value::as_object_mut);
            if let Some(detail) = detail
                && let Some(identity) = detail.get_mut("userIdentity").and_then(Value::as_object_mut)
            {
                identity.remove("sessionContext");
                if identity.is_empty() {
                    detail.remove("userIdentity");
                }
            }
            expected["account"] = serde_json::json!([{ "anything-but": HUB }]);
            let id = format!("{}MembersRule", rule.stem);
            let properties = template.at(&["Resources", &id, "Properties"]).unwrap_or_else(|| panic!("no `{id}`"));
            assert_eq!(environment.resolve(properties.get("EventPattern").unwrap()), Some(expected), "{id}");
            assert_eq!(properties.at(&["EventBusName", "Ref"]).and_then(Node::text), Some("Members"), "{id}");
            seen += 1;
        }
    }
    assert!(seen > 0);
}

/// And so the matcher reads it: a member's event arrives, one of the hub's account does not.
#[test]
fn the_hubs_own_events_are_not_taken_from_the_members_bus() {
    let params = Params { account: HUB.to_owned(), bus: Some("Members".to_owned()), ..Params::default() };
    let members = Patterns::from_template(text("template.yaml"), &params).unwrap();
    let event = |account: &str| {
        serde_json::json!({
            "source": "aws.ec2", "detail-type": "AWS API Call via CloudTrail", "account": account,
            "detail": {"eventSource": "ec2.amazonaws.com", "eventName": "AuthorizeSecurityGroupIngress"},
        })
        .to_string()
    };
    assert_eq!(members.functions_for(event(MEMBER).as_bytes()), ["security-group"]);
    assert!(members.functions_for(event(HUB).as_bytes()).is_empty());
}
