//! NET-09: a subnet assigns no public IP address by default.

use super::state::MODIFY_SUBNET_ATTRIBUTE;
use super::state::{Assigned, Attribute, Question, Subnet, SubnetAction, Subnets};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::GuardrailSettings;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
///
/// Security Hub EC2.15 looks at IPv4 alone; the Config rule behind it (`subnet-auto-assign-public-ip-disabled`) counts IPv6
/// as well, since a VPC's IPv6 addresses are globally unique. So does this one, unless `ignore_ipv6` says otherwise; a
/// subnet that has IPv6 alone must assign it, or nothing in it had any address.
///
/// AWS makes default subnets with `MapPublicIpOnLaunch` on ("Default VPCs", Amazon VPC user guide), three to six in every
/// region of every account. A sweep that reported them would report nothing else, and a caller of `CreateDefaultVpc` asks
/// for exactly such subnets. So with the built-in settings the sweep leaves them alone, their creation is notified with a low
/// severity and not undone, and only an attribute that is *set* is closed, on a default subnet like on any other.
/// `include_default_subnets` treats them like all others.
pub struct SubnetAssignsPublicAddress;

/// Which subnets may assign public addresses.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SubnetSettings {
    /// Whether only IPv4 counts (Security Hub EC2.15).
    pub ignore_ipv6: bool,
    /// Whether default subnets, which AWS makes public by design, are treated like all others.
    pub include_default_subnets: bool,
}

impl GuardrailSettings for SubnetSettings {}

static ABOUT: About = About {
    name: "subnet-assigns-public-address",
    catalogue_id: "NET-09",
    title: "Subnet assigns public IP addresses",
    description: "A subnet that assigns a public IPv4 address (`MapPublicIpOnLaunch`) or an IPv6 address \
        (`AssignIpv6AddressOnCreation`) to every new network interface. IPv6-only subnets are left alone. The creation of \
        default subnets, which AWS makes public by design, is notified with a low severity and not undone, unless \
        `include_default_subnets` is set. Existing interfaces keep their addresses.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &["EC2.15"],
    technique: "T1133",
    triggers: &["ModifySubnetAttribute", "CreateDefaultSubnet", "CreateDefaultVpc"],
    remediation: "Disables the attribute, and no other. Default subnets that were just created stay as AWS creates them.",
    actions: &[MODIFY_SUBNET_ATTRIBUTE],
    ids: &["arn:%:ec2:%:%:subnet/%", "arn:%:ec2:%:%:vpc/%"],
    not_watched: &[
        ("CreateSubnet", "the call cannot set it: a new subnet does not assign public addresses"),
        ("RunInstances, AssociateAddress", "they concern one instance, not the subnet"),
    ],
};

impl Guardrail<Subnets, SubnetAction> for SubnetAssignsPublicAddress {
    type Settings = SubnetSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, state: &Subnets, terms: &Terms<'_>) -> Verdict {
        let settings = &terms.settings(self);
        let mut severity = Severity::Low;
        let mut evidence = Vec::new();
        let mut unread = None;
        let own = |subnet: &&Subnet| subnet.owner.as_ref().is_none_or(|owner| *owner == terms.place.account);
        for subnet in state.subnets.iter().filter(own) {
            for assigned in subnet.assigns.iter().filter(|assigned| assigned.is_on && assigned.in_question) {
                match offends(subnet, assigned, settings) {
                    Ok(None) => {}
                    Ok(Some(found)) => {
                        severity = severity.max(found);
                        let element = subnet.element(assigned.attribute);
                        evidence.push(Evidence { element, why: why(subnet, assigned, settings) });
                    }
                    Err(why) => unread = Some(why),
                }
            }
        }
        match (evidence.is_empty(), unread) {
            (false, _) => Verdict::Violation(Violation { severity, evidence }),
            (true, Some(why)) => Verdict::Undetermined { why },
            (true, None) => Verdict::Compliant,
        }
    }

    fn plan(&self, state: &Subnets, violation: &Violation, terms: &Terms<'_>) -> Plan<SubnetAction> {
        let settings = &terms.settings(self);
        let mut plan = Plan::default();
        for subnet in state.subnets.iter().filter(|subnet| !is_by_design(subnet, settings)) {
            for assigned in &subnet.assigns {
                let element = subnet.element(assigned.attribute);
                if violation.evidence.iter().any(|evidence| evidence.element == element) {
                    let set = |value| SubnetAction { subnet: subnet.id.clone(), attribute: assigned.attribute, value };
                    plan.steps.push(Step { apply: set(false), undo: Undo::Apply(set(true)) });
                }
            }
        }
        plan
    }
}

/// How bad it is, if it is at all. Without an answer, the text of [`Observed::Unknown`], which the verdict repeats.
fn offends(subnet: &Subnet, assigned: &Assigned, settings: &SubnetSettings) -> Result<Option<Severity>, String> {
    if assigned.attribute == Attribute::Ipv6 {
        match (&subnet.is_ipv6_only, settings.ignore_ipv6) {
            (_, true) | (Observed::Known(true), false) => return Ok(None),
            (Observed::Unknown { why }, false) => return Err(why.clone()),
            (Observed::Known(false) | Observed::Absent, false) => {}
        }
    }
    let is_default_ipv4 = assigned.attribute == Attribute::PublicIpv4 && !settings.include_default_subnets;
    match (subnet.question, &subnet.is_default, is_default_ipv4) {
        (Question::MadeDefault, _, true) => Ok(Some(Severity::Low)),
        (Question::Standing, Observed::Known(true), true) => Ok(None),
        (Question::Standing, Observed::Unknown { why }, true) => Err(why.clone()),
        (Question::Set | Question::MadeDefault | Question::Standing, _, _) => Ok(Some(ABOUT.severity)),
    }
}

/// A default subnet that was made just now.
fn is_by_design(subnet: &Subnet, settings: &SubnetSettings) -> bool {
    subnet.question == Question::MadeDefault && !settings.include_default_subnets
}

fn why(subnet: &Subnet, assigned: &Assigned, settings: &SubnetSettings) -> String {
    let address = match assigned.attribute {
        Attribute::PublicIpv4 => "a public IPv4 address",
        Attribute::Ipv6 => "an IPv6 address",
    };
    let tail = if is_by_design(subnet, settings) {
        ", as AWS makes default subnets; `include_default_subnets` has that switched off"
    } else {
        ""
    };
    format!("`{}` gives every new network interface {address}{tail}", subnet.id)
}
