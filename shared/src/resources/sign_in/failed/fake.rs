//! A failed sign-in: nothing can be read or changed. For tests (`shared/tests/all/world`).

use crate::world::Living;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::{ApplyError, NoAction};
use shared::resources::sign_in::failed::{FailedSignIn, FailedSignIns};

impl Living for FailedSignIns {
    fn change(_: &mut Observed<FailedSignIn>, action: &NoAction) -> Result<(), ApplyError> {
        match *action {}
    }

    fn read(_: &Observed<FailedSignIn>, (): &()) -> Observed<FailedSignIn> {
        panic!("no API answers about a failed sign-in")
    }

    fn live(_: &Value) -> Observed<FailedSignIn> {
        panic!("a failed sign-in is not there to be read")
    }

    fn lines(_: &Observed<FailedSignIn>) -> Vec<String> {
        Vec::new()
    }

    /// Nothing changes it.
    fn samples() -> Vec<Value> {
        Vec::new()
    }
}
