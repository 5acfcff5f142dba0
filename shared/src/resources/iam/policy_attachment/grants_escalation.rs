//! IAM-07: nobody comes by a way to more permissions by a policy that is attached.

use super::judge::{Rule, judge, plan};
use super::state::{Attachment, AttachmentAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::iam::granted::Wanted;

/// See the module.
pub struct AttachedPolicyEscalation;

static ABOUT: About = About {
    name: "attached-policy-grants-escalation",
    catalogue_id: "IAM-07",
    title: "Attached policy is a way to more permissions",
    description: "A managed policy was attached to a user, role or group that lets it make itself more than it is: change what \
        a principal may do, become another principal, or (`ways: pass-role`, the default) pass a role to a service that runs \
        its code. The ways are those of docs/analyser.md. A way whose actions come from several policies counts with all that \
        the principal holds, cut by Deny statements and its permissions boundary. Policies in `allowed_policies` may be \
        attached. A document that makes \
        administrators by itself is told by the guardrail on those.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["IAM.1", "CIS AWS Foundations 5.0.0/1.15"],
    technique: "T1098.003",
    triggers: super::judge::TRIGGERS,
    remediation: "Detaches exactly that policy from exactly that principal. Roles that AWS owns, Parapet's own and \
        `protected_principals` are only told.",
    actions: super::judge::ACTIONS,
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
