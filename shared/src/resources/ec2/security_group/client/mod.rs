//! EC2: security groups, one by one.

pub(crate) mod listed;

use super::SecurityGroups;
use super::state::{Direction, GroupAction, GroupRef, Rule, RuleSet, SecurityGroup, Source, Traffic};
use super::{
    DESCRIBE_MANAGED_PREFIX_LISTS, DESCRIBE_SECURITY_GROUP_RULES, DESCRIBE_SECURITY_GROUPS,
    GET_MANAGED_PREFIX_LIST_ENTRIES,
};
use crate::aws::failure;
use crate::engine::family::{Observe, ReadDepth, ReadError, Target, TargetOf};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::span::Span;
use crate::engine::unreadable::Unreadable;
use crate::net::parse_cidr;
use crate::resources::ec2::client::{Ec2, id_of, stack};
use aws_sdk_ec2::types::SecurityGroup as Described;
use aws_sdk_ec2::types::{
    Filter, IpPermission, IpRange, Ipv6Range, PrefixListId, PrefixListState, ResourceType, SecurityGroupRule, Tag,
    TagSpecification, UserIdGroupPair,
};
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};

/// What one call shows of a group beside its rules.
struct Named {
    id: String,
    name: String,
    stack: Option<String>,
}

impl Ec2 {
    /// The one group that the key means: with its name, and its rules in the older form.
    async fn described(&self, key: &GroupRef) -> Result<Observed<Described>, ReadError> {
        let filter = |name: &str, value: &str| Filter::builder().name(name).values(value).build();
        let call = self.client.describe_security_groups();
        let call = match key {
            GroupRef::Id(id) => call.group_ids(id),
            GroupRef::DefaultOf(vpc) => call.filters(filter("vpc-id", vpc)).filters(filter("group-name", "default")),
            GroupRef::Named(name) => call.filters(filter("group-name", &literal(name))),
        };
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(DESCRIBE_SECURITY_GROUPS.action),
        };
        let is_meant = |group: &Described| match key {
            GroupRef::Named(name) => group.group_name.as_ref().is_none_or(|found| found == name),
            GroupRef::Id(_) | GroupRef::DefaultOf(_) => true,
        };
        let mut groups = answer.security_groups.unwrap_or_default().into_iter().filter(is_meant);
        Ok(match (groups.next(), groups.next()) {
            // A name that is not there is not a name other than `default`.
            (Some(group), None) if group.group_id.is_none() || group.group_name.is_none() => {
                Observed::Unknown { why: format!("the answer about {key:?} lacks the group's id or name") }
            }
            (Some(group), None) => Observed::Known(group),
            (None, _) => Observed::Absent,
            (Some(_), Some(_)) => Observed::Unknown { why: format!("several groups answer to {key:?}") },
        })
    }

    /// The group's id, name and stack.
    async fn group(&self, key: &GroupRef) -> Result<Observed<Named>, ReadError> {
        Ok(match self.described(key).await? {
            Observed::Known(group) => Observed::Known(Named {
                id: group.group_id.unwrap_or_default(),
                name: group.group_name.unwrap_or_default(),
                stack: stack(group.tags.as_deref().unwrap_or_default()),
            }),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }

    /// Every rule of a group, with ids, descriptions and tags.
    async fn rules(&self, id: &str) -> Result<Observed<Vec<Rule>>, ReadError> {
        const PAGE: i32 = 1000;
        let filter = Filter::builder().name("group-id").values(id).build();
        let call = self.client.describe_security_group_rules().filters(filter).max_results(PAGE);
        let mut pages = call.into_paginator().send();
        let mut rules = Vec::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => {
                    for item in page.security_group_rules.unwrap_or_default() {
                        match rule(&item) {
                            Ok(rule) => rules.push(rule),
                            Err(unreadable) => return Ok(Observed::Unknown { why: unreadable.to_string() }),
                        }
                    }
                }
                Err(error) => return failure(&error).of_read(DESCRIBE_SECURITY_GROUP_RULES.action),
            }
        }
        Ok(Observed::Known(rules))
    }

    /// Reads the entries of the prefix lists that the rules name, each list once.
    async fn resolve(&self, rules: &mut [Rule]) -> Result<(), ReadError> {
        let mut known: BTreeMap<String, Observed<Vec<IpNet>>> = BTreeMap::new();
        for rule in rules {
            let Source::PrefixList { id, entries } = &mut rule.source else { continue };
            if !known.contains_key(id.as_str()) {
                known.insert(id.clone(), self.entries(id).await?);
            }
            if let Some(read) = known.get(id.as_str()) {
                entries.clone_from(read);
            }
        }
        Ok(())
    }

    async fn entries(&self, id: &str) -> Result<Observed<Vec<IpNet>>, ReadError> {
        let mut pages = self.client.get_managed_prefix_list_entries().prefix_list_id(id).into_paginator().send();
        let mut nets = Vec::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => {
                    for entry in page.entries.unwrap_or_default() {
                        match parse_cidr(entry.cidr.as_deref().unwrap_or_default()) {
                            Ok(net) => nets.push(net),
                            Err(error) => return Ok(Observed::Unknown { why: error.to_string() }),
                        }
                    }
                }
                Err(error) => return failure(&error).of_read(GET_MANAGED_PREFIX_LIST_ENTRIES.action),
            }
        }
        Ok(Observed::Known(nets))
    }

    async fn full(&self, key: &GroupRef) -> Result<Observed<SecurityGroup>, ReadError> {
        let (group, rules) = match key {
            GroupRef::Id(id) => tokio::try_join!(self.group(key), self.rules(id))?,
            GroupRef::DefaultOf(_) | GroupRef::Named(_) => {
                let group = self.group(key).await?;
                let rules = match &group {
                    Observed::Known(Named { id, .. }) => self.rules(id).await?,
                    Observed::Absent | Observed::Unknown { .. } => Observed::Absent,
                };
                (group, rules)
            }
        };
        let (id, name, stack) = match (group, key) {
            (Observed::Known(Named { id, name, stack }), _) => (id, Observed::Known(name), stack),
            (Observed::Absent, _) => return Ok(Observed::Absent),
            // The rules can be judged without the name.
            (Observed::Unknown { why }, GroupRef::Id(id)) => (id.clone(), Observed::Unknown { why }, None),
            (Observed::Unknown { why }, _) => return Ok(Observed::Unknown { why }),
        };
        let mut rules = match rules {
            Observed::Known(rules) => rules,
            Observed::Absent => return Ok(Observed::Absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        self.resolve(&mut rules).await?;
        Ok(Observed::Known(SecurityGroup { id, name, rules, is_whole: true, stack }))
    }
}

impl Observe<SecurityGroups> for Ec2 {
    async fn observe(&self, key: &GroupRef, depth: ReadDepth) -> Result<Observed<SecurityGroup>, ReadError> {
        if depth == ReadDepth::Full {
            return self.full(key).await;
        }
        // A group whose id the record does not show is found by one call as well, if without ids and tags of its rules: a record like
        // that is of a VPC that was made just now, or older than tags on rules.
        let GroupRef::Id(id) = key else {
            return Ok(match self.described(key).await? {
                Observed::Known(group) => match listed::described(&group) {
                    Ok(group) => Observed::Known(group),
                    Err(unreadable) => Observed::Unknown { why: unreadable.to_string() },
                },
                Observed::Absent => Observed::Absent,
                Observed::Unknown { why } => Observed::Unknown { why },
            });
        };
        // Whether it is a default group may matter; that this cannot be read does not keep the rules from being judged.
        let (group, rules) = tokio::join!(self.group(key), self.rules(id));
        let (name, stack) = match group {
            Ok(Observed::Known(group)) => (Observed::Known(group.name), group.stack),
            Ok(Observed::Absent) => return Ok(Observed::Absent),
            Ok(Observed::Unknown { why }) | Err(ReadError { why }) => (Observed::Unknown { why }, None),
        };
        Ok(match rules? {
            Observed::Known(rules) => {
                Observed::Known(SecurityGroup { id: id.clone(), name, rules, is_whole: true, stack })
            }
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }

    async fn spread(&self, span: &Span) -> Result<Observed<Vec<TargetOf<SecurityGroups>>>, ReadError> {
        let Span::PrefixList(list) = span else { return Ok(Observed::Known(Vec::new())) };
        // A list that is being changed still shows what it said.
        match self.is_settled(list).await? {
            Observed::Known(true) | Observed::Absent => self.naming(list).await,
            Observed::Known(false) => Err(ReadError { why: format!("the prefix list {list} is being changed") }),
            Observed::Unknown { why } => Ok(Observed::Unknown { why }),
        }
    }
}

impl Ec2 {
    /// The groups with a rule that names the list, and these rules in question. No filter finds them by the list.
    async fn naming(&self, list: &str) -> Result<Observed<Vec<TargetOf<SecurityGroups>>>, ReadError> {
        const PAGE: i32 = 1000;
        let mut pages = self.client.describe_security_group_rules().max_results(PAGE).into_paginator().send();
        let mut groups: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        while let Some(page) = pages.next().await {
            let page = match page {
                Ok(page) => page,
                Err(error) => return failure(&error).of_read(DESCRIBE_SECURITY_GROUP_RULES.action),
            };
            for item in page.security_group_rules.unwrap_or_default() {
                if item.prefix_list_id.as_deref() != Some(list) {
                    continue;
                }
                let Some(group) = item.group_id.clone() else { continue };
                match rule(&item) {
                    Ok(rule) => drop(groups.entry(group).or_default().insert(rule.element())),
                    Err(unreadable) => return Ok(Observed::Unknown { why: unreadable.to_string() }),
                }
            }
        }
        let target = |(id, changed)| Target { key: GroupRef::Id(id), proven: None, changed: Some(changed) };
        Ok(Observed::Known(groups.into_iter().map(target).collect()))
    }

    /// Whether the list shows what it was changed to: while a change is in progress, its entries are the old ones.
    async fn is_settled(&self, list: &str) -> Result<Observed<bool>, ReadError> {
        let answer = match self.client.describe_managed_prefix_lists().prefix_list_ids(list).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(DESCRIBE_MANAGED_PREFIX_LISTS.action),
        };
        let changes = [PrefixListState::ModifyInProgress, PrefixListState::RestoreInProgress];
        let is_changing =
            answer.prefix_lists().iter().any(|list| list.state().is_some_and(|state| changes.contains(state)));
        Ok(Observed::Known(!is_changing))
    }
}

impl Apply<GroupAction> for Ec2 {
    async fn apply(&self, action: &GroupAction) -> Result<Applied, ApplyError> {
        match action {
            GroupAction::Revoke(set) => self.revoke(action, set).await,
            GroupAction::Authorize(set) => self.authorize(action, set).await,
        }
    }
}

impl Ec2 {
    async fn revoke(&self, action: &GroupAction, set: &RuleSet) -> Result<Applied, ApplyError> {
        let permissions = set.rules.iter().map(|rule| permission(rule, false)).collect();
        let request_id = match set.direction {
            Direction::Ingress => {
                let call = self.client.revoke_security_group_ingress().group_id(&set.group);
                let answer = call.set_ip_permissions(Some(permissions)).send().await;
                answer.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
            }
            Direction::Egress => {
                let call = self.client.revoke_security_group_egress().group_id(&set.group);
                let answer = call.set_ip_permissions(Some(permissions)).send().await;
                answer.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
            }
        };
        request_id
            .map(|request_id| Applied { request_id, ..Applied::default() })
            .map_err(|failure| failure.of_action(action.permission()))
    }

    /// Tags are given for a whole call: rules with the same tags go together.
    async fn authorize(&self, action: &GroupAction, set: &RuleSet) -> Result<Applied, ApplyError> {
        let mut applied = Applied::default();
        for (tags, rules) in set.by_tags() {
            let permissions: Vec<_> = rules.into_iter().map(|rule| permission(rule, true)).collect();
            let tags = tag_specification(tags);
            let request_id = match set.direction {
                Direction::Ingress => {
                    let call = self.client.authorize_security_group_ingress().group_id(&set.group);
                    let call = call.set_ip_permissions(Some(permissions)).set_tag_specifications(tags);
                    call.send().await.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
                }
                Direction::Egress => {
                    let call = self.client.authorize_security_group_egress().group_id(&set.group);
                    let call = call.set_ip_permissions(Some(permissions)).set_tag_specifications(tags);
                    call.send().await.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
                }
            };
            applied.request_id = request_id.map_err(|failure| failure.of_action(action.permission()))?;
        }
        Ok(applied)
    }
}

/// A value of a filter that means itself: filters take `*` and `?` for wildcards, which a name may hold ("Filtering using
/// wildcards", EC2 user guide).
fn literal(value: &str) -> String {
    let mut literal = String::with_capacity(value.len());
    for letter in value.chars() {
        if matches!(letter, '*' | '?' | '\\') {
            literal.push('\\');
        }
        literal.push(letter);
    }
    literal
}

fn tag_specification(tags: &BTreeMap<String, String>) -> Option<Vec<TagSpecification>> {
    if tags.is_empty() {
        return None;
    }
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    Some(vec![TagSpecification::builder().resource_type(ResourceType::SecurityGroupRule).set_tags(Some(tags)).build()])
}

/// One rule as the API takes it.
fn permission(rule: &Rule, with_description: bool) -> IpPermission {
    let (protocol, from, to) = rule.traffic.wire();
    let description = rule.description.clone().filter(|_| with_description);
    let call = IpPermission::builder().ip_protocol(protocol).set_from_port(from).set_to_port(to);
    match &rule.source {
        Source::Cidr(net @ IpNet::V4(_)) => {
            call.ip_ranges(IpRange::builder().cidr_ip(net.to_string()).set_description(description).build())
        }
        Source::Cidr(net @ IpNet::V6(_)) => {
            call.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(net.to_string()).set_description(description).build())
        }
        Source::PrefixList { id, .. } => {
            call.prefix_list_ids(PrefixListId::builder().prefix_list_id(id).set_description(description).build())
        }
        Source::Group { id, account } => call.user_id_group_pairs(
            UserIdGroupPair::builder().group_id(id).set_user_id(account.clone()).set_description(description).build(),
        ),
    }
    .build()
}

/// One rule as the API shows it.
fn rule(item: &SecurityGroupRule) -> Result<Rule, Unreadable> {
    let source = match (item.cidr_ipv4(), item.cidr_ipv6(), item.prefix_list_id(), item.referenced_group_info()) {
        (Some(cidr), ..) | (None, Some(cidr), ..) => Source::Cidr(parse_cidr(cidr)?),
        (None, None, Some(id), _) => {
            let entries = Observed::Unknown { why: "the list was not read yet".to_owned() };
            Source::PrefixList { id: id.to_owned(), entries }
        }
        (None, None, None, Some(group)) => Source::Group {
            id: group.group_id().unwrap_or_default().to_owned(),
            account: group.user_id().map(str::to_owned),
        },
        (None, None, None, None) => {
            return Err(format!("rule `{}` names no source", item.security_group_rule_id().unwrap_or_default()).into());
        }
    };
    let direction = match item.is_egress() {
        Some(true) => Direction::Egress,
        Some(false) => Direction::Ingress,
        None => {
            return Err(format!("rule `{}` has no direction", item.security_group_rule_id().unwrap_or_default()).into());
        }
    };
    let tag = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    let tags = item.tags().iter().filter_map(tag).collect();
    Ok(Rule {
        id: item.security_group_rule_id().map(str::to_owned),
        direction,
        traffic: Traffic::read(
            item.ip_protocol().unwrap_or_default(),
            item.from_port().map(i64::from),
            item.to_port().map(i64::from),
        )?,
        source,
        description: item.description().filter(|text| !text.is_empty()).map(str::to_owned),
        tags,
        in_question: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_wildcard() {
        assert_eq!(literal("*"), r"\*");
        assert_eq!(literal(r"a?b\c-web"), r"a\?b\\c-web");
    }

    #[test]
    fn a_rule_that_says_no_direction_is_not_taken_for_ingress() {
        let item =
            SecurityGroupRule::builder().security_group_rule_id("sgr-1").ip_protocol("-1").cidr_ipv4("0.0.0.0/0");
        assert_eq!(rule(&item.clone().build()).unwrap_err().to_string(), "rule `sgr-1` has no direction");
        assert_eq!(rule(&item.is_egress(true).build()).unwrap().direction, Direction::Egress);
    }

    #[test]
    fn a_tag_without_a_value_is_kept() {
        let tag = Tag::builder().key("team").build();
        let item = SecurityGroupRule::builder().ip_protocol("-1").cidr_ipv4("10.0.0.0/8").is_egress(false).tags(tag);
        assert_eq!(rule(&item.build()).unwrap().tags, BTreeMap::from([("team".to_owned(), String::new())]));
    }
}
