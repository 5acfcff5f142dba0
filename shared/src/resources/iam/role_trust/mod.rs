//! Who may assume roles: IAM-12.
//!
//! The record carries the whole document, as a plain JSON string in the request; the response of `CreateRole` has it once
//! more, URL-encoded. A document that is too large for the record is read. An update writes the whole document, so all of it
//! is in question. A record that is not newer than the state that was kept last (a repeated delivery, one that comes late)
//! proves nothing of what stands now: the role is read first.

#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod open;
mod planned;
pub mod state;

use super::record::GET_ROLE;
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, ReadDepth, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::holder::{HolderKind, unseen};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use crate::engine::span::Span;
use iam_policy::json;
use open::RoleTrustOpen;
use serde_json::Value;
use state::UPDATE_ASSUME_ROLE_POLICY;
use state::{RoleRef, RoleTrust, Trust, TrustAction, role};
use std::borrow::Cow;

pub(crate) const LIST_ROLES: Permission = Permission::read("iam:ListRoles");

/// The family of trust policies. Global: IAM's records arrive in one region of the partition only.
#[derive(Clone, Copy, Debug, Default)]
pub struct RoleTrusts;

impl Family for RoleTrusts {
    type Key = RoleRef;
    type State = RoleTrust;
    type Action = TrustAction;

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "role-trust"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_ROLE]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_ROLES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[UPDATE_ASSUME_ROLE_POLICY]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![RoleTrustOpen];

    fn locate(&self, event: &Event) -> Result<Vec<Target<RoleRef, RoleTrust>>, Unlocatable> {
        if !event.is_one_of("iam.amazonaws.com", &["CreateRole", "UpdateAssumeRolePolicy"]) {
            return Ok(Vec::new());
        }
        let is_new = event.name == "CreateRole";
        let made = |key: &str| event.response.text(&["role", key]);
        let name = made("roleName").or_else(|| event.request.text(&["roleName"])).map(str::to_owned);
        let asked = if is_new { "assumeRolePolicyDocument" } else { "policyDocument" };
        let document = event.request.at(&[asked]).or_else(|| event.response.at(&["role", asked])).and_then(written);
        if name.is_none() && event.request.value().is_none() {
            // `spans` looks for what it wrote.
            return Ok(Vec::new());
        }
        if name.is_none() && document.is_none() {
            let why = "the record names no role and shows no document".to_owned();
            return Err(Unlocatable::new(event, why));
        }
        let path = match (made("path").or_else(|| event.request.text(&["path"])), &event.request) {
            (Some(path), _) => Observed::Known(path.to_owned()),
            // Without one, IAM takes the root.
            (None, Body::Present(_)) if is_new => Observed::Known("/".to_owned()),
            (None, _) => Observed::Unknown { why: "the record does not show the role's path".to_owned() },
        };
        let before = Observed::Unknown { why: "nothing was read yet".to_owned() };
        let by_service =
            event.actor.is_aws().then(|| event.actor.invoked_by.clone().unwrap_or_else(|| event.actor.label()));
        let key = RoleRef {
            name: name.clone(),
            is_new,
            time: Some(event.time),
            before: before.clone(),
            by_service: by_service.clone(),
        };
        let proven = document.map(|document| RoleTrust {
            name,
            path,
            document: Observed::Known(document),
            before,
            as_of: Some(event.time),
            is_new,
            by_service,
            role: unseen(),
        });
        Ok(vec![Target { key, proven, changed: None }])
    }

    /// A request that is left out of its record wrote something that no record could carry: which role has such a trust policy is
    /// looked for.
    fn spans(&self, event: &Event) -> Result<Vec<Span>, Unlocatable> {
        let is_ours = event.is_one_of("iam.amazonaws.com", &["CreateRole", "UpdateAssumeRolePolicy"]);
        let is_unnamed = event.request.value().is_none() && event.response.text(&["role", "roleName"]).is_none();
        Ok((is_ours && is_unnamed).then_some(Span::Unshown { what: "role" }).into_iter().collect())
    }

    fn focus(&self, trust: &mut RoleTrust, target: &Target<RoleRef, RoleTrust>) {
        trust.before = target.key.before.clone();
        trust.as_of = target.key.time;
        trust.is_new = target.key.is_new;
        trust.by_service.clone_from(&target.key.by_service);
    }

    fn memory(&self, key: &RoleRef) -> Option<String> {
        key.name.clone()
    }

    /// A role that may be AWS's own, by its path, is not touched before it was looked at.
    fn looks_ahead(&self, target: &Target<RoleRef, RoleTrust>, depth: ReadDepth) -> Option<ReadDepth> {
        let may_be_aws_s = |trust: &RoleTrust| {
            let name = trust.name.as_deref().unwrap_or_default();
            trust.path.known().is_none() && role(name).is_named_like_a_role_of_aws()
        };
        target.proven.as_ref().is_none_or(may_be_aws_s).then_some(depth)
    }

    fn recall(&self, target: &mut Target<RoleRef, RoleTrust>, kept: Observed<RoleTrust>) {
        let key = &mut target.key;
        let (before, as_of) = match kept {
            Observed::Known(trust) => (trust.document, trust.as_of),
            Observed::Absent => (Observed::Absent, None),
            Observed::Unknown { why } => (Observed::Unknown { why }, None),
        };
        if as_of.is_some() && as_of >= key.time {
            target.proven = None;
            key.time = as_of;
        }
        key.before = if key.is_new { Observed::Absent } else { before };
        if let Some(proven) = &mut target.proven {
            proven.before = key.before.clone();
        }
    }

    fn content(&self, trust: &RoleTrust) -> Value {
        trust.document.known().map_or(Value::Null, |document| json::content(document))
    }

    fn writes(&self, call: &TrustAction) -> Option<Value> {
        Some(json::content(&call.trust().document))
    }

    fn rewrites(&self, trust: &RoleTrust) -> Option<TrustAction> {
        let (role, document) = (trust.name.clone()?, trust.document.known()?.clone());
        Some(TrustAction::PutBack(Trust { role, document }))
    }

    /// By the name alone, which is unique in the account: the path does not show in every record.
    fn resource(&self, key: &RoleRef, _: Option<&RoleTrust>, place: &Place) -> Resource {
        let Place { partition, account, .. } = place;
        let name = key.name.as_deref().unwrap_or("unknown");
        Resource {
            id: format!("arn:{partition}:iam::{account}:{}", role(name)),
            kind: HolderKind::Role.finding_kind(),
            name: name.to_owned(),
        }
    }
}

/// A document as it was written: a JSON string, URL-encoded or not. Some exports have made an object of it.
fn written(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => json::decode(text).ok().map(std::borrow::Cow::into_owned),
        Value::Object(_) => Some(value.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => None,
    }
}
