//! IAM-08: no inline policy allows privilege escalation.

use super::IDS;
use super::judge::{judge, plan};
use super::state::{Inline, InlineAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::iam::granted::NOT_WATCHED;
use crate::resources::iam::granted::Wanted;
use crate::resources::iam::ways::EscalationSettings;

/// See the module.
pub struct InlinePolicyEscalation;

static ABOUT: About = About {
    name: "inline-policy-grants-escalation",
    catalogue_id: "IAM-08",
    title: "Inline policy allows privilege escalation",
    description: "An inline policy allows a user, role or group to raise its own privileges: change the permissions \
        of a principal, become another principal, or (`ways: pass-role`, the default) pass a role to a service that \
        runs its code. docs/analyser.md lists the privilege escalation paths. A path whose actions come from several \
        policies counts, with everything that the principal holds, minus Deny statements and its permissions \
        boundary. A document that grants administrator access belongs to `inline-policy-grants-admin`.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["IAM.1", "CIS AWS Foundations 5.0.0/1.15"],
    technique: "T1098.003",
    triggers: super::judge::TRIGGERS,
    remediation: "Restores the last known good document, without the parts that had been removed since, unless none \
        of it was left; deletes the policy if there was none. If the previous document is unknown, removes the \
        offending grants. For roles that AWS owns, Parapet's own and `protected_principals` it only notifies.",
    actions: super::judge::ACTIONS,
    ids: IDS,
    not_watched: NOT_WATCHED,
};

fn wanted(terms: &Terms<'_>) -> Wanted {
    Wanted::Escalation(terms.settings(&InlinePolicyEscalation).ways.into())
}

impl Guardrail<Inline, InlineAction> for InlinePolicyEscalation {
    type Settings = EscalationSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, inline: &Inline, terms: &Terms<'_>) -> Verdict {
        judge(inline, wanted(terms), terms)
    }

    fn plan(&self, inline: &Inline, _: &Violation, terms: &Terms<'_>) -> Plan<InlineAction> {
        plan(inline, wanted(terms), terms.settings(self).ways, terms)
    }
}
