//! IAM-07: no attached policy allows privilege escalation.

use super::IDS;
use super::judge::{Rule, judge, plan};
use super::state::{Attachment, AttachmentAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::iam::granted::NOT_WATCHED;
use crate::resources::iam::granted::Wanted;

/// See the module.
pub struct AttachedPolicyEscalation;

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
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, attachment: &Attachment, terms: &Terms<'_>) -> Verdict {
        let settings = &terms.policy.guardrails.attached_policy_grants_escalation.settings;
        let wanted = Wanted::Escalation(settings.ways.into());
        judge(attachment, Rule { wanted, allowed: &settings.allowed_policies }, terms)
    }

    fn plan(&self, attachment: &Attachment, _: &Violation, terms: &Terms<'_>) -> Plan<AttachmentAction> {
        plan(attachment, terms)
    }
}
