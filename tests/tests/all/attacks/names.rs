//! A name makes nothing what it is called: not a role AWS's own or a protected one, not a group all groups.

use super::{ADMINISTRATOR, IAM, WORLD, allow, record, stands};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use tests::host::{Host, Settings};
use tests::lab::{authorize, on_port};
use tests::moto::ACCOUNT;
use tests::records::{self, Caller};
use tests::view::View;

const ADMIN_PORT: &str = "security-group-admin-port-open";

/// Names of roles that are protected, or that AWS gives to roles of its own, under the path that everybody uses.
const PRETENDED: [&str; 5] = [
    "AWSControlTowerExecution",
    "OrganizationAccountAccessRole",
    "AWSServiceRoleForAmazonGuardDuty",
    "stacksets-exec-0123456789abcdef",
    "AWSReservedSSO_Administrator_0123456789abcdef",
];

/// Who may assume the role: people of the account.
fn people() -> String {
    let principal = json!({"AWS": format!("arn:aws:iam::{ACCOUNT}:root")});
    let statement = json!({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"});
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// The names are free where the service they belong to is not used: an attacker takes them.
#[tokio::test]
async fn a_role_that_an_attacker_makes_under_a_name_of_aws_s_or_a_protected_one_gains_nothing() {
    let lab = WORLD.lab("pretended").await.unwrap();
    let iam = &lab.clients.iam;
    let mut policies = lab.function("iam-policy", None).await.unwrap();
    let mut trusts = lab.function("iam-trust", None).await.unwrap();
    for role in PRETENDED {
        iam.create_role().role_name(role).assume_role_policy_document(people()).send().await.unwrap();
        iam.attach_role_policy().role_name(role).policy_arn(ADMINISTRATOR).send().await.unwrap();
        let request = json!({"roleName": role, "policyArn": ADMINISTRATOR});
        let answer = policies.send(&record(IAM, "AttachRolePolicy", request, Value::Null)).await.unwrap();
        assert_eq!(answer.result("attached-policy-grants-admin").unwrap(), "remediated", "{role}: {answer:?}");

        let all = allow(&json!("*"));
        iam.put_role_policy().role_name(role).policy_name("x").policy_document(&all).send().await.unwrap();
        let request = json!({"roleName": role, "policyName": "x", "policyDocument": all});
        let answer = policies.send(&record(IAM, "PutRolePolicy", request, Value::Null)).await.unwrap();
        assert_eq!(answer.result("inline-policy-grants-admin").unwrap(), "remediated", "{role}: {answer:?}");
        assert_eq!(stands(&lab, View::Holder(format!("role/{role}"))).await, Vec::<String>::new(), "{role}");

        let good = stands(&lab, View::Trust(role.to_owned())).await;
        let both = people().replace(
            &format!("\"arn:aws:iam::{ACCOUNT}:root\""),
            &format!("[\"arn:aws:iam::{ACCOUNT}:root\",\"arn:aws:iam::999988887777:root\"]"),
        );
        assert_ne!(both, people());
        iam.update_assume_role_policy().role_name(role).policy_document(&both).send().await.unwrap();
        let request = json!({"roleName": role, "policyDocument": both});
        let answer = trusts.send(&record(IAM, "UpdateAssumeRolePolicy", request, Value::Null)).await.unwrap();
        assert_eq!(answer.result("role-trust-open").unwrap(), "remediated", "{role}: {answer:?}");
        let left = stands(&lab, View::Trust(role.to_owned())).await;
        assert!(!left.concat().contains("999988887777"), "{role}: {left:?}, before {good:?}");
    }
}

/// In the account of the functions, the name of the members' role is anybody's.
#[tokio::test]
async fn a_role_named_like_the_members_is_a_stranger_in_the_hub() {
    let lab = WORLD.lab("hub-member").await.unwrap();
    let (own, members) = ("parapet-security-group", "parapet-member-security-group");
    let settings = Settings {
        own_role: Some(format!("arn:aws:iam::{ACCOUNT}:role/{own}")),
        more: BTreeMap::from([("PARAPET_ROLE_NAME", members.to_owned())]),
        ..lab.settings()
    };
    let mut function = Host::start("security-group", &settings).await.unwrap();
    let group = lab.group().await.unwrap();
    let closed = stands(&lab, View::Group(group.clone())).await;
    for role in [members, "x/parapet-member-security-group", "Parapet-Security-Group"] {
        let asked = [on_port(22, "0.0.0.0/0", "")];
        let made = authorize(&lab.clients, &group, &asked).await.unwrap();
        let event = records::authorized(&Caller::session(role, "s"), &group, &asked, &made);
        let answer = function.send(&event).await.unwrap();
        assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "{role}: {answer:?}");
        assert_eq!(stands(&lab, View::Group(group.clone())).await, closed, "{role}");
    }
}

/// SSH opened for everybody in a group of this name, by a record that has the name alone.
fn opened_by_name(name: &str) -> Value {
    let asked = [on_port(22, "0.0.0.0/0", "")];
    let mut event = records::authorized_without_ids(&Caller::user("mallory"), "sg-0", &asked);
    let request = event["detail"]["requestParameters"].as_object_mut().unwrap();
    request.remove("groupId");
    request.insert("groupName".to_owned(), name.into());
    event["detail"]["responseElements"] =
        json!({"omitted": true, "originalSize": 140_000, "reasonCode": "ABOVE_MAXIMUM_SIZE"});
    event
}

/// Groups may be called `*`, or with a pattern's characters in the midst.
#[tokio::test]
async fn a_group_named_like_a_pattern_is_one_group() {
    let lab = WORLD.lab("star").await.unwrap();
    let ledger = lab.ledger().await.unwrap();
    let asked = [on_port(22, "0.0.0.0/0", "")];
    let settings = |mode: &str| Settings {
        ledger: Some(ledger.clone()),
        mode: Some(mode.to_owned()),
        more: BTreeMap::from([("PARAPET_REFRESH_SECONDS", "0".to_owned())]),
        ..lab.settings()
    };
    let other = lab.group().await.unwrap();
    let bystander = stands(&lab, View::Group(other.clone())).await;
    let made = authorize(&lab.clients, &other, &asked).await.unwrap();
    let opened = records::authorized(&Caller::user("mallory"), &other, &asked, &made);
    let open = stands(&lab, View::Group(other.clone())).await;
    let mut function = Host::start("security-group", &settings("enforce")).await.unwrap();
    let mut groups = BTreeMap::new();
    for name in ["*", "st*", "*r"] {
        let call = lab.clients.ec2.create_security_group().group_name(name).description("of a test");
        let group = call.send().await.unwrap().group_id.unwrap();
        let closed = stands(&lab, View::Group(group.clone())).await;
        authorize(&lab.clients, &group, &asked).await.unwrap();
        let answer = function.send(&opened_by_name(name)).await.unwrap();
        assert_eq!(answer.result(ADMIN_PORT).unwrap(), "remediated", "{name}: {answer:?}");
        assert_eq!(stands(&lab, View::Group(group.clone())).await, closed, "{name}");
        assert_eq!(stands(&lab, View::Group(other.clone())).await, open, "{name}: no other group is touched");
        groups.insert(name, group);
    }

    // An exemption of what was found about the group called `*` is about that group.
    authorize(&lab.clients, &groups["*"], &asked).await.unwrap();
    let event = opened_by_name("*");
    let notified = Host::start("security-group", &settings("notify")).await.unwrap().send(&event).await.unwrap();
    let finding = notified.outcome(ADMIN_PORT).unwrap()["finding_id"].clone();
    let mut operate = Host::start("operate", &settings("notify")).await.unwrap();
    let answer = operate.send(&json!({"action": "exempt", "finding_id": finding, "hours": 24})).await.unwrap();
    assert_eq!(answer.report().unwrap()["result"], "exempt", "{answer:?}");
    let mut function = Host::start("security-group", &settings("enforce")).await.unwrap();
    assert_eq!(function.send(&opened).await.unwrap().result(ADMIN_PORT).unwrap(), "remediated", "another group");
    assert_eq!(stands(&lab, View::Group(other)).await, bystander);
    assert_eq!(function.send(&event).await.unwrap().result(ADMIN_PORT).unwrap(), "exempt", "the one that is meant");
}
