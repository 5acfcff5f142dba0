//! IAM-08: nobody comes by a way to more permissions by an inline policy.

use super::judge::{judge, plan};
use super::state::{Inline, InlineAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::iam::granted::Wanted;

/// See the module.
pub struct InlinePolicyEscalation;

static ABOUT: About = About {
    name: "inline-policy-grants-escalation",
    catalogue_id: "IAM-08",
    title: "Inline policy is a way to more permissions",
    description: "An inline policy lets a user, role or group make itself more than it is: change what a principal may do, become \
        another principal, or (`ways: pass-role`, the default) pass a role to a service that runs its code. The ways are those \
        of docs/analyser.md. A way whose actions come from several policies counts with all that the principal holds, cut by \
        Deny statements and its permissions boundary. A document that makes \
        administrators by itself is told by the guardrail on those.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["IAM.1", "CIS AWS Foundations 5.0.0/1.15"],
    technique: "T1098.003",
    triggers: super::judge::TRIGGERS,
    remediation: "Puts back what the policy said when it was last seen good, without what did not stand any more, unless nothing of it did, or deletes it where there was none then; where \
        that is not known, takes out what is wrong with it. Roles that AWS owns, Parapet's own and `protected_principals` are \
        only told.",
    actions: super::judge::ACTIONS,
};

fn wanted(terms: &Terms<'_>) -> Wanted {
    Wanted::Escalation(terms.policy.guardrails.inline_policy_grants_escalation.settings.ways.into())
}

impl Guardrail<Inline, InlineAction> for InlinePolicyEscalation {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, inline: &Inline, terms: &Terms<'_>) -> Verdict {
        judge(inline, wanted(terms), terms)
    }

    fn plan(&self, inline: &Inline, _: &Violation, terms: &Terms<'_>) -> Plan<InlineAction> {
        plan(inline, wanted(terms), terms)
    }
}
