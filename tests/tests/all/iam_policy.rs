//! Policies that make administrators, and ways there, against the local AWS with the real binary: a principal attaches,
//! writes or switches one, the function takes that back and nothing else, a second delivery changes nothing, the undo command
//! restores what stood.

use serde_json::{Value, json};
use tests::host::{Host, Settings};
use tests::lab::Lab;
use tests::moto::ACCOUNT;
use tests::records::{self, Caller};
use tests::story::run_story;
use tests::view::View;
use tests::world::World;

static WORLD: World = World::new();

const ADMINISTRATOR: &str = "arn:aws:iam::aws:policy/AdministratorAccess";

async fn lab(name: &str) -> Lab {
    WORLD.lab(name).await.unwrap()
}

fn allow(actions: Value) -> String {
    let statement = json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

fn record(name: &str, request: Value, response: Value) -> Value {
    records::event(&Caller::session("admin", "ana"), "iam.amazonaws.com", name, request, response)
}

async fn user(lab: &Lab, name: &str) {
    lab.clients.iam.create_user().user_name(name).send().await.unwrap();
}

async fn policy(lab: &Lab, name: &str, document: &str) -> String {
    let call = lab.clients.iam.create_policy().policy_name(name).path("/team/").policy_document(document);
    call.send().await.unwrap().policy.unwrap().arn.unwrap()
}

async fn attach(lab: &Lab, user: &str, arn: &str) -> Value {
    lab.clients.iam.attach_user_policy().user_name(user).policy_arn(arn).send().await.unwrap();
    record("AttachUserPolicy", json!({"userName": user, "policyArn": arn}), Value::Null)
}

async fn put(lab: &Lab, user: &str, name: &str, document: &str) -> Value {
    let call = lab.clients.iam.put_user_policy().user_name(user).policy_name(name).policy_document(document);
    call.send().await.unwrap();
    record("PutUserPolicy", json!({"userName": user, "policyName": name, "policyDocument": document}), Value::Null)
}

/// A new default version.
async fn switch(lab: &Lab, arn: &str, document: &str) -> Value {
    let call = lab.clients.iam.create_policy_version().policy_arn(arn).policy_document(document).set_as_default(true);
    let version = call.send().await.unwrap().policy_version.unwrap().version_id.unwrap();
    let request = json!({"policyArn": arn, "policyDocument": document, "setAsDefault": true});
    record("CreatePolicyVersion", request, json!({"policyVersion": {"versionId": version, "isDefaultVersion": true}}))
}

/// A function with a ledger, which keeps what was good.
async fn remembering(lab: &Lab) -> Host {
    let settings = Settings { ledger: Some(lab.ledger().await.unwrap()), ..lab.settings() };
    Host::start("iam-policy", &settings).await.unwrap()
}

#[tokio::test]
async fn administrator_access_is_detached_by_the_first_call() {
    let lab = lab("attached-admin").await;
    user(&lab, "eve").await;
    put(&lab, "eve", "work", &allow(json!("s3:GetObject"))).await;
    let reports = policy(&lab, "reports", &allow(json!("s3:ListBucket"))).await;
    attach(&lab, "eve", &reports).await;
    let view = View::Holder("user/eve".to_owned());
    let closed = lab.lines(&view).await.unwrap();
    let event = attach(&lab, "eve", ADMINISTRATOR).await;
    let mut function = lab.function("iam-policy", None).await.unwrap();
    let (called, _) =
        run_story(&lab, &mut function, "attached-policy-grants-admin", &view, &event, &closed).await.unwrap();
    assert_eq!(called[0], "DetachUserPolicy", "nothing is read before: {called:?}");
    let looks = called.iter().take_while(|action| *action != "Publish");
    assert_eq!(looks.filter(|action| *action == "ListAttachedUserPolicies").count(), 1, "one look: {called:?}");
}

#[tokio::test]
async fn a_policy_of_the_account_s_own_is_read_and_detached() {
    let lab = lab("attached-way").await;
    lab.clients.iam.create_group().group_name("devs").send().await.unwrap();
    let arn = policy(&lab, "tools", &allow(json!(["iam:PutUserPolicy", "s3:GetObject"]))).await;
    let view = View::Holder("group/devs".to_owned());
    let closed = lab.lines(&view).await.unwrap();
    lab.clients.iam.attach_group_policy().group_name("devs").policy_arn(&arn).send().await.unwrap();
    let event = record("AttachGroupPolicy", json!({"groupName": "devs", "policyArn": arn}), Value::Null);
    let mut function = lab.function("iam-policy", None).await.unwrap();
    run_story(&lab, &mut function, "attached-policy-grants-escalation", &view, &event, &closed).await.unwrap();
    // What a version says never changes, and is known from the first delivery: which one is the default is compared right before.
    assert_eq!(lab.proxy.take_actions()[..3], ["GetPolicy", "GetPolicy", "DetachGroupPolicy"]);
}

/// Neither half is a way; the user has one from its group and gets the other.
#[tokio::test]
async fn the_second_half_of_a_way_is_detached() {
    let lab = lab("attached-half").await;
    user(&lab, "ben").await;
    lab.clients.iam.create_group().group_name("passers").send().await.unwrap();
    lab.clients.iam.add_user_to_group().group_name("passers").user_name("ben").send().await.unwrap();
    let call = lab.clients.iam.put_group_policy().group_name("passers").policy_name("pass");
    call.policy_document(allow(json!("iam:PassRole"))).send().await.unwrap();
    let view = View::Holder("user/ben".to_owned());
    let closed = lab.lines(&view).await.unwrap();
    let run = policy(&lab, "run", &allow(json!("ec2:RunInstances"))).await;
    let event = attach(&lab, "ben", &run).await;
    let mut function = lab.function("iam-policy", None).await.unwrap();
    run_story(&lab, &mut function, "attached-policy-grants-escalation", &view, &event, &closed).await.unwrap();

    let harmless = policy(&lab, "look", &allow(json!("ec2:StartInstances"))).await;
    let event = attach(&lab, "ben", &harmless).await;
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("attached-policy-grants-escalation").unwrap(), "already-compliant");
}

