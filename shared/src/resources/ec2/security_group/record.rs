//! The record shapes of security-group calls, old and new (see "Record shapes that surprise" in the catalogue that the
//! situations under `tests/fixtures` show one by one).

use super::state::{Direction, Rule, Source, Traffic};
use crate::engine::event::Body;
use crate::engine::observed::Observed;
use crate::engine::unreadable::Unreadable;
use crate::net::parse_cidr;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What the response says was made.
pub(super) struct Made {
    pub(super) group: Option<String>,
    pub(super) rules: Vec<Rule>,
    /// Whether every rule carries its id: records before 2021 have none.
    pub(super) has_ids: bool,
}

/// What a `ModifySecurityGroupRules` request asks for.
pub(super) struct Modification {
    pub(super) group: Option<String>,
    /// The changed rules by their new content, as ingress; an error when one cannot be read.
    pub(super) rules: Result<Vec<Rule>, Unreadable>,
}

/// Reads `responseElements.securityGroupRuleSet.items[]`; a rule that does not say is of the call's direction.
pub(super) fn made(response: &Body, call: Direction) -> Result<Made, Unreadable> {
    let set = response.at(&["securityGroupRuleSet"]).ok_or("the response lists no rules")?;
    let items = items(set);
    if items.is_empty() {
        return Err("the response lists no rules".into());
    }
    let mut rules = Vec::with_capacity(items.len());
    for item in &items {
        let direction = match flag(item, "isEgress") {
            Some(true) => Direction::Egress,
            Some(false) => Direction::Ingress,
            None => call,
        };
        rules.push(rule(item, direction)?);
    }
    let group = items.iter().find_map(|item| text(item, "groupId"));
    let has_ids = rules.iter().all(|rule| rule.id.is_some());
    Ok(Made { group, rules, has_ids })
}

/// Reads the request: `ipPermissions.items[]` and the flat short form of the command line, which may stand together.
pub(super) fn asked(request: &Body, direction: Direction) -> Result<Vec<Rule>, Unreadable> {
    let Some(request) = request.value() else { return Ok(Vec::new()) };
    let mut rules = Vec::new();
    for permission in request.get("ipPermissions").map(items).unwrap_or_default() {
        rules.extend(rules_of_permission(permission, direction)?);
    }
    if ["cidrIp", "cidrIpv6", "sourceSecurityGroupId", "sourceSecurityGroupName"].iter().any(|key| has(request, key)) {
        rules.push(rule(request, direction)?);
    }
    Ok(rules)
}

/// Reads `requestParameters.ModifySecurityGroupRulesRequest`.
pub(super) fn modified(request: &Body) -> Result<Modification, Unreadable> {
    let body = request.at(&["ModifySecurityGroupRulesRequest"]).ok_or("the request is not in the record")?;
    let group = text(body, "GroupId");
    let changes = body.get("SecurityGroupRule").map(items).unwrap_or_default();
    let rules = changes
        .into_iter()
        .map(|change| {
            let content = change.get("SecurityGroupRule").ok_or("a changed rule has no content")?;
            let mut rule = rule(content, Direction::Ingress)?;
            rule.id = text(change, "SecurityGroupRuleId");
            Ok(rule)
        })
        .collect::<Result<Vec<_>, Unreadable>>();
    let rules = rules.and_then(|rules| if rules.is_empty() { Err("no rule is named".into()) } else { Ok(rules) });
    Ok(Modification { group, rules })
}

/// The same contents as ingress and as egress, for a record that does not say which.
pub(super) fn either_direction(ingress: BTreeSet<String>) -> BTreeSet<String> {
    let egress = ingress.iter().filter_map(|element| {
        let rest = element.strip_prefix("ingress ")?;
        Some(format!("egress {}", rest.replacen(" from ", " to ", 1)))
    });
    egress.chain(ingress.iter().cloned()).collect()
}

/// The rules of a list of permissions in the API's spelling (`IpPermissions`), as `DescribeSecurityGroups` answers.
///
/// # Errors
/// What cannot be read.
pub fn rules_of_api_permissions(permissions: &[Value], direction: Direction) -> Result<Vec<Rule>, Unreadable> {
    let mut rules = Vec::new();
    for permission in permissions {
        rules.extend(rules_of_permission(permission, direction)?);
    }
    Ok(rules)
}

/// One permission holds many sources; one rule holds one. A permission without sources opens nothing.
fn rules_of_permission(permission: &Value, direction: Direction) -> Result<Vec<Rule>, Unreadable> {
    let mut rules = Vec::new();
    for key in ["ipRanges", "ipv6Ranges", "prefixListIds", "groups", "userIdGroupPairs"] {
        for source in any_case(permission, key).map(items).unwrap_or_default() {
            let mut merged = permission.clone();
            if let (Some(into), Some(from)) = (merged.as_object_mut(), source.as_object()) {
                into.extend(from.clone());
            }
            rules.push(rule(&merged, direction)?);
        }
    }
    Ok(rules)
}

