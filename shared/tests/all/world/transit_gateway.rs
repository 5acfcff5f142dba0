//! A transit gateway.

use super::{Living, not_there};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::transit_gateway::TransitGateways;
use shared::resources::ec2::transit_gateway::state::{GatewayAction, GatewayRef, TransitGateway};

impl Living for TransitGateways {
    fn change(live: &mut Observed<TransitGateway>, action: &GatewayAction) -> Result<(), ApplyError> {
        let Observed::Known(gateway) = live else { return Err(not_there("InvalidTransitGatewayID.NotFound")) };
        assert_eq!(action.gateway(), gateway.id, "a call about another gateway");
        gateway.accepts_by_itself = Observed::Known(action.value() == "enable");
        Ok(())
    }

    fn read(live: &Observed<TransitGateway>, key: &GatewayRef) -> Observed<TransitGateway> {
        if let Observed::Known(gateway) = live {
            assert_eq!(gateway.id, key.id, "a look at another gateway");
        }
        live.clone()
    }

    /// One element of `TransitGateways` as `DescribeTransitGateways` writes it.
    fn live(value: &Value) -> Observed<TransitGateway> {
        Observed::Known(TransitGateway {
            id: value["TransitGatewayId"].as_str().unwrap().to_owned(),
            owner: value["OwnerId"].as_str().map(str::to_owned),
            accepts_by_itself: Observed::Known(value["Options"]["AutoAcceptSharedAttachments"] == "enable"),
            stack: None,
        })
    }

    fn lines(live: &Observed<TransitGateway>) -> Vec<String> {
        let accepts = |gateway: &TransitGateway| gateway.accepts_by_itself == Observed::Known(true);
        let line = |gateway: &TransitGateway| {
            format!("{} {}", gateway.id, if accepts(gateway) { "accepts by itself" } else { "asks first" })
        };
        live.known().map(line).into_iter().collect()
    }
}
