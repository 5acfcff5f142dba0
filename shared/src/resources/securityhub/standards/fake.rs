//! Standards of Security Hub. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::engine::request::Answer;
use shared::engine::setting::SignedSetting;
use shared::resources::securityhub::Standards;
use shared::resources::securityhub::standards::{Enabled, StandardsRef, Subscribed};

living!(Standards);

impl Fake for Standards {
    fn put(standards: &mut Enabled, is_on: bool) {
        standards.is_on = is_on;
    }

    /// `GetEnabledStandards`
    fn answer(value: &Value) -> Enabled {
        let key = StandardsRef { of: Self::subject(), by: Vec::new() };
        Self::got(&key, &Answer { body: value.clone(), request_id: None }).known().unwrap().clone()
    }

    fn line(standards: &Enabled) -> String {
        format!("enabled: {}", standards.is_on)
    }

    fn subject() -> Subscribed {
        let path = "aws-foundational-security-best-practices/v/1.0.0";
        let arn = format!("arn:aws:securityhub:eu-central-1:111122223333:subscription/{path}");
        Subscribed::of(vec![(arn, format!("arn:aws:securityhub:eu-central-1::standards/{path}"))])
    }
}
