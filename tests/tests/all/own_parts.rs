//! Parapet's own parts, broken one after the other, with the real binary of `self`: what one call closes is closed, everything else is notified or ends the heartbeat, and the
//! alarm of the template on the missing heartbeat fires.

use parapet::patterns::TEMPLATE;
use parapet::template::Node;
use serde_json::{Value, json};
use shared::aws::service::clients::Signed;
use shared::engine::observed::Place;
use shared::engine::own::Stack;
use shared::engine::request::{Answer as Answered, Api, Request};
use shared::resources::lambda::LAMBDA;
use shared::resources::parapet::manifest::{MANIFEST, RuleSpec};
use shared::resources::parapet::rule::EVENTS;
use std::collections::BTreeMap;
use tests::command::parapet;
use tests::host::{Answer, Host, Settings};
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
static FUNCTIONS: World = World::new();
static HEARTBEATS: World = World::new();

const ENDING: &str = "1A2B3C4D5E6F";
const CHANGED: &str = "parapet-rule-changed";
const THROTTLED: &str = "parapet-function-throttled";
const POLICY: &str = "{version: 1, defaults: {mode: enforce}}";

/// What CloudFormation calls a part of the stack.
fn named(id: &str) -> String {
    format!("parapet-{id}-{ENDING}")
}

fn role(id: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/{}", named(id))
}

fn deploy_role() -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/deploy")
}

fn dead_letters() -> String {
    format!("arn:aws:sqs:{REGION}:{ACCOUNT}:{}", named("DeadLetters"))
}

/// `PARAPET_PARTS`, as the template makes it of the names of functions and roles.
fn told() -> String {
    let told = MANIFEST.told.iter().map(|_| format!("parapet-={ENDING}"));
    told.collect::<Vec<_>>().join(",")
}

/// A stack without members, in a region that is not the one of global services.
fn stack() -> Stack {
    Stack {
        name: "parapet".to_owned(),
        parts: MANIFEST.names(&told()),
        deploy_role: Some(deploy_role()),
        dead_letters: Some(dead_letters()),
        ..Stack::default()
    }
}

fn place() -> Place {
    Place { partition: "aws".to_owned(), account: ACCOUNT.to_owned(), region: REGION.to_owned() }
}

/// The rules of such a stack, by their names.
fn rules() -> BTreeMap<String, &'static RuleSpec> {
    let own = MANIFEST.rules.iter().filter(|(_, spec)| spec.condition.is_none() && spec.bus.is_none());
    own.map(|(id, spec)| (named(id), spec)).collect()
}

fn target(spec: &RuleSpec) -> Value {
    let function = named(&spec.function);
    json!({
        "Id": "function", "Arn": format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"), "RetryPolicy": spec.retry,
        "DeadLetterConfig": {"Arn": dead_letters()},
    })
}

/// A person who calls AWS.
struct Person<'a>(&'a Lab);

impl Person<'_> {
    async fn call(&self, api: &'static Api, request: Request) -> Answered {
        Signed::new(&self.0.clients.config).call(api, request).await.unwrap()
    }

    async fn events(&self, operation: &'static str, body: Value) -> Answered {
        self.call(&EVENTS, Request::named(operation, body)).await
    }

    async fn put(&self, name: &str, spec: &RuleSpec) {
        let pattern = MANIFEST.pattern(spec, &stack(), &place()).unwrap();
        let put =
            Request::named("PutRule", json!({"Name": name, "EventPattern": pattern.to_string(), "State": "ENABLED"}));
        let put = put.member("Description", Some(spec.description.as_str()));
        self.call(&EVENTS, put.member("ScheduleExpression", spec.schedule.as_deref())).await;
        self.events("PutTargets", json!({"Rule": name, "Targets": [target(spec)]})).await;
    }
}

/// The whole stack, as far as it consists of rules.
async fn deployed(world: &'static World, name: &str) -> Lab {
    let lab = world.lab(name).await.unwrap();
    for (name, spec) in rules() {
        Person(&lab).put(&name, spec).await;
    }
    lab
}

/// `self`, in the stack.
async fn own(lab: &Lab, policy: &str) -> Host {
    let more =
        [("PARAPET_STACK", "parapet".to_owned()), ("PARAPET_PARTS", told()), ("PARAPET_CONDITIONS", String::new())];
    // By its name in Lambda the function knows its own rules' target.
    let name = [("AWS_LAMBDA_FUNCTION_NAME", named("SelfFunction"))];
    let arns = [("PARAPET_DEPLOY_ROLE", deploy_role()), ("PARAPET_DEAD_LETTERS_ARN", dead_letters())];
    let settings = Settings {
        ledger: Some(lab.name().to_owned()),
        own_role: Some(format!("{},{}", role("SelfRole"), role("OperateRole"))),
        policy: Some(policy.to_owned()),
        more: more.into_iter().chain(arns).chain(name).collect(),
        ..lab.settings()
    };
    Host::start("self", &settings).await.unwrap()
}

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

