//! The live lens over a file: a group as `DescribeSecurityGroups` answers it ("DescribeSecurityGroups", EC2 API reference).

use super::record::rules_of_api_permissions;
use super::state::{Direction, SecurityGroup};
use crate::engine::observed::Observed;
use crate::engine::unreadable::Unreadable;
use serde_json::Value;

/// One element of `SecurityGroups`, as the AWS command line prints it. All of its rules are in question.
///
/// # Errors
/// What cannot be read.
pub fn described(group: &Value) -> Result<SecurityGroup, Unreadable> {
    let id = group.get("GroupId").and_then(Value::as_str).ok_or("a group without `GroupId`")?;
    let rules = |key: &str, direction| match group.get(key) {
        Some(Value::Array(permissions)) => rules_of_api_permissions(permissions, direction),
        Some(_) | None => Err(format!("group `{id}` has no list `{key}`").into()),
    };
    let mut all = rules("IpPermissions", Direction::Ingress)?;
    all.extend(rules("IpPermissionsEgress", Direction::Egress)?);
    let why = || "the answer names the group by id only".to_owned();
    let name = group.get("GroupName").and_then(Value::as_str);
    let name = name.map_or_else(|| Observed::Unknown { why: why() }, |name| Observed::Known(name.to_owned()));
    Ok(SecurityGroup { id: id.to_owned(), name, rules: all, is_whole: true, stack: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_described_group_is_whole_and_all_of_it_in_question() {
        let group = described(&json!({
            "GroupId": "sg-1", "GroupName": "default",
            "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22,
                "IpRanges": [{"CidrIp": "0.0.0.0/0", "Description": "x"}], "Ipv6Ranges": [{"CidrIpv6": "::/0"}],
                "PrefixListIds": [], "UserIdGroupPairs": []}],
            "IpPermissionsEgress": [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}],
        }))
        .unwrap();
        let lines: Vec<_> = group.rules.iter().map(ToString::to_string).collect();
        let expected = ["ingress tcp 22 from 0.0.0.0/0", "ingress tcp 22 from ::/0", "egress all traffic to 0.0.0.0/0"];
        assert_eq!(lines, expected);
        assert!(group.is_whole && group.rules.iter().all(|rule| rule.in_question));
        assert_eq!(group.name, Observed::Known("default".to_owned()));
    }

    #[test]
    fn a_group_without_its_rules_is_refused() {
        assert_eq!(
            described(&json!({"GroupId": "sg-1"})).unwrap_err().to_string(),
            "group `sg-1` has no list `IpPermissions`"
        );
    }
}
