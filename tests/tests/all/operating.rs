//! What makes a security team dare to enforce, with the real binaries: the breaker, flapping, grace periods, a policy in S3, dead
//! letters, sweeps.

use aws_sdk_sqs::types::MessageAttributeValue;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::command::parapet;
use tests::host::{Answer, Host, Settings};
use tests::lab::{Lab, authorize, on_port};
use tests::moto::ACCOUNT;
use tests::records::{self, Caller};
use tests::schedules::{self, Schedules};
use tests::view::View;
use tests::world::World;

static WORLD: World = World::new();

const ADMIN_PORT: &str = "security-group-admin-port-open";
const DEFAULT: &str = "security-group-default-has-rules";
const ROLE: &str = "arn:aws:iam::123456789012:role/parapet-security-group";

/// A function with a ledger, that asks for the standing orders before each event.
async fn function(lab: &Lab, policy: &str, more: &[(&'static str, &str)]) -> Host {
    let mut variables = BTreeMap::from([("PARAPET_REFRESH_SECONDS", "0".to_owned())]);
    variables.extend(more.iter().map(|(key, value)| (*key, (*value).to_owned())));
    let settings = Settings {
        ledger: Some(lab.name().to_owned()),
        policy: (!policy.is_empty()).then(|| policy.to_owned()),
        own_role: Some(ROLE.to_owned()),
        more: variables,
        ..lab.settings()
    };
    Host::start("security-group", &settings).await.unwrap()
}

/// The same, and schedules that bring back what waits.
async fn function_that_waits(lab: &Lab, policy: &str, schedules: &Schedules) -> Host {
    let variables = schedules.variables();
    let variables: Vec<_> = variables.iter().map(|(name, value)| (*name, value.as_str())).collect();
    function(lab, policy, &variables).await
}

/// What was notified: findings by their result, notices by their kind.
async fn words(lab: &Lab) -> Vec<String> {
    let heard = lab.channel.hear().await.unwrap();
    let word = |message: &Value| {
        let said: Value = serde_json::from_str(message["Message"].as_str().unwrap()).unwrap();
        said["notice"].as_str().or(said["unmapped"]["result"].as_str()).unwrap().to_owned()
    };
    let mut words: Vec<String> = heard.iter().map(word).collect();
    words.sort();
    words
}

/// A VPC with its default group, whose rules are revoked where the policy lets remediations of class R2 run.
async fn new_vpc(lab: &Lab, caller: &Caller) -> Value {
    let vpc = lab.vpc().await.unwrap();
    records::created_vpc(caller, &vpc, "10.9.0.0/16")
}

#[tokio::test]
async fn remediations_of_class_r2_are_suspended_for_the_principal_that_caused_too_many_until_an_operator_resumes() {
    let lab = WORLD.lab("breaker").await.unwrap();
    lab.ledger().await.unwrap();
    let policy =
        "{version: 1, defaults: {mode: enforce, max_class: R2, breaker: {remediations: 2, window_minutes: 1440}}}";
    let mut function = function(&lab, policy, &[]).await;
    let ben = Caller::user("ben");
    let mut results = Vec::new();
    for _ in 0..3 {
        results.push(function.send(&new_vpc(&lab, &ben).await).await.unwrap().result(DEFAULT).unwrap());
    }
    assert_eq!(results, ["remediated", "remediated", "breaker-open"]);
    assert_eq!(
        words(&lab).await,
        ["breaker-open", "breaker-open", "remediated", "remediated"],
        "a notice and a finding"
    );
    // Another principal's changes are not suspended by it, and what an event opens is closed for every principal.
    let answer = function.send(&new_vpc(&lab, &Caller::user("ana")).await).await.unwrap();
    assert_eq!(answer.result(DEFAULT).unwrap(), "remediated");
    let group = lab.group().await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    assert_eq!(function.send(&event).await.unwrap().result(ADMIN_PORT).unwrap(), "remediated");

    let url = lab.proxy.url();
    let listed = parapet(&url, &["stops", "list", "--table", lab.name(), "--format", "json"]).await.unwrap();
    let listed: Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(listed["stops"][0]["account"], ACCOUNT, "{listed}");
    let lift = ["stops", "lift", "--guardrail", DEFAULT, "--account", ACCOUNT, "--table", lab.name()];
    assert_eq!(parapet(&url, &lift).await.unwrap().status, 0);
    let twice = parapet(&url, &lift).await.unwrap();
    assert!(twice.status == 2 && twice.err.contains("is not stopped there"), "{twice:?}");
    assert_eq!(function.send(&new_vpc(&lab, &ben).await).await.unwrap().result(DEFAULT).unwrap(), "remediated");
}

#[tokio::test]
async fn who_reopens_again_and_again_wins_only_where_the_policy_names_them() {
    let lab = WORLD.lab("feud").await.unwrap();
    lab.ledger().await.unwrap();
    let policy = format!(
        "{{version: 1, defaults: {{mode: enforce, feud: {{rounds: 2, yields_to: ['arn:aws:iam::{ACCOUNT}:user/ben']}}}}}}"
    );
    let mut function = function(&lab, &policy, &[]).await;
    let group = lab.group().await.unwrap();
    let mut results = Vec::new();
    for _ in 0..3 {
        let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
        results.push(function.send(&event).await.unwrap());
    }
    let words_of: Vec<_> = results.iter().map(|answer| answer.result(ADMIN_PORT).unwrap()).collect();
    assert_eq!(words_of, ["remediated", "remediated", "feud"]);
    let reasons = results[2].outcome(ADMIN_PORT).unwrap()["reasons"].to_string();
    assert!(reasons.contains("user/ben"), "{reasons}");
    // Another process knows it too, and another element, another group and another principal are closed.
    let mut other = self::function(&lab, &policy, &[]).await;
    let revoke = lab.clients.ec2.revoke_security_group_ingress().group_id(&group);
    revoke.ip_permissions(on_port(22, "0.0.0.0/0", "")).send().await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    assert_eq!(other.send(&event).await.unwrap().result(ADMIN_PORT).unwrap(), "feud");
    let event = lab.open(&group, &[on_port(3389, "0.0.0.0/0", "")]).await.unwrap();
    assert_eq!(other.send(&event).await.unwrap().result(ADMIN_PORT).unwrap(), "remediated");
    let beside = lab.group().await.unwrap();
    let event = lab.open(&beside, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    assert_eq!(other.send(&event).await.unwrap().result(ADMIN_PORT).unwrap(), "remediated");
    let revoke = lab.clients.ec2.revoke_security_group_ingress().group_id(&group);
    revoke.ip_permissions(on_port(22, "0.0.0.0/0", "")).send().await.unwrap();
    let asked = [on_port(22, "0.0.0.0/0", "")];
    let made = authorize(&lab.clients, &group, &asked).await.unwrap();
    let event = records::authorized(&Caller::user("mallory"), &group, &asked, &made);
    assert_eq!(other.send(&event).await.unwrap().result(ADMIN_PORT).unwrap(), "remediated");
}

/// A ledger that does not answer when a function starts may hold an exemption; what was just opened does not wait for it.
#[tokio::test]
async fn a_ledger_that_was_never_read_keeps_nothing_open_that_was_just_opened() {
    let lab = WORLD.lab("unread").await.unwrap();
    // There is no such table yet.
    let mut function = function(&lab, "{version: 1, defaults: {mode: enforce, max_class: R2}}", &[]).await;
    let group = lab.group().await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    let outcome = answer.outcome(ADMIN_PORT).unwrap();
    assert_eq!(outcome["result"], "remediated", "{outcome}");
    assert!(outcome["reasons"].to_string().contains("exemptions and stops in the ledger are not known"), "{outcome}");
    // What may be noticed is left as it is, and comes back: nothing but Lambda can bring it back here.
    let event = new_vpc(&lab, &Caller::user("ben")).await;
    let Answer::Error { kind, .. } = function.send(&event).await.unwrap() else { panic!("it was not put off") };
    assert_eq!(kind, "WorthAnotherTry");
    lab.ledger().await.unwrap();
    assert_eq!(function.send(&event).await.unwrap().result(DEFAULT).unwrap(), "remediated");
}

#[tokio::test]
async fn a_remediation_of_class_r2_waits_and_is_judged_again_by_what_stands() {
    let lab = WORLD.lab("grace").await.unwrap();
    lab.ledger().await.unwrap();
    let schedules = Schedules::open(&lab.clients, "grace").await.unwrap();
    let policy = "{version: 1, defaults: {mode: enforce, max_class: R2, grace_seconds: 1}}";
    let mut function = function_that_waits(&lab, policy, &schedules).await;
    let vpc = lab.vpc().await.unwrap();
    let group = lab.default_group(&vpc).await.unwrap();
    let view = View::Group(group);
    let before = lab.lines(&view).await.unwrap();
    let event = records::created_vpc(&Caller::user("ben"), &vpc, "10.9.0.0/16");
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("security-group-default-has-rules").unwrap(), "notified", "{answer:?}");
    assert_eq!(lab.lines(&view).await.unwrap(), before, "it did not wait");
    // Delivered again, it makes the same schedule, and none when that has fired.
    function.send(&event).await.unwrap();
    let due = schedules.take().await.unwrap();
    let [due] = due.as_slice() else { panic!("{due:#?}") };
    assert_eq!(due.function, function.arn());
    function.send(&event).await.unwrap();
    assert_eq!(schedules.take().await.unwrap(), []);
    tokio::time::sleep(std::time::Duration::from_millis(1_200)).await;
    let done = function.send(&due.input).await.unwrap();
    assert_eq!(done.result("security-group-default-has-rules").unwrap(), "remediated", "{done:?}");
    assert!(lab.lines(&view).await.unwrap().is_empty());
    assert_eq!(words(&lab).await, ["notified", "remediated"]);
    // Handed over once more, it finds nothing to do.
    let again = function.send(&due.input).await.unwrap();
    assert_eq!(again.result("security-group-default-has-rules").unwrap(), "already-compliant", "{again:?}");
    assert!(words(&lab).await.is_empty());
}

#[tokio::test]
async fn the_policy_in_s3_is_read_anew_and_the_last_good_one_stays() {
    let lab = WORLD.lab("s3-policy").await.unwrap();
    lab.ledger().await.unwrap();
    let bucket = lab.clients.s3.create_bucket().bucket("policies");
    bucket.send().await.unwrap();
    let put = async |text: &str| {
        let call = lab.clients.s3.put_object().bucket("policies").key("parapet.yaml");
        call.body(text.as_bytes().to_vec().into()).send().await.unwrap();
    };
    put("version: 1\ndefaults: { mode: notify }\n").await;
    let mut function = function(&lab, "", &[("PARAPET_POLICY", "s3://policies/parapet.yaml")]).await;
    let opened = async || {
        let group = lab.group().await.unwrap();
        lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap()
    };
    assert_eq!(function.send(&opened().await).await.unwrap().result(ADMIN_PORT).unwrap(), "notified");
    put("version: 1\ndefaults: { mode: enforce }\n").await;
    assert_eq!(function.send(&opened().await).await.unwrap().result(ADMIN_PORT).unwrap(), "remediated");
    put("version: 1\ndefaults: { mode: enforced }\n").await;
    for _ in 0..2 {
        let answer = function.send(&opened().await).await.unwrap();
        assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "the last good one stays");
    }
    let words = words(&lab).await;
    // The fourth finding of one principal within the hour is notified in a digest.
    assert_eq!(words, ["burst", "notified", "policy-broken", "remediated", "remediated"], "notified once");

    // The command writes the object, over the version that it read.
    put("version: 1\ndefaults: { mode: enforce }\n# ours\n").await;
    let url = lab.proxy.url();
    let add = [
        "exempt",
        "add",
        "--policy",
        "s3://policies/parapet.yaml",
        "--guardrail",
        ADMIN_PORT,
        "--resource",
        "*",
        "--reason",
        "a test",
        "--owner",
        "ana",
        "--for",
        "24h",
    ];
    let ran = parapet(&url, &add).await.unwrap();
    assert_eq!(ran.status, 0, "{ran:?}");
    let answer = function.send(&opened().await).await.unwrap();
    assert_eq!(answer.result(ADMIN_PORT).unwrap(), "exempt", "{answer:?}");
    let object = lab.clients.s3.get_object().bucket("policies").key("parapet.yaml").send().await.unwrap();
    let text = String::from_utf8(object.body.collect().await.unwrap().to_vec()).unwrap();
    assert!(text.contains("# ours") && text.contains("a test"), "{text}");

    // The other commands read it there, too.
    let uri = "s3://policies/parapet.yaml";
    let valid = parapet(&url, &["policy", "validate", uri]).await.unwrap();
    assert!(valid.status == 0 && valid.out.starts_with("s3://policies/parapet.yaml: ok"), "{valid:?}");
    let folder = tests::paths::Scratch::new().unwrap();
    let template = folder.path().join("template.yaml");
    let rule = "{ IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: 0.0.0.0/0 }";
    let open = format!(
        "Resources:\n  Web:\n    Type: AWS::EC2::SecurityGroup\n    Properties:\n      SecurityGroupIngress: [{rule}]\n"
    );
    std::fs::write(&template, open).unwrap();
    let template = template.to_str().unwrap();
    let checked = parapet(&url, &["check", "--policy", uri, template]).await.unwrap();
    assert!(checked.status == 0 && checked.out.contains("0 violations, 0 undetermined, 1 exempt"), "{checked:?}");
    let swept = parapet(&url, &["sweep", "--kind", "security-group", "--policy", uri]).await.unwrap();
    let is_exempt = |line: &str| line.contains(ADMIN_PORT) && line.contains("exempt");
    assert!(swept.out.lines().any(is_exempt) && !swept.out.contains("notified"), "{swept:?}");
    for (uri, says) in
        [("s3://policies/no-such.yaml", "no-such.yaml"), ("s3://policies", "`s3://bucket/key` was expected")]
    {
        for command in
            [&["policy", "validate", uri][..], &["check", "--policy", uri, template], &["sweep", "--policy", uri]]
        {
            let ran = parapet(&url, command).await.unwrap();
            assert!(ran.status == 2 && ran.err.contains(says), "{command:?}: {ran:?}");
        }
    }
}

#[tokio::test]
async fn a_policy_that_cannot_be_read_from_the_start_enforces_nothing_and_says_so() {
    let lab = WORLD.lab("s3-missing").await.unwrap();
    lab.ledger().await.unwrap();
    let mut function = function(&lab, "", &[("PARAPET_POLICY", "s3://no-such-bucket/parapet.yaml")]).await;
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
    let open = lab.lines(&view).await.unwrap();
    let answer = function.send(&event).await.unwrap();
    let outcome = answer.outcome(ADMIN_PORT).unwrap();
    assert_eq!(outcome["result"], "notified");
    assert!(outcome["reasons"].to_string().contains("s3://no-such-bucket/parapet.yaml"), "{outcome}");
    assert_eq!(lab.lines(&view).await.unwrap(), open);
}

#[tokio::test]
async fn a_policy_that_is_dangerous_is_in_force_and_warned_of_once() {
    let lab = WORLD.lab("policy-warning").await.unwrap();
    lab.ledger().await.unwrap();
    let policy = "{version: 1, defaults: {mode: enforce}, protected_principals: ['*']}";
    for _ in 0..2 {
        let mut function = function(&lab, policy, &[]).await;
        let group = lab.group().await.unwrap();
        let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();
        assert_eq!(function.send(&event).await.unwrap().result(ADMIN_PORT).unwrap(), "remediated");
    }
    assert_eq!(words(&lab).await, ["policy-warning", "remediated", "remediated"]);
}

#[tokio::test]
async fn dead_letters_of_all_three_shapes_go_back_to_their_function() {
    let lab = WORLD.lab("redrive").await.unwrap();
    lab.ledger().await.unwrap();
    let letters = lab.queue("parapet-dead").await.unwrap();
    let schedules = Schedules::open(&lab.clients, "lab").await.unwrap();
    let mut function = function(&lab, "{version: 1, defaults: {mode: enforce}}", &[]).await;
    let mut views = Vec::new();
    let mut events = Vec::new();
    for _ in 0..3 {
        let group = lab.group().await.unwrap();
        events.push(lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap());
        views.push(View::Group(group));
    }
    let undelivered = events[0].clone();
    let failed = json!({"version": "1.0", "requestPayload": events[1],
        "requestContext": {"condition": "RetriesExhausted", "functionArn": format!("{}:$LATEST", function.arn())}});
    let deferred = json!({"parapet": {"task": "later", "event": events[2], "why": "grace", "attempt": 1}});
    let foreign = json!({"detail-type": "Something else", "source": "com.example"});
    // EventBridge and Scheduler say for whom it was, Lambda's record does so itself.
    for (letter, names_target) in [(undelivered, true), (failed, false), (deferred, true), (foreign, false)] {
        let mut call = lab.clients.sqs.send_message().queue_url(&letters).message_body(letter.to_string());
        if names_target {
            let value =
                MessageAttributeValue::builder().data_type("String").string_value(function.arn()).build().unwrap();
            call = call.message_attributes("TARGET_ARN", value);
        }
        call.send().await.unwrap();
    }
    // A rehearsal right before leaves everything where it is, for the next run to see at once.
    let rehearsed = ["redrive", "--dead-letters", &letters, "--stack", "lab", "--dry-run"];
    let rehearsed = parapet(&lab.proxy.url(), &rehearsed).await.unwrap();
    assert!(rehearsed.out.contains("3 would be given back, 1 stay"), "{rehearsed:?}");
    let ran = parapet(
        &lab.proxy.url(),
        &["redrive", "--dead-letters", &letters, "--stack", "lab", "--kms-key", &schedules::key()],
    )
    .await
    .unwrap();
    assert_eq!(ran.status, 1, "one stays: {ran:?}");
    assert!(ran.out.contains("3 given back, 1 stay"), "{ran:?}");
    let due = schedules.take().await.unwrap();
    assert_eq!(due.len(), 3, "{due:#?}");
    for one in due {
        assert_eq!(one.input["parapet"]["task"], "later", "it is late: {one:?}");
        assert_eq!(one.function, function.arn());
        let done = function.send(&one.input).await.unwrap();
        assert_eq!(done.result(ADMIN_PORT).unwrap(), "remediated", "{done:?}");
    }
    for view in &views {
        let lines = lab.lines(view).await.unwrap();
        assert!(!lines.iter().any(|line| line.contains("tcp 22")), "{lines:?}");
    }
}

#[tokio::test]
async fn a_sweep_notifies_once_of_what_no_event_showed() {
    let lab = WORLD.lab("sweep").await.unwrap();
    lab.ledger().await.unwrap();
    // Only this test's groups: the others of this binary share the account.
    let policy = "{version: 1, defaults: {mode: notify}, guardrails: {security-group-admin-port-open: {mode: notify}},
        exemptions: [{guardrail: security-group-admin-port-open, resource: 'arn:aws:s3:::x', reason: old, owner: ana, expires: 2020-01-01}]}";
    let mut function = function(&lab, policy, &[]).await;
    let group = lab.group().await.unwrap();
    lab.open(&group, &[on_port(22, "0.0.0.0/0", "")]).await.unwrap();

    let sweep = json!({"parapet": {"task": "sweep"}});
    let swept = function.send(&sweep).await.unwrap();
    let report = swept.report().unwrap();
    assert!(report["sweep"] == "complete" && report["pages"].as_u64() >= Some(1), "{report}");
    let heard = lab.channel.hear().await.unwrap();
    let about = |part: &str| heard.iter().filter(|message| message["Message"].as_str().unwrap().contains(part)).count();
    assert_eq!(about("\"notice\":\"exemption\""), 1, "one has ended");
    assert_eq!(about(&group), 1, "notified once of this group");

    // The next sweep has nothing new to say.
    function.send(&sweep).await.unwrap();
    let heard = lab.channel.hear().await.unwrap();
    assert!(!heard.iter().any(|message| message["Message"].as_str().unwrap().contains(&group)), "notified again");
}
