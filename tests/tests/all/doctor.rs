//! `parapet doctor` with the whole stack in the local AWS: nothing is wrong with a healthy one, and each fault that is planted is named.

use serde_json::{Value, json};
use shared::aws::service::clients::Signed;
use shared::engine::request::{Api, Request};
use shared::resources::cloudtrail::CLOUDTRAIL;
use shared::resources::cloudwatch::CLOUDWATCH;
use shared::resources::lambda::LAMBDA;
use shared::resources::parapet::rule::EVENTS;
use std::collections::{BTreeMap, BTreeSet};
use tests::command::{Ran, parapet};
use tests::deployed::{Deployment, processed};
use tests::host::{Host, Settings};
use tests::http::Message;
use tests::lab::Lab;
use tests::moto::{ACCOUNT, REGION};
use tests::proxy::Fault;
use tests::world::World;

// Each has an account of its own: the stack has the same names.
static HEALTHY: World = World::new();
static PLANTED: World = World::new();

const POLICY: &str = "s3://rules/parapet.yaml";
const GOOD: &str = "version: 1\n";
/// A guardrail, to be switched off.
const GUARDRAIL: &str = "security-group-admin-port-open";

/// A stack.
struct TestStack {
    lab: Lab,
    deployment: Deployment,
}

impl TestStack {
    /// A healthy one: with a trail, completed sweeps, and a heartbeat by the real function.
    async fn open(world: &'static World, name: &str) -> Self {
        let lab = world.lab(name).await.unwrap();
        lab.clients.new_bucket("rules").send().await.unwrap();
        let parameters = [("PolicyLocation", POLICY), ("NotificationEmail", "team@example.com")];
        let deployment = Deployment::of(&lab, &parameters).await.unwrap();
        let stack = Self { lab, deployment };
        stack.write_policy(GOOD).await;
        stack.lab.clients.new_bucket("trail").send().await.unwrap();
        let trail = json!({"Name": "all", "S3BucketName": "trail", "IsMultiRegionTrail": true, "IncludeGlobalServiceEvents": true});
        stack.call(&CLOUDTRAIL, "CreateTrail", trail).await;
        stack.call(&CLOUDTRAIL, "StartLogging", json!({"Name": "all"})).await;
        let all = json!([{"ReadWriteType": "All", "IncludeManagementEvents": true, "DataResources": []}]);
        stack.call(&CLOUDTRAIL, "PutEventSelectors", json!({"TrailName": "all", "EventSelectors": all})).await;
        let sweeps = stack.deployment.stack.of("AWS::Scheduler::Schedule").count();
        let metric = json!({"MetricName": "SweepsCompleted", "Value": sweeps, "Dimensions": [{"Name": "Stack", "Value": "parapet"}],
            "Timestamp": jiff::Timestamp::now().as_second() - 7_200});
        stack.call(&CLOUDWATCH, "PutMetricData", json!({"Namespace": "Parapet", "MetricData": [metric]})).await;
        stack.beat().await;
        stack
    }

    async fn call(&self, api: &'static Api, operation: &'static str, body: Value) -> Value {
        self.request(api, Request::named(operation, body)).await
    }

    async fn request(&self, api: &'static Api, request: Request) -> Value {
        Signed::new(&self.lab.clients.config).call(api, request).await.unwrap().body
    }

    async fn write_policy(&self, text: &str) {
        let put = self.lab.clients.s3.put_object().bucket("rules").key("parapet.yaml");
        put.body(text.as_bytes().to_vec().into()).send().await.unwrap();
    }

    /// The real function writes its heartbeat.
    async fn beat(&self) {
        let name = self.name("SelfFunction");
        let variables = self.deployment.variables("SelfFunction").unwrap();
        // `Settings` wants names that live as long as the program; there are few.
        let more: BTreeMap<&'static str, String> =
            variables.into_iter().map(|(name, value)| (&*Box::leak(name.into_boxed_str()), value)).collect();
        let more = more.into_iter().chain([("AWS_LAMBDA_FUNCTION_NAME", name)]).collect();
        let mut function = Host::start("self", &Settings { more, ..self.lab.settings() }).await.unwrap();
        let event = json!({
            "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event", "source": "aws.events", "account": ACCOUNT,
            "time": "2026-03-02T09:30:00Z", "region": REGION, "resources": [format!("arn:aws:events:{REGION}:{ACCOUNT}:rule/{}", self.name("SelfRule"))],
            "detail": {},
        });
        let answer = function.send(&event).await.unwrap();
        assert!(answer.report().unwrap()["heartbeat"].is_string(), "{answer:?}");
    }

