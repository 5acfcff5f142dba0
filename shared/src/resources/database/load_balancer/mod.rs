//! Application, network and gateway load balancers: DB-03.
//!
//! `ModifyLoadBalancerAttributes` of version 2015-12-01 names an ARN and a list of `{key, value}`, all texts. Classic load
//! balancers have a call of the same name under the same source that names `loadBalancerName`; they have no such switch.

#[cfg(feature = "elb")]
pub mod client;
pub mod deletion_protection_off;

use super::protection::MODIFY_LOAD_BALANCER_ATTRIBUTES;
use super::protection::{LOAD_BALANCER_ATTRIBUTE, LoadBalancerRef, PROTECTION_OFF, Protectable, Protected, Protection};
use super::record::{as_flag, field, field_of, list, text, unlocatable};
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::Guardrail;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use deletion_protection_off::LoadBalancerUnprotected;
use serde_json::Value;

pub(crate) const DESCRIBE_LOAD_BALANCER_ATTRIBUTES: Permission =
    Permission::read("elasticloadbalancing:DescribeLoadBalancerAttributes");
pub(crate) const DESCRIBE_LOAD_BALANCERS: Permission = Permission::read("elasticloadbalancing:DescribeLoadBalancers");

/// The family of load balancers. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadBalancers;

impl Family for LoadBalancers {
    type Key = LoadBalancerRef;
    type State = Protected<LoadBalancerRef>;
    type Action = Protection<LoadBalancerRef>;

    fn kind(&self) -> &'static str {
        "load-balancer"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_LOAD_BALANCER_ATTRIBUTES, DESCRIBE_LOAD_BALANCERS]
    }

    fn lists(&self) -> &'static [Permission] {
        &[DESCRIBE_LOAD_BALANCERS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_LOAD_BALANCER_ATTRIBUTES]
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<Protected<LoadBalancerRef>, Protection<LoadBalancerRef>>] {
        &[&LoadBalancerUnprotected]
    }

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of("elasticloadbalancing.amazonaws.com", &["ModifyLoadBalancerAttributes"]) {
            return Ok(Vec::new());
        }
        let Body::Present(_) = &event.request else {
            return if is_of_classic(&event.response) {
                Ok(Vec::new())
            } else {
                Err(unlocatable(event, "load balancer"))
            };
        };
        if text(&event.request, "loadBalancerName").is_some() {
            return Ok(Vec::new());
        }
        let asked = field(&event.request, "attributes");
        let Some(attribute) = asked.and_then(switch) else { return Ok(Vec::new()) };
        let arn = text(&event.request, "loadBalancerArn").ok_or_else(|| unlocatable(event, "load balancer"))?;
        let key = LoadBalancerRef { arn: arn.to_owned() };
        // A tool that makes a load balancer sends every attribute right after it: a look shows how old it is.
        let is_among_others = asked.is_some_and(|attributes| list(attributes).len() > 1);
        let value = field_of(attribute, "value").and_then(as_flag);
        let proven = value.filter(|is_on| *is_on || !is_among_others);
        let proven = proven.map(|is_on| Protected::switched(key.clone(), is_on));
        let others = is_among_others.then(|| OTHERS.to_owned());
        let changed = Some(others.into_iter().chain([PROTECTION_OFF.to_owned()]).collect());
        Ok(vec![Target { proven, changed, key }])
    }

    fn focus(&self, balancer: &mut Protected<LoadBalancerRef>, target: &TargetOf<Self>) {
        balancer.in_question = target.changed.as_ref().is_none_or(|changed| changed.contains(PROTECTION_OFF));
        balancer.is_among_others = target.changed.as_ref().is_some_and(|changed| changed.contains(OTHERS));
    }

    fn resource(&self, key: &LoadBalancerRef, _: Option<&Protected<LoadBalancerRef>>, _: &Place) -> Resource {
        Resource { id: key.arn.clone(), kind: "AwsElbv2LoadBalancer", name: key.name().to_owned() }
    }
}

/// What else an event changed of a load balancer.
const OTHERS: &str = "other attributes";

/// The attribute among those that the call sets.
fn switch(attributes: &Value) -> Option<&Value> {
    let is_switch = |attribute: &&Value| field_of(attribute, "key").is_some_and(|key| key == LOAD_BALANCER_ATTRIBUTE);
    list(attributes).into_iter().find(is_switch)
}

fn is_of_classic(response: &Body) -> bool {
    field(response, "loadBalancerName").is_some() || field(response, "loadBalancerAttributes").is_some()
}
