//! What a call made of an API's policy: nothing can be read or changed. For tests (`shared/tests/all/world`).

use crate::world::Living;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::{ApplyError, NoAction};
use shared::resources::apigateway::ApiPolicies;
use shared::resources::apigateway::api_policy::ApiChange;

impl Living for ApiPolicies {
    fn change(_: &mut Observed<ApiChange>, action: &NoAction) -> Result<(), ApplyError> {
        match *action {}
    }

    fn read(live: &Observed<ApiChange>, _: &String) -> Observed<ApiChange> {
        panic!("no API answers about a record: {live:?}")
    }

    fn live(_: &Value) -> Observed<ApiChange> {
        panic!("a record is not there to be read")
    }

    fn lines(_: &Observed<ApiChange>) -> Vec<String> {
        Vec::new()
    }

    /// Nothing changes it.
    fn samples() -> Vec<Value> {
        Vec::new()
    }
}