#[tokio::test]
async fn an_inline_policy_says_again_what_it_said() {
    let lab = lab("inline-kept").await;
    user(&lab, "kim").await;
    let mut function = remembering(&lab).await;
    let good = put(&lab, "kim", "work", &allow(json!(["s3:GetObject", "s3:ListBucket"]))).await;
    let answer = function.send(&good).await.unwrap();
    assert_eq!(answer.result("inline-policy-grants-admin").unwrap(), "already-compliant");
    let view = View::Holder("user/kim".to_owned());
    let closed = lab.lines(&view).await.unwrap();
    let event = put(&lab, "kim", "work", &allow(json!("*"))).await;
    let (called, _) =
        run_story(&lab, &mut function, "inline-policy-grants-admin", &view, &event, &closed).await.unwrap();
    let put = called.iter().position(|action| action == "PutUserPolicy").unwrap();
    assert_eq!(called[put - 1], "GetUserPolicy", "compared right before it is written: {called:?}");
}

#[tokio::test]
async fn a_new_inline_policy_is_deleted_and_one_that_was_deleted_before_does_not_come_back() {
    let lab = lab("inline-new").await;
    user(&lab, "lea").await;
    let mut function = remembering(&lab).await;
    let good = put(&lab, "lea", "work", &allow(json!("s3:GetObject"))).await;
    function.send(&good).await.unwrap();
    lab.clients.iam.delete_user_policy().user_name("lea").policy_name("work").send().await.unwrap();
    let deleted = record("DeleteUserPolicy", json!({"userName": "lea", "policyName": "work"}), Value::Null);
    function.send(&deleted).await.unwrap();
    let view = View::Holder("user/lea".to_owned());
    let closed = lab.lines(&view).await.unwrap();
    assert!(closed.is_empty());
    let event = put(&lab, "lea", "work", &allow(json!("iam:*"))).await;
    run_story(&lab, &mut function, "inline-policy-grants-escalation", &view, &event, &closed).await.unwrap();
}

#[tokio::test]
async fn where_nothing_was_kept_only_what_is_wrong_goes() {
    let lab = lab("inline-repair").await;
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]});
    let call = lab.clients.iam.create_role().role_name("web").assume_role_policy_document(trust.to_string());
    call.send().await.unwrap();
    let document = allow(json!(["s3:GetObject", "iam:CreateAccessKey", "sqs:SendMessage"]));
    let call = lab.clients.iam.put_role_policy().role_name("web").policy_name("work").policy_document(&document);
    call.send().await.unwrap();
    let request = json!({"roleName": "web", "policyName": "work", "policyDocument": document});
    let event = record("PutRolePolicy", request, Value::Null);
    let mut function = lab.function("iam-policy", None).await.unwrap();
    let (left, _) = iam_policy::json::parse(&allow(json!(["s3:GetObject", "sqs:SendMessage"]))).unwrap();
    let closed = [format!("work says {left}")];
    let view = View::Holder("role/web".to_owned());
    run_story(&lab, &mut function, "inline-policy-grants-escalation", &view, &event, &closed).await.unwrap();
}