    fn name(&self, id: &str) -> String {
        self.deployment.name(id).unwrap().to_owned()
    }

    async fn run(&self, args: &[&str]) -> Ran {
        parapet(&self.deployment.cloudformation.url(), &[&["doctor"][..], args].concat()).await.unwrap()
    }

    /// The exit status, and the lines that are not well: state, check, resource and what is said.
    async fn complaints(&self) -> (i32, Vec<(String, String, String, String)>) {
        let ran = self.run(&["--format", "json"]).await;
        let all: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}"));
        let text = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
        let bad = all["lines"].as_array().unwrap().iter().filter(|line| line["state"] != "ok");
        let each = |line: &Value| {
            assert!(!text(line, "do").is_empty(), "{line}");
            (text(line, "state"), text(line, "check"), text(line, "resource"), text(line, "says"))
        };
        (ran.status, bad.map(each).collect())
    }
}

/// What is planted, and how it has to be named.
struct Expected(Vec<(&'static str, String, &'static str)>);

impl Expected {
    fn add(&mut self, check: &'static str, resource: String, part: &'static str) {
        self.0.push((check, resource, part));
    }

    /// Each is named, once and as a fault, and nothing else is complained of.
    fn hold(mut self, (status, said): (i32, Vec<(String, String, String, String)>), name: &str) {
        let mut others = Vec::new();
        for (state, check, resource, says) in said {
            let found =
                self.0.iter().position(|(of, what, part)| *of == check && *what == resource && says.contains(part));
            match found {
                Some(at) if state == "fault" => drop(self.0.remove(at)),
                _ => others.push(format!("{state} {check} {resource}: {says}")),
            }
        }
        assert!(self.0.is_empty(), "{name}: not named: {:#?}; beside it: {others:#?}", self.0);
        assert!(others.is_empty(), "{name}: named, and not planted: {others:#?}");
        assert_eq!(status, 1, "{name}");
    }
}

