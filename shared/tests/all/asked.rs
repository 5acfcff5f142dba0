//! Services that are called by signed requests: what a family asks of them is what its permissions allow, and each permission is for a request.

use shared::engine::family::{Family, permissions, permissions_to_undo};
use shared::engine::request::{Api, Asks, Request};
use std::collections::BTreeSet;

/// Operations whose permission has another name (Service Authorization Reference).
const NAMED_OTHERWISE: &[(&str, &str)] = &[
    ("monitoring:DescribeAlarms", "cloudwatch:DescribeAlarms"),
    ("monitoring:DisableAlarmActions", "cloudwatch:DisableAlarmActions"),
    ("monitoring:EnableAlarmActions", "cloudwatch:EnableAlarmActions"),
];

/// Permissions that no request of the family's own names: another service asks for them on the way.
const BESIDE: &[(&str, &str)] = &[
    ("bedrock-invocation-logging", "iam:PassRole"),
    ("config-recorder", "iam:PassRole"),
    ("guardduty-threat-ip-list", "iam:DeleteRolePolicy"),
    ("guardduty-threat-ip-list", "iam:PutRolePolicy"),
    ("guardduty-trusted-ip-list", "iam:DeleteRolePolicy"),
    ("guardduty-trusted-ip-list", "iam:PutRolePolicy"),
    ("organization-policy", "organizations:TagResource"),
    ("trail", "cloudtrail:AddTags"),
    ("trail", "iam:PassRole"),
    ("web-acl-logging", "logs:CreateLogDelivery"),
    ("web-acl-logging", "logs:DescribeLogGroups"),
    ("web-acl-logging", "logs:DescribeResourcePolicies"),
    ("web-acl-logging", "s3:GetBucketPolicy"),
];

/// Whether one of AWS's services asks for it on the way, and the family never does.
pub fn is_beside(kind: &str, action: &str) -> bool {
    // Each service whose resources a web ACL protects asks for a permission of its own, and AWS WAF for one to read the web ACL.
    let is_of_protected =
        kind == "web-acl-association" && (!action.starts_with("wafv2:") || action == "wafv2:GetWebACL");
    is_of_protected || BESIDE.contains(&(kind, action))
}

fn permission(api: &Api, request: &Request) -> String {
    let plain = format!("{}:{}", api.signed_as, request.operation);
    let other = NAMED_OTHERWISE.iter().find(|(operation, _)| *operation == plain);
    other.map_or(plain, |(_, permission)| (*permission).to_owned())
}

fn compared<F: Family + Asks>(family: &F) -> Vec<String> {
    let asked: BTreeSet<String> = F::asks().iter().map(|(api, request)| permission(api, request)).collect();
    let held = permissions(family).into_iter().chain(permissions_to_undo(family));
    let held: BTreeSet<String> = held.map(|permission| permission.action.to_owned()).collect();
    let missing = asked.difference(&held).map(|action| format!("{} asks for {action} and may not", family.kind()));
    let idle = held.difference(&asked).filter(|action| !is_beside(family.kind(), action));
    missing.chain(idle.map(|action| format!("{} may {action} and never asks", family.kind()))).collect()
}

/// The families that the registry serves with the client of signed requests.
macro_rules! each {
    ([] $($function:literal { $($service:ident::$family:ident => $client:ident,)+ })+) => {{
        let mut wrong = Vec::new();
        let mut families = 0;
        $($(each!(wrong, families, $client, $service, $family);)+)+
        (wrong, families)
    }};
    ($wrong:ident, $families:ident, Signed, $service:ident, $family:ident) => {
        $wrong.extend(compared(&<shared::resources::$service::$family as Default>::default()));
        $families += 1;
    };
    ($wrong:ident, $families:ident, $other:ident, $service:ident, $family:ident) => {};
}

#[test]
fn a_family_may_what_it_asks_for_and_nothing_else() {
    let (wrong, families): (Vec<String>, usize) = shared::registry!(each![]);
    assert!(families > 0 && wrong.is_empty(), "{}", wrong.join("\n"));
}
