//! The records that CloudTrail would deliver, from real calls and their real answers.
//!
//! moto makes no CloudTrail events. Each function here takes what the SDK sent and what AWS answered and writes the record
//! in the shape that real logs show ("Record shapes" in `tests/README.md`), inside EventBridge's envelope.

use crate::moto::{ACCOUNT, REGION};
use aws_sdk_ec2::types::{IpPermission, SecurityGroupRule};
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

/// Who calls, as `userIdentity` shows it.
#[derive(Clone, Debug)]
pub struct Caller {
    identity: Value,
    agent: &'static str,
}

impl Caller {
    /// An IAM user, with no session context at all.
    #[must_use]
    pub fn user(name: &str) -> Self {
        let identity = json!({
            "type": "IAMUser", "principalId": "AIDAEXAMPLEEXAMPLE00", "accountId": ACCOUNT, "userName": name,
            "arn": format!("arn:aws:iam::{ACCOUNT}:user/{name}"), "accessKeyId": "AKIAEXAMPLEEXAMPLE00",
        });
        Self { identity, agent: "aws-cli/2.31.6 md/awscrt#0.27.6 ua/2.1 os/linux" }
    }

    /// A session of a role.
    #[must_use]
    pub fn session(role: &str, name: &str) -> Self {
        Self::session_of(&format!("arn:aws:iam::{ACCOUNT}:role/{role}"), name)
    }

    /// A session of the role with this ARN.
    #[must_use]
    pub fn session_of(role_arn: &str, name: &str) -> Self {
        let role = role_arn.rsplit('/').next().unwrap_or_default();
        let identity = json!({
            "type": "AssumedRole", "principalId": format!("AROAEXAMPLEEXAMPLE00:{name}"), "accountId": ACCOUNT,
            "arn": format!("arn:aws:sts::{ACCOUNT}:assumed-role/{role}/{name}"), "accessKeyId": "ASIAEXAMPLEEXAMPLE00",
            "sessionContext": {
                "sessionIssuer": {"type": "Role", "principalId": "AROAEXAMPLEEXAMPLE00", "arn": role_arn,
                                  "accountId": ACCOUNT, "userName": role},
                "attributes": {"mfaAuthenticated": "false"},
            },
        });
        Self { identity, agent: "APN/1.0 HashiCorp/1.0 Terraform/1.13.3" }
    }

    /// AWS itself.
    #[must_use]
    pub fn aws() -> Self {
        Self { identity: json!({"type": "AWSService", "invokedBy": "AWS Internal"}), agent: "AWS Internal" }
    }

    /// The root user.
    #[must_use]
    pub fn root() -> Self {
        let identity = json!({
            "type": "Root", "principalId": ACCOUNT, "accountId": ACCOUNT, "arn": format!("arn:aws:iam::{ACCOUNT}:root"),
            "accessKeyId": "ASIAEXAMPLEROOT00000",
            "sessionContext": {"attributes": {"mfaAuthenticated": "true"}},
        });
        Self { identity, agent: "Mozilla/5.0" }
    }
}

/// Why AWS refused the call.
#[derive(Clone, Copy, Debug)]
pub struct Refusal<'a> {
    /// `errorCode`
    pub code: &'a str,
    /// `errorMessage`
    pub message: &'a str,
}

/// The envelope that EventBridge delivers around a record.
#[must_use]
pub fn envelope(record: Value) -> Value {
    let service = record["eventSource"].as_str().and_then(|source| source.split('.').next()).unwrap_or_default();
    let delivered_from = |key: &str| record[key].clone();
    let what = if record["eventType"] == "AwsConsoleSignIn" { "Console Sign In" } else { "API Call" };
    json!({
        "version": "0", "id": Uuid::new_v5(&Uuid::NAMESPACE_OID, record.to_string().as_bytes()),
        "detail-type": format!("AWS {what} via CloudTrail"), "source": format!("aws.{service}"),
        "account": delivered_from("recipientAccountId"), "time": delivered_from("eventTime"),
        "region": delivered_from("awsRegion"), "resources": [], "detail": record,
    })
}

/// The same event as if everything had happened in another account and region.
///
/// # Errors
/// Never: what was JSON stays it.
pub fn elsewhere(event: &Value, account: &str, region: &str) -> crate::Result<Value> {
    let mut event: Value = serde_json::from_str(&event.to_string().replace(ACCOUNT, account))?;
    event["region"] = region.into();
    event["detail"]["awsRegion"] = region.into();
    Ok(event)
}

