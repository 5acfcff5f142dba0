//! The same opening by a call that is not the obvious one.

use super::{IAM, WORLD, allow, record, remembering, stands};
use aws_sdk_ec2::types::{
    AddPrefixListEntry, IpPermission, PortRange, PrefixListId, RemovePrefixListEntry, RuleAction,
};
use serde_json::{Value, json};
use tests::lab::Lab;
use tests::view::View;

const EC2: &str = "ec2.amazonaws.com";

/// Makes an ingress entry for SSH of everybody, or against it; its event.
async fn entry(lab: &Lab, acl: &str, number: i32, says: RuleAction) -> Value {
    let call = lab.clients.ec2.create_network_acl_entry().network_acl_id(acl).egress(false).rule_number(number);
    let ports = PortRange::builder().from(22).to(22).build();
    let call = call.protocol("6").port_range(ports).cidr_block("0.0.0.0/0").rule_action(says.clone());
    call.send().await.unwrap();
    let request = json!({"networkAclId": acl, "ruleNumber": number, "egress": false, "ruleAction": says.as_str(),
        "aclProtocol": "6", "portRange": {"from": 22, "to": 22}, "icmpTypeCode": {}, "cidrBlock": "0.0.0.0/0"});
    record(EC2, "CreateNetworkAclEntry", request, json!({"_return": true}))
}

#[tokio::test]
async fn a_denial_that_is_deleted_comes_back() {
    let lab = WORLD.lab("acl-denial").await.unwrap();
    let ledger = lab.ledger().await.unwrap();
    let vpc = lab.vpc().await.unwrap();
    let made = lab.clients.ec2.create_network_acl().vpc_id(vpc).send().await.unwrap();
    let acl = made.network_acl.unwrap().network_acl_id.unwrap();
    let mut function = remembering(&lab, "network", &ledger).await;
    for (number, says) in [(100, RuleAction::Deny), (200, RuleAction::Allow)] {
        let event = entry(&lab, &acl, number, says).await;
        function.send(&event).await.unwrap();
    }
    let good = stands(&lab, View::Acl(acl.clone())).await;

    let call = lab.clients.ec2.delete_network_acl_entry().network_acl_id(&acl).rule_number(100).egress(false);
    call.send().await.unwrap();
    let request = json!({"networkAclId": acl, "ruleNumber": 100, "egress": false});
    let event = record(EC2, "DeleteNetworkAclEntry", request, json!({"_return": true}));
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("network-acl-admin-port-open").unwrap(), "remediated", "{answer:?}");
    assert_eq!(stands(&lab, View::Acl(acl)).await, good);
}

#[tokio::test]
async fn a_rule_is_judged_by_what_its_prefix_list_says_now() {
    let lab = WORLD.lab("prefix-list").await.unwrap();
    let ec2 = &lab.clients.ec2;
    let group = lab.group().await.unwrap();
    let office = AddPrefixListEntry::builder().cidr("198.51.100.0/24").build();
    let call = ec2.create_managed_prefix_list().prefix_list_name("offices").address_family("IPv4").max_entries(5);
    let list = call.entries(office).send().await.unwrap().prefix_list.unwrap().prefix_list_id.unwrap();
    let closed = stands(&lab, View::Group(group.clone())).await;
    let named = PrefixListId::builder().prefix_list_id(&list).build();
    let rule = IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22).prefix_list_ids(named).build();
    ec2.authorize_security_group_ingress().group_id(&group).ip_permissions(rule).send().await.unwrap();
    let mut function = lab.function("security-group", None).await.unwrap();

    let changed = async |add: &str, remove: Option<&str>| {
        let entry = AddPrefixListEntry::builder().cidr(add).build();
        let call =
            ec2.modify_managed_prefix_list().prefix_list_id(&list).prefix_list_name("offices").add_entries(entry);
        let remove = remove.map(|cidr| RemovePrefixListEntry::builder().cidr(cidr).build());
        call.set_remove_entries(remove.map(|entry| vec![entry])).send().await.unwrap();
        let request =
            json!({"ModifyManagedPrefixListRequest": {"PrefixListId": list, "AddEntry": {"Cidr": add, "tag": 1}}});
        record(EC2, "ModifyManagedPrefixList", request, Value::Null)
    };
    let open = stands(&lab, View::Group(group.clone())).await;
    let event = changed("203.0.113.0/24", None).await;
    function.send(&event).await.unwrap();
    assert_eq!(stands(&lab, View::Group(group.clone())).await, open, "another office");
    let event = changed("0.0.0.0/0", Some("198.51.100.0/24")).await;
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("security-group-admin-port-open").unwrap(), "remediated", "{answer:?}");
    assert_eq!(stands(&lab, View::Group(group)).await, closed);
}

