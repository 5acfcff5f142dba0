//! IAM-07: no principal becomes administrator by a policy that is attached.

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
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct AttachedPolicyAdmin;

/// Which administrators may be made by attaching a policy.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AttachedAdminSettings {
    /// ARNs of the policies that may be attached to any principal; `*` and `?` match as in IAM.
    pub allowed_policies: Vec<String>,
}

impl GuardrailSettings for AttachedAdminSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_policies", entries: &self.allowed_policies, holds: POLICIES }]
    }
}

static ABOUT: About = About {
    name: "attached-policy-grants-admin",
    catalogue_id: "IAM-07",
    title: "Attached policy grants admin access",
    description: "A managed policy that was attached to a user, role or group allows every action on every resource, \
        or every action except those of a few services that do not include IAM. `AdministratorAccess` is recognised \
        by name; any other policy is read. A condition on the statement lowers the severity and is shown. Policies \
        in `allowed_policies` comply. Attachments that a sweep finds are only notified: an account must keep its \
        administrators.",
    severity: Severity::Critical,
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

impl Guardrail<Attachment, AttachmentAction> for AttachedPolicyAdmin {
    type Settings = AttachedAdminSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, attachment: &Attachment, terms: &Terms<'_>) -> Verdict {
        let settings = &terms.settings(self);
        judge(attachment, Rule { wanted: Wanted::Admin, allowed: &settings.allowed_policies }, terms)
    }

    fn plan(&self, attachment: &Attachment, _: &Violation, terms: &Terms<'_>) -> Plan<AttachmentAction> {
        plan(attachment, terms)
    }
}
