//! Transit gateways: NET-14.

pub mod accepts_by_itself;
#[cfg(feature = "ec2")]
pub(crate) mod client;
pub mod state;

use super::wire;
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::Guardrail;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use accepts_by_itself::TransitGatewayAcceptsByItself;
use serde_json::Value;
use state::MODIFY_TRANSIT_GATEWAY;
use state::{GatewayAction, GatewayRef, TransitGateway};

pub(crate) const DESCRIBE_TRANSIT_GATEWAYS: Permission = Permission::read("ec2:DescribeTransitGateways");

/// The family of transit gateways. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct TransitGateways;

type GatewayTarget = Target<GatewayRef, TransitGateway>;

impl Family for TransitGateways {
    type Key = GatewayRef;
    type State = TransitGateway;
    type Action = GatewayAction;

    fn kind(&self) -> &'static str {
        "transit-gateway"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_TRANSIT_GATEWAYS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_TRANSIT_GATEWAY]
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<TransitGateway, GatewayAction>] {
        &[&TransitGatewayAcceptsByItself]
    }

    fn locate(&self, event: &Event) -> Result<Vec<GatewayTarget>, Unlocatable> {
        if !event.is_one_of("ec2.amazonaws.com", &["CreateTransitGateway", "ModifyTransitGateway"]) {
            return Ok(Vec::new());
        }
        let target = changed(event);
        target
            .map(|target| target.into_iter().collect())
            .map_err(|why| Unlocatable { event_name: event.name.clone(), why: why.to_owned() })
    }

    /// The one setting is looked at whole.
    fn focus(&self, _: &mut TransitGateway, _: &GatewayTarget) {}

    fn stack(&self, gateway: &TransitGateway) -> Option<String> {
        gateway.stack.clone()
    }

    fn resource(&self, key: &GatewayRef, _: Option<&TransitGateway>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        Resource {
            id: format!("arn:{partition}:ec2:{region}:{account}:transit-gateway/{}", key.id),
            kind: "AwsEc2TransitGateway",
            name: key.id.clone(),
        }
    }
}

/// The response shows all options as they are to be, while the gateway is `pending` or `modifying`; the request those that
/// were given. A call that leaves this option alone leads nowhere.
fn changed(event: &Event) -> Result<Option<GatewayTarget>, &'static str> {
    let part = |body: &'_ Body, wrapper: &str| wire::unwrapped(body, wrapper).cloned().unwrap_or_default();
    let request = part(&event.request, &format!("{}Request", event.name));
    let response = part(&event.response, &format!("{}Response", event.name));
    let gateway = wire::field(&response, "transitGateway").unwrap_or(&Value::Null);
    let asked = option(&request);
    let is_about_it = event.name == "CreateTransitGateway" || asked.is_some() || event.request.value().is_none();
    if !is_about_it {
        return Ok(None);
    }
    let id = wire::text(gateway, "transitGatewayId").or_else(|| wire::text(&request, "transitGatewayId"));
    let id = id.ok_or("neither the request nor the response names the gateway")?;
    let proven = option(gateway).or(asked).map(|accepts| TransitGateway {
        id: id.clone(),
        owner: wire::text(gateway, "ownerId"),
        accepts_by_itself: Observed::Known(accepts),
        stack: None,
    });
    Ok(Some(Target { key: GatewayRef { id }, proven, changed: None }))
}

fn option(fields: &Value) -> Option<bool> {
    let options = wire::field(fields, "options")?;
    match wire::text(options, "autoAcceptSharedAttachments")?.as_str() {
        "enable" => Some(true),
        "disable" => Some(false),
        _ => None,
    }
}
