//! The block of public sharing. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, answered, living};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::resources::ssm::PublicSharing;
use shared::resources::ssm::public_sharing::SharingSetting;

living!(PublicSharing);

impl Fake for PublicSharing {
    fn put(setting: &mut SharingSetting, is_allowed: bool) {
        setting.is_allowed = Observed::Known(is_allowed);
    }

    /// `GetServiceSetting`
    fn answer(value: &Value) -> SharingSetting {
        answered::<Self>(value)
    }

    fn line(setting: &SharingSetting) -> String {
        format!("public sharing allowed: {}", setting.is_allowed == Observed::Known(true))
    }

    fn subject() {}
}
