//! Automated backups that were deleted: nothing can be read or changed. For tests (`shared/tests/all/world`).

use crate::world::Living;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::{ApplyError, NoAction};
use shared::resources::database::DeletedBackups;
use shared::resources::database::deleted_backup::DeletedBackup;

impl Living for DeletedBackups {
    fn change(_: &mut Observed<DeletedBackup>, action: &NoAction) -> Result<(), ApplyError> {
        match *action {}
    }

    fn read(live: &Observed<DeletedBackup>, _: &DeletedBackup) -> Observed<DeletedBackup> {
        panic!("no API answers about a backup that is gone: {live:?}")
    }

    fn live(_: &Value) -> Observed<DeletedBackup> {
        panic!("a backup that is gone is not there to be read")
    }

    fn lines(_: &Observed<DeletedBackup>) -> Vec<String> {
        Vec::new()
    }

    /// Nothing changes it.
    fn samples() -> Vec<Value> {
        Vec::new()
    }
}
