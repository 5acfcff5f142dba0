//! IAM-08: no principal becomes administrator by an inline policy.

use super::IDS;
use super::grants_escalation::InlinePolicyEscalation;
use super::judge::{judge, plan};
use super::state::{Inline, InlineAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::iam::granted::NOT_WATCHED;
use crate::resources::iam::granted::Wanted;

/// See the module.
pub struct InlinePolicyAdmin;

static ABOUT: About = About {
    name: "inline-policy-grants-admin",
    catalogue_id: "IAM-08",
    title: "Inline policy grants admin access",
    description: "An inline policy of a user, role or group allows every action on every resource, or every action \
        except those of a few services that do not include IAM. A condition on the statement lowers the severity and \
        is shown. Policies that a sweep finds are only notified: an account must keep its administrators.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["IAM.1", "CIS AWS Foundations 5.0.0/1.15"],
    technique: "T1098.003",
    triggers: super::judge::TRIGGERS,
    remediation: "Restores the last known good document, without the parts that had been removed since, unless none \
        of it was left; deletes the policy if there was none. If the previous document is unknown, removes the \
        grants of administrator access and the privilege escalation paths. For roles that AWS owns, Parapet's own \
        and `protected_principals` it only notifies.",
    actions: super::judge::ACTIONS,
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<Inline, InlineAction> for InlinePolicyAdmin {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, inline: &Inline, terms: &Terms<'_>) -> Verdict {
        judge(inline, Wanted::Admin, terms)
    }

    fn plan(&self, inline: &Inline, _: &Violation, terms: &Terms<'_>) -> Plan<InlineAction> {
        plan(inline, Wanted::Admin, terms.settings(&InlinePolicyEscalation).ways, terms)
    }
}
