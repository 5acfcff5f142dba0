//! An identity pool. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::{Map, Value, json};
use shared::engine::request::Answer;
use shared::engine::signed::SignedFamily;
use shared::resources::cognito::IdentityPools;
use shared::resources::s3::document::Of;

holding!(IdentityPools);

impl Fake for IdentityPools {
    /// `DescribeIdentityPool`
    fn answer(value: &Value) -> Map<String, Value> {
        let answer = Answer { body: value.clone(), request_id: None };
        Self::got(&Of::default(), &answer).known().unwrap().now.clone()
    }

    fn line(pool: &Map<String, Value>) -> String {
        let providers = pool.get("CognitoIdentityProviders").and_then(Value::as_array).map_or(0, Vec::len);
        format!("unauthenticated: {}; {providers} providers", pool["AllowUnauthenticatedIdentities"])
    }

    fn values() -> Vec<Map<String, Value>> {
        let pool = |is_on: bool| json!({"IdentityPoolName": "app", "AllowUnauthenticatedIdentities": is_on});
        [false, true].map(|is_on| pool(is_on).as_object().unwrap().clone()).to_vec()
    }

    fn name() -> &'static str {
        "eu-central-1:3c0b3f0e-5d8f-4a61-9a52-9a1b7c2d4e6f"
    }
}
