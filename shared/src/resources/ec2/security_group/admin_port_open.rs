//! NET-01: no ingress rule lets the whole internet in to an administrative or high-risk port.

use super::actions::REVOKE_SECURITY_GROUP_INGRESS;
use super::state::{Direction, GroupAction, RuleSet, SecurityGroup};
use super::{IDS, NOT_WATCHED};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::net::Reach;
use crate::resources::ec2::ports::PortSettings;
use crate::resources::ec2::ports::{Watched, reach_alone, unread_source};

/// See the module.
pub struct SecurityGroupAdminPort;

static ABOUT: About = About {
    name: "security-group-admin-port-open",
    catalogue_id: "NET-01",
    title: "High-risk port open to the internet",
    description: "An ingress rule allows a watched port from the whole public internet (IPv4 or IPv6, in any \
        notation). By default the watched ports are the administrative and high-risk ports that Security Hub lists, \
        and a few unauthenticated services. Rules for every protocol count. References to security groups, narrower \
        networks and ports that are not watched comply; a prefix list is undetermined until its entries are read.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[
        "EC2.13",
        "EC2.14",
        "EC2.18",
        "EC2.19",
        "CIS AWS Foundations 5.0.0/5.3",
        "CIS AWS Foundations 5.0.0/5.4",
    ],
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

impl Guardrail<SecurityGroup, GroupAction> for SecurityGroupAdminPort {
    type Settings = PortSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, group: &SecurityGroup, terms: &Terms<'_>) -> Verdict {
        let settings = &terms.settings(self);
        let watched = Watched::from_settings(settings);
        let mut evidence = Vec::new();
        let mut unread = None;
        for rule in group.rules_in_question(Direction::Ingress) {
            let Some(ports) = watched.named_in(&rule.traffic) else { continue };
            match reach_alone(rule, &settings.allowed_cidrs) {
                Some((Reach::World, family)) => evidence.push(Evidence {
                    element: rule.element(),
                    why: format!("`{}` opens {ports} to the whole {family} internet", rule.element()),
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

/// A violation outweighs what could not be read; what could not be read outweighs compliance.
pub(crate) fn verdict(severity: Severity, evidence: Vec<Evidence>, unread: Option<String>) -> Verdict {
    if !evidence.is_empty() {
        return Verdict::Violation(Violation { severity, evidence });
    }
    unread.map_or(Verdict::Compliant, |why| Verdict::Undetermined { why })
}

/// One call a direction that revokes exactly the rules that the evidence names, and the call that puts them back.
pub(crate) fn revoke(group: &SecurityGroup, violation: &Violation) -> Plan<GroupAction> {
    let mut plan = Plan::default();
    for direction in [Direction::Ingress, Direction::Egress] {
        let named = |element: &str| violation.evidence.iter().any(|evidence| evidence.element == element);
        let rules: Vec<_> =
            group.rules.iter().filter(|rule| rule.direction == direction && named(&rule.element())).cloned().collect();
        if rules.is_empty() {
            continue;
        }
        let set = RuleSet { group: group.id.clone(), direction, rules };
        plan.steps
            .push(Step { apply: GroupAction::Revoke(set.clone()), undo: Undo::Apply(GroupAction::Authorize(set)) });
    }
    plan
}