/// The kinds of the notices that were heard.
async fn notices(lab: &Lab) -> Vec<String> {
    let heard = lab.channel.hear().await.unwrap();
    let kind = |message: &Value| {
        let said: Value = serde_json::from_str(message["Message"].as_str().unwrap()).unwrap();
        said["notice"].as_str().unwrap_or("finding").to_owned()
    };
    heard.iter().map(kind).collect()
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

/// What a function reserves.
struct Concurrency(String);

impl Subject for Concurrency {
    async fn lines(&self, lab: &Lab) -> tests::Result<Vec<String>> {
        let path = ["2019-09-30", "functions", &self.0, "concurrency"];
        let answer = Person(lab).call(&LAMBDA, Request::rest("GetFunctionConcurrency", "GET", &path)).await;
        Ok(vec![format!("reserves {:?}", answer.at(&["ReservedConcurrentExecutions"]).and_then(Value::as_u64))])
    }
}

#[tokio::test]
async fn a_function_that_is_throttled_to_nothing_runs_again() {
    let lab = FUNCTIONS.lab("own-throttled").await.unwrap();
    lab.ledger().await.unwrap();
    let name = named("SecurityGroupFunction");
    let runs = aws_sdk_iam::Client::new(&lab.clients.config);
    let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    runs.create_role().role_name("runs").assume_role_policy_document(trust.to_string()).send().await.unwrap();
    let create = Request::rest("CreateFunction", "POST", &["2015-03-31", "functions"])
        .member("FunctionName", Some(name.as_str()));
    let create = create.member("Runtime", Some("provided.al2023")).member("Handler", Some("bootstrap"));
    let create = create.member("Role", Some(format!("arn:aws:iam::{ACCOUNT}:role/runs")));
    // An empty archive.
    let create = create.member("Code", Some(json!({"ZipFile": "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA=="})));
    Person(&lab).call(&LAMBDA, create).await;
    let subject = Concurrency(name.clone());
    let good = subject.lines(&lab).await.unwrap();
    let path = ["2017-10-31", "functions", &name, "concurrency"];
    let throttle =
        Request::rest("PutFunctionConcurrency", "PUT", &path).member("ReservedConcurrentExecutions", Some(0));
    Person(&lab).call(&LAMBDA, throttle).await;
    assert_ne!(subject.lines(&lab).await.unwrap(), good);
    let mut function = own(&lab, POLICY).await;
    let request = json!({"functionName": name, "reservedConcurrentExecutions": 0});
    let event = records::event(
        &Caller::user("eve"),
        "lambda.amazonaws.com",
        "PutFunctionConcurrency20171031",
        request,
        Value::Null,
    );
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result(THROTTLED).unwrap(), "remediated", "{answer:?}");
    assert_eq!(subject.lines(&lab).await.unwrap(), good);
    assert_eq!(notified(&lab).await.unwrap()["unmapped"]["result"], "remediated");
}

fn scheduled() -> Value {
    json!({
        "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event", "source": "aws.events", "account": ACCOUNT,
        "time": "2026-03-02T09:30:00Z", "region": REGION, "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{}", named("SelfRule"))], "detail": {},
    })
}

/// Whether the template's alarm on the heartbeat fires after an hour in which these calls succeeded.
fn alarm_fires(succeeded: &[String]) -> bool {
    let template = Node::parse(TEMPLATE).unwrap();
    let alarm = template.at(&["Resources", "HeartbeatAlarm", "Properties"]).unwrap();
    let text = |key: &str| match alarm.get(key).map(Node::to_value) {
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
        None => panic!("the alarm has no {key}"),
    };
    let dimensions = alarm.get("Dimensions").map(Node::items).unwrap();
    let operation = dimensions.iter().find(|one| one.get("Name").and_then(Node::text) == Some("Operation"));
    let operation = operation.and_then(|one| one.get("Value")).and_then(Node::text).unwrap();
    let metric = ["Namespace", "MetricName", "Statistic"].map(text);
    assert_eq!(metric, ["AWS/DynamoDB", "SuccessfulRequestLatency", "SampleCount"]);
    assert_eq!(["ComparisonOperator", "EvaluationPeriods"].map(text), ["LessThanThreshold", "1"]);
    let samples = succeeded.iter().filter(|call| call.as_str() == operation).count();
    // Without a sample there is no data point.
    if samples == 0 { text("TreatMissingData") == "breaching" } else { samples < text("Threshold").parse().unwrap() }
}

/// What a heartbeat answers, whether the alarm fires after it, and what was notified meanwhile.
async fn beat(lab: &Lab, function: &mut Host) -> (Answer, bool, Vec<String>) {
    drop(lab.proxy.take_actions());
    let answer = function.send(&scheduled()).await.unwrap();
    let calls = lab.proxy.take_calls().into_iter().filter(|call| call.status == Some(200));
    let fires = alarm_fires(&calls.map(|call| call.action).collect::<Vec<_>>());
    (answer, fires, notices(lab).await)
}

