//! NET-08: no network ACL lets the internet through to an administrative or high-risk port.

use super::actions::{CREATE_NETWORK_ACL_ENTRY, DELETE_NETWORK_ACL_ENTRY, REPLACE_NETWORK_ACL_ENTRY};
use super::state::{AclAction, Entry, Gone, NetworkAcl, NumberedRule};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::net::{AddressFamily, AddressSet, Reach, reach_of};
use crate::policy::{Cidr, GuardrailSettings};
use crate::resources::ec2::ports::PortSettings;
use crate::resources::ec2::ports::Watched;
use crate::resources::ec2::security_group::state::{Direction, Traffic, Transport};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
///
/// "Rules are evaluated starting with the lowest numbered rule. As soon as a rule matches traffic, it's applied regardless of
/// any higher-numbered rule that might contradict it" ("Network ACL rules", Amazon VPC user guide). So an allow counts for
/// what the denies before it leave of its addresses and ports. An earlier *allow* takes nothing away: the later entry then
/// decides nothing today, and everything as soon as the earlier one goes.
///
/// What is left counts as open when it is more than a /8 of IPv4 or a /32 of IPv6: a list of denied addresses in front of
/// an allow for `0.0.0.0/0` does not make it narrow.
///
/// Ranges that answer for outgoing connections (1024 or higher up to the end of the range that Linux uses, "Ephemeral
/// ports" on the same page) are normal, since an ACL keeps no state; they hold port 3389 without being about it.
/// `judge_reply_ports` counts them all the same.
///
/// Security Hub EC2.21 looks at 22 and 3389, and "doesn't generate findings for a default network ACL". Here only the
/// entries that AWS makes with a VPC (100 and 101, everything) are left alone when nothing happened to them: every VPC has
/// them, so a sweep would find nothing else. An entry that is added to a default ACL counts, and so does one that is
/// put back to what AWS makes. `judge_default_entries` counts all.
///
/// A replaced entry is remediated with the entry that it replaced. Where that is not known, nothing is planned. Deleting it
/// would close more than was opened where a narrower allow stood there before, and open more where it was a denial.
pub struct NetworkAclAdminPort;

/// Which ports network ACLs must not let the internet through to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NetworkAclSettings {
    /// The ports to watch, TCP and UDP. Without it, and without `allowed_ports`: the built-in list of administrative
    /// and high-risk ports.
    pub ports: Option<Vec<u16>>,
    /// Inverts the list: every port is watched except these.
    pub allowed_ports: Option<Vec<u16>>,
    /// Networks of any size that may reach the watched ports.
    pub allowed_cidrs: Vec<Cidr>,
    /// Whether ranges of ephemeral ports, which replies to outgoing connections need, count as well.
    pub judge_reply_ports: bool,
    /// Whether a sweep counts the entries that AWS makes with every VPC (100 and 101, everything allowed).
    pub judge_default_entries: bool,
}

impl NetworkAclSettings {
    /// The choice of ports, as security groups have it.
    #[must_use]
    pub fn ports(&self) -> PortSettings {
        PortSettings { ports: self.ports.clone(), allowed_ports: self.allowed_ports.clone(), ..PortSettings::default() }
    }
}

impl GuardrailSettings for NetworkAclSettings {
    fn allowed_cidrs(&self) -> &[Cidr] {
        &self.allowed_cidrs
    }
}

static ABOUT: About = About {
    name: "network-acl-admin-port-open",
    catalogue_id: "NET-08",
    title: "Network ACL opens a high-risk port",
    description: "An ingress entry allows more of the public internet than a /8 (IPv4) or a /32 (IPv6) to reach an \
        administrative or high-risk port. Deny entries with lower numbers are subtracted, and each address family is \
        counted separately. Ranges of ephemeral ports, which replies need, and the entries that AWS creates with \
        every VPC comply unless the settings say otherwise. An existing entry counts when the deny entry before it \
        is deleted, and when a subnet is moved to its ACL.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &["EC2.21", "CIS AWS Foundations 5.0.0/5.2"],
    technique: "T1562.007",
    triggers: &[
        "CreateNetworkAclEntry",
        "DeleteNetworkAclEntry",
        "ReplaceNetworkAclAssociation",
        "ReplaceNetworkAclEntry",
    ],
    remediation: "Deletes an entry that was created; restores one that was replaced or deleted. If the previous \
        entry is unknown, nothing is changed, because deleting the entry could close or open more than the change \
        did. For a subnet that was moved it only notifies.",
    actions: &[CREATE_NETWORK_ACL_ENTRY, DELETE_NETWORK_ACL_ENTRY, REPLACE_NETWORK_ACL_ENTRY],
    ids: &["arn:%:ec2:%:%:network-acl/%"],
    not_watched: &[
        (
            "CreateVpc, CreateSubnet",
            "the default ACL of a VPC, which a new subnet gets, allows everything by AWS's design",
        ),
        ("CreateNetworkAcl", "a new ACL denies everything"),
        ("DeleteNetworkAcl", "an ACL that a subnet uses cannot be deleted"),
    ],
};

