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

#[tokio::test]
async fn the_last_version_that_is_left_grants_nothing_of_it() {
    let lab = WORLD.lab("last-version").await.unwrap();
    let iam = &lab.clients.iam;
    let call = iam.create_policy().policy_name("dev").policy_document(allow(&json!("s3:GetObject")));
    let arn = call.send().await.unwrap().policy.unwrap().arn.unwrap();
    let all = allow(&json!("*"));
    let call = iam.create_policy_version().policy_arn(&arn).policy_document(&all).set_as_default(true);
    let version = call.send().await.unwrap().policy_version.unwrap().version_id.unwrap();
    iam.delete_policy_version().policy_arn(&arn).version_id("v1").send().await.unwrap();
    let mut function = lab.function("iam-policy", None).await.unwrap();
    let request = json!({"policyArn": arn, "policyDocument": all, "setAsDefault": true});
    let made = json!({"policyVersion": {"versionId": version, "isDefaultVersion": true}});
    let answer = function.send(&record(IAM, "CreatePolicyVersion", request, made)).await.unwrap();
    assert_eq!(answer.result("managed-policy-grants-admin").unwrap(), "remediated", "{answer:?}");
    let default = iam.get_policy().policy_arn(&arn).send().await.unwrap().policy.unwrap().default_version_id.unwrap();
    let read = iam.get_policy_version().policy_arn(&arn).version_id(&default).send().await.unwrap();
    let document = tests::view::decoded(read.policy_version.unwrap().document.as_deref().unwrap());
    assert!(
        default != version && !document.contains("\"*\",\"Effect\"") && document.contains("GetCallerIdentity"),
        "{document}"
    );
}