/// One record in its envelope, with an event id of its own.
#[must_use]
pub fn event(caller: &Caller, source: &str, name: &str, request: Value, response: Value) -> Value {
    envelope(record(caller, source, name, request, response, None))
}

/// The record of a call that AWS refused.
#[must_use]
pub fn refused(caller: &Caller, source: &str, name: &str, request: Value, refusal: Refusal<'_>) -> Value {
    envelope(record(caller, source, name, request, Value::Null, Some(refusal)))
}

fn record(
    caller: &Caller,
    source: &str,
    name: &str,
    request: Value,
    response: Value,
    refusal: Option<Refusal<'_>>,
) -> Value {
    let now = Timestamp::now();
    let mut record = json!({
        "eventVersion": "1.11", "userIdentity": caller.identity, "eventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "eventSource": source, "eventName": name, "awsRegion": REGION, "sourceIPAddress": "198.51.100.23",
        "userAgent": caller.agent, "requestParameters": request, "responseElements": response,
        "requestID": fresh_id(), "eventID": fresh_id(), "readOnly": false, "eventType": "AwsApiCall",
        "managementEvent": true, "recipientAccountId": ACCOUNT, "eventCategory": "Management",
    });
    if let (Some(refusal), Some(map)) = (refusal, record.as_object_mut()) {
        map.insert("errorCode".to_owned(), refusal.code.into());
        map.insert("errorMessage".to_owned(), refusal.message.into());
    }
    record
}

fn fresh_id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let seed = format!("{} {} {}", std::process::id(), Timestamp::now(), NEXT.fetch_add(1, Ordering::Relaxed));
    Uuid::new_v5(&Uuid::NAMESPACE_OID, seed.as_bytes()).to_string()
}

const EC2: &str = "ec2.amazonaws.com";
const IAM: &str = "iam.amazonaws.com";

/// `AuthorizeSecurityGroupIngress` (or `Egress`), in today's shape: `ipPermissions.items` and the rules with their ids.
#[must_use]
pub fn authorized(caller: &Caller, group: &str, asked: &[IpPermission], made: &[SecurityGroupRule]) -> Value {
    let is_egress = made.iter().any(|rule| rule.is_egress().unwrap_or_default());
    let direction = if is_egress { "Egress" } else { "Ingress" };
    let request =
        json!({"groupId": group, "ipPermissions": {"items": asked.iter().map(permission).collect::<Vec<_>>()}});
    let rules: Vec<Value> = made.iter().map(|rule| item(group, rule)).collect();
    let response = json!({"requestId": fresh_id(), "_return": true, "securityGroupRuleSet": {"items": rules}});
    event(caller, EC2, &format!("AuthorizeSecurityGroup{direction}"), request, response)
}

/// The same in the shape of records from before 2021: no rules in the response.
#[must_use]
pub fn authorized_without_ids(caller: &Caller, group: &str, asked: &[IpPermission]) -> Value {
    let request =
        json!({"groupId": group, "ipPermissions": {"items": asked.iter().map(permission).collect::<Vec<_>>()}});
    event(caller, EC2, "AuthorizeSecurityGroupIngress", request, json!({"_return": true}))
}

/// The same, refused.
#[must_use]
pub fn not_authorized(caller: &Caller, group: &str, asked: &[IpPermission], refusal: Refusal<'_>) -> Value {
    let request =
        json!({"groupId": group, "ipPermissions": {"items": asked.iter().map(permission).collect::<Vec<_>>()}});
    refused(caller, EC2, "AuthorizeSecurityGroupIngress", request, refusal)
}

/// `ModifySecurityGroupRules` of one rule: an object, in capital letters.
#[must_use]
pub fn modified(caller: &Caller, group: &str, rule_id: &str, cidr: &str, port: i32) -> Value {
    let content = json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "CidrIpv4": cidr});
    let rule = json!({"tag": 1, "SecurityGroupRuleId": rule_id, "SecurityGroupRule": content});
    let request = json!({"ModifySecurityGroupRulesRequest": {"GroupId": group, "SecurityGroupRule": rule}});
    let response = json!({"ModifySecurityGroupRulesResponse": {"requestId": fresh_id(), "return": true}});
    event(caller, EC2, "ModifySecurityGroupRules", request, response)
}

