//! EC2: security groups, page by page, for the sweep.
//!
//! `DescribeSecurityGroups` shows every rule of a group in the older form (`IpPermissions`): without ids and tags, which only
//! undoing needs. A group that has to be acted on is read in full before that.

use crate::aws::failure;
use crate::engine::family::{List, Page, ReadError};
use crate::engine::observed::Observed;
use crate::engine::unreadable::Unreadable;
use crate::net::parse_cidr;
use crate::resources::ec2::client::{Ec2, stack};
use crate::resources::ec2::security_group::DESCRIBE_SECURITY_GROUPS;
use crate::resources::ec2::security_group::SecurityGroups;
use crate::resources::ec2::security_group::state::{Direction, GroupRef, Rule, SecurityGroup, Source, Traffic};
use aws_sdk_ec2::types::{IpPermission, SecurityGroup as Described};
use std::collections::BTreeMap;

/// Groups of one page. `DescribeSecurityGroups` takes 5 to 1,000; with sixty rules each, a page of these stays below 10 MB.
const PAGE: i32 = 500;

impl List<SecurityGroups> for Ec2 {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<SecurityGroups>>, ReadError> {
        let call = self.client.describe_security_groups().max_results(PAGE);
        let answer = match call.set_next_token(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(DESCRIBE_SECURITY_GROUPS.action),
        };
        let groups = answer.security_groups.unwrap_or_default();
        let found = groups.iter().filter_map(|group| {
            let id = group.group_id()?.to_owned();
            let state = match described(group) {
                Ok(state) => Observed::Known(state),
                Err(unreadable) => Observed::Unknown { why: unreadable.to_string() },
            };
            Some((GroupRef::Id(id), state))
        });
        let next = answer.next_token.filter(|token| !token.is_empty());
        Ok(Observed::Known(Page { found: found.collect(), next }))
    }
}

pub(crate) fn described(group: &Described) -> Result<SecurityGroup, Unreadable> {
    let mut rules = read(group.ip_permissions(), Direction::Ingress)?;
    rules.extend(read(group.ip_permissions_egress(), Direction::Egress)?);
    let id = group.group_id().unwrap_or_default().to_owned();
    let name = match group.group_name() {
        Some(name) => Observed::Known(name.to_owned()),
        None => Observed::Unknown { why: "the listing lacks the group's name".to_owned() },
    };
    Ok(SecurityGroup { id, name, rules, is_whole: true, stack: stack(group.tags()) })
}

fn read(permissions: &[IpPermission], direction: Direction) -> Result<Vec<Rule>, Unreadable> {
    let mut rules = Vec::new();
    for permission in permissions {
        let traffic = Traffic::read(
            permission.ip_protocol().unwrap_or_default(),
            permission.from_port().map(i64::from),
            permission.to_port().map(i64::from),
        )?;
        let mut add = |source: Source, description: Option<&str>| {
            rules.push(Rule {
                id: None,
                direction,
                traffic,
                source,
                description: description.filter(|text| !text.is_empty()).map(str::to_owned),
                tags: BTreeMap::new(),
                in_question: true,
            });
        };
        let v4 = permission.ip_ranges().iter().map(|range| (range.cidr_ip(), range.description()));
        let v6 = permission.ipv6_ranges().iter().map(|range| (range.cidr_ipv6(), range.description()));
        for (cidr, description) in v4.chain(v6) {
            let net = parse_cidr(cidr.unwrap_or_default())?;
            add(Source::Cidr(net), description);
        }
        for list in permission.prefix_list_ids() {
            let id = list.prefix_list_id().unwrap_or_default().to_owned();
            let entries = Observed::Unknown { why: format!("what `{id}` holds was not read yet") };
            add(Source::PrefixList { id, entries }, list.description());
        }
        for pair in permission.user_id_group_pairs() {
            let id = pair.group_id().or(pair.group_name()).unwrap_or_default().to_owned();
            add(Source::Group { id, account: pair.user_id().map(str::to_owned) }, pair.description());
        }
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{IpRange, Ipv6Range, PrefixListId, Tag, UserIdGroupPair};

    #[test]
    fn a_group_of_a_listing_has_a_rule_for_each_source() {
        let all = IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22);
        let all = all.ip_ranges(IpRange::builder().cidr_ip("0.0.0.0/0").description("everybody").build());
        let all = all.ipv6_ranges(Ipv6Range::builder().cidr_ipv6("::/0").build());
        let all = all.prefix_list_ids(PrefixListId::builder().prefix_list_id("pl-1").build());
        let all = all.user_id_group_pairs(UserIdGroupPair::builder().group_id("sg-2").user_id("111122223333").build());
        let tag = Tag::builder().key("aws:cloudformation:stack-id").value("arn:stack").build();
        let group =
            Described::builder().group_id("sg-1").group_name("web").ip_permissions(all.build()).tags(tag).build();
        let group = described(&group).unwrap();
        let elements: Vec<_> = group.rules.iter().map(Rule::element).collect();
        assert_eq!(elements.len(), 4, "{elements:?}");
        assert!(elements[0].contains("tcp 22 from 0.0.0.0/0"), "{elements:?}");
        assert_eq!((group.stack.as_deref(), group.is_whole), (Some("arn:stack"), true));
    }

    #[test]
    fn a_network_that_is_none_is_an_error() {
        let range = IpRange::builder().cidr_ip("everywhere").build();
        let permission = IpPermission::builder().ip_protocol("-1").ip_ranges(range).build();
        assert!(described(&Described::builder().group_id("sg-1").ip_permissions(permission).build()).is_err());
    }
}
