//! Network ACLs: NET-08.
//!
//! Only the entries that an event makes are in question; after a deletion, those that it held back; after a subnet was moved to
//! the ACL, all. `CreateVpc`, `CreateSubnet` and `CreateNetworkAcl` are no triggers: the default ACL of a VPC allows
//! everything by AWS's design, and one that is made beside it denies everything.

pub(crate) mod actions;
pub mod admin_port_open;
#[cfg(feature = "ec2")]
pub(crate) mod client;
mod planned;
pub mod state;

use super::security_group::state::Direction;
use super::wire;
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable, Written};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use crate::engine::unreadable::Unreadable;
use crate::net::parse_cidr;
use actions::{CREATE_NETWORK_ACL_ENTRY, DELETE_NETWORK_ACL_ENTRY, REPLACE_NETWORK_ACL_ENTRY};
use admin_port_open::NetworkAclAdminPort;
use serde_json::Value;
use state::{AclAction, AclRef, AclRule, Change, Entry, Gone, NetworkAcl, NumberedRule};
use std::borrow::Cow;
use std::collections::BTreeSet;

pub(crate) const DESCRIBE_NETWORK_ACLS: Permission = Permission::read("ec2:DescribeNetworkAcls");

/// The family of network ACLs. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct NetworkAcls;

impl Family for NetworkAcls {
    type Key = AclRef;
    type State = NetworkAcl;
    type Action = AclAction;

    fn kind(&self) -> &'static str {
        "network-acl"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_NETWORK_ACLS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[CREATE_NETWORK_ACL_ENTRY, DELETE_NETWORK_ACL_ENTRY, REPLACE_NETWORK_ACL_ENTRY]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<NetworkAcl>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![NetworkAclAdminPort];