#[tokio::test]
async fn nothing_is_wrong_with_a_healthy_stack_and_what_cannot_be_seen_is_unknown() {
    let stack = TestStack::open(&HEALTHY, "doctor-healthy").await;
    drop(stack.lab.proxy.take_calls());
    let (status, said) = stack.complaints().await;
    assert!(status == 0 && said.is_empty(), "{said:#?}");

    // Every call that was made is one that the printed policy allows.
    let printed = stack.run(&["--print-policy", "--policy", POLICY]).await;
    let policy: Value = serde_json::from_str(&printed.out).unwrap();
    let statements = policy["Statement"].as_array().unwrap().iter();
    let allowed: BTreeSet<&str> =
        statements.flat_map(|one| one["Action"].as_array().unwrap()).filter_map(Value::as_str).collect();
    let called: BTreeSet<String> = stack.lab.proxy.take_calls().iter().map(tests::proxy::Call::permission).collect();
    let unlisted: Vec<&String> =
        called.iter().filter(|one| !allowed.contains(one.as_str()) && *one != "sts:GetCallerIdentity").collect();
    assert!(called.len() > 20 && unlisted.is_empty(), "{unlisted:?}");

    // One whole line each where there is no terminal, and every check says something.
    let ran = stack.run(&[]).await;
    let rows: Vec<Vec<&str>> = ran.out.lines().map(|row| row.split_whitespace().collect()).collect();
    let (heads, rows) = rows.split_first().unwrap();
    assert!(heads.starts_with(&["State", "Check", "Region", "Resource", "Seen"]), "{}", ran.out);
    assert!(ran.status == 0 && rows.iter().all(|row| row.len() >= 5 && row[0] == "ok"), "{}", ran.out);
    let checks: BTreeSet<&str> = rows.iter().map(|row| row[1]).collect();
    let expected = [
        "alarms",
        "dead-letters",
        "functions",
        "guardrails",
        "heartbeat",
        "ledger",
        "policy",
        "regions",
        "roles",
        "rules",
        "stack",
        "sweep",
        "topic",
        "trail",
    ];
    assert_eq!(checks, expected.into());

    // All regions: the same stack is found by itself.
    let ran = stack.run(&["--region", "all"]).await;
    assert_eq!((ran.status, ran.out.lines().count()), (0, rows.len() + 1), "{}", ran.out);

    let denied = r#"{"__type": "AccessDeniedException", "message": "no"}"#;
    let answer = || Fault::Answer(Message::answer(403, "application/x-amz-json-1.1", denied));
    stack.lab.proxy.fault("DescribeTrails", answer(), 1);
    stack.lab.proxy.fault("DescribeTable", answer(), 1);
    let (status, said) = stack.complaints().await;
    let lacks = |check: &str, action: &str| {
        said.iter().any(|(state, of, _, says)| state == "unknown" && of == check && says.contains(action))
    };
    assert!(lacks("trail", "cloudtrail:DescribeTrails") && lacks("ledger", "dynamodb:DescribeTable"), "{said:#?}");
    assert_eq!((status, said.len()), (2, 2), "{said:#?}");

    let ran = stack.run(&["--stack-name", "another"]).await;
    assert!(
        ran.status == 1 && ran.out.contains("it does not exist here") && ran.out.contains("make deploy"),
        "{ran:?}"
    );
    for (args, part) in [
        (&["--region", "all", "--region", REGION][..], "stands alone"),
        (&["--policy", "no-such-file.yaml"][..], "no-such-file.yaml"),
        (&["--region", "no region"][..], "is no region"),
    ] {
        let ran = stack.run(args).await;
        assert!(ran.status == 2 && ran.err.contains(part) && ran.out.is_empty(), "{ran:?}");
    }
}