/// A rule whose fields stand side by side, in either spelling.
fn rule(fields: &Value, direction: Direction) -> Result<Rule, Unreadable> {
    let protocol = text(fields, "ipProtocol").ok_or("a rule names no protocol")?;
    Ok(Rule {
        id: text(fields, "securityGroupRuleId"),
        direction,
        traffic: Traffic::read(&protocol, number(fields, "fromPort")?, number(fields, "toPort")?)?,
        source: source(fields)?,
        description: text(fields, "description"),
        tags: tags(fields),
        in_question: true,
    })
}

fn source(fields: &Value) -> Result<Source, Unreadable> {
    for key in ["cidrIpv4", "cidrIpv6", "cidrIp"] {
        if let Some(cidr) = text(fields, key) {
            return Ok(Source::Cidr(parse_cidr(&cidr)?));
        }
    }
    if let Some(id) = text(fields, "prefixListId") {
        let why = "a record holds no entries of prefix lists".to_owned();
        return Ok(Source::PrefixList { id, entries: Observed::Unknown { why } });
    }
    let referenced = any_case(fields, "referencedGroupInfo").unwrap_or(fields);
    let account = ["userId", "sourceSecurityGroupOwnerId", "referencedUserId"];
    let account = account.iter().find_map(|key| text(referenced, key));
    // The rule's own group is `groupId` in a response item: a reference comes under another name there.
    let reference = text(fields, "referencedGroupId").or_else(|| text(fields, "sourceSecurityGroupId"));
    let pair = || text(referenced, "groupId").or_else(|| text(fields, "groupName"));
    let named = || text(fields, "sourceSecurityGroupName");
    let is_item = has(fields, "groupOwnerId") && any_case(fields, "referencedGroupInfo").is_none();
    reference
        .or_else(named)
        .or_else(|| if is_item { None } else { pair() })
        .map(|id| Source::Group { id, account })
        .ok_or_else(|| "a rule names no source".into())
}

fn tags(fields: &Value) -> BTreeMap<String, String> {
    let set = any_case(fields, "tagSet").or_else(|| any_case(fields, "tags"));
    let pairs = set.map(items).unwrap_or_default();
    pairs.into_iter().filter_map(|tag| Some((text(tag, "key")?, text(tag, "value").unwrap_or_default()))).collect()
}

/// A list in any of the ways that records write one: `{"items": [...]}`, `[...]`, one object, `{}` or `""` for none.
fn items(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(list) => list.iter().collect(),
        Value::Object(map) => match map.get("items") {
            Some(inner) => items(inner),
            None if map.is_empty() => Vec::new(),
            None => vec![value],
        },
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// A field in camel case (`cidrIpv4`) or with a capital (`CidrIpv4`), as the newer calls write it.
fn any_case<'a>(fields: &'a Value, key: &str) -> Option<&'a Value> {
    if let Some(found) = fields.get(key) {
        return Some(found);
    }
    let mut letters = key.chars();
    let capital: String = letters.next()?.to_uppercase().chain(letters).collect();
    fields.get(capital)
}

fn has(fields: &Value, key: &str) -> bool {
    any_case(fields, key).is_some_and(|value| !value.is_null())
}

fn text(fields: &Value, key: &str) -> Option<String> {
    match any_case(fields, key)? {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn flag(fields: &Value, key: &str) -> Option<bool> {
    match any_case(fields, key)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => text.parse().ok(),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Ports come as numbers and as strings.
fn number(fields: &Value, key: &str) -> Result<Option<i64>, Unreadable> {
    match any_case(fields, key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => match number.as_i64() {
            Some(port) => Ok(Some(port)),
            None => Err(format!("`{key}` {number} is no port").into()),
        },
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => match text.trim().parse() {
            Ok(port) => Ok(Some(port)),
            Err(cause) => Err(Unreadable::Number { key: key.to_owned(), cause }),
        },
        Some(_) => Err(format!("`{key}` is no port number").into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_rule_that_does_not_say_has_the_direction_of_the_call() {
        let rule = json!({"securityGroupRuleId": "sgr-1", "ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"});
        let response = Body::Present(json!({"securityGroupRuleSet": {"items": [rule]}}));
        for call in [Direction::Ingress, Direction::Egress] {
            assert_eq!(made(&response, call).ok().map(|made| made.rules[0].direction), Some(call));
        }
    }
}
