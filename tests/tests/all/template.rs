//! The template against the code: its patterns deliver what the guardrails wait for and nothing else, its roles hold what
//! the families declare and nothing else.

use serde_json::{Value, json};
use shared::engine::family::{Family, permissions};
use shared::resources::{Entry, Visitor, catalogue, visit_all};
use situations::variants;
use std::collections::{BTreeMap, BTreeSet};
use tests::bus::Bus;
use tests::{paths, records, roles};

/// The functions that serve families.
fn functions() -> BTreeSet<&'static str> {
    catalogue().into_iter().map(|entry| entry.family).collect()
}

/// The account that the fixtures happen in, with the roles that their records name.
fn bus() -> Bus {
    let role = |name: &str| (roles::logical_id(name), format!("arn:aws:iam::111122223333:role/parapet-{name}"));
    let roles: Vec<_> = functions().into_iter().chain(["operate"]).map(role).collect();
    let roles: Vec<_> = roles.iter().map(|(id, arn)| (id.as_str(), arn.as_str())).collect();
    Bus::new(&roles).unwrap()
}

/// Guardrail, situation and content of every fixture.
fn fixtures() -> Vec<(String, String, Value)> {
    let all = situations::all().unwrap().iter();
    all.map(|((guardrail, name), content)| (guardrail.clone(), name.clone(), content.clone())).collect()
}

fn family_of(guardrail: &str) -> &'static str {
    let entry = catalogue().into_iter().find(|entry| entry.about.name == guardrail);
    entry.unwrap_or_else(|| panic!("no guardrail is called `{guardrail}`")).family
}

#[test]
fn every_fixture_reaches_its_function_or_not_as_it_says() {
    let bus = bus();
    for (guardrail, name, fixture) in fixtures() {
        let event = &fixture["event"];
        let event = if event.get("detail-type").is_some() { event.clone() } else { records::envelope(event.clone()) };
        let is_delivered = bus.targets(&event).contains(&family_of(&guardrail));
        assert_eq!(is_delivered, fixture["delivered"] != false, "{guardrail}/{name}");
    }
}

/// The event sources of a guardrail's fixtures that violate it; none where these are findings, and no calls.
fn sources(guardrail: &str) -> BTreeSet<String> {
    let mine =
        situations::all().unwrap().iter().filter(|((of, name), _)| of == guardrail && name.starts_with("violates"));
    let mine = mine.filter(|(_, fixture)| !variants::is_finding(fixture));
    let source = |event: &Value| {
        let record = event.get("detail").unwrap_or(event);
        record["eventSource"].as_str().unwrap().to_owned()
    };
    mine.map(|(_, fixture)| source(&fixture["event"])).collect()
}

#[test]
fn every_trigger_is_delivered() {
    let bus = bus();
    // Findings are held against their patterns above.
    for Entry { family, about, .. } in catalogue() {
        let sources = sources(about.name);
        // The empty trigger stands for any call.
        for trigger in about.triggers.iter().filter(|trigger| !trigger.is_empty()) {
            let by = |source: &String| {
                records::event(&records::Caller::user("ben"), source, trigger, Value::Null, Value::Null)
            };
            let reaches = |event: Value| bus.targets(&event).contains(&family);
            // A sign-in is another kind of event: its fixtures are held against the pattern above.
            let is_sign_in = sources.contains("signin.amazonaws.com");
            let is_delivered = is_sign_in || sources.is_empty() || sources.iter().map(by).any(reaches);
            assert!(is_delivered, "{}: {trigger}", about.name);
        }
    }
}

#[test]
fn no_other_call_is_delivered() {
    let bus = bus();
    for source in catalogue().iter().flat_map(|entry| sources(entry.about.name)).collect::<BTreeSet<_>>() {
        for other in ["DescribeSecurityGroups", "GetUser", "ListUsers", "RevokeSecurityGroupIngress", "DeleteAccessKey"]
        {
            let caller = records::Caller::user("ben");
            let event = records::event(&caller, &source, other, Value::Null, Value::Null);
            assert_eq!(bus.targets(&event), Vec::<&str>::new(), "{source} {other}");
        }
    }
}

