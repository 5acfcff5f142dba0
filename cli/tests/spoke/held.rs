//! The members' template against the hub's and the families, without a word of what generates it.

use super::{blocks, text};
use parapet::patterns::{Params, Patterns};
use parapet::template::{Environment, Node};
use serde_json::Value;
use shared::families::{Family, Visitor, permissions, visit_all};
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

/// What the statement of a family is, without its region.
fn statements(document: Option<Value>) -> BTreeMap<String, Value> {
    let all = document.and_then(|policies| policies[0]["PolicyDocument"]["Statement"].as_array().cloned());
    let family = all.into_iter().flatten().filter(|one| one["Sid"].as_str().is_some_and(blocks::is_about_resources));
    family.map(|statement| (statement["Sid"].as_str().unwrap().to_owned(), statement)).collect()
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
        fn visit<F: Family + 'static>(&mut self, family: F) {
            self.0.entry(family.name()).or_default().extend(permissions(&family));
        }
    }
    let mut declared = Declared(BTreeMap::new());
    visit_all(&mut declared);

    let template = Node::parse(text("template.yaml")).unwrap();
    for function in blocks::functions(&template) {
        let policies = |file, account| at(file, account, &["Resources", function.role, "Properties", "Policies"]);
        let hub = statements(policies("template.yaml", MEMBER));
        let member = statements(policies("template-spoke.yaml", MEMBER));
        let name = &function.name;
        let without_region = |statement: &Value| statement.to_string().replace(":us-east-1:", ":*:");
        assert_eq!(member.keys().collect::<Vec<_>>(), hub.keys().collect::<Vec<_>>(), "parapet-member-{name}");
        for (sid, statement) in &hub {
            assert_eq!(without_region(&member[sid]), without_region(statement), "parapet-member-{name}");
            assert!(!member[sid].to_string().contains("us-east-1"), "a role works in every region: {}", member[sid]);
        }
        if let Some(declared) = declared.0.get(name.as_str()) {
            let actions: BTreeSet<&str> = member
                .values()
                .flat_map(|one| {
                    one["Action"].as_array().map_or_else(|| std::slice::from_ref(&one["Action"]), Vec::as_slice)
                })
                .filter_map(Value::as_str)
                .collect();
            assert_eq!(&actions, declared, "parapet-member-{name}");
        }
        let all = policies("template-spoke.yaml", MEMBER).map(|all| all[0]["PolicyDocument"]["Statement"].clone());
        let count = all.and_then(|all| all.as_array().map(Vec::len)).unwrap_or_default();
        assert_eq!(count, member.len(), "parapet-member-{name} holds something beside its family's work");
    }
}

/// Nobody but the function of that name in the hub, and only while the hub is of the organisation.
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
        let policy = format!("{}MembersPolicy", function.stem);
        let statement = ["Resources", &policy, "Properties", "PolicyDocument", "Statement"];
        let statement = at("template.yaml", HUB, &statement).unwrap();
        assert_eq!(statement[0]["Resource"], format!("arn:aws:iam::*:role/{}", name.as_str().unwrap()));
        assert_eq!(statement[0]["Condition"]["StringEquals"]["aws:ResourceOrgID"], "o-a1b2c3d4e5");
    }
}

/// A pattern that differs forwards too little, or what nobody listens to.
#[test]
fn a_members_rule_is_the_hubs_with_its_own_role() {
    let template = Node::parse(text("template.yaml")).unwrap();
    for function in blocks::functions(&template) {
        for rule in &function.rules {
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
        fn visit<F: Family + 'static>(&mut self, family: F) {
            if !family.is_global() {
                self.0.push((family.name(), family.kind()));
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

/// Whatever stays open sets the alarm off: it counts what the functions write under that name.
#[test]
fn the_alarm_of_each_function_counts_what_stayed_open() {
    let template = Node::parse(text("template.yaml")).unwrap();
    for function in blocks::functions(&template).iter().filter(|function| function.serves_events()) {
        let alarm = format!("{}UnsettledAlarm", function.stem);
        let at =
            |path: &[&str]| template.at(&["Resources", &alarm, "Properties"]).unwrap().at(path).and_then(Node::text);
        assert_eq!(at(&["Namespace"]), Some(shared::metrics::NAMESPACE), "{alarm}");
        assert_eq!(at(&["MetricName"]), Some(shared::metrics::STAYED_OPEN), "{alarm}");
    }
}

/// The rules on the members' bus leave nothing out that the default bus's let through, but for the hub's own account: the same
/// pattern without the role, which does nothing in a member.
#[test]
fn the_members_bus_delivers_what_members_forward() {
    let template = Node::parse(text("template.yaml")).unwrap();
    let mut seen = 0;
    for function in blocks::functions(&template) {
        for rule in &function.rules {
            let (mut environment, _) = resolved("template.yaml", HUB);
            for each in blocks::functions(&template) {
                environment.set_attribute(&format!("{}.Arn", each.role), "arn:aws:iam::999988887777:role/own");
            }
            let mut expected = environment.resolve(rule.pattern).unwrap();
            if let Some(identity) = expected["detail"].get_mut("userIdentity").and_then(Value::as_object_mut) {
                identity.remove("sessionContext");
                if identity.is_empty() {
                    expected["detail"].as_object_mut().unwrap().remove("userIdentity");
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
