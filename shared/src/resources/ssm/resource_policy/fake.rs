//! A policy that was put on a parameter: nothing can be read or changed. For tests (`shared/tests/all/world`).

use crate::world::Living;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::{ApplyError, NoAction};
use shared::resources::ssm::SsmPolicies;
use shared::resources::ssm::resource_policy::Put;

impl Living for SsmPolicies {
    fn change(_: &mut Observed<Put>, action: &NoAction) -> Result<(), ApplyError> {
        match *action {}
    }

    fn read(live: &Observed<Put>, _: &String) -> Observed<Put> {
        panic!("no API answers about a record: {live:?}")
    }

    fn live(_: &Value) -> Observed<Put> {
        panic!("a record is not there to be read")
    }

    fn lines(_: &Observed<Put>) -> Vec<String> {
        Vec::new()
    }

    /// Nothing changes it.
    fn samples() -> Vec<Value> {
        Vec::new()
    }
}
