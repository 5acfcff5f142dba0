//! What makes things stricter is no violation and is not rolled back, and what an attacker had made is not restored.

use super::{IAM, WORLD, allow, record, remembering, stands};
use aws_sdk_ec2::types::{FlowLogsResourceType, LogDestinationType, TrafficType};
use serde_json::{Value, json};
use tests::host::{Answer, Host, Settings};
use tests::records::{self, Caller};
use tests::view::View;

const EC2: &str = "ec2.amazonaws.com";
const BOUNDARY: &str = "permissions-boundary-changed";

/// What a function says of a guardrail; `nothing` where it says nothing.
fn said(answer: &Answer, guardrail: &str) -> String {
    answer.result(guardrail).unwrap_or_else(|_| "nothing".to_owned())
}

/// Long enough ago that a read cannot be behind it.
fn long_ago(mut event: Value) -> Value {
    event["detail"]["eventTime"] = json!("2026-01-01T00:00:00Z");
    event
}

#[tokio::test]
async fn a_boundary_that_allows_less_stays() {
    let lab = WORLD.lab("tightened").await.unwrap();
    let ledger = lab.ledger().await.unwrap();
    let iam = &lab.clients.iam;
    let policy = async |name: &str, document: &Value| {
        let call = iam.create_policy().policy_name(name).policy_document(document.to_string());
        call.send().await.unwrap().policy.unwrap().arn.unwrap()
    };
    let statement = |effect: &str, action: &str| json!({"Effect": effect, "Action": action, "Resource": "*"});
    let says = |statements: &[Value]| json!({"Version": "2012-10-17", "Statement": statements});
    let s3 = statement("Allow", "s3:*");
    let wide = policy("wide", &says(std::slice::from_ref(&s3))).await;
    let fewer = policy("fewer", &says(&[statement("Allow", "s3:Get*")])).await;
    let denies = policy("denies", &says(&[statement("Allow", "s3:Get*"), statement("Deny", "s3:GetObject")])).await;
    let wider = policy("wider", &says(&[s3, statement("Allow", "iam:*")])).await;

    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    .to_string();
    let call = iam.create_role().role_name("bounded").assume_role_policy_document(&trust).permissions_boundary(&wide);
    call.send().await.unwrap();
    let mut function = remembering(&lab, "iam-trust", &ledger).await;
    let request = json!({"roleName": "bounded", "assumeRolePolicyDocument": trust, "permissionsBoundary": wide});
    let response = json!({"role": {"roleName": "bounded", "path": "/"}});
    function.send(&long_ago(record(IAM, "CreateRole", request, response))).await.unwrap();

    let mut put = async |boundary: &str| {
        iam.put_role_permissions_boundary().role_name("bounded").permissions_boundary(boundary).send().await.unwrap();
        let request = json!({"roleName": "bounded", "permissionsBoundary": boundary});
        let event = record(IAM, "PutRolePermissionsBoundary", request, Value::Null);
        said(&function.send(&event).await.unwrap(), BOUNDARY)
    };
    for stricter in [&fewer, &denies] {
        assert_eq!(put(stricter).await, "already-compliant", "{stricter}");
        assert_eq!(stands(&lab, View::Boundary("bounded".to_owned())).await, std::slice::from_ref(stricter));
    }
    assert_eq!(put(&wider).await, "remediated");
    assert_eq!(stands(&lab, View::Boundary("bounded".to_owned())).await, [denies], "back to what was last seen good");
}

