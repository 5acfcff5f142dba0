//! RES-09: a parameter, document or OpsItem group is shared with trusted accounts only.

use super::Put;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{NoAction, Plan};
use crate::engine::planned::document::judged;
use crate::engine::resource_policy::trusting;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List};
use iam_policy::{Access, Document, Grant, reach};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct SsmPolicyUntrusted;

/// Whom such a policy may name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SsmPolicySettings {
    /// Accounts that may be granted access by these policies, beside `trusted_accounts`: twelve digits each.
    pub allowed_accounts: Vec<String>,
}

impl GuardrailSettings for SsmPolicySettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_accounts", entries: &self.allowed_accounts, holds: ACCOUNTS }]
    }
}

const ACCOUNTS: Holds = Holds { shapes: &["%"], form: "an account of twelve digits", everything: None };

static ABOUT: About = About {
    name: "ssm-resource-policy-untrusted",
    catalogue_id: "RES-09",
    title: "A policy of Systems Manager allows the public or an untrusted account",
    description: "A resource policy of a parameter, a document or an OpsItem group allows everyone, or an account, organization, network or identity that is neither the owner's \
        nor trusted (`trusted_accounts`, `trusted_organizations`, `allowed_accounts`): a parameter that is shared so may hold what opens other things.",
    severity: Severity::High,
    class: Class::R0,
    controls: &[],
    technique: "T1552",
    triggers: &["PutResourcePolicy"],
    remediation: "Notifies: a resource may have several policies, each of which is named by an id and a hash that change with every write, so that its undo could not be written down \
        beforehand.",
    actions: &[],
    ids: &["arn:%:ssm:%:%:parameter/*", "arn:%:ssm:%:%:document/%", "arn:%:ssm:%:%:opsitemgroup/%"],
    not_watched: &[
        ("DeleteResourcePolicy", "without a policy only the account's own principals may use the resource"),
        ("ModifyDocumentPermission", "the older way to share documents is another guardrail's"),
    ],
};

impl Guardrail<Put, NoAction> for SsmPolicyUntrusted {
    type Settings = SsmPolicySettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, put: &Put, terms: &Terms<'_>) -> Verdict {
        match &put.policy {
            Observed::Known(text) => judged(text, |text| judge(text, put, terms)),
            Observed::Absent => Verdict::Compliant,
            Observed::Unknown { why } => Verdict::Undetermined { why: why.clone() },
        }
    }

    fn plan(&self, _: &Put, _: &Violation, _: &Terms<'_>) -> Plan<NoAction> {
        Plan::default()
    }
}

fn judge(text: &str, put: &Put, terms: &Terms<'_>) -> Verdict {
    let seen = reach(
        &Document::parse(text),
        &trusting(&terms.place.account, &terms.settings(&SsmPolicyUntrusted).allowed_accounts, terms),
    );
    let is_open = |grant: &&Grant| matches!(grant.access, Access::Public | Access::External);
    let evidence: Vec<Evidence> = seen
        .grants
        .iter()
        .filter(is_open)
        .map(|grant| Evidence {
            element: format!("{} by {}", grant.principal, grant.actions.join(", ")),
            why: format!("policy of `{}`: {grant}", put.arn),
        })
        .collect();
    if !evidence.is_empty() {
        return Verdict::Violation(Violation { severity: ABOUT.severity, evidence });
    }
    let problem = seen.problems.first().map(ToString::to_string);
    let unclear = seen.grants.iter().find(|grant| grant.access == Access::Undetermined);
    match problem.or_else(|| unclear.map(ToString::to_string)) {
        Some(why) => {
            Verdict::Undetermined { why: format!("what the policy of `{}` allows is unknown: {why}", put.arn) }
        }
        None => Verdict::Compliant,
    }
}
