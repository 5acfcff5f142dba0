//! The planned lens: what a CloudFormation template would create.

use super::record::rules_of_api_permissions;
use super::state::{Direction, Rule, SecurityGroup, Source};
use crate::engine::observed::Observed;
use crate::engine::unreadable::Unreadable;
use crate::net::parse_cidr;
use ipnet::IpNet;
use serde_json::{Value, json};

/// What stands for a prefix list that the same file makes, in the place of its id.
#[must_use]
pub fn planned_list(id: &str, networks: &[String]) -> Value {
    json!({ "PrefixListId": id, "Entries": networks })
}

/// The group that a resource of a CloudFormation template would make or add to: `AWS::EC2::SecurityGroup`,
/// `AWS::EC2::SecurityGroupIngress` or `AWS::EC2::SecurityGroupEgress` with its resolved properties. None for any other
/// type.
///
/// # Errors
/// What is unknown before deployment (an unresolved reference) or is no rule.
#[must_use]
pub fn planned(logical_id: &str, kind: &str, properties: &Value) -> Option<Result<SecurityGroup, Unreadable>> {
    let listed = |key: &str, direction| {
        let rules = match properties.get(key) {
            Some(Value::Array(rules)) => rules.iter().collect(),
            Some(Value::Null) | None => Vec::new(),
            Some(one) => vec![one],
        };
        rules.into_iter().map(|rule| rule_of(rule, direction)).collect::<Result<Vec<Vec<Rule>>, Unreadable>>()
    };
    let rules = match kind {
        "AWS::EC2::SecurityGroup" => listed("SecurityGroupIngress", Direction::Ingress).and_then(|ingress| {
            Ok(ingress.into_iter().chain(listed("SecurityGroupEgress", Direction::Egress)?).collect())
        }),
        "AWS::EC2::SecurityGroupIngress" => rule_of(properties, Direction::Ingress).map(|rules| vec![rules]),
        "AWS::EC2::SecurityGroupEgress" => rule_of(properties, Direction::Egress).map(|rules| vec![rules]),
        _ => return None,
    };
    Some(rules.map(|rules: Vec<Vec<Rule>>| SecurityGroup {
        id: logical_id.to_owned(),
        // A template cannot make a group of this name: AWS reserves it.
        name: Observed::Known(logical_id.to_owned()),
        rules: rules.into_iter().flatten().collect(),
        is_whole: kind == "AWS::EC2::SecurityGroup",
        stack: None,
    }))
}

/// The template's flat rule, turned into the API's permission with one source.
fn rule_of(rule: &Value, direction: Direction) -> Result<Vec<Rule>, Unreadable> {
    let field = |key: &str| rule.get(key).filter(|value| !value.is_null()).cloned();
    let first = |keys: &[&str]| keys.iter().find_map(|key| field(key));
    let mut permission = json!({ "IpProtocol": field("IpProtocol"), "Description": field("Description") });
    let sources = [
        ("IpRanges", "CidrIp", first(&["CidrIp"])),
        ("Ipv6Ranges", "CidrIpv6", first(&["CidrIpv6"])),
        ("PrefixListIds", "PrefixListId", first(&["SourcePrefixListId", "DestinationPrefixListId"])),
        (
            "UserIdGroupPairs",
            "GroupId",
            first(&["SourceSecurityGroupId", "DestinationSecurityGroupId", "SourceSecurityGroupName"]),
        ),
    ];
    let (ranges, key, source) = sources
        .into_iter()
        .find_map(|(ranges, key, source)| Some((ranges, key, source?)))
        .ok_or("a rule names no source")?;
    // A reference to another resource is a group or a prefix list of the template, never the internet.
    let entries = entries(&source)?;
    let source = match (&source, ranges) {
        (Value::String(_), _) => source,
        (Value::Object(list), "PrefixListIds") if entries.is_some() => {
            list.get("PrefixListId").cloned().unwrap_or_default()
        }
        (_, "UserIdGroupPairs") => "a group of the template".into(),
        _ => return Err(format!("`{key}` is known at deployment only").into()),
    };
    if let Some(map) = permission.as_object_mut() {
        map.insert(ranges.to_owned(), json!([{ key: source }]));
        for port in ["FromPort", "ToPort"] {
            match field(port) {
                Some(Value::Object(_)) => return Err(format!("`{port}` is known at deployment only").into()),
                Some(value) => drop(map.insert(port.to_owned(), value)),
                None => {}
            }
        }
    }
    let mut rules = rules_of_api_permissions(&[permission], direction)?;
    for rule in &mut rules {
        if let (Source::PrefixList { entries: of_list, .. }, Some(entries)) = (&mut rule.source, &entries) {
            *of_list = Observed::Known(entries.clone());
        }
    }
    Ok(rules)
}

/// The networks of a prefix list that the same file makes; none for any other source.
fn entries(source: &Value) -> Result<Option<Vec<IpNet>>, Unreadable> {
    let Some(entries) = source.get("Entries").and_then(Value::as_array) else { return Ok(None) };
    let network = |entry: &Value| Ok(parse_cidr(entry.as_str().unwrap_or_default())?);
    entries.iter().map(network).collect::<Result<_, Unreadable>>().map(Some)
}
