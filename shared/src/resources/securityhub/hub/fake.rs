//! Security Hub. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::resources::securityhub::hub::{Hub, HubOf, HubRef, Version};
use shared::resources::securityhub::{Hubs, HubsV2};

living!(Hubs, HubsV2);

impl<V: Version> Fake for HubOf<V> {
    fn put(hub: &mut Hub, is_on: bool) {
        hub.is_on = is_on;
    }

    /// `DescribeHub`, or its like; without an ARN it is not enabled.
    fn answer(value: &Value) -> Hub {
        Hub { of: HubRef::default(), is_on: value.get(V::READ.1).is_some() }
    }

    fn line(hub: &Hub) -> String {
        format!("enabled: {}", hub.is_on)
    }

    fn subject() {}
}
