//! What a record leaves out because it is too large is read.

use super::{IAM, WORLD, allow, record, stands, user};
use serde_json::{Value, json};
use tests::view::View;

/// More white space than a record takes.
fn padded(document: &str) -> String {
    document.replacen('{', &format!("{{{}", "\n".repeat(110_000)), 1)
}

fn omitted() -> Value {
    json!({"omitted": true, "originalSize": 118_000, "reasonCode": "ABOVE_MAXIMUM_SIZE"})
}

/// First no principal has such a policy, and that is said; then the holder loses it, and no other principal does.
#[tokio::test]
async fn a_padded_policy_is_found_and_goes_and_no_other() {
    let lab = WORLD.lab("padded").await.unwrap();
    let iam = &lab.clients.iam;
    let mut function = lab.function("iam-policy", None).await.unwrap();
    let answer = function.send(&record(IAM, "PutRolePolicy", Value::Null, Value::Null)).await.unwrap();
    let outcome = answer.outcome("inline-policy-grants-admin").unwrap();
    assert_eq!(outcome["verdict"], "undetermined", "{outcome}");
    assert!(outcome["reasons"][0].as_str().unwrap().contains("leaves out which inline policy"), "{outcome}");

    for name in ["eve-padded", "sue-padded"] {
        user(&lab, name).await;
    }
    let standing = allow(&json!("*"));
    let call = iam.put_user_policy().user_name("sue-padded").policy_name("owner").policy_document(&standing);
    call.send().await.unwrap();
    let call = iam.put_user_policy().user_name("eve-padded").policy_name("x").policy_document(padded(&standing));
    call.send().await.unwrap();
    let event = record(IAM, "PutUserPolicy", omitted(), Value::Null);
    let mut answer = function.send(&event).await.unwrap();
    // The local IAM lists an account slowly while other stories fill it. Lambda delivers again, too.
    for _ in 0..2 {
        if answer.outcome("inline-policy-grants-admin").is_err() {
            answer = function.send(&event).await.unwrap();
        }
    }
    assert_eq!(answer.result("inline-policy-grants-admin").unwrap(), "remediated", "{answer:?}");
    assert_eq!(stands(&lab, View::Holder("user/eve-padded".to_owned())).await, Vec::<String>::new());
    assert_eq!(stands(&lab, View::Holder("user/sue-padded".to_owned())).await.len(), 1, "it stood there before");
}
