//! Permissions boundaries of users and roles: IAM-13.
//!
//! The records name the principal and, of a Put, the new boundary; never the old one. That comes from what was kept, so the
//! calls that make a principal are triggers too: they keep what bounds it. "Permissions boundaries for IAM entities" in the
//! IAM user guide.

pub mod changed;
#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod state;

use super::record::{GET_ACCOUNT_AUTHORIZATION_DETAILS, GET_POLICY, GET_POLICY_VERSION, GET_ROLE, GET_USER};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::holder::{Holder, HolderKind};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::span::renamed;
use changed::PermissionsBoundaryChanged;
use serde_json::Value;
use state::{BoundaryAction, BoundaryRef, Bounded, Change};
use state::{
    DELETE_ROLE_PERMISSIONS_BOUNDARY, DELETE_USER_PERMISSIONS_BOUNDARY, PUT_ROLE_PERMISSIONS_BOUNDARY,
    PUT_USER_PERMISSIONS_BOUNDARY,
};
use std::collections::BTreeMap;

/// The family of permissions boundaries. Global.
#[derive(Clone, Copy, Debug, Default)]
pub struct PermissionsBoundaries;

/// Each trigger: whose boundary it is about and what it does to it.
const CALLS: &[(&str, HolderKind, Change)] = &[
    ("CreateUser", HolderKind::User, Change::Created),
    ("CreateRole", HolderKind::Role, Change::Created),
    ("PutUserPermissionsBoundary", HolderKind::User, Change::Put),
    ("PutRolePermissionsBoundary", HolderKind::Role, Change::Put),
    ("DeleteUserPermissionsBoundary", HolderKind::User, Change::Removed),
    ("DeleteRolePermissionsBoundary", HolderKind::Role, Change::Removed),
];

impl Family for PermissionsBoundaries {
    type Key = BoundaryRef;
    type State = Bounded;
    type Action = BoundaryAction;

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "permissions-boundary"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_POLICY, GET_POLICY_VERSION, GET_ROLE, GET_USER]
    }

    fn lists(&self) -> &'static [Permission] {
        // `ListRoles` and `ListUsers` leave the boundaries out.
        &[GET_ACCOUNT_AUTHORIZATION_DETAILS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[
            DELETE_ROLE_PERMISSIONS_BOUNDARY,
            DELETE_USER_PERMISSIONS_BOUNDARY,
            PUT_ROLE_PERMISSIONS_BOUNDARY,
            PUT_USER_PERMISSIONS_BOUNDARY,
        ]
    }

    guardrails![PermissionsBoundaryChanged];

    fn locate(&self, event: &Event) -> Result<Vec<Target<BoundaryRef, Bounded>>, Unlocatable> {
        let rename = renamed(event).map_err(|why| Unlocatable::new(event, why))?;
        if let Some(rename) = rename.filter(|rename| rename.to.kind == HolderKind::User) {
            let before = Observed::Unknown { why: "nothing was read yet".to_owned() };
            let key = BoundaryRef { holder: rename.to, change: Change::Standing, time: Some(event.time), before };
            return Ok(vec![Target { key, proven: None, changed: None }]);
        }
        let call = CALLS.iter().find(|(name, ..)| event.is_one_of("iam.amazonaws.com", &[name]));
        let Some((_, kind, change)) = call else { return Ok(Vec::new()) };
        let word = kind.word();
        let field = format!("{word}Name");
        let made = |path: &[&str]| event.response.text(path);
        let name = event
            .request
            .text(&[&field])
            .or_else(|| made(&[word, &field]))
            .ok_or_else(|| Unlocatable::new(event, format!("the record names no {word}")))?;
        let holder = Holder { kind: *kind, name: name.to_owned() };
        let asked = || event.request.text(&["permissionsBoundary"]);
        let shown = || made(&[word, "permissionsBoundary", "permissionsBoundaryArn"]);
        let boundary = match change {
            Change::Removed => Some(Observed::Absent),
            Change::Put => asked().map(|arn| Observed::Known(arn.to_owned())),
            // What was made without one says so by not naming any.
            Change::Created if event.request.value().is_some() || event.response.value().is_some() => {
                Some(asked().or_else(shown).map_or(Observed::Absent, |arn| Observed::Known(arn.to_owned())))
            }
            Change::Created | Change::Standing => None,
        };
        let path = made(&[word, "path"]).or_else(|| event.request.text(&["path"]));
        let unknown = |why: &str| Observed::Unknown { why: why.to_owned() };
        let before = unknown("nothing was read yet");
        let key =
            BoundaryRef { holder: holder.clone(), change: *change, time: Some(event.time), before: before.clone() };
        let proven = boundary.map(|boundary| Bounded {
            holder,
            path: path.map_or_else(
                || unknown("the record does not show the principal's path"),
                |path| Observed::Known(path.to_owned()),
            ),
            boundary,
            before,
            change: *change,
            as_of: Some(event.time),
            documents: BTreeMap::new(),
        });
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn holder(&self, key: &BoundaryRef) -> Option<Holder> {
        Some(key.holder.clone())
    }

    fn under(&self, key: &BoundaryRef, name: &str) -> BoundaryRef {
        BoundaryRef { holder: Holder { name: name.to_owned(), ..key.holder.clone() }, ..key.clone() }
    }

    fn focus(&self, bounded: &mut Bounded, target: &Target<BoundaryRef, Bounded>) {
        bounded.before = target.key.before.clone();
        bounded.change = target.key.change;
        bounded.as_of = target.key.time;
    }

    fn memory(&self, key: &BoundaryRef) -> Option<String> {
        Some(key.holder.to_string())
    }

    fn recall(&self, target: &mut Target<BoundaryRef, Bounded>, kept: Observed<Bounded>) {
        let key = &mut target.key;
        let (before, as_of) = match kept {
            Observed::Known(bounded) => (bounded.boundary, bounded.as_of),
            Observed::Absent => (Observed::Unknown { why: "nothing was kept of it yet".to_owned() }, None),
            Observed::Unknown { why } => (Observed::Unknown { why }, None),
        };
        // A record that is not newer than what was kept says nothing of what stands now.
        if as_of.is_some() && as_of >= key.time {
            target.proven = None;
            key.change = Change::Standing;
            key.time = as_of;
        }
        key.before = before;
        if let Some(proven) = &mut target.proven {
            proven.before = key.before.clone();
        }
    }

    fn content(&self, bounded: &Bounded) -> Value {
        bounded.boundary.known().map_or(Value::Null, |arn| arn.clone().into())
    }

    fn writes(&self, call: &BoundaryAction) -> Option<Value> {
        match call {
            BoundaryAction::Put { boundary, .. } => Some(boundary.clone().into()),
            BoundaryAction::Remove { .. } => Some(Value::Null),
        }
    }

    fn rewrites(&self, bounded: &Bounded) -> Option<BoundaryAction> {
        let holder = bounded.holder.clone();
        match &bounded.boundary {
            Observed::Known(boundary) => Some(BoundaryAction::Put { holder, boundary: boundary.clone() }),
            Observed::Absent => Some(BoundaryAction::Remove { holder }),
            Observed::Unknown { .. } => None,
        }
    }

    fn resource(&self, key: &BoundaryRef, _: Option<&Bounded>, place: &Place) -> Resource {
        let Place { partition, account, .. } = place;
        Resource {
            id: format!("arn:{partition}:iam::{account}:{}", key.holder),
            kind: key.holder.kind.finding_kind(),
            name: key.holder.name.clone(),
        }
    }
}
