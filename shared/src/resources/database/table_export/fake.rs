//! An export of a table: nothing can be read or changed. For tests (`shared/tests/all/world`).

use crate::world::Living;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::{ApplyError, NoAction};
use shared::resources::database::TableExports;
use shared::resources::database::table_export::TableExport;

impl Living for TableExports {
    fn change(_: &mut Observed<TableExport>, action: &NoAction) -> Result<(), ApplyError> {
        match *action {}
    }

    fn read(live: &Observed<TableExport>, _: &TableExport) -> Observed<TableExport> {
        panic!("no API answers about an export of a table: {live:?}")
    }

    fn live(_: &Value) -> Observed<TableExport> {
        panic!("an export is not there to be read")
    }

    fn lines(_: &Observed<TableExport>) -> Vec<String> {
        Vec::new()
    }

    /// Nothing changes it.
    fn samples() -> Vec<Value> {
        Vec::new()
    }
}