    /// Nothing is proven: a lower number may deny what the entry allows, and a record shows no other entry.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let unlocatable = |why| Unlocatable::new(event, why);
        let kept = Observed::Unknown { why: "its last known good state was not read".to_owned() };
        if event.is_one_of("ec2.amazonaws.com", &["ReplaceNetworkAclAssociation"]) {
            let id = request(event).and_then(acl_id).map_err(unlocatable)?;
            let key = AclRef { id, change: None, is_joined: true, kept };
            return Ok(vec![Target { key, proven: None, changed: None }]);
        }
        if !event.is_one_of("ec2.amazonaws.com", &CALLS) {
            return Ok(Vec::new());
        }
        let (id, change, rule) = asked(event).map_err(unlocatable)?;
        // An entry that cannot be read is still known by its number.
        let changed = rule.ok().map(|rule| BTreeSet::from([entry(change, rule).element()]));
        let key = AclRef { id, change: Some(change), is_joined: false, kept };
        Ok(vec![Target { key, proven: None, changed }])
    }

    /// The one entry that the request names, as if no other stood before it: the judge says what that leaves open.
    fn claimed(&self, event: &Event, key: &AclRef) -> Option<NetworkAcl> {
        if key.is_joined || key.change.is_some_and(|change| change.is_gone) {
            return None;
        }
        let (_, change, rule) = asked(event).ok()?;
        let mut entry = entry(change, rule.ok()?);
        entry.in_question = true;
        Some(NetworkAcl {
            id: key.id.clone(),
            owner: None,
            is_default: Observed::Unknown { why: "the record does not say".to_owned() },
            entries: vec![entry],
            is_whole: false,
            has_event: true,
            gone: None,
            stack: None,
        })
    }

    fn focus(&self, acl: &mut NetworkAcl, target: &TargetOf<Self>) {
        acl.has_event = target.key.change.is_some() || target.key.is_joined;
        if let Some(change) = target.key.change.filter(|change| change.is_gone) {
            deleted(acl, change, &target.key.kept);
            return;
        }
        if target.key.is_joined {
            for entry in &mut acl.entries {
                entry.in_question = true;
                entry.was = Observed::Known(entry.rule);
            }
            return;
        }
        for entry in &mut acl.entries {
            let Some(change) = target.key.change else {
                entry.in_question = true;
                entry.was = was(&target.key.kept, entry, true);
                continue;
            };
            let is_named = change.number == entry.number && change.direction == entry.direction;
            let is_as_made = target.changed.as_ref().is_none_or(|changed| changed.contains(&entry.element()));
            entry.in_question = is_named && is_as_made;
            entry.was = if change.is_new { Observed::Absent } else { was(&target.key.kept, entry, false) };
        }
    }

    /// The entry that `ReplaceNetworkAclEntry` overwrites stands nowhere else.
    fn memory(&self, key: &AclRef) -> Option<String> {
        Some(key.id.clone())
    }

    /// An entry that was made took no other's place: nothing has to be known of before.
    fn recalls(&self, key: &AclRef) -> bool {
        key.change.is_none_or(|change| !change.is_new)
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<NetworkAcl>) {
        target.key.kept = match kept {
            Observed::Known(acl) => Observed::Known(acl.entries),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
    }

    /// One entry a call: what stands under another number is not written over.
    fn part(&self, call: &AclAction, acl: &NetworkAcl) -> (String, Value) {
        let NumberedRule { number, direction, .. } = call.entry();
        let is_it = |entry: &&Entry| entry.number == *number && entry.direction == *direction;
        (part(*number, *direction), content(acl.entries.iter().find(is_it).map(|entry| &entry.rule)))
    }

    /// AWS refuses to make an entry over another.
    fn writes(&self, call: &AclAction) -> Option<Value> {
        match call {
            AclAction::Replace(entry) => Some(content(Some(&entry.rule))),
            AclAction::Delete(_) => Some(Value::Null),
            AclAction::Create(_) => None,
        }
    }

    /// An entry that another caller has deleted can be neither replaced nor deleted: that is not written over.
    fn written(&self, event: &Event, target: &TargetOf<Self>) -> Option<Written<AclAction>> {
        let change = target.key.change.filter(|change| !change.is_gone)?;
        let (acl, _, rule) = asked(event).ok()?;
        let Change { number, direction, .. } = change;
        let entry = NumberedRule { acl, number, direction, rule: rule.ok()? };
        Some(Written {
            part: part(number, direction),
            content: content(Some(&entry.rule)),
            again: Some(AclAction::Replace(entry.clone())),
            anew: Some(AclAction::Create(entry)),
        })
    }

    fn stack(&self, acl: &NetworkAcl) -> Option<String> {
        acl.stack.clone()
    }

    fn resource(&self, key: &AclRef, _: Option<&NetworkAcl>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        Resource {
            id: format!("arn:{partition}:ec2:{region}:{account}:network-acl/{}", key.id),
            kind: "AwsEc2NetworkAcl",
            name: key.id.clone(),
        }
    }
}

/// An entry, whatever it says.
fn part(number: i32, direction: Direction) -> String {
    format!("{number} {direction:?}")
}

/// What an entry says, to be compared.
fn content(rule: Option<&AclRule>) -> Value {
    serde_json::to_value(rule).unwrap_or_default()
}

/// The calls that change an entry.
const CALLS: [&str; 3] = ["CreateNetworkAclEntry", "DeleteNetworkAclEntry", "ReplaceNetworkAclEntry"];

/// What a deleted entry said comes from what was kept; what it held back is what comes after it. Where another stands under its
/// number by now, that one's event is judged.
fn deleted(acl: &mut NetworkAcl, change: Change, kept: &Observed<Vec<Entry>>) {
    let Change { number, direction, .. } = change;
    let is_gone = !acl.entries.iter().any(|entry| entry.number == number && entry.direction == direction);
    let was = match kept {
        Observed::Known(entries) => {
            let found = entries.iter().find(|entry| entry.number == number && entry.direction == direction);
            found.map_or_else(
                || Observed::Unknown { why: "what was kept is older than the entry that was deleted".to_owned() },
                |entry| Observed::Known(entry.rule),
            )
        }
        Observed::Absent => Observed::Unknown { why: "the ACL was not recorded before".to_owned() },
        Observed::Unknown { why } => Observed::Unknown { why: why.clone() },
    };
    acl.gone = is_gone.then_some(Gone { number, direction, was });
    for entry in &mut acl.entries {
        entry.in_question = is_gone && entry.direction == direction && entry.number > number;
        entry.was = Observed::Known(entry.rule);
    }
}

