//! A sign-in: nothing can be read or changed. For tests (`shared/tests/all/world`).

use crate::world::Living;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::{ApplyError, NoAction};
use shared::resources::sign_in::console::SignIns;
use shared::resources::sign_in::state::{SignIn, Visitor};

impl Living for SignIns {
    fn change(_: &mut Observed<SignIn>, action: &NoAction) -> Result<(), ApplyError> {
        match *action {}
    }

    fn read(_: &Observed<SignIn>, visitor: &Visitor) -> Observed<SignIn> {
        panic!("no API answers about a sign-in: {visitor:?}")
    }

    fn live(_: &Value) -> Observed<SignIn> {
        panic!("a sign-in is not there to be read")
    }

    fn lines(_: &Observed<SignIn>) -> Vec<String> {
        Vec::new()
    }

    /// Nothing changes it.
    fn samples() -> Vec<Value> {
        Vec::new()
    }
}