/// `CreateVpc`.
#[must_use]
pub fn created_vpc(caller: &Caller, vpc: &str, cidr: &str) -> Value {
    let request = json!({"cidrBlock": cidr, "instanceTenancy": "default"});
    let vpc = json!({"vpcId": vpc, "state": "pending", "ownerId": ACCOUNT, "cidrBlock": cidr, "isDefault": false});
    event(caller, EC2, "CreateVpc", request, json!({"requestId": fresh_id(), "vpc": vpc}))
}

/// `CreateAccessKey`; `asked` is the user that the request names, if it names one.
#[must_use]
pub fn created_key(caller: &Caller, asked: Option<&str>, user: &str, key: &str) -> Value {
    let request = asked.map_or(Value::Null, |user| json!({"userName": user}));
    let key = json!({"accessKeyId": key, "status": "Active", "userName": user, "createDate": "Mar 2, 2026 9:14:07 AM"});
    event(caller, IAM, "CreateAccessKey", request, json!({"accessKey": key}))
}

/// `ModifySnapshotAttribute` that adds these permissions, such as `{"group": "all"}`.
#[must_use]
pub fn shared_snapshot(caller: &Caller, id: &str, added: &Value) -> Value {
    let change = json!({"add": {"items": added}});
    let request =
        json!({"snapshotId": id, "createVolumePermission": change, "attributeType": "CREATE_VOLUME_PERMISSION"});
    event(caller, EC2, "ModifySnapshotAttribute", request, json!({"requestId": fresh_id(), "_return": true}))
}

/// `ModifyImageAttribute` that adds these permissions, such as `{"userId": "…"}`.
#[must_use]
pub fn shared_image(caller: &Caller, id: &str, added: &Value) -> Value {
    let change = json!({"add": {"items": added}});
    let request = json!({"imageId": id, "launchPermission": change, "attributeType": "launchPermission"});
    event(caller, EC2, "ModifyImageAttribute", request, json!({"requestId": fresh_id(), "_return": true}))
}

fn permission(permission: &IpPermission) -> Value {
    let list = |key: &str, sources: Vec<(Option<&str>, Option<&str>)>| {
        let items: Vec<Value> = sources
            .into_iter()
            .map(|(source, description)| match description {
                Some(text) => json!({key: source, "description": text}),
                None => json!({key: source}),
            })
            .collect();
        if items.is_empty() { json!({}) } else { json!({"items": items}) }
    };
    let mut wire = json!({
        "ipProtocol": permission.ip_protocol(),
        "groups": list("groupId", permission.user_id_group_pairs().iter().map(|g| (g.group_id(), g.description())).collect()),
        "ipRanges": list("cidrIp", permission.ip_ranges().iter().map(|r| (r.cidr_ip(), r.description())).collect()),
        "ipv6Ranges": list("cidrIpv6", permission.ipv6_ranges().iter().map(|r| (r.cidr_ipv6(), r.description())).collect()),
        "prefixListIds":
            list("prefixListId", permission.prefix_list_ids().iter().map(|p| (p.prefix_list_id(), p.description())).collect()),
    });
    for (key, port) in [("fromPort", permission.from_port()), ("toPort", permission.to_port())] {
        if let (Some(port), Some(map)) = (port, wire.as_object_mut()) {
            map.insert(key.to_owned(), port.into());
        }
    }
    wire
}

fn item(group: &str, rule: &SecurityGroupRule) -> Value {
    let mut item = json!({
        "groupOwnerId": ACCOUNT, "groupId": group, "securityGroupRuleId": rule.security_group_rule_id(),
        "isEgress": rule.is_egress().unwrap_or_default(), "ipProtocol": rule.ip_protocol(),
        "fromPort": rule.from_port().unwrap_or(-1), "toPort": rule.to_port().unwrap_or(-1),
    });
    let optional = [
        ("cidrIpv4", rule.cidr_ipv4()),
        ("cidrIpv6", rule.cidr_ipv6()),
        ("prefixListId", rule.prefix_list_id()),
        ("referencedGroupId", rule.referenced_group_info().and_then(|info| info.group_id())),
        ("description", rule.description().filter(|text| !text.is_empty())),
    ];
    for (key, value) in optional {
        if let (Some(value), Some(map)) = (value, item.as_object_mut()) {
            map.insert(key.to_owned(), value.into());
        }
    }
    item
}
