//! ACC-07: a policy of an organization goes on denying and requiring what it does.

use super::state::{Now, Policy, View};
use super::{IDS, UPDATED, compare};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::callers::PRINCIPALS;
use crate::resources::organizations::PolicyAction;
use crate::resources::organizations::actions::UPDATE;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct OrganizationPolicyWeakened;

/// Who may change policies, and of which types any change counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyChangeSettings {
    /// ARNs of the principals (or of the roles behind their sessions) that may do this; `*` and `?` match as in IAM. What they have left is how it
    /// should be from then on.
    pub allowed_principals: Vec<String>,
    /// Types of policies, as AWS Organizations names them (`BACKUP_POLICY`), of which any change of the content counts; `*` and `?` match as in IAM. Service
    /// and resource control policies are compared, whatever stands here.
    pub any_change: Vec<String>,
}

impl Default for PolicyChangeSettings {
    fn default() -> Self {
        let types = [
            "AISERVICES_OPT_OUT_POLICY",
            "BACKUP_POLICY",
            "BEDROCK_POLICY",
            "CHATBOT_POLICY",
            "DECLARATIVE_POLICY_EC2",
            "GUARDDUTY_POLICY",
            "INSPECTOR_POLICY",
            "NETWORK_SECURITY_DIRECTOR_POLICY",
            "S3_POLICY",
            "SECURITYHUB_POLICY",
        ];
        Self { allowed_principals: Vec::new(), any_change: types.map(str::to_owned).to_vec() }
    }
}

const TYPES: Holds =
    Holds { shapes: &["%_POLICY", "%_POLICY_%"], form: "a type of policies such as `BACKUP_POLICY`", everything: None };

impl GuardrailSettings for PolicyChangeSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![
            List { name: "allowed_principals", entries: &self.allowed_principals, holds: PRINCIPALS },
            List { name: "any_change", entries: &self.any_change, holds: TYPES },
        ]
    }
}

static ABOUT: About = About {
    name: "organization-policy-weakened",
    catalogue_id: "ACC-07",
    title: "A policy of the organization was weakened",
    description: "A principal that is not among `allowed_principals` changed a service or resource control policy so that a statement no longer denies all that it denied, or \
        allows what was not allowed; or it changed the content of a policy of a type that `any_change` names. What it said is known from when \
        it was last seen to be good; without that it is unknown. Statements are compared pattern by pattern: one that says the same in \
        quite another way may be called weaker. A sweep finds control policies that became weaker.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["CIS AWS Foundations 5.0.0/4.15"],
    technique: "T1562.001",
    triggers: &[UPDATED],
    remediation: "Writes the last known good content again. The policy's name, description and attachments stay as they are.",
    actions: &[UPDATE],
    ids: IDS,
    not_watched: &[
        ("CreatePolicy", "a new policy is weaker than none before it, and attached to nothing"),
        ("TagResource, UntagResource", "tags of a policy change nothing of what it says"),
    ],
};

fn standing(policy: &Policy) -> Option<&View> {
    match &policy.now {
        Now::Stands(view) => Some(view),
        Now::Anew { .. } | Now::Gone => None,
    }
}

/// What is worse than before.
pub(super) fn worse(before: &View, now: &View, is_judged: bool) -> Result<Vec<String>, String> {
    if now.has_statements() {
        return compare::weaker(&before.content, &now.content);
    }
    let is_changed = is_judged && super::parsed(&before.content) != super::parsed(&now.content);
    Ok(if is_changed { vec!["its content is another one".to_owned()] } else { Vec::new() })
}

impl Guardrail<Policy, PolicyAction> for OrganizationPolicyWeakened {
    type Settings = PolicyChangeSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, policy: &Policy, terms: &Terms<'_>) -> Verdict {
        let Some(now) = standing(policy) else { return Verdict::Compliant };
        let settings = terms.settings(self);
        let matches = |patterns: &[String], text: &str| patterns.iter().any(|pattern| matches_pattern(pattern, text));
        let is_allowed = policy.policy.by.iter().any(|arn| matches(&settings.allowed_principals, arn));
        let is_update = policy.policy.call == UPDATED;
        // A sweep does not show who has changed it.
        let is_judged = is_update && matches(&settings.any_change, &now.kind);
        if is_allowed || !(now.has_statements() || is_judged) {
            return Verdict::Compliant;
        }
        let (name, kind, id) = (&now.name, &now.kind, &policy.policy.id);
        let why = match &policy.policy.before {
            Observed::Known(before) => match worse(before, now, is_judged) {
                Ok(worse) if worse.is_empty() => return Verdict::Compliant,
                Ok(worse) => {
                    let evidence = |what: String| Evidence {
                        element: what.clone(),
                        why: format!("policy `{name}` ({id}, {kind}) was changed: {what}"),
                    };
                    let evidence = worse.into_iter().map(evidence).collect();
                    return Verdict::Violation(Violation { severity: ABOUT.severity, evidence });
                }
                Err(why) => why,
            },
            // Nothing was kept, and no call has changed it: it is the first that is seen.
            Observed::Absent if !is_update => return Verdict::Compliant,
            Observed::Absent => "it was not seen before it was changed".to_owned(),
            Observed::Unknown { .. } if !is_update => return Verdict::Compliant,
            Observed::Unknown { why } => why.clone(),
        };
        Verdict::Undetermined {
            why: format!("whether policy `{name}` ({id}, {kind}) became weaker is not known: {why}"),
        }
    }

    fn plan(&self, policy: &Policy, _: &Violation, _: &Terms<'_>) -> Plan<PolicyAction> {
        let (Some(now), Some(before)) = (standing(policy), policy.policy.before.known()) else {
            return Plan::default();
        };
        let write =
            |content: &String| PolicyAction::Update { policy: policy.policy.id.clone(), content: content.clone() };
        Plan::one(write(&before.content), write(&now.content))
    }
}