impl Guardrail<NetworkAcl, AclAction> for NetworkAclAdminPort {
    type Settings = NetworkAclSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, acl: &NetworkAcl, terms: &Terms<'_>) -> Verdict {
        if acl.owner.as_ref().is_some_and(|owner| *owner != terms.place.account) {
            return Verdict::Compliant;
        }
        let settings = &terms.settings(self);
        let watched = Watched::from_settings(&settings.ports());
        let mut evidence = Vec::new();
        for entry in acl.entries.iter().filter(|entry| entry.in_question && !is_by_design(acl, entry, settings)) {
            let Some(open) = exposed(acl, entry, &watched, settings) else { continue };
            let tail = match &acl.gone {
                // What was open while the deleted entry stood there was not opened by its deletion.
                Some(Gone { was: Observed::Known(_), .. })
                    if open_before(acl, entry, &watched, settings).as_ref() == Some(&open) =>
                {
                    continue;
                }
                Some(gone) => since_deleted(gone),
                None => replaced(&entry.was, entry),
            };
            let why = format!("`{}` opens {open}{tail}", entry.element());
            evidence.push(Evidence { element: entry.element(), why });
        }
        match (evidence.is_empty(), acl.is_whole) {
            (true, _) => Verdict::Compliant,
            (false, true) => Verdict::Violation(Violation { severity: ABOUT.severity, evidence }),
            (false, false) => Verdict::Undetermined {
                why: "the record shows one entry: a read is needed to see whether a lower number denies what it allows"
                    .to_owned(),
            },
        }
    }

    fn plan(&self, acl: &NetworkAcl, violation: &Violation, terms: &Terms<'_>) -> Plan<AclAction> {
        let settings = &terms.settings(self);
        let watched = Watched::from_settings(&settings.ports());
        let is_named = |entry: &&Entry| violation.evidence.iter().any(|evidence| evidence.element == entry.element());
        let mut plan = Plan::default();
        if let Some(Gone { number, direction, was: Observed::Known(rule) }) = &acl.gone {
            let denial = NumberedRule { acl: acl.id.clone(), number: *number, direction: *direction, rule: *rule };
            return Plan::one(AclAction::Create(denial.clone()), AclAction::Delete(denial));
        }
        for entry in acl.entries.iter().filter(is_named) {
            let of =
                |rule| NumberedRule { acl: acl.id.clone(), number: entry.number, direction: entry.direction, rule };
            let now = of(entry.rule);
            let (apply, undo) = match &entry.was {
                Observed::Absent => (AclAction::Delete(now.clone()), AclAction::Create(now)),
                // What stood there before is good only where policy says so, and not because it was seen.
                Observed::Known(rule)
                    if *rule != entry.rule
                        && exposed(acl, &Entry { rule: *rule, ..entry.clone() }, &watched, settings).is_none() =>
                {
                    (AclAction::Replace(of(*rule)), AclAction::Replace(now))
                }
                Observed::Known(_) | Observed::Unknown { .. } => continue,
            };
            plan.steps.push(Step { apply, undo: Undo::Apply(undo) });
        }
        plan
    }
}

/// AWS's own entries, to which nothing happened.
fn is_by_design(acl: &NetworkAcl, entry: &Entry, settings: &NetworkAclSettings) -> bool {
    let is_default = matches!(acl.is_default, Observed::Known(true));
    is_default && !acl.has_event && !settings.judge_default_entries && entry.is_as_aws_makes_it()
}

/// What the entry opened before another was deleted; none where that is not known.
fn open_before(acl: &NetworkAcl, entry: &Entry, watched: &Watched, settings: &NetworkAclSettings) -> Option<String> {
    let Gone { number, direction, was: Observed::Known(rule) } = acl.gone.as_ref()? else { return None };
    let mut before = acl.clone();
    let was = Observed::Absent;
    before.entries.push(Entry { number: *number, direction: *direction, rule: *rule, in_question: false, was });
    exposed(&before, entry, watched, settings)
}

