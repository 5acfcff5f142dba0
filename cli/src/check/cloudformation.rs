//! CloudFormation and SAM templates: resources with their properties resolved as far as they can be.

use super::branches::{MOST_CONDITIONS, branches};
use super::families;
use super::hidden;
use super::plan::{Group, Planned, PlannedRule, Read, State};
use super::prefix_lists::PrefixLists;
use super::unjudged::Unjudged;
use crate::template::{Content, Environment, Node, Position, unresolved_reason};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::unreadable::Unreadable;
use shared::resources::iam::access_key::state::{AccessKey, Owner};
use shared::resources::iam::{JUDGED_WITH, access_key};
use std::borrow::Cow;

/// True for a document that holds resources with types.
pub(super) fn is_template(document: &Node) -> bool {
    document.get("Resources").is_some_and(|resources| {
        document.get("AWSTemplateFormatVersion").is_some()
            || resources
                .entries()
                .iter()
                .any(|entry| entry.value.get("Type").is_some() || entry.key.starts_with("Fn::"))
    })
}

/// What the template would create, and what of it is unknown. `changes` says of a logical id whether the deployment makes or changes it.
pub(super) fn planned(template: &Node, environment: &Environment, changes: &dyn Fn(&str) -> bool) -> Read {
    let mut read = Read { unknowns: hidden::of_template(template), ..Read::default() };
    let Read { planned: found, unknowns, unjudged, beside, arns } = &mut read;
    let mut loose = Vec::new();
    let made = made(template, environment, arns);
    let environment = &with_networks(template, environment);
    let lists = prefix_lists(template, environment);
    for entry in template.get("Resources").map(Node::entries).unwrap_or_default() {
        if entry.key.starts_with("Fn::") || entry.key == "<<" {
            unknowns.push((format!("resources made by `{}` are known at deployment only", entry.key), entry.at));
            continue;
        }
        let resource = &entry.value;
        let condition = resource.get("Condition").and_then(Node::text);
        if condition.is_some_and(|name| environment.condition(name) == Some(false)) {
            continue;
        }
        let open = condition.filter(|name| environment.condition(name).is_none());
        // Where it is there, its condition is true; one that cannot be true keeps it from being there.
        let assumed = open.map(|name| environment.assuming(name, true));
        let Some(environment) = assumed.map_or(Some(Cow::Borrowed(environment)), |assumed| assumed.map(Cow::Owned))
        else {
            continue;
        };
        let environment = environment.as_ref();
        unknowns.extend(hidden::of_resource(&entry.key, resource, entry.at));
        let Some(kind) = resource.get("Type").and_then(Node::text) else { continue };
        let empty = Node { at: entry.at, content: Content::Map(Vec::new()) };
        let properties = resource.get("Properties").unwrap_or(&empty);
        if !matches!(properties.content, Content::Map(_) | Content::Null) {
            unknowns.push((format!("the properties of `{}` are no mapping", entry.key), properties.at));
        }
        let of_kind = kind.strip_prefix("AWS::Serverless::").and_then(|kind| template.at(&["Globals", kind]));
        let resource = |state_in: &dyn Fn(&Environment) -> State| {
            let state = state_in(environment);
            Planned {
                name: entry.key.clone(),
                kind: kind.to_owned(),
                at: entry.at.into(),
                is_changed: changes(&entry.key),
                branches: if state.condition().is_some() { branches(environment, state_in) } else { Vec::new() },
                state,
                condition: open.map(str::to_owned),
            }
        };
        match kind {
            "AWS::EC2::SecurityGroup" => {
                found.push(resource(&|environment| State::Group(group(properties, environment, &lists))));
            }
            "AWS::EC2::SecurityGroupIngress" | "AWS::EC2::SecurityGroupEgress" => {
                let is_ingress = kind.ends_with("Ingress");
                loose.push(resource(&|environment| {
                    State::Group(rule(properties, is_ingress, entry.at, environment, &lists))
                }));
            }
            "AWS::IAM::AccessKey" => {
                found.push(resource(&|environment| State::Key(key(&entry.key, properties, environment))));
            }
            _ if families::read(kind) => {
                found.push(resource(&|environment| State::Of(properties_of(properties, of_kind, environment, &made))));
            }
            _ => {
                unjudged.push(Unjudged::new(kind, &entry.key, entry.at));
                if JUDGED_WITH.contains(&kind) {
                    let properties = properties_of(properties, None, environment, &made);
                    beside.push((entry.key.clone(), kind.to_owned(), properties));
                }
            }
        }
    }
    for planned in found.iter().chain(&loose).filter(|planned| planned.is_open()) {
        let why = format!(
            "`{}` depends on more than {MOST_CONDITIONS} conditions that are known at deployment only: not every case of them is judged",
            planned.name
        );
        unknowns.push((why, planned.at.at));
    }
    for rule in loose {
        let owner = match &rule.state {
            State::Group(group) => group.rules.first().and_then(|rule| owner(&rule.properties)).map(str::to_owned),
            State::Key(_) | State::Of(_) => None,
        };
        match found.iter_mut().find(|planned| owner.as_ref().is_some_and(|owner| planned.name == *owner)) {
            Some(group) if matches!(group.state, State::Group(_)) => group.add(rule),
            Some(_) | None => found.push(rule),
        }
    }
    lists.settle(unjudged);
    read
}

