//! Who is not found under a name is looked for under the one that it has now.

use super::{ADMINISTRATOR, IAM, WORLD, allow, record, remembering, stands, user};
use serde_json::{Value, json};
use tests::databases::{self, Subject};
use tests::host::Host;
use tests::lab::Lab;
use tests::view::View;

/// Grants everything to a user, then gives the user another name before any function has looked: what was recorded, in order.
async fn grant_and_rename(lab: &Lab, from: &str, to: &str) -> [Value; 4] {
    let iam = &lab.clients.iam;
    user(lab, from).await;
    let all = allow(&json!("*"));
    iam.put_user_policy().user_name(from).policy_name("x").policy_document(&all).send().await.unwrap();
    iam.attach_user_policy().user_name(from).policy_arn(ADMINISTRATOR).send().await.unwrap();
    let key = iam.create_access_key().user_name(from).send().await.unwrap().access_key.unwrap().access_key_id;
    iam.update_user().user_name(from).new_user_name(to).send().await.unwrap();
    let made = json!({"accessKey": {"userName": from, "accessKeyId": key, "status": "Active"}});
    [
        record(IAM, "PutUserPolicy", json!({"userName": from, "policyName": "x", "policyDocument": all}), Value::Null),
        record(IAM, "AttachUserPolicy", json!({"userName": from, "policyArn": ADMINISTRATOR}), Value::Null),
        record(IAM, "CreateAccessKey", json!({"userName": from}), made),
        record(IAM, "UpdateUser", json!({"userName": from, "newUserName": to}), Value::Null),
    ]
}

async fn hand(functions: &mut [Host], event: &Value) {
    for function in functions {
        function.send(event).await.unwrap();
    }
}

async fn is_closed(lab: &Lab, user: &str) {
    let held = stands(lab, View::Holder(format!("user/{user}"))).await;
    assert_eq!(held, Vec::<String>::new());
    let keys = stands(lab, View::Keys(user.to_owned())).await;
    assert!(keys.len() == 1 && keys[0].ends_with("inactive"), "{keys:?}");
}

/// The grants come first, and find no principal of that name.
#[tokio::test]
async fn a_user_that_is_renamed_keeps_nothing() {
    let lab = WORLD.lab("renamed").await.unwrap();
    let ledger = lab.ledger().await.unwrap();
    let mut functions = [remembering(&lab, "iam-policy", &ledger).await, remembering(&lab, "iam-user", &ledger).await];
    for event in grant_and_rename(&lab, "rob", "bob").await {
        hand(&mut functions, &event).await;
    }
    is_closed(&lab, "bob").await;
}

/// Events come in any order: the rename is known before what it hides.
#[tokio::test]
async fn a_rename_that_is_known_first_hides_nothing() {
    let lab = WORLD.lab("renamed-first").await.unwrap();
    let ledger = lab.ledger().await.unwrap();
    let mut functions = [remembering(&lab, "iam-policy", &ledger).await, remembering(&lab, "iam-user", &ledger).await];
    let [put, attach, key, rename] = grant_and_rename(&lab, "rick", "dick").await;
    for event in [rename, attach, key, put] {
        hand(&mut functions, &event).await;
    }
    is_closed(&lab, "dick").await;
}

/// Without a ledger a process has its own notes.
#[tokio::test]
async fn a_process_without_a_ledger_follows_too() {
    let lab = WORLD.lab("renamed-no-ledger").await.unwrap();
    let mut functions =
        [lab.function("iam-policy", None).await.unwrap(), lab.function("iam-user", None).await.unwrap()];
    for event in grant_and_rename(&lab, "will", "bill").await {
        hand(&mut functions, &event).await;
    }
    is_closed(&lab, "bill").await;
}

