//! What was closed is closed again, whatever call reopens it.

use super::{IAM, WORLD, record, remembering, stands, user};
use aws_sdk_iam::types::StatusType;
use serde_json::{Value, json};
use shared::resources::iam::deny_policy::Deny;
use tests::host::{Host, Settings};
use tests::lab::Lab;
use tests::records::{self, Caller};
use tests::view::View;

#[tokio::test]
async fn a_key_that_is_switched_on_again_is_switched_off_again() {
    let lab = WORLD.lab("key-again").await.unwrap();
    user(&lab, "victor").await;
    let iam = &lab.clients.iam;
    let key = iam.create_access_key().user_name("victor").send().await.unwrap().access_key.unwrap().access_key_id;
    let mut function = lab.function("iam-user", None).await.unwrap();
    for status in [StatusType::Inactive, StatusType::Active] {
        let call = iam.update_access_key().user_name("victor").access_key_id(&key).status(status.clone());
        call.send().await.unwrap();
        let request = json!({"userName": "victor", "accessKeyId": key, "status": status.as_str()});
        function.send(&record(IAM, "UpdateAccessKey", request, Value::Null)).await.unwrap();
    }
    assert_eq!(stands(&lab, View::Keys("victor".to_owned())).await, [format!("key {key} inactive")]);
}

/// An attacker set another user's password, sign-ins are held; then the hold is deleted, and something else put in its
/// place.
#[tokio::test]
async fn a_hold_that_is_lifted_is_put_again() {
    let lab = WORLD.lab("hold-again").await.unwrap();
    user(&lab, "vera").await;
    let iam = &lab.clients.iam;
    iam.create_login_profile().user_name("vera").password("Chosen-by-another-1").send().await.unwrap();
    let ledger = lab.ledger().await.unwrap();
    let mut function = remembering(&lab, "iam-user", &ledger).await;
    let set = record(IAM, "CreateLoginProfile", json!({"userName": "vera"}), Value::Null);
    let answer = function.send(&set).await.unwrap();
    assert_eq!(answer.result("console-password-set-by-another").unwrap(), "remediated", "{answer:?}");
    let names = iam.list_user_policies().user_name("vera").send().await.unwrap().policy_names;
    let [hold] = names.as_slice() else { panic!("{names:?}") };

    iam.delete_user_policy().user_name("vera").policy_name(hold).send().await.unwrap();
    let request = json!({"userName": "vera", "policyName": hold});
    function.send(&record(IAM, "DeleteUserPolicy", request, Value::Null)).await.unwrap();
    assert!(is_held(&lab, "vera", hold).await, "deleted");

    let other = super::allow(&json!("s3:GetObject"));
    iam.put_user_policy().user_name("vera").policy_name(hold).policy_document(&other).send().await.unwrap();
    let request = json!({"userName": "vera", "policyName": hold, "policyDocument": other});
    function.send(&record(IAM, "PutUserPolicy", request, Value::Null)).await.unwrap();
    assert!(is_held(&lab, "vera", hold).await, "overwritten");
}

/// The keys of a quarantined user are off and its sessions are cut; then the cut is deleted while a session still lives.
#[tokio::test]
async fn a_session_cut_that_is_deleted_is_put_again() {
    let lab = WORLD.lab("cut-again").await.unwrap();
    user(&lab, "valerie").await;
    let iam = &lab.clients.iam;
    iam.create_access_key().user_name("valerie").send().await.unwrap();
    let quarantine = "arn:aws:iam::aws:policy/AWSCompromisedKeyQuarantineV3";
    iam.attach_user_policy().user_name("valerie").policy_arn(quarantine).send().await.unwrap();
    let policy = "version: 1\ndefaults: {mode: enforce, max_class: R2}\nguardrails:\n  \
                  quarantined-user-has-active-keys: {settings: {cut_sessions: true}}\n";
    let ledger = lab.ledger().await.unwrap();
    let settings = Settings { ledger: Some(ledger), policy: Some(policy.to_owned()), ..lab.settings() };
    let mut function = Host::start("iam-user", &settings).await.unwrap();
    let guardrail = "quarantined-user-has-active-keys";
    let request = json!({"userName": "valerie", "policyArn": quarantine});
    let quarantined = records::event(&Caller::aws(), IAM, "AttachUserPolicy", request, Value::Null);
    let answer = function.send(&quarantined).await.unwrap();
    assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:?}");
    let names = iam.list_user_policies().user_name("valerie").send().await.unwrap().policy_names;
    let [cut] = names.as_slice() else { panic!("{names:?}") };

    iam.delete_user_policy().user_name("valerie").policy_name(cut).send().await.unwrap();
    let request = json!({"userName": "valerie", "policyName": cut});
    let answer = function.send(&record(IAM, "DeleteUserPolicy", request, Value::Null)).await.unwrap();
    assert_eq!(answer.result(guardrail).unwrap(), "remediated", "{answer:?}");
    let names = iam.list_user_policies().user_name("valerie").send().await.unwrap().policy_names;
    let [again] = names.as_slice() else { panic!("{names:?}") };
    assert!(is_held(&lab, "valerie", again).await, "{again}");
}

async fn is_held(lab: &Lab, user: &str, hold: &str) -> bool {
    let answer = lab.clients.iam.get_user_policy().user_name(user).policy_name(hold).send().await;
    let document = answer.map(|answer| iam_policy::json::parse(&answer.policy_document).unwrap().0);
    document.is_ok_and(|document| Deny::read(hold, &document).is_some())
}