/// A pattern that names no `source` can be triggered by anybody who may put an event on the bus.
#[test]
fn a_forged_event_reaches_no_function() {
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

/// What the families of each function declare.
#[derive(Default)]
struct Declared(BTreeMap<&'static str, BTreeSet<String>>);

impl Visitor for Declared {
    fn visit<F: Family + 'static>(&mut self, function: &'static str, family: F) {
        let actions = permissions(&family).into_iter().map(|permission| permission.action.to_owned());
        self.0.entry(function).or_default().extend(actions);
    }
}

#[test]
fn the_roles_hold_what_the_families_declare_and_nothing_else() {
    let mut declared = Declared::default();
    visit_all(&mut declared);
    for (function, declared) in declared.0 {
        let statements = roles::statements(function, "arn:aws:sns:us-east-1:123456789012:topic").unwrap();
        assert_eq!(roles::actions(&statements, "Family"), declared, "{function}");
        let rest: Vec<Value> = statements
            .iter()
            .filter(|statement| !statement["Sid"].as_str().unwrap().starts_with("Family"))
            .cloned()
            .collect();
        let ledger = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"];
        let around = ["logs:CreateLogStream", "logs:PutLogEvents", "sns:Publish"];
        // No queue is read, and the one that is written to holds what failed.
        let later = ["iam:PassRole", "scheduler:CreateSchedule", "sqs:SendMessage"];
        // The heartbeat looks whether the topic has a subscription.
        let heartbeat: &[&str] = if function == "self" { &["sns:GetTopicAttributes"] } else { &[] };
        let expected = ledger.into_iter().chain(around).chain(later).chain(heartbeat.iter().copied());
        let expected: BTreeSet<String> = expected.map(str::to_owned).collect();
        assert_eq!(roles::actions(&rest, ""), expected, "{function}");
        assert!(statements.iter().all(|statement| statement["Effect"] == "Allow"));
    }
}

/// The guardrails on policies must not take from Parapet what it works with: they know its roles by these ARNs.
#[test]
fn the_functions_of_policies_and_of_trust_know_every_function_s_role() {
    let text = std::fs::read_to_string(paths::root().join("template.yaml")).unwrap();
    for block in ["IamPolicy", "IamTrust"] {
        let text = text.split(&format!("  {block}Function:\n")).nth(1).unwrap();
        let text = text.split(&format!("  {block}Role:\n")).next().unwrap();
        for name in functions().into_iter().chain(["operate"]) {
            let role = format!("!GetAtt {}.Arn\n", roles::logical_id(name));
            assert!(text.contains(&role), "{role} is not in `PARAPET_SELF_ROLE_ARN` of {block}");
        }
    }
}

/// What changes something is allowed on the family's resources alone. `*` is for reads, and for the calls that change a
/// setting of the whole account and region: they have no resource ("Service Authorization Reference").
#[test]
fn the_roles_reach_no_further_than_their_resources() {
    let topic = "arn:aws:sns:us-east-1:123456789012:topic";
    for function in functions() {
        for statement in roles::statements(function, topic).unwrap() {
            let actions = roles::actions(std::slice::from_ref(&statement), "");
            assert!(actions.iter().all(|action| !action.contains('*')), "{statement}");
            let is_everything = match &statement["Resource"] {
                Value::Array(list) => list.iter().any(|resource| resource == "*"),
                resource => resource == "*",
            };
            if is_everything {
                let reads = |action: &String| [":Describe", ":Get", ":List"].iter().any(|read| action.contains(read));
                let is_setting = statement["Sid"].as_str().unwrap().contains("AccountSetting");
                assert!(is_setting || actions.iter().all(reads), "{statement}");
            }
            if statement["Sid"] == "Notify" {
                assert_eq!(statement["Resource"], topic);
            }
        }
    }
}
