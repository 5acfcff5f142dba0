//! What a template or a plan would create, in the terms that the families judge: CloudFormation's types and properties.

use super::branches::{Branch, Case, both, crossed};
use super::hidden::Unknown;
use super::source::Place;
use super::unjudged::Unjudged;
use crate::template::{is_unresolved, unresolved_reason};
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
    /// Where it begins.
    pub(super) at: Place,
    /// Whether the deployment makes or changes it; a plan of Terraform lists what stays as it is, too.
    pub(super) is_changed: bool,
    pub(super) state: State,
    /// What it would be in each case of the conditions that are known at deployment only; empty where it does not depend on any.
    pub(super) branches: Vec<Branch>,
    /// The condition by which it is there at all, where that is known at deployment only.
    pub(super) condition: Option<String>,
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
    pub(super) at: Place,
}

/// The readable part of a group, the place of each of its rules, and why the rest is not readable.
pub(super) struct ReadGroup {
    pub(super) group: SecurityGroup,
    pub(super) places: Vec<(String, Place)>,
    pub(super) unread: Option<(String, Place)>,
    /// The group with each of the widest values in the open places; empty where that is not enough to read it.
    pub(super) widest: Vec<SecurityGroup>,
}

impl Planned {
    /// Name, type and properties, where families read them.
    pub(super) fn among_others(&self) -> Option<(&str, &str, &Value)> {
        Some((&self.name, &self.kind, self.properties()?))
    }

    /// Whether it depends on more conditions than are tried.
    pub(super) fn is_open(&self) -> bool {
        self.branches.iter().any(|branch| branch.state.condition().is_some())
    }

    /// Its properties, where families read them.
    pub(super) fn properties(&self) -> Option<&Value> {
        match &self.state {
            State::Of(properties) => Some(properties),
            State::Group(_) | State::Key(_) => None,
        }
    }
}

impl PlannedRule {
    /// What of it is known at deployment only; which group it is for does not count.
    fn unresolved(&self) -> Option<String> {
        let fields = self.properties.as_object().filter(|fields| fields.len() > 1 || !is_unresolved(&self.properties));
        let Some(fields) = fields else { return unresolved_reason(&self.properties) };
        fields
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "GroupId" | "GroupName"))
            .find_map(|(_, value)| unresolved_reason(value))
    }
}

impl State {
    /// A condition that decides what it is and that is known at deployment only.
    pub(super) fn condition(&self) -> Option<&str> {
        match self {
            Self::Group(group) => group.rules.iter().find_map(|rule| condition(&rule.properties)),
            Self::Of(properties) => condition(properties),
            Self::Key(_) => None,
        }
    }

    /// Adds the rules of another group to the rules of this one.
    fn add(&mut self, other: &Self) {
        if let (Self::Group(group), Self::Group(other)) = (self, other) {
            group.rules.extend(other.rules.iter().cloned());
        }
    }
}

impl Planned {
    /// Adds a rule that stands apart to the group that it is for: the rules of one group are judged together, wherever they stand.
    pub(super) fn add(&mut self, rule: Self) {
        // Without the group there is no rule of it.
        let own = Self { condition: None, ..self.clone() }.cases();
        let join = |group: &State, rule: &State| {
            let mut state = group.clone();
            state.add(rule);
            state
        };
        match crossed(&own, &rule.cases(), join) {
            Some(crossed) if crossed.len() > 1 => self.branches = crossed,
            Some(_) | None => self.branches.iter_mut().for_each(|branch| branch.state.add(&rule.state)),
        }
        self.state.add(&rule.state);
        self.is_changed |= rule.is_changed;
    }

    /// What it is in each case of its conditions: in the one case that there is, where it has none. A rule that is not there adds nothing.
    fn cases(&self) -> Vec<Branch> {
        let Some(condition) = &self.condition else {
            let alone = || vec![Branch { case: Case::new(), state: self.state.clone() }];
            return if self.branches.is_empty() { alone() } else { self.branches.clone() };
        };
        let mut state = self.state.clone();
        if let State::Group(group) = &mut state {
            group.rules.clear();
        }
        let is_there = Case::from([(condition.clone(), true)]);
        let there = Self { condition: None, ..self.clone() }.cases();
        let there =
            there.into_iter().filter_map(|branch| Some(Branch { case: both(&branch.case, &is_there)?, ..branch }));
        there.chain([Branch { case: Case::from([(condition.clone(), false)]), state }]).collect()
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
                    places.extend(one.rules.iter().map(|made| (made.element(), rule.at.clone())));
                    group.rules.extend(one.rules);
                }
                Some(Err(why)) => {
                    let mut is_readable = true;
                    for (rules, nets) in widest.iter_mut().zip(WIDEST) {
                        let open = widened(&rule.properties, nets);
                        let read = shared::resources::ec2::security_group::planned(resource, kind, &open);
                        let read = read.and_then(Result::ok);
                        is_readable = read.is_some();
                        *rules = rules.take().zip(read).map(|(rules, read)| [rules, read.rules].concat());
                    }
                    // What no value of the open places would make a rule is wrong for another reason.
                    let unresolved = rule.unresolved().filter(|_| is_readable);
                    unread = unread.or(Some((unresolved.unwrap_or_else(|| why.to_string()), rule.at.clone())));
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
        let value = match is_unresolved(value) {
            true => some_network(key, value).unwrap_or_else(|| widest(key)),
            false => value.clone(),
        };
        (key.clone(), value)
    };
    map.iter().map(field).collect()
}

/// The condition of an `Fn::If` that was left open.
fn condition(value: &Value) -> Option<&str> {
    match value {
        Value::Object(map) => match map.get("Fn::If") {
            Some(argument) if map.len() == 1 => argument.get(0)?.as_str(),
            Some(_) | None => map.values().find_map(condition),
        },
        Value::Array(items) => items.iter().find_map(condition),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// A public network of the length that is written behind an address that is known at deployment only: `${Address}/32`. Where it begins makes no
/// difference to how much it covers.
fn some_network(key: &str, value: &Value) -> Option<Value> {
    let text = match (value.get("Fn::Sub"), value.get("Fn::Join")) {
        (Some(text), _) => text.as_str().or_else(|| text.get(0)?.as_str())?,
        (None, Some(join)) => join.get(1)?.as_array()?.last()?.as_str()?,
        (None, None) => return None,
    };
    let (_, length) = text.rsplit_once('/')?;
    let length: u8 = length.parse().ok()?;
    match key {
        "CidrIp" => Some(json!(format!("8.0.0.0/{length}"))).filter(|_| length > 0),
        "CidrIpv6" => Some(json!(format!("2600::/{length}"))).filter(|_| length > 0),
        _ => None,
    }
}
