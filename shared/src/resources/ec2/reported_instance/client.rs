//! EC2: instances that are reported, and what isolates them.

use super::ReportedInstances;
use super::actions::{Groups, IsolationAction};
use super::state::{ISOLATED, Interface, QUARANTINE, Quarantine, ReportedInstance, ReportedRef};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::ec2::client::Ec2;
use crate::resources::ec2::instance::DESCRIBE_INSTANCES;
use crate::resources::ec2::instance::client::is_ending;
use crate::resources::ec2::security_group::DESCRIBE_SECURITY_GROUPS;
use aws_sdk_ec2::types::{
    Filter, Instance, InstanceSpecification, IpPermission, ResourceType, SecurityGroup, Tag, TagSpecification,
};
use std::collections::{BTreeMap, BTreeSet};

impl Observe<ReportedInstances> for Ec2 {
    async fn observe(&self, key: &ReportedRef, _: ReadDepth) -> Result<Observed<ReportedInstance>, ReadError> {
        let answer = match self.client.describe_instances().instance_ids(&key.id).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(DESCRIBE_INSTANCES.action),
        };
        let mut described = answer.reservations().iter().flat_map(|reservation| reservation.instances());
        let described = described.find(|instance| instance.instance_id() == Some(key.id.as_str()));
        let Some(described) = described.filter(|described| !is_ending(described)) else { return Ok(Observed::Absent) };
        let Some(interfaces) = interfaces(described) else {
            let why = format!("the answer does not show the network interfaces of `{}`", key.id);
            return Ok(Observed::Unknown { why });
        };
        let vpcs: BTreeSet<&str> = interfaces.values().map(|interface| interface.vpc.as_str()).collect();
        let quarantine = self.quarantine(&vpcs).await?;
        let tags = described.tags().iter();
        let tags = tags.filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())));
        Ok(Observed::Known(ReportedInstance {
            id: key.id.clone(),
            report: key.report.clone(),
            quarantine,
            tags: tags.collect(),
            is_gone: false,
            has_volumes: described.block_device_mappings().iter().any(|device| device.ebs().is_some()),
            interfaces,
        }))
    }
}

impl Ec2 {
    /// The quarantine groups of these VPCs.
    async fn quarantine(&self, vpcs: &BTreeSet<&str>) -> Result<Observed<BTreeMap<String, Quarantine>>, ReadError> {
        let vpcs = Filter::builder().name("vpc-id").set_values(Some(vpcs.iter().map(|&vpc| vpc.to_owned()).collect()));
        let tagged = Filter::builder().name("tag-key").values(QUARANTINE);
        let call = self.client.describe_security_groups().filters(vpcs.build()).filters(tagged.build());
        let mut pages = call.into_paginator().send();
        let mut found: Vec<(String, Quarantine)> = Vec::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => found.extend(page.security_groups().iter().filter_map(quarantine)),
                Err(error) => return failure(&error).of_read(DESCRIBE_SECURITY_GROUPS.action),
            }
        }
        found.sort_by(|(_, one), (_, other)| one.group.cmp(&other.group));
        let mut all: BTreeMap<String, Quarantine> = BTreeMap::new();
        for (vpc, group) in found {
            match all.get_mut(&vpc) {
                // One of them may be an attacker's, who may make and tag groups, and talk to it.
                Some(first) => {
                    first.lets_through.push(format!("{} has the tag as well: it has to be one", group.group))
                }
                None => drop(all.insert(vpc, group)),
            }
        }
        Ok(Observed::Known(all))
    }
}

/// None where one of them is not shown whole.
fn interfaces(described: &Instance) -> Option<BTreeMap<String, Interface>> {
    let interface = |shown: &aws_sdk_ec2::types::InstanceNetworkInterface| {
        let groups: Option<Vec<String>> =
            shown.groups().iter().map(|group| group.group_id().map(str::to_owned)).collect();
        let groups = groups.filter(|groups| !groups.is_empty())?;
        Some((shown.network_interface_id()?.to_owned(), Interface { vpc: shown.vpc_id()?.to_owned(), groups }))
    };
    let all: Option<BTreeMap<_, _>> = described.network_interfaces().iter().map(interface).collect();
    all.filter(|all| !all.is_empty())
}

fn quarantine(group: &SecurityGroup) -> Option<(String, Quarantine)> {
    let rules = group.ip_permissions().iter().chain(group.ip_permissions_egress());
    let lets_through: BTreeSet<String> = rules.flat_map(|rule| lets_through(rule, group)).collect();
    let lets_through = lets_through.into_iter().collect();
    Some((group.vpc_id()?.to_owned(), Quarantine { group: group.group_id()?.to_owned(), lets_through }))
}

