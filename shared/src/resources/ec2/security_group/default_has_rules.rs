//! NET-05: the default group of a VPC has no rules.

use super::actions::{REVOKE_SECURITY_GROUP_EGRESS, REVOKE_SECURITY_GROUP_INGRESS};
use super::admin_port_open::{revoke, verdict};
use super::state::{GroupAction, SecurityGroup};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct SecurityGroupDefault;

static ABOUT: About = About {
    name: "security-group-default-has-rules",
    catalogue_id: "NET-05",
    title: "Default security group has rules",
    description: "The group named `default` has an ingress or egress rule. AWS gives this group to every resource \
        that is launched without naming one. A new VPC comes with such rules and without an Authorize event, so \
        creating a VPC is evaluated too. The record names the group by id only, so its name is read first.",
    severity: Severity::High,
    class: Class::R2,
    controls: &["EC2.2", "CIS AWS Foundations 5.0.0/5.5"],
    technique: "T1562.007",
    triggers: &[
        "AuthorizeSecurityGroupIngress",
        "AuthorizeSecurityGroupEgress",
        "ModifySecurityGroupRules",
        "CreateVpc",
        "CreateDefaultVpc",
    ],
    remediation: "Revokes the rules. Resources that were launched without naming a group rely on them: needs \
        `max_class: R2`.",
    actions: &[REVOKE_SECURITY_GROUP_INGRESS, REVOKE_SECURITY_GROUP_EGRESS],
    ids: &["arn:%:ec2:%:%:security-group/%", "arn:%:ec2:%:%:vpc/%"],
    not_watched: &[("CreateDefaultSecurityGroup", "there is no such call: a default group is created with its VPC")],
};

impl Guardrail<SecurityGroup, GroupAction> for SecurityGroupDefault {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, group: &SecurityGroup, _: &Terms<'_>) -> Verdict {
        match &group.name {
            Observed::Known(name) if name == "default" => {}
            Observed::Known(_) | Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => return Verdict::Undetermined { why: why.clone() },
        }
        let evidence = group
            .rules
            .iter()
            .filter(|rule| rule.in_question)
            .map(|rule| Evidence {
                element: rule.element(),
                why: format!("`{}` is on a default group", rule.element()),
            })
            .collect();
        verdict(ABOUT.severity, evidence, None)
    }

    fn plan(&self, group: &SecurityGroup, violation: &Violation, _: &Terms<'_>) -> Plan<GroupAction> {
        revoke(group, violation)
    }
}
