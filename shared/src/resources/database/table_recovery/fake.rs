//! The point-in-time recovery of a table. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::count::counted;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::database::TableRecoveries;
use shared::resources::database::table_recovery::state::{Recovery, RecoveryAction, RecoveryRef};

impl Living for TableRecoveries {
    fn change(live: &mut Observed<Recovery>, action: &RecoveryAction) -> Result<(), ApplyError> {
        let Observed::Known(recovery) = live else { return Err(not_there("TableNotFoundException")) };
        assert_eq!(action.table(), recovery.name, "a call about another table");
        (recovery.is_on, recovery.days) = match action {
            RecoveryAction::Enable { days, .. } => (true, Some(days.unwrap_or(35))),
            RecoveryAction::Disable(_) => (false, None),
        };
        Ok(())
    }

    fn read(live: &Observed<Recovery>, key: &RecoveryRef) -> Observed<Recovery> {
        match live {
            Observed::Known(recovery) if recovery.name != key.name => Observed::Absent,
            other => other.clone(),
        }
    }

    /// `PointInTimeRecoveryDescription` of `DescribeContinuousBackups`, with the table's name beside it.
    fn live(value: &Value) -> Observed<Recovery> {
        let key = RecoveryRef::new(value["TableName"].as_str().unwrap().to_owned());
        let is_on = value["PointInTimeRecoveryStatus"] == "ENABLED";
        let days = value["RecoveryPeriodInDays"].as_i64();
        Observed::Known(Recovery { name: key.name, is_on, days, before: key.before })
    }

    fn lines(live: &Observed<Recovery>) -> Vec<String> {
        let line = |recovery: &Recovery| match (recovery.is_on, recovery.days) {
            (true, Some(days)) => format!("{} goes back {days}", recovery.name, days = counted(days, "day")),
            (true, None) => format!("{} goes back", recovery.name),
            (false, _) => format!("{} cannot be restored", recovery.name),
        };
        live.known().map(line).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        vec![
            json!({"enable": {"table": "orders", "days": 14}}),
            json!({"enable": {"table": "orders", "days": null}}),
            json!({"disable": "orders"}),
        ]
    }
}