/// What a rule lets through that a quarantine must not: anything but another group of the account.
fn lets_through(rule: &IpPermission, group: &SecurityGroup) -> Vec<String> {
    let four = rule.ip_ranges().iter().filter_map(|range| range.cidr_ip());
    let six = rule.ipv6_ranges().iter().filter_map(|range| range.cidr_ipv6());
    let lists = rule.prefix_list_ids().iter().filter_map(|list| list.prefix_list_id());
    let groups = rule.user_id_group_pairs().iter().filter(|pair| {
        pair.group_id() == group.group_id() || pair.user_id().is_some_and(|owner| Some(owner) != group.owner_id())
    });
    let groups = groups.filter_map(|pair| pair.group_id());
    four.chain(six).chain(lists).chain(groups).map(|from| format!("a rule lets {from} through")).collect()
}

impl Apply<IsolationAction> for Ec2 {
    async fn apply(&self, action: &IsolationAction) -> Result<Applied, ApplyError> {
        let permission = action.permission();
        match action {
            IsolationAction::Groups(Groups { interface, groups }) => {
                let call = self.client.modify_network_interface_attribute().network_interface_id(interface);
                done(call.set_groups(Some(groups.clone())).send().await, permission)
            }
            IsolationAction::Snapshot(mark) => {
                let of = InstanceSpecification::builder().instance_id(&mark.instance).build();
                let tag = Tag::builder().key(ISOLATED).value(mark.value()).build();
                let tags = TagSpecification::builder().resource_type(ResourceType::Snapshot).tags(tag).build();
                done(
                    self.client.create_snapshots().instance_specification(of).tag_specifications(tags).send().await,
                    permission,
                )
            }
            IsolationAction::Tag(mark) => {
                let tag = Tag::builder().key(ISOLATED).value(mark.value()).build();
                done(self.client.create_tags().resources(&mark.instance).tags(tag).send().await, permission)
            }
            IsolationAction::Untag(mark) => {
                let tag = Tag::builder().key(ISOLATED).build();
                done(self.client.delete_tags().resources(&mark.instance).tags(tag).send().await, permission)
            }
        }
    }
}

/// A report is an event: a sweep has none.
impl List<ReportedInstances> for Ec2 {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<ReportedInstances>>, ReadError> {
        Ok(Observed::Known(Page { found: Vec::new(), next: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{
        GroupIdentifier, InstanceNetworkInterface, IpRange, Ipv6Range, PrefixListId, UserIdGroupPair,
    };

    fn group(rule: IpPermission) -> SecurityGroup {
        let group = SecurityGroup::builder().group_id("sg-q").vpc_id("vpc-1").owner_id("111122223333");
        group.ip_permissions_egress(rule).build()
    }

    fn of(owner: &str, group: &str) -> UserIdGroupPair {
        UserIdGroupPair::builder().user_id(owner).group_id(group).build()
    }

    #[test]
    fn a_group_isolates_where_it_lets_only_other_groups_of_the_account_through() {
        let (vpc, found) = quarantine(&SecurityGroup::builder().group_id("sg-q").vpc_id("vpc-1").build()).unwrap();
        assert_eq!((vpc.as_str(), found.group.as_str(), found.lets_through.len()), ("vpc-1", "sg-q", 0));
        let rule = IpPermission::builder;
        for (rule, isolates) in [
            (rule().user_id_group_pairs(of("111122223333", "sg-responders")).build(), true),
            (rule().user_id_group_pairs(of("111122223333", "sg-q")).build(), false),
            (rule().user_id_group_pairs(of("444455556666", "sg-other")).build(), false),
            (rule().ip_ranges(IpRange::builder().cidr_ip("10.0.0.0/8").build()).build(), false),
            (rule().ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build()).build(), false),
            (rule().prefix_list_ids(PrefixListId::builder().prefix_list_id("pl-1").build()).build(), false),
        ] {
            let (_, found) = quarantine(&group(rule.clone())).unwrap();
            assert_eq!(found.lets_through.is_empty(), isolates, "{rule:?}: {found:?}");
        }
    }

    #[test]
    fn interfaces_are_known_whole_or_not_at_all() {
        let shown = InstanceNetworkInterface::builder().network_interface_id("eni-1").vpc_id("vpc-1");
        let with = shown.clone().groups(GroupIdentifier::builder().group_id("sg-1").build()).build();
        let known = interfaces(&Instance::builder().network_interfaces(with.clone()).build()).unwrap();
        assert_eq!(known["eni-1"].groups, ["sg-1"]);
        assert_eq!(interfaces(&Instance::builder().build()), None);
        let half = Instance::builder().network_interfaces(with).network_interfaces(shown.build()).build();
        assert_eq!(interfaces(&half), None, "its groups are not shown");
    }
}
