//! Point-in-time recovery of DynamoDB tables: DB-09.
//!
//! Sources: "UpdateContinuousBackups", "DescribeContinuousBackups" (DynamoDB API reference), "Point-in-time recovery" (developer guide).
//! Once it is disabled, the table can be restored to no moment before it is enabled again.

#[cfg(feature = "dynamodb")]
mod client;
pub mod off;
mod planned;
pub mod state;

use super::record::{as_flag, field, field_of, text, unlocatable};
use super::table::{LIST_TABLES, table_name, table_resource};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use off::TableRecoveryOff;
use serde_json::{Value, json};
use state::{DEFAULT_DAYS, Recovery, RecoveryAction, RecoveryRef, TABLES, UPDATE_CONTINUOUS_BACKUPS};
use std::borrow::Cow;

pub(crate) const DESCRIBE_CONTINUOUS_BACKUPS: Permission = Permission::on("dynamodb:DescribeContinuousBackups", TABLES);

/// The family of the point-in-time recovery of tables. Regional: each replica of a global table has its own.
#[derive(Clone, Copy, Debug, Default)]
pub struct TableRecoveries;

impl Family for TableRecoveries {
    type Key = RecoveryRef;
    type State = Recovery;
    type Action = RecoveryAction;

    fn kind(&self) -> &'static str {
        "dynamodb-recovery"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_CONTINUOUS_BACKUPS]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_TABLES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[UPDATE_CONTINUOUS_BACKUPS]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Recovery>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![TableRecoveryOff];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of("dynamodb.amazonaws.com", &["UpdateContinuousBackups"]) {
            return Ok(Vec::new());
        }
        let name = text(&event.request, "tableName").ok_or_else(|| unlocatable(event, "table"))?;
        let key = RecoveryRef::new(table_name(name).to_owned());
        let asked = field(&event.request, "pointInTimeRecoverySpecification");
        let asked = |key: &str| field_of(asked?, key);
        let proven = asked("pointInTimeRecoveryEnabled").and_then(as_flag).map(|is_on| {
            let days = asked("recoveryPeriodInDays").and_then(number).or_else(|| answered(event)).filter(|_| is_on);
            Recovery { name: key.name.clone(), is_on, days, before: key.before.clone() }
        });
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn focus(&self, state: &mut Recovery, target: &TargetOf<Self>) {
        state.before = target.key.before.clone();
    }

    /// The recovery period of before is in no record.
    fn memory(&self, key: &RecoveryRef) -> Option<String> {
        Some(key.name.clone())
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<Recovery>) {
        let before = match kept {
            Observed::Known(recovery) => recovery.days.map_or(Observed::Absent, Observed::Known),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.before = before.clone();
        }
        target.key.before = before;
    }

    /// What was recalled is compared with nothing.
    fn content(&self, state: &Recovery) -> Value {
        json!({"on": state.is_on, "days": state.days})
    }

    fn writes(&self, call: &RecoveryAction) -> Option<Value> {
        Some(match call {
            RecoveryAction::Enable { days, .. } => json!({"on": true, "days": days.unwrap_or(DEFAULT_DAYS)}),
            RecoveryAction::Disable(_) => json!({"on": false, "days": null}),
        })
    }

    fn rewrites(&self, state: &Recovery) -> Option<RecoveryAction> {
        Some(state.again())
    }

    fn resource(&self, key: &RecoveryRef, _: Option<&Recovery>, place: &Place) -> Resource {
        table_resource(&key.name, place)
    }
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

/// The recovery period that the response shows.
fn answered(event: &Event) -> Option<i64> {
    let described = field(&event.response, "continuousBackupsDescription")?;
    field_of(field_of(described, "pointInTimeRecoveryDescription")?, "recoveryPeriodInDays").and_then(number)
}
