//! LOG-10: a protected log group keeps its events as long as policy asks for.

use super::{DELETE, LogGroupRetentions, PUT};
use crate::engine::count::counted;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, List};
use crate::resources::callers::PRINCIPALS;
use crate::resources::logs::protected::{GROUPS, are_about, usual};
use crate::resources::s3::document::{Held, Write, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct LogGroupRetentionCut;

/// How long which groups should keep their events, and who may change that.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RetentionSettings {
    /// Names of the log groups that are protected; `*` and `?` match as in IAM. Without the setting those of CloudTrail and AWS Control Tower, of VPC
    /// flow logs, of AWS WAF, of Route 53, of the control planes of EKS clusters and of Parapet's functions, by their usual names.
    pub protected_groups: Vec<String>,
    /// Days for which events should be kept at least. 90 without the setting.
    pub min_days: u64,
    /// ARNs of the principals (or of the roles behind their sessions) that may set any retention; `*` and `?` match as in IAM.
    pub allowed_principals: Vec<String>,
}

impl Default for RetentionSettings {
    fn default() -> Self {
        Self { protected_groups: usual(), min_days: 90, allowed_principals: Vec::new() }
    }
}

impl GuardrailSettings for RetentionSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![
            List { name: "protected_groups", entries: &self.protected_groups, holds: GROUPS },
            List { name: "allowed_principals", entries: &self.allowed_principals, holds: PRINCIPALS },
        ]
    }
}

static ABOUT: About = About {
    name: "log-group-retention-cut",
    catalogue_id: "LOG-10",
    title: "The retention of a protected log group was cut",
    description: "A principal that is not among `allowed_principals` set the retention of a log group that is among `protected_groups` to less than `min_days`: \
        older events are deleted within 72 hours. A retention that is long enough is the owner's, also where it is shorter than before; so is one that was as \
        short when it was last seen.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["CloudWatch.16"],
    technique: "T1562.008",
    triggers: &["PutRetentionPolicy", "DeleteRetentionPolicy"],
    remediation: "Sets the last known good retention again. Where none is known it only notifies: how long a new \
        group should keep its events is not known from one call.",
    actions: &[PUT, DELETE],
    ids: &["arn:%:logs:%:%:log-group:*"],
    not_watched: &[("DeleteLogGroup, DeleteLogStream", "what deletes events at once is another guardrail's")],
};

impl LogGroupRetentionCut {
    fn is_good(&self, days: Option<u64>, terms: &Terms<'_>) -> bool {
        days.is_none_or(|days| days >= terms.settings(self).min_days)
    }
}

impl Guardrail<Held<Option<u64>>, Write<LogGroupRetentions>> for LogGroupRetentionCut {
    type Settings = RetentionSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<u64>>, terms: &Terms<'_>) -> Verdict {
        let settings = terms.settings(self);
        let is_about = are_about(&settings.protected_groups, &settings.allowed_principals, &held.name, &held.by);
        let Some(days) = held.now.filter(|days| is_about && !self.is_good(Some(*days), terms)) else {
            return Verdict::Compliant;
        };
        // As short as that it was before, or shorter.
        if held.before.known().is_some_and(|before| before.is_some_and(|before| before <= days)) {
            return Verdict::Compliant;
        }
        let (group, min) = (&held.name, settings.min_days);
        let why = format!("log group `{group}` keeps events for {days}, less than {min}", days = counted(days, "day"));
        let evidence = vec![Evidence { element: "short retention".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Option<u64>>, _: &Violation, terms: &Terms<'_>) -> Plan<Write<LogGroupRetentions>> {
        match held.before.known().copied().filter(|before| self.is_good(*before, terms)) {
            Some(before) => put(held, before, &[]),
            None => Plan::default(),
        }
    }
}
