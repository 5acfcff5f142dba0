//! The planned lens: the point-in-time recovery of a table of a file.
//!
//! It is off unless it is asked for, and goes back 35 days unless it is said. Sources: "AWS::DynamoDB::Table PointInTimeRecoverySpecification" (CloudFormation
//! user guide), "AWS::Serverless::SimpleTable" (SAM developer guide).

use super::state::{DEFAULT_DAYS, Recovery};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::database::table::planned_table;

pub(super) const FORMS: &[PlannedForm<Recovery>] = &[
    PlannedForm::one("AWS::DynamoDB::Table", |it| of_template(it, it).map(Some)),
    PlannedForm::each("AWS::DynamoDB::GlobalTable", replicas),
    PlannedForm::one("AWS::Serverless::SimpleTable", |it| of_template(it, it).map(Some)),
    PlannedForm::one("aws_dynamodb_table", |it| {
        let Some(recovery) = said(it, "point_in_time_recovery")? else { return Ok(Some(off(it))) };
        read(it, &recovery, "enabled", "recovery_period_in_days").map(Some)
    }),
    PlannedForm::one("aws_dynamodb_table_replica", |it| read(it, it, "point_in_time_recovery", "-").map(Some)),
];

fn said<'a>(it: &PlannedResource<'a>, block: &str) -> Result<Option<PlannedResource<'a>>, Unreadable> {
    Ok(if it.is_left_out(block) { None } else { it.parts(block)?.into_iter().next() })
}

fn of_template(it: &PlannedResource<'_>, of: &PlannedResource<'_>) -> Result<Recovery, Unreadable> {
    match said(of, "PointInTimeRecoverySpecification")? {
        Some(recovery) => read(it, &recovery, "PointInTimeRecoveryEnabled", "RecoveryPeriodInDays"),
        None => Ok(off(it)),
    }
}

/// Each replica of a global table has a recovery of its own.
fn replicas(it: &PlannedResource<'_>) -> Vec<Result<Recovery, Unreadable>> {
    let read = |replica: &PlannedResource<'_>| of_template(it, replica);
    it.parts("Replicas").map_or_else(|why| vec![Err(why)], |replicas| replicas.iter().map(read).collect())
}

fn off(it: &PlannedResource<'_>) -> Recovery {
    Recovery { name: planned_table(it).name, is_on: false, days: None, before: Observed::Absent }
}

fn read(
    it: &PlannedResource<'_>,
    recovery: &PlannedResource<'_>,
    enabled: &str,
    days: &str,
) -> Result<Recovery, Unreadable> {
    if recovery.flag(enabled)? != Some(true) {
        return Ok(off(it));
    }
    let days = if recovery.is_left_out(days) { Ok(Some(DEFAULT_DAYS)) } else { recovery.number(days) };
    // A period that is open matters only where policy asks for one, and is not shown then.
    Ok(Recovery { is_on: true, days: days.ok().flatten(), ..off(it) })
}
