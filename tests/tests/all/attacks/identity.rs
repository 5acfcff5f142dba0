//! Who did it is what AWS says: whatever a caller chooses, as the names of sessions, roles and policies or the user agent,
//! does not change who it is.

use super::{IAM, WORLD, stands, user};
use serde_json::{Value, json};
use tests::host::{Answer, Host, Settings};
use tests::lab::on_port;
use tests::moto::ACCOUNT;
use tests::records::{self, Caller};
use tests::view::View;

const LEAKED: &str = "quarantined-user-has-active-keys";
const ADMIN_PORT: &str = "security-group-admin-port-open";
const QUARANTINE: &str = "AWSCompromisedKeyQuarantineV2";

/// Principals that would like to pass for AWS, or for a service that acts for a customer.
fn pretenders(name: &str, request: &Value) -> Vec<(&'static str, Value)> {
    let by = |caller: Caller| records::event(&caller, IAM, name, request.clone(), Value::Null);
    let mut agent = by(Caller::session("dev", "AWSInternal"));
    agent["detail"]["userAgent"] = "AWS Internal".into();
    agent["detail"]["sourceIPAddress"] = "AWS Internal".into();
    let mut for_customer = by(Caller::user("mallory"));
    for_customer["detail"]["userIdentity"]["invokedBy"] = "cloudformation.amazonaws.com".into();
    vec![
        ("a user", by(Caller::user("mallory"))),
        ("a user that is named so", by(Caller::user("AWSService"))),
        ("a role that is named so", by(Caller::session("AWSServiceRoleForSupport", "x"))),
        ("a session, address and user agent that are named so", agent),
        ("a stack that acts for a customer", for_customer),
    ]
}

#[tokio::test]
async fn a_quarantine_that_aws_did_not_put_there_switches_no_key_off() {
    let lab = WORLD.lab("quarantine").await.unwrap();
    user(&lab, "ci-prod").await;
    let iam = &lab.clients.iam;
    let key = iam.create_access_key().user_name("ci-prod").send().await.unwrap().access_key.unwrap().access_key_id;
    let arn = format!("arn:aws:iam::aws:policy/{QUARANTINE}");
    let policy = "{version: 1, defaults: {mode: enforce, max_class: R2}}";
    let mut function = lab.function("iam-user", Some(policy)).await.unwrap();
    let attach = json!({"userName": "ci-prod", "policyArn": arn});
    let own = json!({"userName": "ci-prod", "policyArn": format!("arn:aws:iam::{ACCOUNT}:policy/{QUARANTINE}")});
    let document = super::allow(&json!("s3:GetObject"));
    let put = json!({"userName": "ci-prod", "policyName": QUARANTINE, "policyDocument": document});
    iam.attach_user_policy().user_name("ci-prod").policy_arn(&arn).send().await.unwrap();
    iam.put_user_policy().user_name("ci-prod").policy_name(QUARANTINE).policy_document(&document).send().await.unwrap();
    let on = [format!("key {key} active")];
    assert_eq!(stands(&lab, View::Keys("ci-prod".to_owned())).await, on);
    for (name, request) in [("AttachUserPolicy", &attach), ("AttachUserPolicy", &own), ("PutUserPolicy", &put)] {
        for (who, event) in pretenders(name, request) {
            let answer = function.send(&event).await.unwrap();
            let Answer::Report(report) = &answer else { panic!("{who}: {answer:?}") };
            let outcomes = report["outcomes"].as_array().unwrap().iter();
            for outcome in outcomes.filter(|outcome| outcome["guardrail"] == LEAKED) {
                assert_eq!(outcome["result"], "notified", "{who}, {name}: {outcome}");
            }
            assert_eq!(stands(&lab, View::Keys("ci-prod".to_owned())).await, on, "{who}, {name}");
        }
    }
    let answer = function.send(&records::event(&Caller::aws(), IAM, "AttachUserPolicy", attach, Value::Null)).await;
    assert_eq!(answer.unwrap().result(LEAKED).unwrap(), "remediated", "AWS itself is believed");
    assert_eq!(stands(&lab, View::Keys("ci-prod".to_owned())).await, [format!("key {key} inactive")]);
}

/// A principal that may assume some role may name the session as it likes.
#[tokio::test]
async fn a_session_s_name_exempts_and_hides_no_principal() {
    let lab = WORLD.lab("session-names").await.unwrap();
    let own = format!("arn:aws:iam::{ACCOUNT}:role/parapet-security-group");
    let exemption = |actor: &str| {
        format!(
            "{{guardrail: {ADMIN_PORT}, resource: '*', actor: '{actor}', reason: r, owner: o, expires: 2027-01-01}}"
        )
    };
    let exemptions = [
        exemption(&format!("arn:aws:iam::{ACCOUNT}:role/ci")),
        exemption(&format!("arn:aws:sts::{ACCOUNT}:assumed-role/ci/*")),
    ];
    let policy = format!("{{version: 1, defaults: {{mode: enforce}}, exemptions: [{}]}}", exemptions.join(", "));
    let settings = Settings { policy: Some(policy), own_role: Some(own), ..lab.settings() };
    let mut function = Host::start("security-group", &settings).await.unwrap();
    let group = lab.group().await.unwrap();
    let closed = stands(&lab, View::Group(group.clone())).await;
    for caller in [
        Caller::session("dev", "ci"),
        Caller::session("dev", "assumed-role"),
        Caller::session("ci-2", "ci"),
        Caller::session("CI", "x"),
        Caller::user("ci"),
        Caller::user("parapet-security-group"),
        Caller::session("parapet-security-group-2", "parapet-security-group"),
        Caller::session("dev", "parapet-security-group"),
    ] {
        let asked = [on_port(22, "0.0.0.0/0", "")];
        let made = tests::lab::authorize(&lab.clients, &group, &asked).await.unwrap();
        let mut event = records::authorized(&caller, &group, &asked, &made);
        event["detail"]["userAgent"] = "parapet/1.0 exec-env/AWS_Lambda_rust".into();
        let answer = function.send(&event).await.unwrap();
        assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "{caller:?}: {answer:?}");
        assert_eq!(stands(&lab, View::Group(group.clone())).await, closed, "{caller:?}");
    }
    let asked = [on_port(22, "0.0.0.0/0", "")];
    let made = tests::lab::authorize(&lab.clients, &group, &asked).await.unwrap();
    let event = records::authorized(&Caller::session("ci", "whatever"), &group, &asked, &made);
    assert_eq!(function.send(&event).await.unwrap().result(ADMIN_PORT).unwrap(), "exempt", "the role that is meant");
}
