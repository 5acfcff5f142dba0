//! A network ACL: entries that are written over by their number.

use crate::invariants::account::Writer;
use crate::invariants::random::Random;
use crate::invariants::sets::record;
use crate::invariants::story::{Change, Stale, Story};
use crate::world::Living;
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::resources::ec2::network_acl::NetworkAcls;
use shared::resources::ec2::network_acl::state::{AclRef, NetworkAcl};

const ID: &str = "acl-0a1b2c3d4e5f60718";
const NUMBERS: &[i64] = &[90, 110, 120];
/// What an entry allows: a port, from a network.
type Rule = (i64, &'static str);
const FORBIDDEN: &[Rule] = &[(22, "0.0.0.0/0"), (3389, "0.0.0.0/0")];
const ALLOWED: &[Rule] = &[(443, "0.0.0.0/0"), (22, "10.0.0.0/8"), (80, "0.0.0.0/0")];

type Slot = (i64, Rule);

fn acl(slots: &[Slot]) -> Observed<NetworkAcl> {
    let entry = |(number, (port, cidr)): &Slot| {
        json!({"RuleNumber": number, "RuleAction": "allow", "Protocol": "6", "Egress": false, "CidrBlock": cidr,
               "PortRange": {"From": port, "To": port}})
    };
    let entries: Vec<Value> = slots.iter().map(entry).collect();
    NetworkAcls::live(&json!({"NetworkAclId": ID, "OwnerId": "111122223333", "IsDefault": false, "Entries": entries}))
}

fn element(slot: &Slot) -> String {
    NetworkAcls::lines(&acl(std::slice::from_ref(slot))).remove(0)
}

fn slots(state: &Observed<NetworkAcl>) -> Vec<Slot> {
    let entries = state.known().map(|acl| acl.entries.as_slice()).unwrap_or_default();
    let rule = |entry: &shared::resources::ec2::network_acl::state::Entry| {
        let port = i64::from(entry.rule.ports?.0);
        let cidr = entry.rule.net.to_string();
        FORBIDDEN.iter().chain(ALLOWED).find(|rule| rule.0 == port && rule.1 == cidr).copied()
    };
    entries.iter().map(|entry| (i64::from(entry.number), rule(entry).unwrap())).collect()
}

impl Story for NetworkAcls {
    const GUARDRAIL: &'static str = "network-acl-admin-port-open";
    const STALE: Stale = Stale::Unnoticed;
    /// What an entry replaced is not always known: then nothing is planned, and it is reported.
    const CLOSES_ALL: bool = false;

    fn start(random: &mut Random) -> Observed<NetworkAcl> {
        let numbers: Vec<i64> = NUMBERS.iter().filter(|_| random.chance(50)).copied().collect();
        acl(&numbers.into_iter().map(|number| (number, *random.pick(ALLOWED))).collect::<Vec<_>>())
    }

    fn change_by(by: Writer, random: &mut Random, state: &Observed<NetworkAcl>) -> Option<Change<NetworkAcl>> {
        let mut slots = slots(state);
        let number = *random.pick(NUMBERS);
        let standing = slots.iter().find(|slot| slot.0 == number).map(|slot| slot.1);
        let rule = *random.pick(if by == Writer::Owner { ALLOWED } else { FORBIDDEN });
        let name = match (by, standing) {
            (Writer::Owner, Some(_)) if random.chance(40) => "DeleteNetworkAclEntry",
            (_, Some(standing)) if standing == rule => return None,
            (_, Some(_)) => "ReplaceNetworkAclEntry",
            (_, None) => "CreateNetworkAclEntry",
        };
        slots.retain(|slot| slot.0 != number);
        let request = if name.starts_with("Delete") {
            json!({"networkAclId": ID, "ruleNumber": number, "egress": false})
        } else {
            slots.push((number, rule));
            json!({"networkAclId": ID, "ruleNumber": number, "egress": false, "ruleAction": "allow", "aclProtocol": "6",
                   "cidrBlock": rule.1, "portRange": {"from": rule.0, "to": rule.0}, "icmpTypeCode": {}})
        };
        Some(Change {
            says: format!("{name} {number} {rule:?}"),
            state: acl(&slots),
            record: Some(record("ec2", name, request, json!({"_return": true}))),
            made: if by == Writer::Owner { Vec::new() } else { vec![element(&(number, rule))] },
        })
    }

    fn open(state: &Observed<NetworkAcl>) -> Vec<String> {
        slots(state).iter().filter(|(_, rule)| FORBIDDEN.contains(rule)).map(element).collect()
    }

    fn allows(state: &Observed<NetworkAcl>) -> Vec<String> {
        Self::lines(state)
    }

    fn key() -> AclRef {
        let kept = Observed::Unknown { why: "nothing was asked yet".to_owned() };
        AclRef { id: ID.to_owned(), change: None, is_joined: false, kept }
    }
}
