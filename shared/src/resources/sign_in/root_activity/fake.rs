//! What root does: nothing can be read or changed. For tests (`shared/tests/all/world`).

use crate::world::Living;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::{ApplyError, NoAction};
use shared::resources::sign_in::root_activity::RootActivity;
use shared::resources::sign_in::state::RootCall;

impl Living for RootActivity {
    fn change(_: &mut Observed<RootCall>, action: &NoAction) -> Result<(), ApplyError> {
        match *action {}
    }

    fn read(_: &Observed<RootCall>, (): &()) -> Observed<RootCall> {
        panic!("no API answers about a call")
    }

    fn live(_: &Value) -> Observed<RootCall> {
        panic!("a call is not there to be read")
    }

    fn lines(_: &Observed<RootCall>) -> Vec<String> {
        Vec::new()
    }

    /// Nothing changes it.
    fn samples() -> Vec<Value> {
        Vec::new()
    }
}
