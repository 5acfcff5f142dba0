//! The limit for text messages. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::engine::request::Answer;
use shared::engine::signed::SignedFamily;
use shared::resources::s3::document::Of;
use shared::resources::sms::SpendLimits;

holding!(SpendLimits);

impl Fake for SpendLimits {
    /// `DescribeSpendLimits`
    fn answer(value: &Value) -> i64 {
        let answer = Answer { body: value.clone(), request_id: None };
        Self::got(&Of::default(), &answer).known().unwrap().now
    }

    fn line(limit: &i64) -> String {
        format!("{limit} US dollars a month")
    }

    fn values() -> Vec<i64> {
        vec![1, 1000]
    }

    fn name() -> &'static str {
        "text messages"
    }
}
