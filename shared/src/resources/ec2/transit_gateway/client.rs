//! Transit gateways.

use super::{DESCRIBE_TRANSIT_GATEWAYS, GatewayRef, TransitGateway, TransitGateways};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::setting::Set;
use crate::resources::ec2::client::{Ec2, stack};
use aws_sdk_ec2::types::{self, AutoAcceptSharedAttachmentsValue, ModifyTransitGatewayOptions, TransitGatewayState};

const READ: &str = DESCRIBE_TRANSIT_GATEWAYS.action;

impl Observe<TransitGateways> for Ec2 {
    async fn observe(&self, key: &GatewayRef, _: ReadDepth) -> Result<Observed<TransitGateway>, ReadError> {
        match self.client.describe_transit_gateways().transit_gateway_ids(&key.id).send().await {
            Ok(answer) => {
                let found = answer.transit_gateways().iter().find(|gateway| !is_deleted(gateway));
                Ok(found.map_or(Observed::Absent, |found| Observed::Known(gateway(found))))
            }
            Err(error) => failure(&error).of_read(READ),
        }
    }
}

impl List<TransitGateways> for Ec2 {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<TransitGateways>>, ReadError> {
        const PAGE: i32 = 200;
        let call = self.client.describe_transit_gateways().max_results(PAGE).set_next_token(from.map(str::to_owned));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(READ),
        };
        let standing = answer.transit_gateways().iter().filter(|gateway| !is_deleted(gateway));
        let found = standing.map(gateway).map(|state| (GatewayRef { id: state.id.clone() }, Observed::Known(state)));
        Ok(Observed::Known(Page { found: found.collect(), next: answer.next_token().map(str::to_owned) }))
    }
}

impl Apply<Set<TransitGateways>> for Ec2 {
    async fn apply(&self, action: &Set<TransitGateways>) -> Result<Applied, ApplyError> {
        let value = if action.value() {
            AutoAcceptSharedAttachmentsValue::Enable
        } else {
            AutoAcceptSharedAttachmentsValue::Disable
        };
        let options = ModifyTransitGatewayOptions::builder().auto_accept_shared_attachments(value).build();
        let call = self.client.modify_transit_gateway().transit_gateway_id(action.subject()).options(options);
        done(call.send().await, action.permission())
    }
}

/// A deleted gateway is shown for a while.
pub(crate) fn is_deleted(gateway: &types::TransitGateway) -> bool {
    matches!(gateway.state(), Some(TransitGatewayState::Deleted | TransitGatewayState::Deleting))
}

fn gateway(gateway: &types::TransitGateway) -> TransitGateway {
    let option = gateway.options().and_then(|options| options.auto_accept_shared_attachments());
    let accepts_by_itself = match option {
        Some(AutoAcceptSharedAttachmentsValue::Enable) => Observed::Known(true),
        Some(AutoAcceptSharedAttachmentsValue::Disable) => Observed::Known(false),
        Some(_) | None => Observed::Unknown {
            why: "the answer does not say whether auto-accept of attachments is enabled".to_owned(),
        },
    };
    TransitGateway {
        id: gateway.transit_gateway_id().unwrap_or_default().to_owned(),
        owner: gateway.owner_id().map(str::to_owned),
        accepts_by_itself,
        stack: stack(gateway.tags()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::TransitGatewayOptions;

    #[test]
    fn an_option_that_is_not_shown_is_unknown() {
        let shown = |value: Option<&str>| {
            let value = value.map(AutoAcceptSharedAttachmentsValue::from);
            let options = TransitGatewayOptions::builder().set_auto_accept_shared_attachments(value).build();
            let found = types::TransitGateway::builder().transit_gateway_id("tgw-1").owner_id("111122223333");
            gateway(&found.options(options).build()).accepts_by_itself
        };
        assert_eq!(shown(Some("enable")), Observed::Known(true));
        assert_eq!(shown(Some("disable")), Observed::Known(false));
        assert!(matches!(shown(Some("maybe")), Observed::Unknown { .. }));
        assert!(matches!(shown(None), Observed::Unknown { .. }));
    }
}
