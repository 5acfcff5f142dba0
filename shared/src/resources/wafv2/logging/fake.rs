//! The logging of a web ACL. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::{Value, json};
use shared::engine::request::Answer;
use shared::resources::s3::document::Of;
use shared::resources::wafv2::WebAclLogging;
use shared::resources::wafv2::logging::{destinations, got};

const ARN: &str = "arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/shop/3f0c6a5e";

holding!(WebAclLogging);

impl Fake for WebAclLogging {
    /// `GetLoggingConfiguration`; `{}` where AWS WAF refuses it, because there is none.
    fn answer(value: &Value) -> Option<Value> {
        if value == &json!({}) {
            return None;
        }
        got(&Of::default(), &Answer { body: value.clone(), request_id: None }).known().unwrap().now.clone()
    }

    fn line(configuration: &Option<Value>) -> String {
        match configuration {
            Some(configuration) => {
                let filter = if configuration["LoggingFilter"].is_null() { "" } else { ", filtered" };
                format!("logs to {}{filter}", destinations(configuration).join(", "))
            }
            None => "logs nowhere".to_owned(),
        }
    }

    fn values() -> Vec<Option<Value>> {
        let group = "arn:aws:logs:eu-central-1:111122223333:log-group:aws-waf-logs-shop";
        vec![Some(json!({"ResourceArn": ARN, "LogDestinationConfigs": [group]})), None]
    }

    fn name() -> &'static str {
        ARN
    }
}