#[tokio::test]
async fn each_planted_fault_is_named() {
    let stack = TestStack::open(&PLANTED, "doctor-planted").await;
    let (clients, name) = (&stack.lab.clients, |id: &str| stack.name(id));
    let mut expected = Expected(Vec::new());

    // Rules.
    let rule = name("SecurityGroupRule");
    stack.call(&EVENTS, "DisableRule", json!({ "Name": rule })).await;
    expected.add("rules", rule, "it is disabled");
    let rule = name("InstanceRule");
    stack.call(&EVENTS, "RemoveTargets", json!({"Rule": rule, "Ids": ["function"]})).await;
    expected.add("rules", rule, "target `function` is missing");
    let rule = name("NetworkRule");
    stack.call(&EVENTS, "PutRule", json!({"Name": rule, "EventPattern": r#"{"source":["none"]}"#})).await;
    expected.add("rules", rule, "its pattern is not the template's");
    let rule = name("SignInRule");
    stack.call(&EVENTS, "RemoveTargets", json!({"Rule": rule, "Ids": ["function"]})).await;
    stack.call(&EVENTS, "DeleteRule", json!({ "Name": rule })).await;
    expected.add("rules", rule, "does not exist");

    // Functions.
    let function = name("KmsFunction");
    let call = Request::rest("PutFunctionConcurrency", "PUT", &["2017-10-31", "functions", &function, "concurrency"]);
    stack.request(&LAMBDA, call.member("ReservedConcurrentExecutions", Some(0))).await;
    expected.add("functions", function, "reserved concurrency is 0");
    let function = name("S3Function");
    let mut variables = stack.deployment.variables("S3Function").unwrap();
    variables.insert("PARAPET_MODE".to_owned(), "off".to_owned());
    let call =
        Request::rest("UpdateFunctionConfiguration", "PUT", &["2015-03-31", "functions", &function, "configuration"]);
    stack.request(&LAMBDA, call.member("Environment", Some(json!({ "Variables": variables })))).await;
    expected.add("functions", function, "`PARAPET_MODE` is another");
    stack.deployment.cloudformation.set_updated(REGION, "DatabaseFunction", "2026-03-01T10:00:00Z");
    expected.add("functions", name("DatabaseFunction"), "and not the deployment's");
    let function = name("SecretFunction");
    let call = Request::rest(
        "RemovePermission",
        "DELETE",
        &["2015-03-31", "functions", &function, "policy", "SecretPermission"],
    );
    stack.request(&LAMBDA, call).await;
    expected.add("functions", function, "its rules may not invoke it");

    // Roles.
    let role = name("SecurityGroupRole");
    let policies = clients.iam.list_role_policies().role_name(&role).send().await.unwrap().policy_names;
    let narrow = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ec2:DescribeVpcs", "Resource": "*"}]}"#;
    for policy in &policies {
        clients.iam.delete_role_policy().role_name(&role).policy_name(policy).send().await.unwrap();
    }
    expected.add("roles", role, "its inline policy lacks");
    let role = name("NetworkRole");
    clients
        .iam
        .put_role_policy()
        .role_name(&role)
        .policy_name("more")
        .policy_document(narrow.replace("ec2:DescribeVpcs", "iam:*"))
        .send()
        .await
        .unwrap();
    expected.add("roles", role, "more than the template: `iam:*` on `*`");
    let role = name("InstanceRole");
    clients
        .iam
        .attach_role_policy()
        .role_name(&role)
        .policy_arn("arn:aws:iam::aws:policy/AdministratorAccess")
        .send()
        .await
        .unwrap();
    expected.add("roles", role, "AdministratorAccess");
    let role = name("DatabaseRole");
    let open = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}"#;
    clients.iam.update_assume_role_policy().role_name(&role).policy_document(open).send().await.unwrap();
    expected.add("roles", role.clone(), "its trust policy lacks");
    expected.add("roles", role, "its trust policy has more");

    // What is around them.
    let queue = name("DeadLetters");
    clients.sqs.send_message().queue_url(&queue).message_body("{}").send().await.unwrap();
    expected.add("dead-letters", queue, "1 message");
    let alarm = name("StayedOpenAlarm");
    stack
        .call(&CLOUDWATCH, "SetAlarmState", json!({"AlarmName": alarm, "StateValue": "ALARM", "StateReason": "a test"}))
        .await;
    expected.add("alarms", alarm, "`StayedOpenAlarm` is in alarm");
    let key = name("LedgerKey");
    aws_sdk_kms::Client::new(&clients.config).disable_key().key_id(key).send().await.unwrap();
    expected.add("ledger", "LedgerKey".to_owned(), "`Disabled`");
    let schedule = name("S3SweepSchedule");
    aws_sdk_scheduler::Client::new(&clients.config)
        .delete_schedule()
        .group_name("parapet")
        .name(&schedule)
        .send()
        .await
        .unwrap();
    expected.add("sweep", schedule, "does not exist");
    let table = name("Ledger");
    let recovery = aws_sdk_dynamodb::types::PointInTimeRecoverySpecification::builder()
        .point_in_time_recovery_enabled(false)
        .build()
        .unwrap();
    let call =
        clients.dynamodb.update_continuous_backups().table_name(&table).point_in_time_recovery_specification(recovery);
    call.send().await.unwrap();
    expected.add("ledger", table.clone(), "point-in-time recovery");
    clients.dynamodb.update_table().table_name(&table).deletion_protection_enabled(false).send().await.unwrap();
    expected.add("ledger", table.clone(), "deletion protection");
    let heartbeat = [("id", "heartbeat"), ("written", "2026-03-01T10:00:00Z"), ("version", env!("CARGO_PKG_VERSION"))];
    let mut put = clients.dynamodb.put_item().table_name(&table);
    for (key, value) in heartbeat.into_iter().chain([("policy", shared::policy::fingerprint(POLICY_OFF).as_str())]) {
        put = put.item(key, aws_sdk_dynamodb::types::AttributeValue::S(value.to_owned()));
    }
    put.send().await.unwrap();
    expected.add("heartbeat", table, "the last heartbeat is of");
    stack.write_policy(POLICY_OFF).await;
    expected.add("guardrails", "parapet".to_owned(), GUARDRAIL);
    stack.call(&CLOUDTRAIL, "StopLogging", json!({"Name": "all"})).await;
    let trail = format!("arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/all");
    expected.add("trail", trail.clone(), "stopped");
    let pending = "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions><member><Protocol>email</Protocol>\
                   <Endpoint>team@example.com</Endpoint><SubscriptionArn>PendingConfirmation</SubscriptionArn></member></Subscriptions>\
                   </ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>";
    stack.lab.proxy.fault("ListSubscriptionsByTopic", Fault::Answer(Message::answer(200, "text/xml", pending)), 1);
    let topic = name("Topic");
    expected.add("topic", topic.clone(), "team@example.com is not confirmed");
    stack.deployment.cloudformation.set_last_event(
        "eu-west-1",
        "RunInstances",
        "eve",
        jiff::Timestamp::now().as_second() - 60,
    );
    expected.add("regions", "eu-west-1".to_owned(), "`RunInstances` by `eve`");
    assert!(expected.0.len() > 20);
    expected.hold(stack.complaints().await, "the first round");

    // What would hide another: on top of the first round, of which only these are looked at.
    stack.write_policy("version: 1\ndefaults: { mode: enforced }\n").await;
    for one in clients.sns.list_subscriptions_by_topic().topic_arn(&topic).send().await.unwrap().subscriptions() {
        clients.sns.unsubscribe().subscription_arn(one.subscription_arn().unwrap()).send().await.unwrap();
    }
    stack.call(&CLOUDTRAIL, "StartLogging", json!({"Name": "all"})).await;
    let reads = json!([{"ReadWriteType": "ReadOnly", "IncludeManagementEvents": true, "DataResources": []}]);
    stack.call(&CLOUDTRAIL, "PutEventSelectors", json!({"TrailName": "all", "EventSelectors": reads})).await;
    clients.dynamodb.delete_table().table_name(name("Ledger")).send().await.unwrap();
    let (status, said) = stack.complaints().await;
    assert_eq!(status, 1);
    let ledger = name("Ledger");
    for (check, resource, part) in [
        ("policy", POLICY, "enforced"),
        ("topic", topic.as_str(), "no confirmed subscription"),
        ("trail", trail.as_str(), "all management events that write"),
        ("ledger", ledger.as_str(), "does not exist"),
        ("heartbeat", ledger.as_str(), "does not exist"),
    ] {
        let is_said = said
            .iter()
            .any(|(state, of, what, says)| state == "fault" && of == check && what == resource && says.contains(part));
        assert!(is_said, "{check} {resource} {part}: {said:#?}");
    }
    stack.call(&CLOUDTRAIL, "DeleteTrail", json!({"Name": "all"})).await;
    let (_, said) = stack.complaints().await;
    assert!(
        said.iter()
            .any(|(state, check, _, says)| state == "fault" && check == "trail" && says.contains("no trail logs here")),
        "{said:#?}"
    );
}

const POLICY_OFF: &str = "version: 1\nguardrails:\n  security-group-admin-port-open: { mode: off }\n";

/// What stands in for SAM leaves nothing behind that only SAM knows.
#[test]
fn the_processed_template_is_cloudformation_s() {
    let text = std::fs::read_to_string(tests::paths::root().join("template.yaml")).unwrap();
    let template = processed(&parapet::template::Node::parse(&text).unwrap().to_value());
    let text = template.to_string();
    assert!(
        !text.contains("AWS::Serverless") && template.get("Globals").is_none() && template.get("Transform").is_none()
    );
    let resources = template["Resources"].as_object().unwrap();
    let of = |kind: &str| resources.values().filter(|one| one["Type"] == kind).count();
    assert!(of("AWS::Lambda::Function") > 20 && of("AWS::Lambda::Function") == of("AWS::Lambda::EventInvokeConfig"));
    assert!(!text.contains(r#"{"Ref":"PolicyLayer"}"#));
}
