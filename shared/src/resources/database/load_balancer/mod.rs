//! DB-03: application, network and gateway load balancers are protected from deletion.
//!
//! `ModifyLoadBalancerAttributes` of version 2015-12-01 names an ARN and a list of `{key, value}`, all texts. Classic load
//! balancers have a call of the same name under the same source that names `loadBalancerName`; they have no such switch.

#[cfg(feature = "elb")]
pub mod client;

use super::protection::{Protected, Protection, changed};
use super::record::{as_flag, field, field_of, list, text, unlocatable};
use crate::engine::event::Body;
use crate::engine::setting::Subject;
use crate::engine::setting::prelude::*;
use crate::resources::database::protection::NOT_WATCHED;
use serde_json::Value;
use std::fmt::{self, Display};

pub(crate) const DESCRIBE_LOAD_BALANCER_ATTRIBUTES: Permission =
    Permission::read("elasticloadbalancing:DescribeLoadBalancerAttributes");
pub(crate) const DESCRIBE_LOAD_BALANCERS: Permission = Permission::read("elasticloadbalancing:DescribeLoadBalancers");
const MODIFY: Permission = Permission::on(
    "elasticloadbalancing:ModifyLoadBalancerAttributes",
    &[
        "elasticloadbalancing:${Region}:${Account}:loadbalancer/app/*",
        "elasticloadbalancing:${Region}:${Account}:loadbalancer/gwy/*",
        "elasticloadbalancing:${Region}:${Account}:loadbalancer/net/*",
    ],
);

/// The attribute.
pub const ATTRIBUTE: &str = "deletion_protection.enabled";

/// Deletion protection of load balancers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LoadBalancers;

/// An application, network or gateway load balancer. Classic ones have no such switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancerRef {
    /// `arn:aws:elasticloadbalancing:...:loadbalancer/app/name/id`
    pub arn: String,
}

impl Display for LoadBalancerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "load balancer {}", self.name())
    }
}

impl Subject for LoadBalancerRef {
    /// The third part of `loadbalancer/app/name/id`.
    fn name(&self) -> &str {
        self.arn.split('/').nth(2).unwrap_or(&self.arn)
    }

    fn id(&self) -> &str {
        &self.arn
    }
}

impl Protection for LoadBalancers {
    type Key = LoadBalancerRef;

    const KIND: &'static str = "load-balancer";
    const READS: &'static [Permission] = &[DESCRIBE_LOAD_BALANCER_ATTRIBUTES, DESCRIBE_LOAD_BALANCERS];
    const LISTS: &'static [Permission] = &[DESCRIBE_LOAD_BALANCERS];
    // Security Hub user guide, "Elastic Load Balancing controls".
    const ABOUT: &'static About = &About {
        name: "load-balancer-deletion-protection-off",
        catalogue_id: "DB-03",
        title: "Deletion protection of a load balancer is off",
        description: "Deletion protection of an application, network or gateway load balancer was turned off; `only` names the \
            load balancers that it applies to, all without it. A call that sets other things of one that was created within the \
            hour configured it, and removed no protection. The sweep also finds those that never had it. Classic load balancers \
            have no such setting.",
        severity: Severity::Medium,
        class: Class::R1,
        controls: &["ELB.6"],
        technique: "T1489",
        triggers: &["ModifyLoadBalancerAttributes"],
        remediation: "Turns deletion protection on again, which affects nothing but a deletion. A resource that is being deleted is \
            notified only.",
        actions: &[MODIFY],
        ids: &["arn:%:elasticloadbalancing:%:%:loadbalancer/*"],
        not_watched: NOT_WATCHED,
    };
    const CALLS: &'static [Call<bool>] = &[
        Call {
            sets: true,
            stored: &["on"],
            permission: MODIFY,
            says: "turn deletion protection on for load balancer {}",
            line: "aws elbv2 modify-load-balancer-attributes --load-balancer-arn {} --attributes Key=deletion_protection.enabled,Value=true",
        },
        Call {
            sets: false,
            stored: &["off"],
            permission: MODIFY,
            says: "turn deletion protection off for load balancer {}",
            line: "aws elbv2 modify-load-balancer-attributes --load-balancer-arn {} --attributes Key=deletion_protection.enabled,Value=false",
        },
    ];

    const PLANNED: &'static [PlannedForm<Protected<LoadBalancerRef>>] = &[
        PlannedForm::one("AWS::ElasticLoadBalancingV2::LoadBalancer", attributes),
        PlannedForm::one("aws_alb", |it| Protected::planned(it, planned(it), "enable_deletion_protection")),
        PlannedForm::one("aws_lb", |it| Protected::planned(it, planned(it), "enable_deletion_protection")),
    ];

    fn changed_by(event: &Event) -> Result<Vec<Target<LoadBalancerRef, Protected<LoadBalancerRef>>>, Unlocatable> {
        if !event.is_one_of("elasticloadbalancing.amazonaws.com", <Self as Protection>::ABOUT.triggers) {
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
        Ok(vec![Target { proven, changed: changed(is_among_others), key }])
    }

    fn named(key: &LoadBalancerRef, _: &Place) -> Resource {
        Resource { id: key.arn.clone(), kind: "AwsElbv2LoadBalancer", name: key.name().to_owned() }
    }
}

fn planned(it: &PlannedResource<'_>) -> LoadBalancerRef {
    LoadBalancerRef { arn: it.named(&["Name", "name"]) }
}

/// An attribute that is not among them is off. One that is open may be it.
fn attributes(it: &PlannedResource<'_>) -> Result<Option<Protected<LoadBalancerRef>>, Unreadable> {
    let (mut is_on, mut open) = (None, None);
    for attribute in it.parts("LoadBalancerAttributes")? {
        match attribute.text("Key") {
            Ok(Some(key)) if key == ATTRIBUTE => is_on = Some(attribute.flag("Value")?.unwrap_or_default()),
            Ok(_) => {}
            Err(why) => open = Some(why),
        }
    }
    match (is_on, open) {
        (None, Some(why)) => Err(why),
        (is_on, _) => Ok(Some(Protected::switched(planned(it), is_on.unwrap_or_default()))),
    }
}

/// The attribute among those that the call sets.
fn switch(attributes: &Value) -> Option<&Value> {
    let is_switch = |attribute: &&Value| field_of(attribute, "key").is_some_and(|key| key == ATTRIBUTE);
    list(attributes).into_iter().find(is_switch)
}

fn is_of_classic(response: &Body) -> bool {
    field(response, "loadBalancerName").is_some() || field(response, "loadBalancerAttributes").is_some()
}