/// The networks of the template's VPCs and subnets, where they are known: what `Fn::GetAtt` gives of them.
fn with_networks(template: &Node, environment: &Environment) -> Environment {
    let mut with = environment.clone();
    for entry in template.get("Resources").map(Node::entries).unwrap_or_default() {
        if matches!(entry.value.get("Type").and_then(Node::text), Some("AWS::EC2::VPC" | "AWS::EC2::Subnet")) {
            let network = entry.value.at(&["Properties", "CidrBlock"]).and_then(|network| environment.resolve(network));
            if let Some(Value::String(network)) = network {
                with.set_attribute(&format!("{}.CidrBlock", entry.key), &network);
            }
        }
    }
    with
}

/// The prefix lists of the template.
fn prefix_lists(template: &Node, environment: &Environment) -> PrefixLists {
    let mut lists = PrefixLists::default();
    for entry in template.get("Resources").map(Node::entries).unwrap_or_default() {
        if entry.value.get("Type").and_then(Node::text) == Some("AWS::EC2::PrefixList") {
            let entries = entry.value.at(&["Properties", "Entries"]);
            let entries = entries.map_or(Some(json!([])), |entries| environment.resolve(entries));
            let networks = entries.as_ref().and_then(Value::as_array).and_then(|entries| {
                entries.iter().map(|entry| entry.get("Cidr")?.as_str().map(str::to_owned)).collect()
            });
            lists.add(&entry.key, networks);
        }
    }
    lists
}

/// Types of which `Ref` gives the ARN ("Return values" of each, CloudFormation's template reference).
const REF_IS_ARN: &[&str] = &[
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::IAM::ManagedPolicy",
    "AWS::SecretsManager::Secret",
    "AWS::SNS::Topic",
    "AWS::StepFunctions::StateMachine",
];

/// What stands for what a template says of itself and of the place that it is deployed to: the account by a stand-in where none is named, and the
/// names and ARNs of what it makes. Of conditions it knows nothing: they have been answered as far as they can be.
fn made(template: &Node, environment: &Environment, arns: &mut Vec<(String, String)>) -> Environment {
    let mut made = Environment::default();
    let known =
        |name: &str, otherwise: &str| environment.value(name).and_then(Value::as_str).unwrap_or(otherwise).to_owned();
    let (account, region) = (known("AWS::AccountId", families::SOME_ACCOUNT), known("AWS::Region", "us-east-1"));
    let (partition, stack) = (known("AWS::Partition", "aws"), known("AWS::StackName", "stack"));
    for entry in template.get("Resources").map(Node::entries).unwrap_or_default() {
        let kind = entry.value.get("Type").and_then(Node::text).unwrap_or_default();
        let Some((service, resource)) = kind.strip_prefix("AWS::").and_then(|kind| kind.split_once("::")) else {
            continue;
        };
        let (service, resource) = (service.to_ascii_lowercase(), resource.to_ascii_lowercase());
        let name = &entry.key;
        let arn = match kind {
            "AWS::S3::Bucket" => format!("arn:{partition}:s3:::{name}"),
            "AWS::SQS::Queue" => format!("arn:{partition}:sqs:{region}:{account}:{name}"),
            "AWS::SNS::Topic" => format!("arn:{partition}:sns:{region}:{account}:{name}"),
            "AWS::IAM::ManagedPolicy" => format!("arn:{partition}:iam::{account}:policy/{name}"),
            "AWS::Lambda::Function" | "AWS::Serverless::Function" => {
                format!("arn:{partition}:lambda:{region}:{account}:function:{name}")
            }
            _ => {
                let place = if service == "iam" { "" } else { &region };
                format!("arn:{partition}:{service}:{place}:{account}:{resource}/{name}")
            }
        };
        arns.push((arn.clone(), name.clone()));
        made.set(&entry.key, if REF_IS_ARN.contains(&kind) { &arn } else { &entry.key });
        made.set_attribute(&format!("{}.Arn", entry.key), &arn);
    }
    let suffix = known("AWS::URLSuffix", "amazonaws.com");
    for (name, value) in [
        ("AccountId", account),
        ("Region", region),
        ("Partition", partition),
        ("StackName", stack),
        ("URLSuffix", suffix),
    ] {
        made.set(&format!("AWS::{name}"), &value);
    }
    made
}