fn since_deleted(gone: &Gone) -> String {
    let Gone { number, direction, was } = gone;
    match was {
        Observed::Known(rule) => {
            let was = NumberedRule { acl: String::new(), number: *number, direction: *direction, rule: *rule };
            format!(", since `{}` was deleted", was.element())
        }
        Observed::Absent => format!("; entry {number} before it was deleted"),
        Observed::Unknown { why } => {
            format!("; entry {number} before it was deleted; its content is unknown ({why}), so nothing is planned")
        }
    }
}

fn replaced(was: &Observed<super::state::AclRule>, entry: &Entry) -> String {
    match was {
        Observed::Unknown { why } => format!("; what it replaced is not known ({why}), so nothing is planned"),
        Observed::Known(rule) if *rule == entry.rule => {
            "; it was the same when it was last recorded, so nothing is planned".to_owned()
        }
        Observed::Known(_) | Observed::Absent => String::new(),
    }
}

/// What of the watched ports the entry lets the internet through to, for a person; none when nothing.
fn exposed(acl: &NetworkAcl, entry: &Entry, watched: &Watched, settings: &NetworkAclSettings) -> Option<String> {
    if !entry.rule.allows || entry.direction != Direction::Ingress {
        return None;
    }
    let family = AddressFamily::of(&entry.rule.net);
    let denies: Vec<&Entry> = acl.entries.iter().filter(|other| is_denied_before(other, entry)).collect();
    let mut parts = Vec::new();
    let mut widest = Reach::Private;
    for transport in [Transport::Tcp, Transport::Udp] {
        let Some((from, to)) = entry.rule.ports_of(transport) else { continue };
        let is_for_replies = entry.rule.protocol != -1 && is_reply_range(from, to);
        if is_for_replies && !settings.judge_reply_ports {
            continue;
        }
        for (from, to) in pieces(from, to, transport, &denies) {
            let reach = left(entry, (from, to), transport, &denies, settings);
            let traffic = Traffic::Ports { transport, from, to };
            if let (Reach::Broad | Reach::World, Some(ports)) = (reach, watched.named_in(&traffic)) {
                parts.push(ports);
                widest = widest.max(reach);
            }
        }
    }
    if parts.is_empty() {
        return None;
    }
    let is_unlimited = entry.rule.protocol == -1 && denies.is_empty();
    let ports = if is_unlimited { "every port".to_owned() } else { parts.join(", ") };
    let whom = if widest == Reach::World { "the whole" } else { "much of the" };
    Some(format!("{ports} to {whom} {family} internet"))
}

fn is_denied_before(other: &Entry, entry: &Entry) -> bool {
    let is_before = other.direction == entry.direction && other.number < entry.number;
    is_before && !other.rule.allows && AddressFamily::of(&other.rule.net) == AddressFamily::of(&entry.rule.net)
}

/// Replies come back to the ports that clients use: `net.ipv4.ip_local_port_range` of Linux ends at 60999, and the widest
/// range that AWS names (load balancers, NAT gateways, Lambda) begins at 1024.
fn is_reply_range(from: u16, to: u16) -> bool {
    const FIRST: u16 = 1024;
    const LAST: u16 = 60_999;
    from >= FIRST && to >= LAST
}

/// The range cut where a denial begins or ends, so that each piece is denied as a whole or not at all.
fn pieces(from: u16, to: u16, transport: Transport, denies: &[&Entry]) -> Vec<(u16, u16)> {
    let mut starts = vec![from];
    for (first, last) in denies.iter().filter_map(|deny| deny.rule.ports_of(transport)) {
        starts.push(first);
        starts.extend(last.checked_add(1));
    }
    starts.retain(|start| (from..=to).contains(start));
    starts.sort_unstable();
    starts.dedup();
    let ends = starts.iter().skip(1).map(|next| next - 1).chain([to]);
    starts.iter().copied().zip(ends).collect()
}

/// How far the entry reaches on a piece of its ports: without what was denied before and without what policy allows.
fn left(
    entry: &Entry,
    (from, to): (u16, u16),
    transport: Transport,
    denies: &[&Entry],
    settings: &NetworkAclSettings,
) -> Reach {
    let family = AddressFamily::of(&entry.rule.net);
    let mut addresses = AddressSet::covering([&entry.rule.net]);
    for deny in denies {
        let denies_all = deny.rule.ports_of(transport).is_some_and(|(first, last)| first <= from && to <= last);
        if denies_all {
            addresses.remove(&deny.rule.net);
        }
    }
    for allowed in settings.allowed_cidrs.iter().filter(|allowed| AddressFamily::of(&allowed.0) == family) {
        addresses.remove(&allowed.0);
    }
    reach_of(family, &addresses)
}
