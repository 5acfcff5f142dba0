//! Rules that are broken are as they were; the function's own calls and deployments are left alone.

use super::{POLICY, Person, deploy_role, deployed, named, notices, own, place, role, rules, stack};
use serde_json::{Value, json};
use shared::resources::parapet::manifest::MANIFEST;
use tests::command::parapet;
use tests::lab::Lab;
use tests::moto::{ACCOUNT, REGION};
use tests::records::{self, Caller};
use tests::story::{Subject, notified};
use tests::world::World;

// The stack has the same names in all of them.
static RULES: World = World::new();
static UNDONE: World = World::new();
static OWN_CALLS: World = World::new();
static DEPLOYMENTS: World = World::new();

const CHANGED: &str = "parapet-rule-changed";

/// A rule, by its name.
struct Rule(String);

impl Subject for Rule {
    async fn lines(&self, lab: &Lab) -> tests::Result<Vec<String>> {
        let listed = Person(lab).events("ListRules", json!({"NamePrefix": self.0})).await;
        let Some(rule) = listed.list("Rules").first() else { return Ok(vec!["none".to_owned()]) };
        let text = |key: &str| rule[key].as_str().unwrap_or_default();
        let pattern: Value = serde_json::from_str(text("EventPattern"))?;
        let mut lines =
            vec![format!("{}: {pattern} {} {}", text("State"), text("ScheduleExpression"), text("Description"))];
        let targets = Person(lab).events("ListTargetsByRule", json!({"Rule": self.0})).await;
        lines.extend(targets.list("Targets").iter().map(Value::to_string));
        Ok(lines)
    }
}

/// Each by another caller: findings about changes by one are a burst after a while.
fn record(name: &str, request: Value) -> Value {
    records::event(&Caller::user(&format!("eve-{name}")), "events.amazonaws.com", name, request, Value::Null)
}

#[tokio::test]
async fn a_rule_that_is_disabled_narrowed_or_deleted_is_as_it_was() {
    let lab = deployed(&RULES, "own-rules").await;
    lab.ledger().await.unwrap();
    let mut function = own(&lab, POLICY).await;
    let name = named("SecurityGroupRule");
    let (rule, person) = (Rule(name.clone()), Person(&lab));
    let good = rule.lines(&lab).await.unwrap();
    let other = Rule(named("InstanceRule"));
    let untouched = other.lines(&lab).await.unwrap();
    let narrow = r#"{"source":["none"]}"#;
    let elsewhere = json!({"Id": "function", "Arn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:mine")});
    type Broken = (&'static str, Vec<(&'static str, Value)>, Value);
    let broken: [Broken; 5] = [
        ("DisableRule", vec![("DisableRule", json!({"Name": name}))], json!({"name": name})),
        (
            "PutRule",
            vec![("PutRule", json!({"Name": name, "EventPattern": narrow}))],
            json!({"name": name, "eventPattern": narrow}),
        ),
        (
            "RemoveTargets",
            vec![("RemoveTargets", json!({"Rule": name, "Ids": ["function"]}))],
            json!({"rule": name, "ids": ["function"]}),
        ),
        (
            "PutTargets",
            vec![("PutTargets", json!({"Rule": name, "Targets": [elsewhere]}))],
            json!({"rule": name, "targets": [{"id": "function", "arn": elsewhere["Arn"]}]}),
        ),
        (
            "DeleteRule",
            vec![("RemoveTargets", json!({"Rule": name, "Ids": ["function"]})), ("DeleteRule", json!({"Name": name}))],
            json!({"name": name}),
        ),
    ];
    for (call, calls, request) in broken {
        for (operation, body) in calls {
            person.events(operation, body).await;
        }
        let open = rule.lines(&lab).await.unwrap();
        assert_ne!(open, good, "{call} broke nothing");
        let event = record(call, request);
        let answer = function.send(&event).await.unwrap();
        assert_eq!(answer.result(CHANGED).unwrap(), "remediated", "{call}: {answer:?}");
        assert_eq!(rule.lines(&lab).await.unwrap(), good, "{call}");
        let finding = notified(&lab).await.unwrap();
        assert_eq!(finding["unmapped"]["result"], "remediated", "{finding}");

        function.send(&event).await.unwrap();
        assert_eq!(rule.lines(&lab).await.unwrap(), good, "{call}");
        assert_eq!(lab.channel.hear().await.unwrap(), Vec::<Value>::new(), "{call}: a second delivery is no news");
    }
    assert_eq!(other.lines(&lab).await.unwrap(), untouched);
}

