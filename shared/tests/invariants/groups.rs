//! A security group: each element is removed by its content.

use crate::account::Writer;
use crate::random::Random;
use crate::story::{Change, Story};
use crate::world::Living;
use serde_json::{Value, json};
use shared::families::security_group::SecurityGroups;
use shared::model::Observed;
use shared::model::security_group::{GroupRef, SecurityGroup};

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
fn record(random: &mut Random, name: &str, rules: &[Port]) -> Value {
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
    json!({
        "eventSource": "ec2.amazonaws.com",
        "eventName": name,
        "awsRegion": "eu-central-1",
        "recipientAccountId": "111122223333",
        "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/ben", "userName": "ben"},
        "requestParameters": {"groupId": GROUP, "ipPermissions": {"items": asked}},
        "responseElements": response,
    })
}

impl Story for SecurityGroups {
    const GUARDRAIL: &'static str = "security-group-admin-port-open";

    fn start(random: &mut Random) -> Observed<SecurityGroup> {
        let rules: Vec<Port> = ALLOWED.iter().filter(|_| random.chance(50)).copied().collect();
        group(&rules)
    }

    fn change_by(by: Writer, random: &mut Random, state: &Observed<SecurityGroup>) -> Option<Change<SecurityGroup>> {
        let standing = ports(state);
        let missing = |of: &[Port]| of.iter().filter(|port| !standing.contains(port)).copied().collect::<Vec<_>>();
        let (name, rules) = match by {
            Writer::Owner if !standing.is_empty() && random.chance(40) => {
                ("RevokeSecurityGroupIngress", vec![*random.pick(&standing)])
            }
            Writer::Owner => ("AuthorizeSecurityGroupIngress", missing(ALLOWED).into_iter().take(1).collect()),
            Writer::Attacker | Writer::Parapet => {
                let mut rules: Vec<Port> = missing(FORBIDDEN);
                if rules.len() > 1 && random.chance(50) {
                    rules.swap_remove(usize::try_from(random.below(2)).unwrap());
                }
                if random.chance(30) && !rules.is_empty() {
                    rules.extend(missing(ALLOWED).into_iter().take(1));
                }
                ("AuthorizeSecurityGroupIngress", rules)
            }
        };
        if rules.is_empty() {
            return None;
        }
        let mut left = standing;
        if name.starts_with("Revoke") {
            left.retain(|port| !rules.contains(port));
        } else {
            left.extend(&rules);
        }
        let made = rules.iter().filter(|port| name.starts_with("Auth") && FORBIDDEN.contains(port)).map(element);
        Some(Change {
            says: format!("{name} {rules:?}"),
            state: group(&left),
            made: made.collect(),
            record: Some(record(random, name, &rules)),
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