/// Properties as the families read them, with what is known before deployment and what stands for the rest.
fn properties_of(properties: &Node, globals: Option<&Node>, environment: &Environment, made: &Environment) -> Value {
    let known = environment.resolve(properties).unwrap_or_default();
    let known = match globals.and_then(|globals| environment.resolve(globals)) {
        Some(globals) => merged(globals, known),
        None => known,
    };
    made.resolve(&Node::from(&known)).unwrap_or(known)
}

/// What SAM makes of `Globals`: mappings are merged, lists go on, everything else is the resource's own ("Globals section", SAM developer guide).
fn merged(globals: Value, own: Value) -> Value {
    match (globals, own) {
        (Value::Object(mut globals), Value::Object(own)) => {
            for (key, value) in own {
                let value = match globals.remove(&key) {
                    Some(of_all) => merged(of_all, value),
                    None => value,
                };
                globals.insert(key, value);
            }
            Value::Object(globals)
        }
        (Value::Array(globals), Value::Array(own)) => globals.into_iter().chain(own).collect(),
        (globals, Value::Null) => globals,
        (_, own) => own,
    }
}

fn group(properties: &Node, environment: &Environment, lists: &PrefixLists) -> Group {
    let mut rules = Vec::new();
    for (key, is_ingress) in [("SecurityGroupIngress", true), ("SecurityGroupEgress", false)] {
        let Some(listed) = properties.get(key).and_then(|node| environment.branch(node)) else { continue };
        let items = match &listed.content {
            Content::List(items) => items.iter().filter_map(|item| environment.branch(item)).collect(),
            _ => vec![listed],
        };
        rules.extend(items.into_iter().map(|item| planned_rule(item, is_ingress, item.at, environment, lists)));
    }
    // AWS reserves the name `default`: a template cannot make such a group.
    Group { name: Observed::Known("a group of the template".to_owned()), is_whole: true, rules }
}

/// What a rule adds that is a resource of its own.
fn rule(properties: &Node, is_ingress: bool, at: Position, environment: &Environment, lists: &PrefixLists) -> Group {
    let rule = planned_rule(properties, is_ingress, at, environment, lists);
    Group { name: name_of_target(&rule.properties), is_whole: false, rules: vec![rule] }
}

fn planned_rule(
    written: &Node,
    is_ingress: bool,
    at: Position,
    environment: &Environment,
    lists: &PrefixLists,
) -> PlannedRule {
    let mut properties = environment.resolve(written).unwrap_or_default();
    lists.fill(&mut properties, |list| {
        let of = list.get("Ref").or_else(|| list.get("Fn::GetAtt")?.get(0))?;
        of.as_str().map(str::to_owned)
    });
    PlannedRule { is_ingress, properties, at: at.into() }
}

/// The group of the template that a rule is added to.
fn owner(rule: &Value) -> Option<&str> {
    let group = rule.get("GroupId").or_else(|| rule.get("GroupName"))?;
    match (group.get("Ref"), group.get("Fn::GetAtt")) {
        (Some(name), _) => name.as_str(),
        (None, Some(path)) => path.get(0)?.as_str().filter(|_| path.get(1).is_some_and(|part| part == "GroupId")),
        (None, None) => None,
    }
}

/// Whether a rule is for the default group of a VPC.
fn name_of_target(rule: &Value) -> Observed<String> {
    let attribute = rule.get("GroupId").and_then(|group| group.get("Fn::GetAtt")).and_then(|path| path.get(1));
    if attribute.is_some_and(|attribute| attribute == "DefaultSecurityGroup") {
        return Observed::Known("default".to_owned());
    }
    // A reference to another file or a parameter names a group that was made: the default group of a VPC has the attribute above.
    let name = rule.get("GroupName").and_then(Value::as_str).unwrap_or("a group from elsewhere");
    Observed::Known(name.to_owned())
}

/// A name that AWS makes up can be on no list of users, unless the list allows everybody.
fn key(name: &str, properties: &Node, environment: &Environment) -> Result<AccessKey, Unreadable> {
    let resolved = environment.resolve(properties).unwrap_or_default();
    let user = resolved.get("UserName");
    let is_made_here = user.and_then(|user| user.get("Ref")).and_then(Value::as_str);
    let properties = match is_made_here {
        Some(user) => json!({ "UserName": format!("<{user}>"), "Status": resolved.get("Status") }),
        None => resolved,
    };
    let made = access_key::planned(name, "AWS::IAM::AccessKey", &properties);
    let made = made.unwrap_or_else(|| Err("it is no access key".into()));
    made.map_err(|why| unresolved_reason(&properties).map_or(why, Unreadable::from))
}

/// Whether the key's owner is a user whose name is known at deployment only.
pub(super) fn has_unknown_owner(key: &AccessKey) -> bool {
    matches!(&key.owner, Owner::User(name) if name.starts_with('<'))
}
