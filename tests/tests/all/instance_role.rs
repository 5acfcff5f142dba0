//! The function `instance` under a role that holds exactly its template's actions, in an account that enforces IAM: it does
//! all of its work; and without any one of them it says which is missing, and calls nothing done that is not.

use serde_json::{Value, json};
use std::collections::BTreeSet;
use tests::host::{Answer, Host, Settings};
use tests::lab::Lab;
use tests::records::{self, Caller};
use tests::roles;
use tests::world::{World, in_worlds};

const EC2: &str = "ec2.amazonaws.com";
const OWN_KEY: &str = "arn:aws:kms:us-east-1:123456789012:key/own";

/// A call with this request and response, in the wrapped shape.
fn call(name: &str, request: &Value, response: &Value) -> Value {
    let (asked, answered) = (json!({format!("{name}Request"): request}), json!({format!("{name}Response"): response}));
    records::event(&Caller::user("ben"), EC2, name, asked, answered)
}

/// Breaks everything that the function guards, one after the other, and hands it each event: what it answers. The default
/// key of EBS is the account's own, or the one of AWS: either takes another call to come back to.
async fn work(lab: &Lab, function: &mut Host, has_own_key: bool) -> Vec<Answer> {
    let ec2 = &lab.clients.ec2;
    let mut answers = Vec::new();
    if has_own_key {
        ec2.modify_ebs_default_kms_key_id().kms_key_id(OWN_KEY).send().await.unwrap();
    }
    ec2.enable_ebs_encryption_by_default().send().await.unwrap();
    let on = call("EnableEbsEncryptionByDefault", &json!(""), &json!({"ebsEncryptionByDefault": true}));
    answers.push(function.send(&on).await.unwrap());

    ec2.disable_ebs_encryption_by_default().send().await.unwrap();
    let off = call("DisableEbsEncryptionByDefault", &json!(""), &json!({"ebsEncryptionByDefault": false}));
    answers.push(function.send(&off).await.unwrap());

    let other = "arn:aws:kms:us-east-1:123456789012:key/other";
    ec2.modify_ebs_default_kms_key_id().kms_key_id(other).send().await.unwrap();
    let changed = call("ModifyEbsDefaultKmsKeyId", &json!({"KmsKeyId": other}), &json!({"kmsKeyId": other}));
    answers.push(function.send(&changed).await.unwrap());

    ec2.enable_serial_console_access().send().await.unwrap();
    let enabled = call("EnableSerialConsoleAccess", &json!(""), &json!({"serialConsoleAccessEnabled": true}));
    answers.push(function.send(&enabled).await.unwrap());

    let weak =
        call("ModifyInstanceMetadataDefaults", &json!({"HttpTokens": "no-preference"}), &json!({"return": true}));
    answers.push(function.send(&weak).await.unwrap());

    let made = ec2.run_instances().image_id("ami-12c6146b").min_count(1).max_count(1).send().await.unwrap();
    let id = made.instances()[0].instance_id().unwrap().to_owned();
    let request = json!({"instancesSet": {"items": [{"imageId": "ami-12c6146b", "minCount": 1, "maxCount": 1}]}});
    let response = json!({"instancesSet": {"items": [{"instanceId": id, "metadataOptions":
        {"state": "pending", "httpTokens": "optional", "httpEndpoint": "enabled", "httpPutResponseHopLimit": 2}}]}});
    let launched = records::event(&Caller::user("ben"), EC2, "RunInstances", request, response);
    answers.push(function.send(&launched).await.unwrap());
    answers
}

/// A lab of its own with a ledger, and the function under a role with these statements.
async fn placed(world: &World, name: &str, statements: &[Value]) -> (Lab, Host) {
    let lab = world.lab_of(name, world.admin().await.unwrap()).await.unwrap();
    let table = lab.ledger().await.unwrap();
    let (_, keys) = roles::assume(&lab.clients, name, statements).await.unwrap();
    lab.standin.hold(&keys.id, roles::actions(statements, ""));
    let policy = "{version: 1, defaults: {mode: enforce, max_class: R2}}".to_owned();
    let settings = Settings { keys, policy: Some(policy), ledger: Some(table), ..lab.settings() };
    let function = Host::start("instance", &settings).await.unwrap();
    (lab, function)
}

/// Every result that is reported of violations and of undetermined verdicts.
fn results(answers: &[Answer]) -> Vec<String> {
    let outcomes = answers.iter().flat_map(|answer| match answer {
        Answer::Report(report) => report["outcomes"].as_array().cloned().unwrap_or_default(),
        Answer::Error { .. } => vec![json!({"verdict": "error", "result": "error"})],
    });
    let reported = outcomes.filter(|outcome| outcome["verdict"] != "compliant");
    reported.map(|outcome| outcome["result"].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn the_instance_function_needs_all_that_it_has() {
    let topic = "arn:aws:sns:us-east-1:123456789012:*";
    let whole = roles::on_everything(&roles::statements("instance", topic).unwrap());
    let whole = &whole;
    in_worlds([true, false], |has_own_key, world| async move {
        let (lab, mut function) = placed(&world, &format!("instance-whole-{has_own_key}"), whole).await;
        let answers = work(&lab, &mut function, has_own_key).await;
        assert_eq!(results(&answers), ["remediated"; 5], "{answers:#?}");
    })
    .await;
    let actions: BTreeSet<String> = roles::actions(whole, "Family");
    in_worlds(actions.iter().enumerate(), |(at, action), world| async move {
        let statements = roles::without(whole, action);
        let (lab, mut function) = placed(&world, &format!("instance-{at}"), &statements).await;
        let answers = work(&lab, &mut function, action != "ec2:ResetEbsDefaultKmsKeyId").await;
        let text = format!("{answers:?}");
        assert!(text.contains(&format!("lacks `{action}`")), "no answer says that `{action}` is missing: {answers:#?}");
        // Which volumes were made in the clear is reported beside what was closed.
        let is_aside = action == "ec2:DescribeVolumes";
        let is_all_done = results(&answers).iter().all(|result| result == "remediated");
        assert_eq!(is_all_done, is_aside, "without `{action}`: {answers:#?}");
    })
    .await;
}