/// A policy of the account's own that a version was made of.
async fn policy_with(lab: &Lab, name: &str, documents: &[&str]) -> String {
    let iam = &lab.clients.iam;
    let call = iam.create_policy().policy_name(name).policy_document(documents[0]);
    let arn = call.send().await.unwrap().policy.unwrap().arn.unwrap();
    for document in &documents[1..] {
        iam.create_policy_version().policy_arn(&arn).policy_document(*document).send().await.unwrap();
    }
    arn
}

/// What its default version says, and which that is.
async fn default_of(lab: &Lab, arn: &str) -> (String, String) {
    let iam = &lab.clients.iam;
    let default = iam.get_policy().policy_arn(arn).send().await.unwrap().policy.unwrap().default_version_id.unwrap();
    let read = iam.get_policy_version().policy_arn(arn).version_id(&default).send().await.unwrap();
    (default, tests::view::decoded(read.policy_version.unwrap().document.as_deref().unwrap()))
}

async fn made_default(lab: &Lab, arn: &str, document: &str) -> Value {
    let call = lab.clients.iam.create_policy_version().policy_arn(arn).policy_document(document).set_as_default(true);
    let version = call.send().await.unwrap().policy_version.unwrap().version_id.unwrap();
    let request = json!({"policyArn": arn, "policyDocument": document, "setAsDefault": true});
    record(
        IAM,
        "CreatePolicyVersion",
        request,
        json!({"policyVersion": {"versionId": version, "isDefaultVersion": true}}),
    )
}

async fn chosen(lab: &Lab, arn: &str, version: &str) -> Value {
    lab.clients.iam.set_default_policy_version().policy_arn(arn).version_id(version).send().await.unwrap();
    record(IAM, "SetDefaultPolicyVersion", json!({"policyArn": arn, "versionId": version}), Value::Null)
}

async fn deleted(lab: &Lab, arn: &str, version: &str) {
    lab.clients.iam.delete_policy_version().policy_arn(arn).version_id(version).send().await.unwrap();
}

/// However it came to hold, and whatever was deleted or laid ready beside it.
#[tokio::test]
async fn a_default_version_grants_nothing_of_it_whatever_is_left_to_go_back_to() {
    let lab = WORLD.lab("versions").await.unwrap();
    let (good, all) = (allow(&json!("s3:GetObject")), allow(&json!("*")));
    let way = allow(&json!("iam:PutUserPolicy"));
    let mut function = lab.function("iam-policy", None).await.unwrap();
    let mut closes = async |arn: &str, event: &Value, case: &str| {
        let answer = function.send(event).await.unwrap();
        assert_eq!(answer.result("managed-policy-grants-admin").unwrap(), "remediated", "{case}: {answer:?}");
        default_of(&lab, arn).await
    };

    let arn = policy_with(&lab, "made-alone", &[&good]).await;
    let event = made_default(&lab, &arn, &all).await;
    deleted(&lab, &arn, "v1").await;
    let (default, document) = closes(&arn, &event, "the one before was deleted").await;
    assert!(default == "v3" && document.contains("GetCallerIdentity"), "{default} {document}");

    let arn = policy_with(&lab, "chosen", &[&good, &all]).await;
    let event = chosen(&lab, &arn, "v2").await;
    assert_eq!(closes(&arn, &event, "an old one was chosen").await.0, "v1");

    let arn = policy_with(&lab, "chosen-alone", &[&good, &all]).await;
    let event = chosen(&lab, &arn, "v2").await;
    deleted(&lab, &arn, "v1").await;
    let (default, document) = closes(&arn, &event, "it was chosen, the others deleted").await;
    assert!(default == "v3" && document.contains("GetCallerIdentity"), "{default} {document}");

    let arn = policy_with(&lab, "laid-ready", &[&good, &way, &all]).await;
    let event = made_default(&lab, &arn, &all).await;
    assert_eq!(closes(&arn, &event, "two were laid ready").await.0, "v1", "neither of them");

    let arn = policy_with(&lab, "both-bad", &[&good, &all]).await;
    let event = made_default(&lab, &arn, &all).await;
    deleted(&lab, &arn, "v1").await;
    let (default, document) = closes(&arn, &event, "one was laid ready, the good one deleted").await;
    assert!(default == "v4" && document.contains("GetCallerIdentity"), "{default} {document}");

    // Five is the most that IAM keeps: the attacker fills them all, so that there is no room for a good one.
    let arn = policy_with(&lab, "five-bad", &[&all, &all, &all, &all]).await;
    let event = made_default(&lab, &arn, &all).await;
    let (default, document) = closes(&arn, &event, "all five were filled").await;
    assert!(default == "v6" && document.contains("GetCallerIdentity"), "{default} {document}");
}
