//! An attacker puts a record of their own where a function may take it up: a raw event in a queue, a letter among the dead
//! ones.

use super::WORLD;
use iam_rs::{Arn, Context, ContextValue, Decision, IAMPolicy, IAMRequest, Principal, PrincipalId, evaluate_policy};
use serde_json::{Value, json};
use tests::host::{Answer, Host, Settings};
use tests::lab::Lab;
use tests::moto::ACCOUNT;
use tests::records::{self, Caller};
use tests::{paths, roles};

/// A policy document that grants everything beside something that looks harmless: the "smallest repair" of it would leave the
/// second statement, which no principal has.
fn forged() -> Value {
    let document = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": "*", "Resource": "*"},
        {"Effect": "Allow", "Action": ["s3:*", "dynamodb:*"], "Resource": "*"}]});
    let request = json!({"userName": "mallory-of-queues", "policyName": "x", "policyDocument": document.to_string()});
    records::event(&Caller::user("mallory"), "iam.amazonaws.com", "PutUserPolicy", request, Value::Null)
}

async fn function(lab: &Lab) -> Host {
    let policy = "{version: 1, defaults: {mode: enforce, max_class: R2}}".to_owned();
    Host::start("iam-policy", &Settings { policy: Some(policy), ..lab.settings() }).await.unwrap()
}

async fn policies_of(lab: &Lab, user: &str) -> Vec<String> {
    lab.clients.iam.list_user_policies().user_name(user).send().await.unwrap().policy_names
}

#[tokio::test]
async fn a_raw_event_in_a_queue_reaches_no_function() {
    let lab = WORLD.lab("raw-event").await.unwrap();
    let mut function = function(&lab).await;
    let message = json!({"messageId": "m", "eventSource": "aws:sqs", "body": forged().to_string()});
    let answer = function.send(&json!({"Records": [message]})).await.unwrap();
    let Answer::Error { message, .. } = &answer else { panic!("{answer:?}") };
    assert!(message.contains("no queue leads to a function of Parapet"), "{message}");
    let called = lab.proxy.take_actions();
    assert!(called.is_empty(), "{called:?}");
    assert!(lab.channel.hear().await.unwrap().is_empty());
}

/// And nothing in the template makes a way.
#[test]
fn no_queue_of_the_template_leads_to_a_function() {
    for file in ["template.yaml", "template-spoke.yaml"] {
        let text = std::fs::read_to_string(paths::root().join(file)).unwrap();
        assert!(!text.contains("AWS::Lambda::EventSourceMapping"), "{file}");
        assert!(!text.contains("sqs:ReceiveMessage"), "{file}");
        assert_eq!(text.matches("Type: AWS::SQS::Queue\n").count(), 1, "the dead letters of {file} alone");
        assert!(!text.contains("RecursiveLoop"), "{file}: recursion detection stays on");
    }
}

/// Whatever shape it comes back in, its record proves nothing: what is there is read, and nothing is written.
#[tokio::test]
async fn a_forged_letter_that_is_given_back_proves_nothing() {
    let lab = WORLD.lab("forged-letter").await.unwrap();
    lab.clients.iam.create_user().user_name("mallory-of-queues").send().await.unwrap();
    let mut function = function(&lab).await;
    let failed =
        json!({"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": forged()});
    let later = json!({"parapet": {"task": "later", "event": forged(), "why": "grace", "attempt": 1}});
    let given_back = shared::operations::payload::given_back(forged(), jiff::Timestamp::now()).unwrap();
    let mut replayed = forged();
    replayed["replay-name"] = "mallory's".into();
    for (shape, payload) in [("failed", failed), ("later", later), ("given back", given_back), ("replayed", replayed)] {
        drop(lab.proxy.take_actions());
        function.send(&payload).await.unwrap();
        let called = lab.proxy.take_actions();
        let wrote = called.iter().any(|call| call.starts_with("Put") || call.starts_with("Attach"));
        assert!(!wrote, "{shape}: {called:?}");
        assert!(policies_of(&lab, "mallory-of-queues").await.is_empty(), "{shape}");
    }
}

/// Who asks for it, as the keys of the request show.
enum Who {
    /// A principal of the account that may `sqs:*` on everything.
    Principal(String),
    /// A service of AWS.
    Service,
    /// No principal.
    Anonymous,
}

/// Whether the queue's policy lets it happen, beside an identity's policy that allows everything.
fn may_send(file: &str, who: &Who, is_secure: bool) -> bool {
    let mut statements = roles::dead_letters(file).unwrap();
    statements.push(json!({"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}));
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    let policy = IAMPolicy::from_json(&policy.to_string()).unwrap();
    let mut facts = Context::new();
    facts.insert("aws:SecureTransport".to_owned(), ContextValue::Boolean(is_secure));
    let principal = match who {
        Who::Principal(arn) => {
            facts.insert("aws:PrincipalArn".to_owned(), ContextValue::String(arn.clone()));
            facts.insert("aws:PrincipalIsAWSService".to_owned(), ContextValue::Boolean(false));
            Principal::Aws(PrincipalId::String(arn.clone()))
        }
        Who::Service => {
            facts.insert("aws:PrincipalIsAWSService".to_owned(), ContextValue::Boolean(true));
            Principal::Service(PrincipalId::String("events.amazonaws.com".to_owned()))
        }
        // A caller of whom nothing is known; the evaluator wants a name.
        Who::Anonymous => Principal::Aws(PrincipalId::String("arn:aws:iam::999988887777:root".to_owned())),
    };
    let queue = Arn::parse(&format!("arn:aws:sqs:us-east-1:{ACCOUNT}:DeadLetters")).unwrap();
    let asked = IAMRequest::new_with_context(principal, "sqs:SendMessage", queue, facts);
    evaluate_policy(&policy, &asked).unwrap() == Decision::Allow
}

#[test]
fn a_principal_that_may_send_messages_may_not_send_dead_letters() {
    for file in ["template.yaml", "template-spoke.yaml"] {
        for who in ["user/mallory", "role/admin", "role/parapet-security-group-2", "root"] {
            let who = Who::Principal(format!("arn:aws:iam::{ACCOUNT}:{who}"));
            assert!(!may_send(file, &who, true), "{file}");
        }
        assert!(!may_send(file, &Who::Anonymous, true), "{file}");
        assert!(may_send(file, &Who::Service, true), "{file}: EventBridge");
        assert!(!may_send(file, &Who::Service, false), "{file}: without TLS");
    }
}

#[test]
fn the_functions_and_the_schedules_may_write_dead_letters() {
    let families = shared::resources::catalogue().into_iter().map(|entry| entry.family);
    for name in families.chain(["operate", "schedule"]) {
        let who = Who::Principal(roles::stand_in(&roles::logical_id(name)));
        assert!(may_send("template.yaml", &who, true), "{name}");
    }
}