#[tokio::test]
async fn with_any_part_broken_a_notification_or_an_alarm_follows_within_one_heartbeat() {
    let lab = deployed(&HEARTBEATS, "own-heartbeat").await;
    let ledger = lab.ledger().await.unwrap();
    let mut function = own(&lab, POLICY).await;
    let (answer, fires, heard) = beat(&lab, &mut function).await;
    assert!(answer.report().unwrap()["heartbeat"].is_string(), "{answer:?}");
    assert!(!fires && heard.is_empty(), "{heard:?}");

    // Any rule of any function.
    let person = Person(&lab);
    for id in ["SecurityGroupRule", "SelfRule", "WatchRule", "SignInRule"] {
        let name = named(id);
        let spec = rules()[&name];
        let narrow = r#"{"source":["none"]}"#;
        let calls = [
            ("DisableRule", json!({"Name": name})),
            ("PutRule", json!({"Name": name, "EventPattern": narrow})),
            ("RemoveTargets", json!({"Rule": name, "Ids": ["function"]})),
        ];
        for (operation, body) in calls {
            person.events(operation, body).await;
            let (answer, fires, heard) = beat(&lab, &mut function).await;
            assert_eq!(answer.report().unwrap()["heartbeat"], Value::Null, "{id} {operation}");
            assert!(fires, "{id} {operation}");
            assert_eq!(heard, ["rules-changed"], "{id} {operation}");
            person.put(&name, spec).await;
        }
        person.events("RemoveTargets", json!({"Rule": name, "Ids": ["function"]})).await;
        person.events("DeleteRule", json!({"Name": name})).await;
        let (answer, fires, _) = beat(&lab, &mut function).await;
        assert!(answer.report().unwrap()["heartbeat"].is_null() && fires, "{id} deleted");
        person.put(&name, spec).await;
    }
    let (answer, fires, _) = beat(&lab, &mut function).await;
    assert!(answer.report().unwrap()["heartbeat"].is_string() && !fires, "mended: {answer:?}");

    let mut without_policy = own(&lab, "{version: 1, defaults: {mode: enforced}}").await;
    let (answer, fires, heard) = beat(&lab, &mut without_policy).await;
    assert!(matches!(answer, Answer::Error { .. }) && fires, "{answer:?}");
    assert_eq!(heard, ["policy-broken"]);

    let topic = &lab.channel.topic;
    let subscriptions = lab.clients.sns.list_subscriptions_by_topic().topic_arn(topic).send().await.unwrap();
    for one in subscriptions.subscriptions() {
        lab.clients.sns.unsubscribe().subscription_arn(one.subscription_arn().unwrap()).send().await.unwrap();
    }
    let (answer, fires, _) = beat(&lab, &mut function).await;
    assert!(
        matches!(&answer, Answer::Error { message, .. } if message.contains("no confirmed subscription")) && fires,
        "{answer:?}"
    );
    lab.clients.sns.delete_topic().topic_arn(topic).send().await.unwrap();
    let (answer, fires, _) = beat(&lab, &mut function).await;
    assert!(matches!(answer, Answer::Error { .. }) && fires, "{answer:?}");
    lab.clients.dynamodb.delete_table().table_name(&ledger).send().await.unwrap();
    let (answer, fires, _) = beat(&lab, &mut function).await;
    assert!(matches!(answer, Answer::Error { .. }) && fires, "{answer:?}");
}

#[tokio::test]
async fn what_no_call_puts_back_is_notified() {
    let lab = DEPLOYMENTS.lab("own-parts").await.unwrap();
    lab.ledger().await.unwrap();
    let mut function = own(&lab, POLICY).await;
    let (alarm, code, rule) = (named("HeartbeatAlarm"), named("SecurityGroupFunction"), named("SelfRule"));
    let table = named("Ledger");
    for (source, name, request, guardrail) in [
        ("monitoring", "DisableAlarmActions", json!({"alarmNames": [alarm]}), "parapet-part-changed"),
        ("dynamodb", "DeleteTable", json!({"tableName": table}), "parapet-part-changed"),
        ("events", "EnableRule", json!({"name": rule}), "parapet-part-changed"),
        ("lambda", "UpdateFunctionCode20150331v2", json!({"functionName": code}), "parapet-function-changed"),
    ] {
        let caller = Caller::user(&format!("eve-{name}"));
        let event = records::event(&caller, &format!("{source}.amazonaws.com"), name, request, Value::Null);
        let answer = function.send(&event).await.unwrap();
        assert_eq!(answer.result(guardrail).unwrap(), "notified", "{name}: {answer:?}");
        assert_eq!(notified(&lab).await.unwrap()["unmapped"]["result"], "notified", "{name}");
    }
}
