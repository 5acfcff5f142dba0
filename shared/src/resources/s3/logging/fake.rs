//! Server access logging of a bucket. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::resources::s3::BucketLoggings;
use shared::resources::s3::logging::state::Logging;

holding!(BucketLoggings);

impl Fake for BucketLoggings {
    /// `LoggingEnabled` of `GetBucketLogging`; `none` where it is off.
    fn answer(value: &Value) -> Option<Logging> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let prefix = text("TargetPrefix").unwrap_or_default();
        text("TargetBucket").map(|bucket| Logging { bucket, prefix, form: None, grants: Vec::new() })
    }

    fn line(logging: &Option<Logging>) -> String {
        logging.as_ref().map_or("no logging".to_owned(), |logging| format!("logs to {logging}"))
    }

    fn values() -> Vec<Option<Logging>> {
        vec![Self::answer(&serde_json::json!({"TargetBucket": "logs", "TargetPrefix": "orders/"})), None]
    }
}
