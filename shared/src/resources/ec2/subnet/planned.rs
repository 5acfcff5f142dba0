//! What a template or a plan says that a subnet assigns. A default subnet is adopted by Terraform, and made by AWS: it assigns public IPv4 addresses unless
//! the plan says otherwise, by AWS's design.

use super::state::{Assigned, Attribute, Question, Subnet, Subnets};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;

pub(super) const FORMS: &[PlannedForm<Subnets>] = &[
    PlannedForm::one("AWS::EC2::Subnet", |it| {
        subnet(it, ["MapPublicIpOnLaunch", "AssignIpv6AddressOnCreation", "Ipv6Native"], false)
    }),
    PlannedForm::one("aws_subnet", |it| subnet(it, TERRAFORM, false)),
    PlannedForm::one("aws_default_subnet", |it| subnet(it, TERRAFORM, true)),
];

const TERRAFORM: [&str; 3] = ["map_public_ip_on_launch", "assign_ipv6_address_on_creation", "ipv6_native"];

fn subnet(
    it: &PlannedResource<'_>,
    [ipv4, ipv6, ipv6_only]: [&str; 3],
    is_default: bool,
) -> Result<Option<Subnets>, Unreadable> {
    let assigned = |attribute, property: &str, otherwise| {
        let is_on = it.flag(property)?.unwrap_or(otherwise);
        Ok::<_, Unreadable>(Assigned { attribute, is_on, in_question: true })
    };
    let assigns = vec![assigned(Attribute::PublicIpv4, ipv4, is_default)?, assigned(Attribute::Ipv6, ipv6, false)?];
    let subnet = Subnet {
        id: it.name.to_owned(),
        owner: None,
        is_default: Observed::Known(is_default),
        is_ipv6_only: Observed::Known(it.flag(ipv6_only)?.unwrap_or_default()),
        assigns,
        question: Question::Standing,
        stack: None,
    };
    Ok(Some(Subnets { subnets: vec![subnet] }))
}
