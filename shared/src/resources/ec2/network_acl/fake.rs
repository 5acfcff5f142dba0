//! A network ACL. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::network_acl::NetworkAcls;
use shared::resources::ec2::network_acl::state::{AclAction, AclRef, AclRule, Entry, NetworkAcl};
use shared::resources::ec2::security_group::state::Direction;

impl Living for NetworkAcls {
    fn change(live: &mut Observed<NetworkAcl>, action: &AclAction) -> Result<(), ApplyError> {
        let Observed::Known(acl) = live else { return Err(not_there("InvalidNetworkAclID.NotFound")) };
        let named = action.entry();
        assert_eq!(named.acl, acl.id, "a call about another ACL");
        let at = acl.entries.iter().position(|it| it.number == named.number && it.direction == named.direction);
        let entry = Entry {
            number: named.number,
            direction: named.direction,
            rule: named.rule,
            in_question: false,
            was: Observed::Unknown { why: "a read does not show it".to_owned() },
        };
        match (action, at) {
            (AclAction::Create(_), None) => acl.entries.push(entry),
            (AclAction::Create(_), Some(_)) => {
                let code = "NetworkAclEntryAlreadyExists".to_owned();
                return Err(ApplyError::Refused { code, message: String::new() });
            }
            (AclAction::Replace(_), Some(at)) => acl.entries[at] = entry,
            (AclAction::Delete(_), Some(at)) => drop(acl.entries.remove(at)),
            (AclAction::Replace(_) | AclAction::Delete(_), None) => {
                return Err(not_there("InvalidNetworkAclEntry.NotFound"));
            }
        }
        Ok(())
    }

    fn read(live: &Observed<NetworkAcl>, key: &AclRef) -> Observed<NetworkAcl> {
        if let Observed::Known(acl) = live {
            assert_eq!(acl.id, key.id, "a look at another ACL");
        }
        live.clone()
    }

    /// One element of `NetworkAcls` as `DescribeNetworkAcls` writes it.
    fn live(value: &Value) -> Observed<NetworkAcl> {
        let entry = |entry: &Value| {
            let cidr = entry["CidrBlock"].as_str().or(entry["Ipv6CidrBlock"].as_str()).unwrap();
            let pair = |key: &str, first: &str, second: &str| (entry[key][first].as_i64(), entry[key][second].as_i64());
            let rule = AclRule::read(
                entry["RuleAction"] == "allow",
                entry["Protocol"].as_str().unwrap(),
                pair("PortRange", "From", "To"),
                pair("IcmpTypeCode", "Type", "Code"),
                cidr.parse().unwrap(),
            );
            Entry {
                number: entry["RuleNumber"].as_i64().unwrap().try_into().unwrap(),
                direction: if entry["Egress"] == true { Direction::Egress } else { Direction::Ingress },
                rule: rule.unwrap(),
                in_question: true,
                was: Observed::Unknown { why: "a read does not show it".to_owned() },
            }
        };
        Observed::Known(NetworkAcl {
            id: value["NetworkAclId"].as_str().unwrap().to_owned(),
            owner: value["OwnerId"].as_str().map(str::to_owned),
            is_default: Observed::Known(value["IsDefault"] == true),
            entries: value["Entries"].as_array().unwrap().iter().map(entry).collect(),
            is_whole: true,
            has_event: false,
            gone: None,
            stack: None,
        })
    }

    fn lines(live: &Observed<NetworkAcl>) -> Vec<String> {
        live.known().map(|acl| acl.entries.iter().map(Entry::element).collect()).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        let rule = json!({"allows": true, "protocol": 6, "ports": [22, 22], "icmp": null, "net": "0.0.0.0/0"});
        let entry = json!({"acl": "acl-1", "number": 90, "direction": "ingress", "rule": rule});
        ["delete", "replace", "create"].map(|call| json!({ call: entry })).into()
    }
}
