//! Whether a resource share allows external principals. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::engine::request::Answer;
use shared::engine::setting::SignedSetting;
use shared::resources::ram::ExternalSwitches;
use shared::resources::ram::external::{ShareRef, Switch};

const ARN: &str = "arn:aws:ram:eu-central-1:111122223333:resource-share/7ab63972-b505-7e2a-420d-6f5d3EXAMPLE";

living!(ExternalSwitches);

impl Fake for ExternalSwitches {
    fn put(switch: &mut Switch, is_internal: bool) {
        switch.is_internal = is_internal;
    }

    /// `GetResourceShares`
    fn answer(value: &Value) -> Switch {
        let key = ShareRef { arn: ARN.to_owned(), ..ShareRef::default() };
        Self::got(&key, &Answer { body: value.clone(), request_id: None }).known().unwrap().clone()
    }

    fn line(switch: &Switch) -> String {
        format!("for the organization alone: {}", switch.is_internal)
    }

    fn subject() -> String {
        ARN.to_owned()
    }

    fn is_of(switch: &Switch, key: &ShareRef) -> bool {
        switch.share.arn == key.arn
    }
}
