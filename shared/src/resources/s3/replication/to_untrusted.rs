//! S3-11: a bucket is replicated to trusted accounts alone.

use super::{BucketReplications, Destination, PASS_ROLE, PUT_REPLICATION};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::s3::rules::{Rule, Rules, Switch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct S3BucketReplicatedToUntrusted;

/// Where buckets may be replicated to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ReplicationSettings {
    /// Names of buckets of other accounts that may be replicated to, beside those of `trusted_accounts`, which show only where a rule
    /// names its destination's account; `*` and `?` match as in IAM.
    pub allowed_destinations: Vec<String>,
}

impl GuardrailSettings for ReplicationSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_destinations", entries: &self.allowed_destinations, holds: BUCKETS }]
    }
}

const BUCKETS: Holds = Holds {
    shapes: Holds::NAME,
    form: "the name of a bucket, not its ARN",
    everything: Some("allows every bucket: the guardrail finds nothing"),
};

static ABOUT: About = About {
    name: "s3-bucket-replicated-to-untrusted",
    catalogue_id: "S3-11",
    title: "A bucket is replicated to an account that is not trusted",
    description: "An enabled replication rule copies a bucket's new objects to a bucket of another account, which is not among \
        `trusted_accounts`. A rule names its destination's account only where the copies are to belong to it; where it names none, the \
        destination has to be one of the account's own buckets, or among `allowed_destinations`. Objects that were replicated already \
        remain where they are.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["Amazon Macie Policy:IAMUser/S3BucketReplicatedExternally"],
    technique: "T1537",
    triggers: &["PutBucketReplication"],
    remediation: "Disables the rule, and no other; what it says stays.",
    actions: &[PUT_REPLICATION, PASS_ROLE],
    ids: &["arn:%:s3:::%"],
    not_watched: &[
        ("DeleteBucketReplication", "it only ends the replication"),
        ("CreateJob of S3 Batch Operations", "a job copies what stands, once"),
    ],
};

/// Why a rule violates; an error where that is unknown.
fn untrusted(rule: &Rule<Destination>, allowed: &[String], terms: &Terms<'_>) -> Result<Option<String>, String> {
    let Destination { bucket, account, is_own } = &rule.says;
    if !rule.is_enabled || allowed.iter().any(|pattern| matches_pattern(pattern, bucket)) {
        return Ok(None);
    }
    match (account, is_own) {
        (Some(account), _) if terms.trusts(account) => Ok(None),
        (Some(account), _) => Ok(Some(format!("to `{bucket}` of account {account}, which is not trusted"))),
        (None, Observed::Known(true)) => Ok(None),
        (None, Observed::Known(false) | Observed::Absent) => {
            Ok(Some(format!("to `{bucket}`, which is no bucket of the account and not among `allowed_destinations`")))
        }
        (None, Observed::Unknown { why }) => Err(format!("rule `{}` replicates to `{bucket}`: {why}", rule.id)),
    }
}

impl Guardrail<Rules<Destination>, Switch<BucketReplications>> for S3BucketReplicatedToUntrusted {
    type Settings = ReplicationSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Rules<Destination>, terms: &Terms<'_>) -> Verdict {
        let settings = terms.settings(self);
        let (mut evidence, mut unknown) = (Vec::new(), None);
        for rule in &held.rules {
            match untrusted(rule, &settings.allowed_destinations, terms) {
                Ok(Some(to)) => {
                    let why = format!("rule `{}` replicates bucket `{}` {to}", rule.id, held.bucket);
                    evidence.push(Evidence { element: held.element(rule), why });
                }
                Ok(None) => {}
                Err(why) => unknown = unknown.or(Some(why)),
            }
        }
        match unknown {
            Some(why) if evidence.is_empty() => Verdict::Undetermined { why },
            _ if evidence.is_empty() => Verdict::Compliant,
            _ => Verdict::Violation(Violation { severity: ABOUT.severity, evidence }),
        }
    }

    fn plan(
        &self,
        held: &Rules<Destination>,
        violation: &Violation,
        _: &Terms<'_>,
    ) -> Plan<Switch<BucketReplications>> {
        let is_named = |rule: &&Rule<Destination>| {
            violation.evidence.iter().any(|evidence| evidence.element == held.element(rule))
        };
        let ids: Vec<String> = held.rules.iter().filter(is_named).map(|rule| rule.id.clone()).collect();
        Plan::one(Switch::new(&held.bucket, ids.clone(), false), Switch::new(&held.bucket, ids, true))
    }
}