#[tokio::test]
async fn what_an_operator_takes_back_stays() {
    let lab = deployed(&UNDONE, "own-rules-undone").await;
    lab.ledger().await.unwrap();
    let mut function = own(&lab, POLICY).await;
    let rule = Rule(named("NetworkRule"));
    let good = rule.lines(&lab).await.unwrap();
    Person(&lab).events("DisableRule", json!({"Name": rule.0})).await;
    let open = rule.lines(&lab).await.unwrap();
    let event = record("DisableRule", json!({"name": rule.0}));
    let answer = function.send(&event).await.unwrap();
    let finding = answer.outcome(CHANGED).unwrap()["finding_id"].as_str().unwrap().to_owned();
    assert_eq!(rule.lines(&lab).await.unwrap(), good);
    let ran = parapet(&lab.proxy.url(), &["undo", &finding, "--table", lab.name(), "--yes"]).await.unwrap();
    // The command knows no stack, and cannot say whether a rule is one of it.
    assert!(ran.out.contains("the calls succeeded"), "{ran:?}");
    assert_eq!(rule.lines(&lab).await.unwrap(), open);
    // Another function of the same: it asks the ledger what an operator has decided.
    let mut function = own(&lab, POLICY).await;
    let again = record("DisableRule", json!({"name": rule.0}));
    assert_ne!(function.send(&again).await.unwrap().result(CHANGED).unwrap(), "remediated");
    assert_eq!(rule.lines(&lab).await.unwrap(), open);
}

/// A call of the function's own role.
fn own_call(name: &str, request: Value, id: &str) -> Value {
    let caller = Caller::session_of(&role("SelfRole"), &named("SelfFunction"));
    let mut event = records::event(&caller, "events.amazonaws.com", name, request, Value::Null);
    event["detail"]["requestID"] = id.into();
    event
}

#[tokio::test]
async fn its_own_calls_are_silent_and_a_call_by_its_role_that_it_does_not_know_is_notified() {
    let lab = deployed(&OWN_CALLS, "own-calls").await;
    let ledger = lab.ledger().await.unwrap();
    let mut function = own(&lab, POLICY).await;
    let rule = Rule(named("SecurityGroupRule"));
    let narrow = r#"{"source":["none"]}"#;
    Person(&lab).events("PutRule", json!({"Name": rule.0, "EventPattern": narrow})).await;
    let answer = function.send(&record("PutRule", json!({"name": rule.0, "eventPattern": narrow}))).await.unwrap();
    assert_eq!(answer.result(CHANGED).unwrap(), "remediated", "{answer:?}");
    lab.channel.hear().await.unwrap();
    let items = lab.clients.dynamodb.scan().table_name(&ledger).send().await.unwrap().items.unwrap_or_default();
    let ids = items.iter().filter_map(|item| item["id"].as_s().ok()?.strip_prefix("note#call#"));
    let known: Vec<&str> = ids.filter_map(|id| id.rsplit('#').next()).collect();
    assert_eq!(known.len(), 1, "{items:?}");

    // The rule is broken again meanwhile: what is silent about its own call changes nothing either.
    Person(&lab).events("DisableRule", json!({"Name": rule.0})).await;
    let open = rule.lines(&lab).await.unwrap();
    let good = MANIFEST.pattern(rules()[&rule.0], &stack(), &place()).unwrap().to_string();
    let own_put = json!({"name": rule.0, "eventPattern": good});
    let answer = function.send(&own_call("PutRule", own_put.clone(), known[0])).await.unwrap();
    assert_eq!(answer.report().unwrap()["outcomes"], json!([]), "{answer:?}");
    assert_eq!(lab.channel.hear().await.unwrap(), Vec::<Value>::new());
    for (name, request) in [("PutRule", own_put), ("DisableRule", json!({"name": rule.0}))] {
        function.send(&own_call(name, request, "another-request")).await.unwrap();
        assert_eq!(notices(&lab).await, ["own-role-used"], "{name}");
        assert_eq!(rule.lines(&lab).await.unwrap(), open, "{name}: it never fights itself");
    }
}

#[tokio::test]
async fn a_deployment_is_notified_and_left_alone_and_a_stack_of_someone_else_is_none() {
    let lab = deployed(&DEPLOYMENTS, "own-deployment").await;
    lab.ledger().await.unwrap();
    let mut function = own(&lab, POLICY).await;
    let rule = Rule(named("InstanceRule"));
    let good = rule.lines(&lab).await.unwrap();
    let through = |caller: Caller| {
        let mut event =
            records::event(&caller, "events.amazonaws.com", "DisableRule", json!({"name": rule.0}), Value::Null);
        event["detail"]["userIdentity"]["invokedBy"] = "cloudformation.amazonaws.com".into();
        event
    };
    Person(&lab).events("DisableRule", json!({"Name": rule.0})).await;
    let open = rule.lines(&lab).await.unwrap();
    let answer = function.send(&through(Caller::session_of(&deploy_role(), "release"))).await.unwrap();
    assert_eq!(answer.result(CHANGED).unwrap(), "notified", "{answer:?}");
    assert_eq!(rule.lines(&lab).await.unwrap(), open);
    let answer = function.send(&through(Caller::session("eve", "mine"))).await.unwrap();
    assert_eq!(answer.result(CHANGED).unwrap(), "remediated", "{answer:?}");
    assert_eq!(rule.lines(&lab).await.unwrap(), good);
}
