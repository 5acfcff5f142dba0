//! The point-in-time recovery of tables.

use super::state::{Recovery, RecoveryAction, RecoveryRef};
use super::{DESCRIBE_CONTINUOUS_BACKUPS, TableRecoveries};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::database::table::LIST_TABLES;
use crate::resources::database::table::client::{AT_ONCE, DynamoDb};
use aws_sdk_dynamodb::types::{
    PointInTimeRecoveryDescription, PointInTimeRecoverySpecification, PointInTimeRecoveryStatus,
};
use futures_util::{StreamExt, TryStreamExt, stream};

impl Observe<TableRecoveries> for DynamoDb {
    async fn observe(&self, key: &RecoveryRef, _: ReadDepth) -> Result<Observed<Recovery>, ReadError> {
        match self.client.describe_continuous_backups().table_name(&key.name).send().await {
            Ok(answer) => {
                let found = answer.continuous_backups_description();
                Ok(recovery(key, found.and_then(|found| found.point_in_time_recovery_description())))
            }
            Err(error) => failure(&error).of_read(DESCRIBE_CONTINUOUS_BACKUPS.action),
        }
    }
}

fn recovery(key: &RecoveryRef, found: Option<&PointInTimeRecoveryDescription>) -> Observed<Recovery> {
    let is_on = match found.and_then(|found| found.point_in_time_recovery_status()) {
        Some(PointInTimeRecoveryStatus::Enabled) => true,
        Some(PointInTimeRecoveryStatus::Disabled) => false,
        Some(_) | None => {
            let why = format!("the response about table {} does not show its point-in-time recovery", key.name);
            return Observed::Unknown { why };
        }
    };
    let days = found.and_then(|found| found.recovery_period_in_days()).map(i64::from).filter(|_| is_on);
    Observed::Known(Recovery { name: key.name.clone(), is_on, days, before: key.before.clone() })
}

impl Apply<RecoveryAction> for DynamoDb {
    async fn apply(&self, action: &RecoveryAction) -> Result<Applied, ApplyError> {
        let (is_on, days) = match action {
            RecoveryAction::Enable { days, .. } => (true, days.and_then(|days| i32::try_from(days).ok())),
            RecoveryAction::Disable(_) => (false, None),
        };
        let wanted = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(is_on);
        let wanted = wanted
            .set_recovery_period_in_days(days)
            .build()
            .map_err(|error| ApplyError::Refused { code: "not sent".to_owned(), message: error.to_string() })?;
        let call = self.client.update_continuous_backups().table_name(action.table());
        done(call.point_in_time_recovery_specification(wanted).send().await, action.permission())
    }
}

impl List<TableRecoveries> for DynamoDb {
    /// The listing shows names alone: one read each.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<TableRecoveries>>, ReadError> {
        let call = self.client.list_tables().set_exclusive_start_table_name(from.map(str::to_owned));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST_TABLES.action),
        };
        let read = |name: String| async move {
            let key = RecoveryRef::new(name);
            let seen = Observe::<TableRecoveries>::observe(self, &key, ReadDepth::Full).await?;
            Ok::<_, ReadError>((key, seen))
        };
        let names = answer.table_names.unwrap_or_default();
        let found = stream::iter(names).map(read).buffered(AT_ONCE).try_collect().await?;
        Ok(Observed::Known(Page { found, next: answer.last_evaluated_table_name }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_shown_where_it_is_enabled() {
        let key = RecoveryRef::new("orders".to_owned());
        let described = |status| {
            let found = PointInTimeRecoveryDescription::builder().point_in_time_recovery_status(status);
            recovery(&key, Some(&found.recovery_period_in_days(14).build()))
        };
        let on = described(PointInTimeRecoveryStatus::Enabled);
        assert!(on.known().is_some_and(|recovery| recovery.is_on && recovery.days == Some(14)));
        let off = described(PointInTimeRecoveryStatus::Disabled);
        assert!(off.known().is_some_and(|recovery| !recovery.is_on && recovery.days.is_none()));
        assert!(matches!(recovery(&key, None), Observed::Unknown { .. }), "nothing said is not `disabled`");
    }
}