/// An administrator that is renamed is notified, and stays one: nothing was given to it.
#[tokio::test]
async fn a_holder_from_before_keeps_it() {
    let lab = WORLD.lab("renamed-before").await.unwrap();
    user(&lab, "alice").await;
    let iam = &lab.clients.iam;
    iam.attach_user_policy().user_name("alice").policy_arn(ADMINISTRATOR).send().await.unwrap();
    iam.update_user().user_name("alice").new_user_name("alicia").send().await.unwrap();
    let mut function = lab.function("iam-policy", None).await.unwrap();
    let rename = record(IAM, "UpdateUser", json!({"userName": "alice", "newUserName": "alicia"}), Value::Null);
    let answer = function.send(&rename).await.unwrap();
    assert_eq!(answer.result("attached-policy-grants-admin").unwrap(), "notified", "{answer:?}");
    let held = stands(&lab, View::Holder("user/alicia".to_owned())).await;
    assert!(held.iter().any(|line| line.contains("AdministratorAccess")), "{held:?}");
}

/// A group is renamed as a user is; its members hold what it holds.
#[tokio::test]
async fn a_group_that_is_renamed_keeps_nothing() {
    for (order, from, to) in [([0, 1, 2], "crew", "staff"), ([2, 1, 0], "team", "squad")] {
        let lab = WORLD.lab(&format!("group-{from}")).await.unwrap();
        let ledger = lab.ledger().await.unwrap();
        let iam = &lab.clients.iam;
        let mut function = remembering(&lab, "iam-policy", &ledger).await;
        iam.create_group().group_name(from).send().await.unwrap();
        let all = allow(&json!("*"));
        iam.put_group_policy().group_name(from).policy_name("x").policy_document(&all).send().await.unwrap();
        iam.attach_group_policy().group_name(from).policy_arn(ADMINISTRATOR).send().await.unwrap();
        iam.update_group().group_name(from).new_group_name(to).send().await.unwrap();
        let put = json!({"groupName": from, "policyName": "x", "policyDocument": all});
        let events = [
            record(IAM, "PutGroupPolicy", put, Value::Null),
            record(IAM, "AttachGroupPolicy", json!({"groupName": from, "policyArn": ADMINISTRATOR}), Value::Null),
            record(IAM, "UpdateGroup", json!({"groupName": from, "newGroupName": to}), Value::Null),
        ];
        for at in order {
            function.send(&events[at]).await.unwrap();
        }
        assert_eq!(stands(&lab, View::Holder(format!("group/{to}"))).await, Vec::<String>::new(), "{order:?}");
    }
}

/// A database is made public and renamed before any function has looked.
#[tokio::test]
async fn a_database_that_is_renamed_is_private_again() {
    for (is_first, from, to) in [(false, "orders-old", "orders-new"), (true, "bills-old", "bills-new")] {
        let lab = WORLD.lab(from).await.unwrap();
        let subject = databases::instance(&lab.clients, from).await.unwrap();
        let closed = subject.lines(&lab.clients).await.unwrap();
        let opened = databases::modify(&lab.clients, from, Some(true), None).await.unwrap();
        let rds = aws_sdk_rds::Client::new(&lab.clients.config);
        let call = rds.modify_db_instance().db_instance_identifier(from).new_db_instance_identifier(to);
        call.apply_immediately(true).send().await.unwrap();
        let request = json!({"dBInstanceIdentifier": from, "newDBInstanceIdentifier": to, "applyImmediately": true});
        let response = json!({"dBInstanceIdentifier": from, "dBInstanceStatus": "available", "engine": "postgres",
            "publiclyAccessible": true, "pendingModifiedValues": {"dBInstanceIdentifier": to}});
        let renamed = record(databases::RDS, "ModifyDBInstance", request, response);
        let policy = "{version: 1, defaults: {mode: enforce, max_class: R2}}";
        let mut function = lab.function("database", Some(policy)).await.unwrap();
        for event in if is_first { [&renamed, &opened] } else { [&opened, &renamed] } {
            function.send(event).await.unwrap();
        }
        assert_eq!(Subject::Instance(to.to_owned()).lines(&lab.clients).await.unwrap(), closed, "{to}");
    }
}
