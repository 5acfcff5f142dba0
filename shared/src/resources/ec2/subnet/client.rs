//! Subnets.

use super::DESCRIBE_SUBNETS;
use super::SubnetFamily;
use super::state::{Assigned, Attribute, Question, Subnet, SubnetAction, SubnetRef, Subnets};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::ec2::client::{Ec2, id_of, stack};
use aws_sdk_ec2::types::{self, AttributeBooleanValue, Filter};

const READ: &str = DESCRIBE_SUBNETS.action;

impl Observe<SubnetFamily> for Ec2 {
    async fn observe(&self, key: &SubnetRef, _: ReadDepth) -> Result<Observed<Subnets>, ReadError> {
        let call = self.client.describe_subnets();
        let call = match key {
            SubnetRef::Id(id) => call.subnet_ids(id),
            SubnetRef::AllOf(vpc) => call.filters(Filter::builder().name("vpc-id").values(vpc).build()),
        };
        let mut pages = call.into_paginator().send();
        let mut subnets = Vec::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => subnets.extend(page.subnets().iter().map(subnet)),
                Err(error) => return failure(&error).of_read(READ),
            }
        }
        Ok(if subnets.is_empty() { Observed::Absent } else { Observed::Known(Subnets { subnets }) })
    }
}

impl List<SubnetFamily> for Ec2 {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<SubnetFamily>>, ReadError> {
        const PAGE: i32 = 500;
        let call = self.client.describe_subnets().max_results(PAGE).set_next_token(from.map(str::to_owned));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(READ),
        };
        let one = |found: &types::Subnet| {
            let subnet = subnet(found);
            (SubnetRef::Id(subnet.id.clone()), Observed::Known(Subnets { subnets: vec![subnet] }))
        };
        let found = answer.subnets().iter().map(one).collect();
        Ok(Observed::Known(Page { found, next: answer.next_token().map(str::to_owned) }))
    }
}

impl Apply<SubnetAction> for Ec2 {
    async fn apply(&self, action: &SubnetAction) -> Result<Applied, ApplyError> {
        let value = AttributeBooleanValue::builder().value(action.value).build();
        let call = self.client.modify_subnet_attribute().subnet_id(&action.subnet);
        let call = match action.attribute {
            Attribute::PublicIpv4 => call.map_public_ip_on_launch(value),
            Attribute::Ipv6 => call.assign_ipv6_address_on_creation(value),
        };
        match call.send().await {
            Ok(answer) => Ok(Applied { request_id: id_of(&answer), ..Applied::default() }),
            Err(error) => Err(failure(&error).of_action(action.permission())),
        }
    }
}

/// An attribute that is not shown is not taken for off: it does not appear.
fn subnet(found: &types::Subnet) -> Subnet {
    let said = |value: Option<bool>, what: &str| match value {
        Some(value) => Observed::Known(value),
        None => Observed::Unknown { why: format!("the answer does not say whether the subnet {what}") },
    };
    let shown = [
        (Attribute::PublicIpv4, found.map_public_ip_on_launch()),
        (Attribute::Ipv6, found.assign_ipv6_address_on_creation()),
    ];
    let assigned =
        |(attribute, value): (Attribute, Option<bool>)| Some(Assigned { attribute, is_on: value?, in_question: true });
    Subnet {
        id: found.subnet_id().unwrap_or_default().to_owned(),
        owner: found.owner_id().map(str::to_owned),
        is_default: said(found.default_for_az(), "is a default one"),
        is_ipv6_only: said(found.ipv6_native(), "has IPv6 alone"),
        assigns: shown.into_iter().filter_map(assigned).collect(),
        question: Question::Standing,
        stack: stack(found.tags()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_shown_is_neither_on_nor_off() {
        let found = subnet(&types::Subnet::builder().subnet_id("subnet-1").map_public_ip_on_launch(true).build());
        assert_eq!(found.assigns, [Assigned { attribute: Attribute::PublicIpv4, is_on: true, in_question: true }]);
        assert!(matches!(found.is_ipv6_only, Observed::Unknown { .. }));
        let found = types::Subnet::builder().subnet_id("subnet-1").ipv6_native(false).default_for_az(true);
        assert_eq!(subnet(&found.build()).is_default, Observed::Known(true));
    }
}
