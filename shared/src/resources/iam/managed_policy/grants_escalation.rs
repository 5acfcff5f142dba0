//! IAM-09: the default version of a managed policy does not allow privilege escalation.

use super::judge::{judge, plan, remarks};
use super::state::{ManagedPolicy, VersionAction};
use super::{IDS, NOT_WATCHED};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Severity, Verdict, Violation};
use crate::resources::iam::granted::Wanted;
use crate::resources::iam::ways::EscalationSettings;
use iam_policy::Tier;

/// See the module.
pub struct ManagedPolicyEscalation;

static ABOUT: About = About {
    name: "managed-policy-grants-escalation",
    catalogue_id: "IAM-09",
    title: "Managed policy allows privilege escalation",
    description: "The default version of a customer managed policy allows its holders to raise their own privileges: \
        change the permissions of a principal, become another principal, or (`ways: pass-role`, the default) pass a \
        role to a service that runs their code. docs/analyser.md lists the privilege escalation paths. Other \
        permissions of the holders are not considered. A policy that no principal holds is notified with severity \
        medium. A document that grants administrator access belongs to `managed-policy-grants-admin`.",
    severity: Severity::High,
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

fn tier(terms: &Terms<'_>) -> Tier {
    terms.settings(&ManagedPolicyEscalation).ways.into()
}

fn wanted(terms: &Terms<'_>) -> Wanted {
    Wanted::Escalation(tier(terms))
}

impl Guardrail<ManagedPolicy, VersionAction> for ManagedPolicyEscalation {
    type Settings = EscalationSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, policy: &ManagedPolicy, terms: &Terms<'_>) -> Verdict {
        judge(policy, wanted(terms))
    }

    fn plan(&self, policy: &ManagedPolicy, _: &Violation, terms: &Terms<'_>) -> Plan<VersionAction> {
        plan(policy, wanted(terms), tier(terms))
    }

    fn remarks(&self, policy: &ManagedPolicy) -> Vec<String> {
        remarks(policy, Wanted::Escalation(Tier::PassRole))
    }
}
