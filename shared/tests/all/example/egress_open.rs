//! NET-06: no egress rule lets everything out to the whole internet.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use shared::engine::guardrail::{About, Class, Guardrail, Terms};
use shared::engine::plan::Plan;
use shared::engine::verdict::{Evidence, Severity, Verdict, Violation};
use shared::policy::{GuardrailSettings, Holds, List, matches_pattern};
use shared::resources::ec2::security_group::state::{Direction, GroupAction, RuleSet, SecurityGroup, Source};
use shared::resources::ec2::security_group::state::{REVOKE_SECURITY_GROUP_EGRESS, Rule};

/// See the module.
pub struct SecurityGroupEgressOpen;

/// Which groups may reach everything.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EgressSettings {
    /// Ids of the groups that may; `*` and `?` match as in IAM.
    pub allowed_groups: Vec<String>,
}

const GROUPS: Holds = Holds {
    shapes: &["sg-%"],
    form: "the id of a group",
    everything: Some("allows every group: the guardrail finds nothing"),
};

impl GuardrailSettings for EgressSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_groups", entries: &self.allowed_groups, holds: GROUPS }]
    }
}

static ABOUT: About = About {
    name: "security-group-egress-open",
    catalogue_id: "NET-06",
    title: "All traffic to the internet is allowed",
    description: "An egress rule allows every protocol and port to `0.0.0.0/0` or `::/0`, as the rule that AWS makes with every \
        group does. `allowed_groups` names the groups that may have one.",
    severity: Severity::Low,
    class: Class::R2,
    controls: &[],
    technique: "T1048",
    triggers: &["AuthorizeSecurityGroupEgress", "ModifySecurityGroupRules"],
    remediation: "Revokes the rule by its exact content; every other rule of the group stays. Needs `max_class: R2`.",
    actions: &[REVOKE_SECURITY_GROUP_EGRESS],
    ids: &["arn:%:ec2:%:%:security-group/%"],
    not_watched: &[(
        "CreateSecurityGroup",
        "the rule that AWS makes with every group is not recorded: the sweep finds it",
    )],
};

fn is_open(rule: &Rule) -> bool {
    rule.traffic.is_everything() && matches!(&rule.source, Source::Cidr(net) if net.prefix_len() == 0)
}

impl Guardrail<SecurityGroup, GroupAction> for SecurityGroupEgressOpen {
    type Settings = EgressSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, group: &SecurityGroup, terms: &Terms<'_>) -> Verdict {
        let settings = terms.settings(self);
        if settings.allowed_groups.iter().any(|pattern| matches_pattern(pattern, &group.id)) {
            return Verdict::Compliant;
        }
        let open = group.rules_in_question(Direction::Egress).filter(|rule| is_open(rule));
        let why = |rule: &Rule| format!("`{}` lets everything out to the internet", rule.element());
        let evidence: Vec<Evidence> = open.map(|rule| Evidence { element: rule.element(), why: why(rule) }).collect();
        if evidence.is_empty() {
            return Verdict::Compliant;
        }
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, group: &SecurityGroup, violation: &Violation, _: &Terms<'_>) -> Plan<GroupAction> {
        let is_named = |rule: &&Rule| violation.evidence.iter().any(|evidence| evidence.element == rule.element());
        let rules = group.rules.iter().filter(is_named).cloned().collect();
        let set = RuleSet { group: group.id.clone(), direction: Direction::Egress, rules };
        Plan::one(GroupAction::Revoke(set.clone()), GroupAction::Authorize(set))
    }
}
