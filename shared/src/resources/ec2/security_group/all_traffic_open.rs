//! NET-02: no ingress rule lets the whole internet in to everything.

use super::actions::REVOKE_SECURITY_GROUP_INGRESS;
use super::admin_port_open::{revoke, verdict};
use super::state::{Direction, GroupAction, SecurityGroup};
use super::{IDS, NOT_WATCHED};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::net::Reach;
use crate::policy::{Cidr, GuardrailSettings};
use crate::resources::ec2::ports::{reach_alone, unread_source};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct SecurityGroupAllTraffic;

/// For whom all traffic may be open.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AllTrafficSettings {
    /// Networks of any size that may reach everything.
    pub allowed_cidrs: Vec<Cidr>,
}

impl GuardrailSettings for AllTrafficSettings {
    fn allowed_cidrs(&self) -> &[Cidr] {
        &self.allowed_cidrs
    }
}

static ABOUT: About = About {
    name: "security-group-all-traffic-open",
    catalogue_id: "NET-02",
    title: "All traffic open to the internet",
    description: "An ingress rule allows every protocol (`-1`), or every TCP or UDP port, from the whole public \
        internet. Protocol and source are evaluated together for each rule: an all-traffic rule for a private \
        network complies.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["EC2.18", "EC2.19", "CIS AWS Foundations 5.0.0/5.3", "CIS AWS Foundations 5.0.0/5.4"],
    technique: "T1133",
    triggers: &[
        "AuthorizeSecurityGroupIngress",
        "ModifyManagedPrefixList",
        "ModifySecurityGroupRules",
        "RestoreManagedPrefixListVersion",
    ],
    remediation: "Revokes the offending rules by their exact content; every other rule of the group stays.",
    actions: &[REVOKE_SECURITY_GROUP_INGRESS],
    ids: IDS,
    not_watched: NOT_WATCHED,
};

impl Guardrail<SecurityGroup, GroupAction> for SecurityGroupAllTraffic {
    type Settings = AllTrafficSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, group: &SecurityGroup, terms: &Terms<'_>) -> Verdict {
        let settings = terms.settings(self);
        let allowed = &settings.allowed_cidrs;
        let mut evidence = Vec::new();
        let mut unread = None;
        for rule in group.rules_in_question(Direction::Ingress).filter(|rule| rule.traffic.is_everything()) {
            match reach_alone(rule, allowed) {
                Some((Reach::World, family)) => evidence.push(Evidence {
                    element: rule.element(),
                    why: format!("`{}` opens the group to the whole {family} internet", rule.element()),
                }),
                Some((Reach::Private | Reach::Narrow | Reach::Broad, _)) => {}
                None => unread = unread.or_else(|| unread_source(rule)),
            }
        }
        verdict(ABOUT.severity, evidence, unread)
    }

    fn plan(&self, group: &SecurityGroup, violation: &Violation, _: &Terms<'_>) -> Plan<GroupAction> {
        revoke(group, violation)
    }
}
