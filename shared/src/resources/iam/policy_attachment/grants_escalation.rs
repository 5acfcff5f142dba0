//! IAM-07: no attached policy allows privilege escalation.

use super::IDS;
use super::POLICIES;
use super::judge::{Rule, judge, plan};
use super::state::{Attachment, AttachmentAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, List};
use crate::resources::iam::granted::NOT_WATCHED;
use crate::resources::iam::granted::Wanted;
use crate::resources::iam::ways::Ways;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct AttachedPolicyEscalation;

/// Which policies may be attached although they allow privilege escalation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttachedEscalationSettings {
    /// ARNs of the policies that may be attached to any principal; `*` and `?` match as in IAM.
    pub allowed_policies: Vec<String>,
    /// Which privilege escalation paths count.
    pub ways: Ways,
}

impl GuardrailSettings for AttachedEscalationSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_policies", entries: &self.allowed_policies, holds: POLICIES }]
    }
}

static ABOUT: About = About {
    name: "attached-policy-grants-escalation",
    catalogue_id: "IAM-07",
    title: "Attached policy allows privilege escalation",
    description: "A managed policy that was attached to a user, role or group allows the principal to raise its own \
        privileges: change the permissions of a principal, become another principal, or (`ways: pass-role`, the \
        default) pass a role to a service that runs its code. docs/analyser.md lists the privilege escalation paths. \
        A path whose actions come from several policies counts, with everything that the principal holds, minus Deny \
        statements and its permissions boundary. Policies in `allowed_policies` comply. A document that grants \
        administrator access belongs to `attached-policy-grants-admin`.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["IAM.1", "CIS AWS Foundations 5.0.0/1.15"],
    technique: "T1098.003",
    triggers: super::judge::TRIGGERS,
    remediation: "Detaches exactly that policy from exactly that principal. For roles that AWS owns, Parapet's own \
        and `protected_principals` it only notifies.",
    actions: super::judge::ACTIONS,
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<Attachment, AttachmentAction> for AttachedPolicyEscalation {
    type Settings = AttachedEscalationSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, attachment: &Attachment, terms: &Terms<'_>) -> Verdict {
        let settings = &terms.settings(self);
        let wanted = Wanted::Escalation(settings.ways.into());
        judge(attachment, Rule { wanted, allowed: &settings.allowed_policies }, terms)
    }

    fn plan(&self, attachment: &Attachment, _: &Violation, terms: &Terms<'_>) -> Plan<AttachmentAction> {
        plan(attachment, terms)
    }
}
