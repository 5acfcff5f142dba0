//! Sign-ins and what root does: nothing can be read or changed.

use super::Living;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::{ApplyError, NoAction};
use shared::resources::sign_in::console::SignIns;
use shared::resources::sign_in::root_activity::RootActivity;
use shared::resources::sign_in::state::{RootCall, SignIn, Visitor};

impl Living for SignIns {
    fn change(_: &mut Observed<SignIn>, action: &NoAction) -> Result<(), ApplyError> {
        match *action {}
    }

    fn read(_: &Observed<SignIn>, visitor: &Visitor) -> Observed<SignIn> {
        panic!("nobody can be asked about a sign-in: {visitor:?}")
    }

    fn live(_: &Value) -> Observed<SignIn> {
        panic!("a sign-in is not there to be read")
    }

    fn lines(_: &Observed<SignIn>) -> Vec<String> {
        Vec::new()
    }
}

impl Living for RootActivity {
    fn change(_: &mut Observed<RootCall>, action: &NoAction) -> Result<(), ApplyError> {
        match *action {}
    }

    fn read(_: &Observed<RootCall>, (): &()) -> Observed<RootCall> {
        panic!("nobody can be asked about a call")
    }

    fn live(_: &Value) -> Observed<RootCall> {
        panic!("a call is not there to be read")
    }

    fn lines(_: &Observed<RootCall>) -> Vec<String> {
        Vec::new()
    }
}
