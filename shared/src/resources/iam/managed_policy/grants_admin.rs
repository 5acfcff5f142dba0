//! IAM-09: the default version of a managed policy makes no principal administrator.

use super::grants_escalation::ManagedPolicyEscalation;
use super::judge::{judge, plan, remarks};
use super::state::{ManagedPolicy, VersionAction};
use super::{IDS, NOT_WATCHED};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::iam::granted::Wanted;

/// See the module.
pub struct ManagedPolicyAdmin;

static ABOUT: About = About {
    name: "managed-policy-grants-admin",
    catalogue_id: "IAM-09",
    title: "Managed policy grants admin access",
    description: "The default version of a customer managed policy allows every action on every resource, or every \
        action except those of a few services that do not include IAM. The event may create the policy, create a \
        version or set an older version as the default. A version that is not the default grants nothing. A policy \
        that no principal holds is notified with severity medium, and a new one is not changed: attaching it is \
        covered by the guardrails on attached policies.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["IAM.1", "IAM.21", "CIS AWS Foundations 5.0.0/1.15"],
    technique: "T1098.003",
    triggers: super::judge::TRIGGERS,
    remediation: "Sets the last known good version as the default again; if it was deleted, it is created again. If none is \
        known, the newest other version that grants nothing of the kind becomes the default: for a version that the event \
        created, an older one. If every version is as bad, a new version is created without the offending grants; if there \
        are five versions already, it only notifies.",
    actions: super::judge::ACTIONS,
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<ManagedPolicy, VersionAction> for ManagedPolicyAdmin {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, policy: &ManagedPolicy, _: &Terms<'_>) -> Verdict {
        judge(policy, Wanted::Admin)
    }

    fn plan(&self, policy: &ManagedPolicy, _: &Violation, terms: &Terms<'_>) -> Plan<VersionAction> {
        let ways = terms.settings(&ManagedPolicyEscalation).ways;
        plan(policy, Wanted::Admin, ways.into())
    }

    fn remarks(&self, policy: &ManagedPolicy) -> Vec<String> {
        remarks(policy, Wanted::Admin)
    }
}