/// An attacker had a copy of all traffic sent to a bucket of theirs; the owner ends it.
#[tokio::test]
async fn a_flow_log_to_an_attacker_s_bucket_is_not_restored() {
    let lab = WORLD.lab("foreign-flow-log").await.unwrap();
    let ledger = lab.ledger().await.unwrap();
    let ec2 = &lab.clients.ec2;
    lab.clients.s3.create_bucket().bucket("mallorys-traffic").send().await.unwrap();
    let named = "{version: 1, defaults: {mode: enforce, max_class: R2},
        guardrails: {flow-log-deleted: {settings: {allowed_destinations: ['arn:aws:s3:::our-traffic*']}}}}";
    let unnamed = "{version: 1, defaults: {mode: enforce, max_class: R2}}";
    for policy in [unnamed, named] {
        let vpc = lab.vpc().await.unwrap();
        let settings = Settings { ledger: Some(ledger.clone()), policy: Some(policy.to_owned()), ..lab.settings() };
        let mut function = Host::start("network", &settings).await.unwrap();
        let call = ec2.create_flow_logs().resource_type(FlowLogsResourceType::Vpc).resource_ids(&vpc);
        let call = call.traffic_type(TrafficType::All).log_destination_type(LogDestinationType::S3);
        let made = call.log_destination("arn:aws:s3:::mallorys-traffic").send().await.unwrap();
        let id = made.flow_log_ids.unwrap().remove(0);
        let request = json!({"CreateFlowLogsRequest": {"ResourceId": {"tag": 1, "content": vpc}, "ResourceType": "VPC",
            "TrafficType": "ALL", "LogDestinationType": "s3", "LogDestination": "arn:aws:s3:::mallorys-traffic"}});
        let response = json!({"CreateFlowLogsResponse": {"unsuccessful": "", "flowLogIdSet": {"item": id}}});
        function.send(&record(EC2, "CreateFlowLogs", request, response)).await.unwrap();

        ec2.delete_flow_logs().flow_log_ids(&id).send().await.unwrap();
        let request = json!({"DeleteFlowLogsRequest": {"FlowLogId": {"tag": 1, "content": id}}});
        let response = json!({"DeleteFlowLogsResponse": {"unsuccessful": ""}});
        let event = records::event(&Caller::session("net", "ana"), EC2, "DeleteFlowLogs", request, response);
        let answer = function.send(&event).await.unwrap();
        assert!(["notified", "nothing"].contains(&said(&answer, "flow-log-deleted").as_str()), "{answer:?}");
        assert_eq!(stands(&lab, View::FlowLogs(vec![vpc])).await, Vec::<String>::new(), "{policy}");
    }
}

/// Less trust, and a Deny more: both documents are written over whole, and neither is put back.
#[tokio::test]
async fn documents_that_their_owner_narrows_stay() {
    let lab = WORLD.lab("narrowed").await.unwrap();
    let ledger = lab.ledger().await.unwrap();
    let iam = &lab.clients.iam;
    let trusts = |services: &[&str]| {
        let statement = json!({"Effect": "Allow", "Principal": {"Service": services}, "Action": "sts:AssumeRole"});
        json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
    };
    let wide = trusts(&["ec2.amazonaws.com", "lambda.amazonaws.com"]);
    iam.create_role().role_name("narrowed").assume_role_policy_document(&wide).send().await.unwrap();
    let mut trust = remembering(&lab, "iam-trust", &ledger).await;
    let request = json!({"roleName": "narrowed", "assumeRolePolicyDocument": wide});
    let response = json!({"role": {"roleName": "narrowed", "path": "/"}});
    trust.send(&long_ago(record(IAM, "CreateRole", request, response))).await.unwrap();
    let narrow = trusts(&["ec2.amazonaws.com"]);
    iam.update_assume_role_policy().role_name("narrowed").policy_document(&narrow).send().await.unwrap();
    let stood = stands(&lab, View::Trust("narrowed".to_owned())).await;
    let request = json!({"roleName": "narrowed", "policyDocument": narrow});
    let answer = trust.send(&record(IAM, "UpdateAssumeRolePolicy", request, Value::Null)).await.unwrap();
    assert_eq!(said(&answer, "role-trust-open"), "already-compliant");
    assert_eq!(stands(&lab, View::Trust("narrowed".to_owned())).await, stood);

    let mut held = remembering(&lab, "iam-policy", &ledger).await;
    let mut document: Value = serde_json::from_str(&allow(&json!("s3:*"))).unwrap();
    for denies in [false, true] {
        if denies {
            let deny = json!({"Effect": "Deny", "Action": "s3:*", "Resource": "arn:aws:s3:::secret/*"});
            document["Statement"].as_array_mut().unwrap().push(deny);
        }
        let text = document.to_string();
        iam.put_role_policy().role_name("narrowed").policy_name("work").policy_document(&text).send().await.unwrap();
        let request = json!({"roleName": "narrowed", "policyName": "work", "policyDocument": text});
        let stood = stands(&lab, View::Holder("role/narrowed".to_owned())).await;
        let answer = held.send(&record(IAM, "PutRolePolicy", request, Value::Null)).await.unwrap();
        assert_eq!(said(&answer, "inline-policy-grants-admin"), "already-compliant", "{answer:?}");
        assert_eq!(stands(&lab, View::Holder("role/narrowed".to_owned())).await, stood);
    }
}
