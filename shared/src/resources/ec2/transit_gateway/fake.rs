//! A transit gateway. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::setting::Setting;
use shared::resources::ec2::TransitGateways;
use shared::resources::ec2::transit_gateway::TransitGateway;

living!(TransitGateways);

impl Fake for TransitGateways {
    fn put(gateway: &mut TransitGateway, accepts: bool) {
        gateway.accepts_by_itself = Observed::Known(accepts);
    }

    /// One element of `TransitGateways` as `DescribeTransitGateways` writes it.
    fn answer(value: &Value) -> TransitGateway {
        TransitGateway {
            id: value["TransitGatewayId"].as_str().unwrap().to_owned(),
            owner: value["OwnerId"].as_str().map(str::to_owned),
            accepts_by_itself: Observed::Known(value["Options"]["AutoAcceptSharedAttachments"] == "enable"),
            stack: None,
        }
    }

    fn line(gateway: &TransitGateway) -> String {
        let accepts = gateway.accepts_by_itself == Observed::Known(true);
        format!("{} {}", gateway.id, if accepts { "accepts by itself" } else { "asks first" })
    }

    fn is_of(gateway: &TransitGateway, key: &Self::Key) -> bool {
        gateway.id == key.id
    }

    fn subject() -> <Self as Setting>::Subject {
        "tgw-1".to_owned()
    }
}