/// What stood under the entry's number when the ACL was last seen to be good. That nothing did is an answer where no caller
/// says that something was replaced.
fn was(kept: &Observed<Vec<Entry>>, entry: &Entry, may_be_new: bool) -> Observed<AclRule> {
    match kept {
        Observed::Known(entries) => {
            let same = |other: &&Entry| other.number == entry.number && other.direction == entry.direction;
            match entries.iter().find(same) {
                Some(found) => Observed::Known(found.rule),
                None if may_be_new => Observed::Absent,
                None => Observed::Unknown { why: "what was kept is older than the entry that was replaced".to_owned() },
            }
        }
        Observed::Absent => Observed::Unknown { why: "the ACL was not recorded before".to_owned() },
        Observed::Unknown { why } => Observed::Unknown { why: why.clone() },
    }
}

fn entry(change: Change, rule: AclRule) -> Entry {
    let was = Observed::Unknown { why: "the record does not show the previous entry".to_owned() };
    Entry { number: change.number, direction: change.direction, rule, in_question: false, was }
}

/// The ACL, which entry, and what the entry says now.
type Asked = (String, Change, Result<AclRule, Unreadable>);

fn request(event: &Event) -> Result<&Value, Unreadable> {
    let request = wire::unwrapped(&event.request, &format!("{}Request", event.name));
    request.ok_or_else(|| Unreadable::request(&event.request, "network ACL"))
}

fn acl_id(request: &Value) -> Result<String, Unreadable> {
    wire::text(request, "networkAclId").ok_or_else(|| "the request names no network ACL".into())
}

/// The request of a call on an entry. Numbers and flags come as texts too; `portRange` and `icmpTypeCode` are `{}` where they say
/// nothing.
fn asked(event: &Event) -> Result<Asked, Unreadable> {
    let request = request(event)?;
    let id = acl_id(request)?;
    let number = wire::number(request, "ruleNumber")?.and_then(|number| i32::try_from(number).ok());
    let number = number.ok_or("the request names no rule number")?;
    // "If no value is specified, we replace the ingress rule" (`ReplaceNetworkAclEntry`).
    let is_egress = wire::flag(request, "egress").unwrap_or_default();
    let direction = if is_egress { Direction::Egress } else { Direction::Ingress };
    let change = Change {
        number,
        direction,
        is_new: event.name == "CreateNetworkAclEntry",
        is_gone: event.name == "DeleteNetworkAclEntry",
    };
    Ok((id, change, rule(request)))
}

fn rule(request: &Value) -> Result<AclRule, Unreadable> {
    let allows = match wire::text(request, "ruleAction").as_deref() {
        Some("allow") => true,
        Some("deny") => false,
        Some(_) | None => return Err("the request contains neither allow nor deny".into()),
    };
    let protocol = wire::text(request, "aclProtocol").or_else(|| wire::text(request, "protocol"));
    let protocol = protocol.ok_or("the request names no protocol")?;
    let cidr = wire::text(request, "cidrBlock").or_else(|| wire::text(request, "ipv6CidrBlock"));
    let net = parse_cidr(&cidr.ok_or("the request names no network")?)?;
    let pair = |key: &str, first: &str, second: &str| match wire::field(request, key) {
        Some(fields) => Ok::<_, Unreadable>((wire::number(fields, first)?, wire::number(fields, second)?)),
        None => Ok((None, None)),
    };
    let (ports, icmp) = (pair("portRange", "from", "to")?, pair("icmpTypeCode", "type", "code")?);
    AclRule::read(allows, &protocol, ports, icmp, net)
}