#[tokio::test]
async fn the_default_version_goes_back_to_the_one_before() {
    let lab = lab("managed-version").await;
    let arn = policy(&lab, "work", &allow(json!("s3:GetObject"))).await;
    let view = View::ManagedPolicy(arn.clone());
    let closed = lab.lines(&view).await.unwrap();
    let event = switch(&lab, &arn, &allow(json!("*"))).await;
    let mut function = lab.function("iam-policy", None).await.unwrap();
    run_story(&lab, &mut function, "managed-policy-grants-admin", &view, &event, &closed).await.unwrap();
}

#[tokio::test]
async fn a_version_that_was_kept_is_made_the_default_as_soon_as_it_was_recalled() {
    let lab = lab("managed-kept").await;
    let arn = policy(&lab, "kept", &allow(json!("*"))).await;
    let mut function = remembering(&lab).await;
    let good = switch(&lab, &arn, &allow(json!("s3:GetObject"))).await;
    function.send(&good).await.unwrap();
    let view = View::ManagedPolicy(arn.clone());
    let closed = lab.lines(&view).await.unwrap();
    lab.clients.iam.set_default_policy_version().policy_arn(&arn).version_id("v1").send().await.unwrap();
    let event = record("SetDefaultPolicyVersion", json!({"policyArn": arn, "versionId": "v1"}), Value::Null);
    run_story(&lab, &mut function, "managed-policy-grants-admin", &view, &event, &closed).await.unwrap();
    let _ = lab.proxy.take_actions();
    let event = switch(&lab, &arn, &allow(json!("iam:AttachUserPolicy"))).await;
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("managed-policy-grants-escalation").unwrap(), "remediated");
    let actions = lab.proxy.take_actions();
    let closing = actions.iter().position(|action| action == "SetDefaultPolicyVersion").unwrap();
    assert!(actions[..closing].contains(&"GetItem".to_owned()), "what was kept is recalled first: {actions:?}");
    assert!(
        closing <= 9,
        "one look beside the recall, which asks for all versions at once, and the comparison: {actions:?}"
    );
}

/// What stood there before is notified and left; each kind is one page of one call.
#[tokio::test]
async fn a_sweep_notifies_of_what_stands_and_revokes_nothing() {
    let lab = lab("sweep").await;
    user(&lab, "root-like").await;
    let arn = policy(&lab, "standing", &allow(json!("*"))).await;
    attach(&lab, "root-like", &arn).await;
    put(&lab, "root-like", "standing", &allow(json!("iam:PutUserPolicy"))).await;
    let view = View::Holder("user/root-like".to_owned());
    let open = lab.lines(&view).await.unwrap();
    let mut function = lab.function("iam-policy", None).await.unwrap();
    for kind in ["policy-attachment", "inline-policy", "managed-policy"] {
        let place = json!({"partition": "aws", "account": ACCOUNT, "region": "us-east-1"});
        let order = json!({"parapet": {"task": "sweep", "only": {"kind": kind, "place": place}}});
        let answer = format!("{:?}", function.send(&order).await.unwrap());
        assert!(answer.contains("\"sweep\": String(\"complete\")"), "{answer}");
        assert!(!answer.contains("\"violations\": Number(0)"), "{kind}: {answer}");
        let actions = lab.proxy.take_actions();
        assert_eq!(actions[0], "GetAccountAuthorizationDetails", "{actions:?}");
        assert!(!actions.iter().any(|action| ["Det", "Put", "Del", "Set"].contains(&&action[..3])), "{actions:?}");
    }
    assert_eq!(lab.lines(&view).await.unwrap(), open);
    let heard = lab.channel.hear().await.unwrap();
    let text = heard.iter().filter_map(|message| message["Message"].as_str()).collect::<String>();
    for part in ["attached-policy-grants-admin", "inline-policy-grants-escalation", "managed-policy-grants-admin"] {
        assert!(text.contains(part), "{part} was not notified");
    }
    assert!(text.contains("only notified, as it existed before it was first read"));
}
