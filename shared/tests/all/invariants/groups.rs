//! A security group: each element is removed by its content.

use crate::invariants::account::Writer;
use crate::invariants::random::Random;
use crate::invariants::sets::{record, turn};
use crate::invariants::story::{Change, Story};
use crate::world::Living;
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::resources::ec2::security_group::SecurityGroups;
use shared::resources::ec2::security_group::state::{GroupRef, SecurityGroup};

const GROUP: &str = "sg-0a1b2c3d4e5f60718";
/// What policy forbids: administration ports open to the internet.
const FORBIDDEN: &[(i32, &str)] = &[(22, "0.0.0.0/0"), (3389, "0.0.0.0/0")];
/// What it allows.
const ALLOWED: &[(i32, &str)] = &[(22, "10.0.0.0/8"), (443, "0.0.0.0/0"), (22, "198.51.100.7/32"), (8443, "0.0.0.0/0")];

type Port = (i32, &'static str);

fn element((port, cidr): &Port) -> String {
    format!("ingress tcp {port} from {cidr}")
}

fn permission((port, cidr): &Port) -> Value {
    json!({"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "IpRanges": [{"CidrIp": cidr}]})
}

fn group(ports: &[Port]) -> Observed<SecurityGroup> {
    let permissions: Vec<Value> = ports.iter().map(permission).collect();
    SecurityGroups::live(&json!({"GroupId": GROUP, "GroupName": "web", "IpPermissions": permissions}))
}

fn ports(state: &Observed<SecurityGroup>) -> Vec<Port> {
    let standing = SecurityGroups::lines(state);
    FORBIDDEN.iter().chain(ALLOWED).filter(|port| standing.contains(&element(port))).copied().collect()
}

/// The record of a call on rules, as the API and its answer are written down.
fn call(random: &mut Random, name: &str, rules: &[Port]) -> Value {
    let asked: Vec<Value> = rules
        .iter()
        .map(|(port, cidr)| {
            json!({"ipProtocol": "tcp", "fromPort": port, "toPort": port, "ipRanges": {"items": [{"cidrIp": cidr}]}})
        })
        .collect();
    let made: Vec<Value> = rules
        .iter()
        .map(|(port, cidr)| {
            json!({"groupId": GROUP, "securityGroupRuleId": format!("sgr-{port:017}"), "isEgress": false,
                   "ipProtocol": "tcp", "fromPort": port, "toPort": port, "cidrIpv4": cidr})
        })
        .collect();
    // One in four is of the years in which records named no rule ids: only a read proves what was made.
    let response = if random.chance(75) {
        json!({"_return": true, "securityGroupRuleSet": {"items": made}})
    } else {
        json!({"_return": true})
    };
    record("ec2", name, json!({"groupId": GROUP, "ipPermissions": {"items": asked}}), response)
}

impl Story for SecurityGroups {
    const GUARDRAIL: &'static str = "security-group-admin-port-open";

    fn start(random: &mut Random) -> Observed<SecurityGroup> {
        let rules: Vec<Port> = ALLOWED.iter().filter(|_| random.chance(50)).copied().collect();
        group(&rules)
    }

    fn change_by(by: Writer, random: &mut Random, state: &Observed<SecurityGroup>) -> Option<Change<SecurityGroup>> {
        let turn = turn(by, random, &ports(state), ALLOWED, FORBIDDEN)?;
        let name = if turn.adds { "AuthorizeSecurityGroupIngress" } else { "RevokeSecurityGroupIngress" };
        Some(Change {
            says: format!("{name} {:?}", turn.which),
            state: group(&turn.left),
            made: turn.made(FORBIDDEN, element),
            record: Some(call(random, name, &turn.which)),
        })
    }

    fn open(state: &Observed<SecurityGroup>) -> Vec<String> {
        ports(state).iter().filter(|port| FORBIDDEN.contains(port)).map(element).collect()
    }

    fn allows(state: &Observed<SecurityGroup>) -> Vec<String> {
        SecurityGroups::lines(state)
    }

    fn key() -> GroupRef {
        GroupRef::Id(GROUP.to_owned())
    }
}
