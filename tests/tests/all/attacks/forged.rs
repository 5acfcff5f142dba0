//! Records that never happened, or that their owner has overtaken: what stands is read before anything is written over.

use super::WORLD;
use serde_json::{Value, json};
use tests::host::{Host, Settings};
use tests::lab::Lab;
use tests::records::{self, Caller};
use tests::story::notified;
use tests::view::View;

const IAM: &str = "iam.amazonaws.com";
const BUCKET: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}"#;
/// Once the administrator's statement is taken out, this is what mallory would hold.
const FORGED: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*","kms:Decrypt"],"Resource":"*"},{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
const EC2: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
const STRANGER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::999988887777:root"},"Action":"sts:AssumeRole"}]}"#;

fn record(name: &str, request: Value) -> Value {
    records::event(&Caller::user("mallory"), IAM, name, request, Value::Null)
}

/// Long enough ago that a read cannot be behind it.
fn earlier(mut event: Value) -> Value {
    event["detail"]["eventTime"] = json!("2026-03-02T09:14:07Z");
    event
}

async fn with_ledger(lab: &Lab, function: &str) -> Host {
    let settings = Settings { ledger: Some(lab.ledger().await.unwrap()), ..lab.settings() };
    Host::start(function, &settings).await.unwrap()
}

async fn wrote(lab: &Lab, action: &str) -> bool {
    lab.proxy.take_actions().iter().any(|called| called == action)
}

async fn trust(lab: &Lab, role: &str, document: &str) {
    let call = lab.clients.iam.update_assume_role_policy().role_name(role).policy_document(document);
    call.send().await.unwrap();
}

#[tokio::test]
async fn a_policy_that_only_a_record_shows_is_not_written() {
    let lab = WORLD.lab("forged-policy").await.unwrap();
    lab.clients.iam.create_user().user_name("mallory").send().await.unwrap();
    let call = lab.clients.iam.put_user_policy().user_name("mallory").policy_name("x").policy_document(BUCKET);
    call.send().await.unwrap();
    let view = View::Holder("user/mallory".to_owned());
    let stands = lab.lines(&view).await.unwrap();
    let mut function = with_ledger(&lab, "iam-policy").await;
    // A good record that was forged first, so that it is kept: then the bad one is put back to it.
    let good = BUCKET.replace("s3:GetObject", "s3:*");
    for document in [&good, FORGED] {
        let request = json!({"userName": "mallory", "policyName": "x", "policyDocument": document});
        let answer = function.send(&earlier(record("PutUserPolicy", request))).await.unwrap();
        assert_eq!(answer.result("inline-policy-grants-admin").unwrap(), "already-compliant", "{answer:?}");
        assert!(!wrote(&lab, "PutUserPolicy").await && !wrote(&lab, "DeleteUserPolicy").await);
        assert_eq!(lab.lines(&view).await.unwrap(), stands);
    }
    // A name that no policy ever had.
    let request = json!({"userName": "mallory", "policyName": "y", "policyDocument": FORGED});
    let answer = function.send(&earlier(record("PutUserPolicy", request))).await.unwrap();
    assert_eq!(answer.result("inline-policy-grants-admin").unwrap(), "gone", "{answer:?}");
    assert_eq!(lab.lines(&view).await.unwrap(), stands);
}

#[tokio::test]
async fn a_trust_policy_that_only_a_record_shows_is_not_written() {
    let lab = WORLD.lab("forged-trust").await.unwrap();
    let call = lab.clients.iam.create_role().role_name("app-forged").assume_role_policy_document(EC2);
    call.send().await.unwrap();
    let mut function = with_ledger(&lab, "iam-trust").await;
    let mut forged: Value = serde_json::from_str(STRANGER).unwrap();
    forged["Statement"].as_array_mut().unwrap().push(
        json!({"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::123456789012:user/mallory"}, "Action": "sts:AssumeRole"}),
    );
    let request = json!({"roleName": "app-forged", "policyDocument": forged.to_string()});
    let answer = function.send(&earlier(record("UpdateAssumeRolePolicy", request))).await.unwrap();
    assert_eq!(answer.result("role-trust-open").unwrap(), "already-compliant", "{answer:?}");
    assert!(!wrote(&lab, "UpdateAssumeRolePolicy").await);
}

/// The owner corrects a bad trust policy before the function looks: what is good by then stays.
#[tokio::test]
async fn an_owner_s_correction_is_not_written_over() {
    let lab = WORLD.lab("lost-update").await.unwrap();
    let call = lab.clients.iam.create_role().role_name("app-corrected").assume_role_policy_document(STRANGER);
    call.send().await.unwrap();
    let view = View::Trust("app-corrected".to_owned());
    let mut function = with_ledger(&lab, "iam-trust").await;
    trust(&lab, "app-corrected", EC2).await;
    let corrected = lab.lines(&view).await.unwrap();
    for document in [STRANGER, EC2] {
        let request = json!({"roleName": "app-corrected", "policyDocument": document});
        let answer = function.send(&earlier(record("UpdateAssumeRolePolicy", request))).await.unwrap();
        assert_eq!(answer.result("role-trust-open").unwrap(), "already-compliant", "{answer:?}");
        assert!(!wrote(&lab, "UpdateAssumeRolePolicy").await);
        assert_eq!(lab.lines(&view).await.unwrap(), corrected);
    }
    let finding = notified(&lab).await.unwrap();
    assert_eq!(finding["unmapped"]["result"], "already-compliant");
}
