//! Every notice: nothing can be read or changed.

use super::Living;
use serde_json::Value;
use shared::engine::notice::{Notice, Noticed, Notices};
use shared::engine::observed::Observed;
use shared::engine::plan::{ApplyError, NoAction};

impl<N: Notice> Living for Notices<N> {
    fn change(_: &mut Observed<Noticed>, action: &NoAction) -> Result<(), ApplyError> {
        match *action {}
    }

    fn read(_: &Observed<Noticed>, _: &String) -> Observed<Noticed> {
        panic!("no API answers about a record")
    }

    fn live(_: &Value) -> Observed<Noticed> {
        panic!("a record is not there to be read")
    }

    fn lines(_: &Observed<Noticed>) -> Vec<String> {
        Vec::new()
    }

    /// Nothing changes it.
    fn samples() -> Vec<Value> {
        Vec::new()
    }
}
