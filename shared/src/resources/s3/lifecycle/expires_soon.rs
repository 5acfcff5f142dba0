//! S3-10: no lifecycle rule deletes all objects of a bucket within days.

use super::{After, BucketLifecycles, Expiry, PUT_LIFECYCLE};
use crate::engine::count::counted;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::s3::rules::{Rule, Rules, Switch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct S3BucketExpiresSoon;

/// How long objects have to stay.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LifecycleSettings {
    /// The least number of days after which all objects of a bucket may expire.
    pub min_days: u32,
    /// Names of the buckets that it applies to; `*` and `?` match as in IAM. All buckets, if the list is empty.
    pub only: Vec<String>,
}

impl Default for LifecycleSettings {
    /// A week: longer than it takes to notice that objects are gone.
    fn default() -> Self {
        Self { min_days: 7, only: Vec::new() }
    }
}

impl GuardrailSettings for LifecycleSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "only", entries: &self.only, holds: BUCKETS }]
    }
}

const BUCKETS: Holds = Holds { shapes: Holds::NAME, form: "the name of a bucket, not its ARN", everything: None };

static ABOUT: About = About {
    name: "s3-bucket-expires-soon",
    catalogue_id: "S3-10",
    title: "A lifecycle rule deletes all objects of a bucket within days",
    description: "An enabled lifecycle rule expires all current objects of a bucket in fewer than `min_days` days, or on a date, as one does \
        who wants logs or data gone without a single deletion in the records. A rule with a filter (prefix, tag, size) complies, and so \
        does one that only removes delete markers, old versions or unfinished uploads. S3 applies rules once a day: there is time.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1562.008",
    triggers: &["PutBucketLifecycle"],
    remediation: "Disables the rule, and no other; what it says stays.",
    actions: &[PUT_LIFECYCLE],
    ids: &["arn:%:s3:::%"],
    not_watched: &[
        ("DeleteBucketLifecycle", "nothing expires then"),
        ("DeleteObject, DeleteObjects", "calls on objects"),
    ],
};

/// Why a rule violates.
fn soon(rule: &Rule<Expiry>, settings: &LifecycleSettings) -> Option<String> {
    if !rule.is_enabled || rule.says.is_filtered {
        return None;
    }
    match rule.says.after? {
        After::Days(days) if days >= i64::from(settings.min_days) => None,
        After::Days(days) => Some(format!(
            "{days} after they were made; `min_days` is {}",
            settings.min_days,
            days = counted(days, "day")
        )),
        After::Date => Some("on a date".to_owned()),
    }
}

impl Guardrail<Rules<Expiry>, Switch<BucketLifecycles>> for S3BucketExpiresSoon {
    type Settings = LifecycleSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Rules<Expiry>, terms: &Terms<'_>) -> Verdict {
        let settings = terms.settings(self);
        let is_meant = |pattern: &String| matches_pattern(pattern, &held.bucket);
        if !settings.only.is_empty() && !settings.only.iter().any(is_meant) {
            return Verdict::Compliant;
        }
        let evidence = held.rules.iter().filter_map(|rule| {
            let when = soon(rule, &settings)?;
            let why = format!("rule `{}` deletes all objects of bucket `{}` {when}", rule.id, held.bucket);
            Some(Evidence { element: held.element(rule), why })
        });
        let evidence: Vec<Evidence> = evidence.collect();
        if evidence.is_empty() {
            return Verdict::Compliant;
        }
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Rules<Expiry>, violation: &Violation, _: &Terms<'_>) -> Plan<Switch<BucketLifecycles>> {
        let is_named =
            |rule: &&Rule<Expiry>| violation.evidence.iter().any(|evidence| evidence.element == held.element(rule));
        let ids: Vec<String> = held.rules.iter().filter(is_named).map(|rule| rule.id.clone()).collect();
        Plan::one(Switch::new(&held.bucket, ids.clone(), false), Switch::new(&held.bucket, ids, true))
    }
}
