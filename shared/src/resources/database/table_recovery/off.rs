//! DB-09: point-in-time recovery of DynamoDB tables is enabled.

use super::state::{DEFAULT_DAYS, Recovery, RecoveryAction, UPDATE_CONTINUOUS_BACKUPS};
use crate::engine::count::counted;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct TableRecoveryOff;

/// How far back tables have to be restorable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RecoverySettings {
    /// The shortest recovery period in days (DynamoDB allows 1 to 35). Any period, without it.
    #[schemars(range(min = 1, max = 35))]
    pub min_days: Option<u8>,
    /// Names of the tables that must have it; `*` and `?` match as in IAM. All tables, if the list is empty.
    pub only: Vec<String>,
}

impl GuardrailSettings for RecoverySettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "only", entries: &self.only, holds: NAMES }]
    }
}

const NAMES: Holds = Holds { shapes: Holds::NAME, form: "the name of a table, not its ARN", everything: None };

static ABOUT: About = About {
    name: "dynamodb-table-point-in-time-recovery-off",
    catalogue_id: "DB-09",
    title: "Point-in-time recovery of a DynamoDB table is disabled",
    description: "Point-in-time recovery of a table was disabled, or its recovery period is shorter than `min_days`, or than it was where policy names no `min_days`: the table cannot be \
        restored to a moment before. `only` names the tables that it applies to, all without it. The sweep also finds tables that never \
        had it.",
    severity: Severity::High,
    class: Class::R1,
    // Security Hub user guide, "Amazon DynamoDB controls".
    controls: &["DynamoDB.2"],
    technique: "T1490",
    triggers: &["UpdateContinuousBackups"],
    remediation: "Enables it with the recovery period of before: the last known good one, at least `min_days`; DynamoDB's default of 35 days \
        where none is known. Nothing that uses the table changes; it adds to the price of the table. What could be restored before it was \
        disabled is lost.",
    actions: &[UPDATE_CONTINUOUS_BACKUPS],
    ids: &["arn:%:dynamodb:%:%:table/%"],
    not_watched: &[
        (
            "CreateTable, RestoreTableFromBackup",
            "a new table has no point-in-time recovery to lose: the sweep finds it",
        ),
        ("DeleteBackup", "it deletes an on-demand backup: point-in-time recovery does not need it"),
    ],
};

impl Guardrail<Recovery, RecoveryAction> for TableRecoveryOff {
    type Settings = RecoverySettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, recovery: &Recovery, terms: &Terms<'_>) -> Verdict {
        let (name, settings) = (&recovery.name, terms.settings(self));
        let is_wanted = settings.only.is_empty() || settings.only.iter().any(|only| matches_pattern(only, name));
        let why = match (recovery.is_on, recovery.days, settings.min_days.map(i64::from)) {
            _ if !is_wanted => return Verdict::Compliant,
            (false, _, _) => {
                let before = match &recovery.before {
                    Observed::Known(days) => format!("it went back {days}", days = counted(days, "day")),
                    Observed::Absent => "its recovery period was never seen".to_owned(),
                    Observed::Unknown { why } => format!("its previous recovery period is unknown ({why})"),
                };
                format!("point-in-time recovery of table {name} is disabled; {before}")
            }
            (true, Some(days), Some(least)) if days < least => {
                format!(
                    "point-in-time recovery of table {name} goes back {days} only; `min_days` is {least}",
                    days = counted(days, "day")
                )
            }
            // Older points are gone as if it had been switched off; who wants fewer days says so by `min_days`.
            (true, Some(days), None) if recovery.before.known().is_some_and(|before| days < *before) => {
                format!("the recovery period of table {name} was cut to {days}", days = counted(days, "day"))
            }
            (true, None, Some(_)) => {
                return Verdict::Undetermined { why: format!("the recovery period of table {name} is not shown") };
            }
            (true, _, _) => return Verdict::Compliant,
        };
        let evidence = vec![Evidence { element: format!("point-in-time recovery of {name}"), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, recovery: &Recovery, _: &Violation, terms: &Terms<'_>) -> Plan<RecoveryAction> {
        let least = terms.settings(self).min_days.map_or(1, i64::from);
        // Without a number, DynamoDB keeps what it can.
        let days = recovery.before.known().map(|before| (*before).clamp(least, DEFAULT_DAYS));
        let table = recovery.name.clone();
        Plan::one(RecoveryAction::Enable { table, days }, recovery.again())
    }
}
