//! What Bedrock logs. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::{Value, json};
use shared::engine::request::Answer;
use shared::engine::signed::SignedFamily;
use shared::resources::bedrock::InvocationLogging;
use shared::resources::bedrock::invocation_logging::parts;
use shared::resources::s3::document::Of;

holding!(InvocationLogging);

impl Fake for InvocationLogging {
    /// `GetModelInvocationLoggingConfiguration`
    fn answer(value: &Value) -> Option<Value> {
        let answer = Answer { body: value.clone(), request_id: None };
        Self::got(&Of::default(), &answer).known().unwrap().now.clone()
    }

    fn line(configuration: &Option<Value>) -> String {
        let parts = configuration.iter().flat_map(parts).map(|(of, what)| format!("{of} {what}"));
        format!("logs {}", parts.collect::<Vec<_>>().join(", "))
    }

    fn values() -> Vec<Option<Value>> {
        vec![Some(json!({"s3Config": {"bucketName": "prompts"}, "textDataDeliveryEnabled": true})), None]
    }

    fn name() -> &'static str {
        "model invocation logging"
    }
}
