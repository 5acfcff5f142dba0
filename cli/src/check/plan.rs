//! What a template or a plan would create, in the terms that the families judge: CloudFormation's types and properties.

use super::hidden::Unknown;
use super::unjudged::Unjudged;
use crate::template::{Position, is_unresolved, unresolved_reason};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::unreadable::Unreadable;
use shared::resources::ec2::security_group::state::SecurityGroup;
use shared::resources::iam::access_key::state::AccessKey;

/// What a template or a plan holds.
#[derive(Debug, Default)]
pub(super) struct Read {
    pub(super) planned: Vec<Planned>,
    pub(super) unknowns: Vec<Unknown>,
    pub(super) unjudged: Vec<Unjudged>,
    /// Resources that no guardrail judges by themselves, and that others are judged with: name, type, properties.
    pub(super) beside: Vec<(String, String, Value)>,
    /// What stands in the properties for the ARNs of resources: the ARN, and the resource's name.
    pub(super) arns: Vec<(String, String)>,
}

/// A resource that would be there after the deployment.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    /// The logical id, or Terraform's address.
    pub(super) name: String,
    /// `AWS::EC2::SecurityGroup`, `aws_security_group`, ...
    pub(super) kind: String,
    /// Where it begins in the file.
    pub(super) at: Position,
    /// Whether the deployment makes or changes it; a plan of Terraform lists what stays as it is, too.
    pub(super) is_changed: bool,
    pub(super) state: State,
}

/// What is known of it.
#[derive(Clone, Debug)]
pub(super) enum State {
    Group(Group),
    Key(Result<AccessKey, Unreadable>),
    /// Its properties, which the families read that plan resources of its type.
    Of(Value),
}

/// A security group, rule by rule, each with its place.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Its name, where it matters: whether it is the default group of a VPC.
    pub(super) name: Observed<String>,
    /// Whether the rules are all of them.
    pub(super) is_whole: bool,
    pub(super) rules: Vec<PlannedRule>,
}

/// A rule as `AWS::EC2::SecurityGroupIngress` or `...Egress` would say it.
#[derive(Clone, Debug)]
pub(super) struct PlannedRule {
    pub(super) is_ingress: bool,
    pub(super) properties: Value,
    pub(super) at: Position,
}

/// The readable part of a group, the place of each of its rules, and why the rest is not readable.
pub(super) struct ReadGroup {
    pub(super) group: SecurityGroup,
    pub(super) places: Vec<(String, Position)>,
    pub(super) unread: Option<(String, Position)>,
    /// The group with each of the widest values in the open places; empty where that is not enough to read it.
    pub(super) widest: Vec<SecurityGroup>,
}

impl Planned {
    /// Name, type and properties, where families read them.
    pub(super) fn among_others(&self) -> Option<(&str, &str, &Value)> {
        Some((&self.name, &self.kind, self.properties()?))
    }

    /// Its properties, where families read them.
    pub(super) fn properties(&self) -> Option<&Value> {
        match &self.state {
            State::Of(properties) => Some(properties),
            State::Group(_) | State::Key(_) => None,
        }
    }
}

impl Group {
    /// Reads rule by rule: one that is known at deployment only does not hide an open one beside it.
    pub(super) fn read(&self, resource: &str) -> ReadGroup {
        let mut group = SecurityGroup {
            id: resource.to_owned(),
            name: self.name.clone(),
            rules: Vec::new(),
            is_whole: self.is_whole,
            stack: None,
        };
        let mut places = Vec::new();
        let mut unread = None;
        let mut widest = WIDEST.map(|_| Some(Vec::new()));
        for rule in &self.rules {
            let kind = if rule.is_ingress { "AWS::EC2::SecurityGroupIngress" } else { "AWS::EC2::SecurityGroupEgress" };
            match shared::resources::ec2::security_group::planned(resource, kind, &rule.properties) {
                Some(Ok(one)) => {
                    places.extend(one.rules.iter().map(|made| (made.element(), rule.at)));
                    group.rules.extend(one.rules);
                }
                Some(Err(why)) => {
                    let unresolved = is_unresolved(&rule.properties).then(|| unresolved_reason(&rule.properties));
                    let why = unresolved.flatten().unwrap_or_else(|| why.to_string());
                    unread = unread.or(Some((why, rule.at)));
                    for (rules, nets) in widest.iter_mut().zip(WIDEST) {
                        let open = widened(&rule.properties, nets);
                        let read = shared::resources::ec2::security_group::planned(resource, kind, &open);
                        let read = read.and_then(Result::ok);
                        *rules = rules.take().zip(read).map(|(rules, read)| [rules, read.rules].concat());
                    }
                }
                None => {}
            }
        }
        let widest = widest.into_iter().flatten().map(|open| {
            let rules = group.rules.iter().cloned().chain(open).collect();
            SecurityGroup { rules, ..group.clone() }
        });
        let widest = widest.collect();
        ReadGroup { group, places, unread, widest }
    }
}

/// The whole internet, and half of it: guardrails differ in which of the two they look at.
const WIDEST: [(&str, &str); 2] = [("0.0.0.0/0", "::/0"), ("0.0.0.0/1", "2000::/4")];

/// The rule with a wide value wherever it is known at deployment only.
fn widened(rule: &Value, (ipv4, ipv6): (&str, &str)) -> Value {
    let Value::Object(map) = rule else { return rule.clone() };
    if map.len() == 1 && is_unresolved(rule) {
        // Not even its fields are known.
        return json!({ "IpProtocol": "-1", "CidrIp": ipv4 });
    }
    let widest = |key: &str| match key {
        "IpProtocol" => json!("-1"),
        "FromPort" => json!(0),
        "ToPort" => json!(65535),
        "CidrIp" => json!(ipv4),
        "CidrIpv6" => json!(ipv6),
        _ => Value::Null,
    };
    let field = |(key, value): (&String, &Value)| {
        let value = if is_unresolved(value) { widest(key) } else { value.clone() };
        (key.clone(), value)
    };
    map.iter().map(field).collect()
}
