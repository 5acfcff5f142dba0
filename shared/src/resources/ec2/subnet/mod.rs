//! Subnets: NET-09.

pub mod assigns_public_address;
#[cfg(feature = "ec2")]
pub(crate) mod client;
mod planned;
pub mod state;

use super::wire;
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use assigns_public_address::SubnetAssignsPublicAddress;
use serde_json::Value;
use state::MODIFY_SUBNET_ATTRIBUTE;
use state::{Assigned, Attribute, Question, Subnet, SubnetAction, SubnetRef, Subnets};
use std::borrow::Cow;
use std::collections::BTreeSet;

pub(crate) const DESCRIBE_SUBNETS: Permission = Permission::read("ec2:DescribeSubnets");

/// The family of subnets. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct SubnetFamily;

type SubnetTarget = Target<SubnetRef, Subnets>;

impl Family for SubnetFamily {
    type Key = SubnetRef;
    type State = Subnets;
    type Action = SubnetAction;

    fn kind(&self) -> &'static str {
        "subnet"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_SUBNETS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_SUBNET_ATTRIBUTE]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Subnets>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![SubnetAssignsPublicAddress];

    fn locate(&self, event: &Event) -> Result<Vec<SubnetTarget>, Unlocatable> {
        if event.source != "ec2.amazonaws.com" {
            return Ok(Vec::new());
        }
        let target = match event.name.as_str() {
            "ModifySubnetAttribute" => modified(event),
            "CreateDefaultSubnet" => made_default(event, &["subnet", "subnetId"], SubnetRef::Id),
            "CreateDefaultVpc" => made_default(event, &["vpc", "vpcId"], SubnetRef::AllOf),
            _ => return Ok(Vec::new()),
        };
        target.map(|target| target.into_iter().collect()).map_err(|why| Unlocatable::new(event, why))
    }

    /// Which attribute was set, or that the subnets were made, only the event shows.
    fn focus(&self, state: &mut Subnets, target: &SubnetTarget) {
        for subnet in &mut state.subnets {
            let changed = target.changed.as_ref();
            subnet.question = match changed {
                None => Question::Standing,
                Some(changed) if changed.contains(MADE_DEFAULT) => Question::MadeDefault,
                Some(_) => Question::Set,
            };
            for assigned in &mut subnet.assigns {
                let is_set = |changed: &BTreeSet<String>| changed.contains(assigned.attribute.key());
                assigned.in_question = changed.is_none_or(|changed| changed.contains(MADE_DEFAULT) || is_set(changed));
            }
        }
    }

    fn stack(&self, state: &Subnets) -> Option<String> {
        state.subnets.iter().find_map(|subnet| subnet.stack.clone())
    }

    fn resource(&self, key: &SubnetRef, _: Option<&Subnets>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let (kind, path, name) = match key {
            SubnetRef::Id(id) => ("AwsEc2Subnet", "subnet", id),
            SubnetRef::AllOf(vpc) => ("AwsEc2Vpc", "vpc", vpc),
        };
        Resource { id: format!("arn:{partition}:ec2:{region}:{account}:{path}/{name}"), kind, name: name.clone() }
    }
}

/// In `changed`, where others have the attribute that was set: the subnets were just made, as default ones.
const MADE_DEFAULT: &str = "made as a default subnet";

/// One attribute a call; a call about another one leads nowhere. That an attribute was switched off is worth no look
/// either: nothing is remembered of a subnet.
fn modified(event: &Event) -> Result<Option<SubnetTarget>, &'static str> {
    let Some(request) = wire::unwrapped(&event.request, "ModifySubnetAttributeRequest") else {
        return Err(match event.request {
            Body::Omitted => "the record leaves its request out because it is too large",
            Body::Null | Body::Present(_) => "the record carries no request",
        });
    };
    let named = Attribute::ALL.into_iter().find(|attribute| wire::field(request, attribute.key()).is_some());
    let Some(attribute) = named else { return Ok(None) };
    let id = wire::text(request, "subnetId").ok_or("the request names no subnet")?;
    let proven = wire::flag(request, attribute.key()).and_then(|is_on| proven(&id, attribute, is_on));
    let changed = Some(BTreeSet::from([attribute.key().to_owned()]));
    Ok(Some(Target { key: SubnetRef::Id(id), proven, changed }))
}

/// That an IPv6 address is given to whatever is launched says nothing before it is known whether the subnet has others.
fn proven(id: &str, attribute: Attribute, is_on: bool) -> Option<Subnets> {
    if attribute == Attribute::Ipv6 && is_on {
        return None;
    }
    let unknown = || Observed::Unknown { why: "the record shows one attribute of the subnet".to_owned() };
    let subnet = Subnet {
        id: id.to_owned(),
        owner: None,
        is_default: unknown(),
        is_ipv6_only: unknown(),
        assigns: vec![Assigned { attribute, is_on, in_question: true }],
        question: Question::Set,
        stack: None,
    };
    Some(Subnets { subnets: vec![subnet] })
}

fn made_default(
    event: &Event,
    path: &[&str],
    key: impl Fn(String) -> SubnetRef,
) -> Result<Option<SubnetTarget>, &'static str> {
    let wrapper = format!("{}Response", event.name);
    let response = wire::unwrapped(&event.response, &wrapper).cloned().unwrap_or_default();
    let [outer, inner] = path else { return Ok(None) };
    let made = wire::field(&response, outer).unwrap_or(&Value::Null);
    let id = wire::text(made, inner).ok_or("the response does not name what was made")?;
    Ok(Some(Target { key: key(id), proven: None, changed: Some(BTreeSet::from([MADE_DEFAULT.to_owned()])) }))
}
