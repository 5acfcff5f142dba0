//! IAM-08: nobody becomes administrator by an inline policy.

use super::judge::{judge, plan};
use super::state::{Inline, InlineAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::iam::granted::Wanted;

/// See the module.
pub struct InlinePolicyAdmin;

static ABOUT: About = About {
    name: "inline-policy-grants-admin",
    catalogue_id: "IAM-08",
    title: "Inline policy grants administration",
    description: "An inline policy of a user, role or group allows everything on everything, or all but a few services that do not \
        include IAM. A condition in the way lowers the severity and is named. What a sweep finds is told and left: an account \
        must keep its administrators.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["IAM.1", "CIS AWS Foundations 5.0.0/1.15"],
    technique: "T1098.003",
    triggers: super::judge::TRIGGERS,
    remediation: "Puts back what the policy said when it was last seen good, without what did not stand any more, unless nothing of it did, or deletes it where there was none then; where \
        that is not known, takes out what makes administrators and the ways there. Roles that AWS owns, Parapet's own and `protected_principals` are \
        only told.",
    actions: super::judge::ACTIONS,
};

impl Guardrail<Inline, InlineAction> for InlinePolicyAdmin {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, inline: &Inline, terms: &Terms<'_>) -> Verdict {
        judge(inline, Wanted::Admin, terms)
    }

    fn plan(&self, inline: &Inline, _: &Violation, terms: &Terms<'_>) -> Plan<InlineAction> {
        plan(inline, Wanted::Admin, terms)
    }
}
