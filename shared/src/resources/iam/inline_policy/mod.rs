//! Policies written into users, roles and groups: IAM-08.

#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod grants_admin;
pub mod grants_escalation;
pub(crate) mod judge;
mod planned;
pub mod state;

use super::policy_attachment::state::unread;
use super::record::{arn, holder, path, spans_of};
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, ReadDepth, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::holder::{Holder, unseen};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use crate::engine::span::{Span, is_padded};
use crate::resources::iam::granted::is_only_a_part;
use grants_admin::InlinePolicyAdmin;
use grants_escalation::InlinePolicyEscalation;
use iam_policy::json;
use serde_json::Value;
use state::{
    DELETE_GROUP_POLICY, DELETE_ROLE_POLICY, DELETE_USER_POLICY, PUT_GROUP_POLICY, PUT_ROLE_POLICY, PUT_USER_POLICY,
};
use state::{Inline, InlineAction, InlineRef};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// See [`About::ids`](crate::engine::guardrail::About::ids).
const IDS: &[&str] = &[
    "arn:%:iam::%:user/%/inline-policy/%",
    "arn:%:iam::%:role/%/inline-policy/%",
    "arn:%:iam::%:group/%/inline-policy/%",
];

/// The family of inline policies. Global: IAM's records arrive in one region of the partition only.
#[derive(Clone, Copy, Debug, Default)]
pub struct InlinePolicies;

impl Family for InlinePolicies {
    type Key = InlineRef;
    type State = Inline;
    type Action = InlineAction;

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "inline-policy"
    }

    fn reads(&self) -> &'static [Permission] {
        super::record::READS
    }

    fn lists(&self) -> &'static [Permission] {
        super::record::LISTS
    }

    fn undoes(&self) -> &'static [Permission] {
        &[
            DELETE_GROUP_POLICY,
            DELETE_ROLE_POLICY,
            DELETE_USER_POLICY,
            PUT_GROUP_POLICY,
            PUT_ROLE_POLICY,
            PUT_USER_POLICY,
        ]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        Cow::Owned(planned::forms())
    }

    guardrails![InlinePolicyAdmin, InlinePolicyEscalation];

    fn locate(&self, event: &Event) -> Result<Vec<Target<InlineRef, Inline>>, Unlocatable> {
        let put = holder(event, "Put").map(|holder| (holder, written(event)));
        let found = put.or_else(|| holder(event, "Delete").map(|holder| (holder, Some(Observed::Absent))));
        let Some((holder, document)) = found else { return Ok(Vec::new()) };
        let key = holder.and_then(|holder| {
            let name = event.request.text(&["policyName"]).filter(|name| !name.is_empty());
            let name = name.ok_or_else(|| "the request names no policy".to_owned())?.to_owned();
            let before = Observed::Unknown { why: "nothing was recalled".to_owned() };
            Ok(InlineRef { holder, name, before })
        });
        // Of a request that is left out, `spans` looks for what it wrote.
        if key.is_err() && is_left_out(event) {
            return Ok(Vec::new());
        }
        let key = key.map_err(|why| Unlocatable::new(event, why))?;
        // A role that may be AWS's own is looked at before it is touched.
        let document = document.filter(|_| !key.holder.is_named_like_a_role_of_aws());
        let proven = document.map(|document| Inline {
            holder: key.holder.clone(),
            name: key.name.clone(),
            path: path(),
            document,
            before: key.before.clone(),
            beside: unread(),
            is_standing: false,
            role: unseen(),
        });
        Ok(vec![Target { proven, changed: Some(BTreeSet::from([key.name.clone()])), key }])
    }

    /// A request that is left out of its record wrote something that no record could carry: who has such a policy is looked for.
    fn spans(&self, event: &Event) -> Result<Vec<Span>, Unlocatable> {
        if holder(event, "Put").is_some_and(|holder| holder.is_err()) && is_left_out(event) {
            return Ok(vec![Span::Unshown { what: "inline policy" }]);
        }
        spans_of(event)
    }

    fn holder(&self, key: &InlineRef) -> Option<Holder> {
        Some(key.holder.clone())
    }

    fn under(&self, key: &InlineRef, name: &str) -> InlineRef {
        InlineRef { holder: Holder { name: name.to_owned(), ..key.holder.clone() }, ..key.clone() }
    }

    fn focus(&self, inline: &mut Inline, target: &Target<InlineRef, Inline>) {
        inline.before = target.key.before.clone();
        // What no record could carry, and is not what was kept, came by an event that showed nothing.
        let is_padded = inline.document.known().is_some_and(|document| is_padded(document));
        let is_new = inline.before.known().is_some_and(|before| Some(before) != inline.document.known());
        inline.is_standing = target.changed.is_none() && !(is_padded && is_new);
    }

    fn memory(&self, key: &InlineRef) -> Option<String> {
        Some(format!("{}/{}", key.holder, key.name))
    }

    /// What is harmless alone and may be more together with other policies of its holder is looked at with all of that.
    fn looks_ahead(&self, target: &Target<InlineRef, Inline>, depth: ReadDepth) -> Option<ReadDepth> {
        match target.proven.as_ref().map(|inline| &inline.document) {
            Some(document) => {
                document.known().is_some_and(|document| is_only_a_part(document)).then_some(ReadDepth::Full)
            }
            None => Some(depth),
        }
    }

    fn recall(&self, target: &mut Target<InlineRef, Inline>, kept: Observed<Inline>) {
        let before = match kept {
            Observed::Known(state) => state.document,
            Observed::Absent => Observed::Unknown { why: "it was not recorded before".to_owned() },
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.before = before.clone();
        }
        target.key.before = before;
    }

    fn content(&self, inline: &Inline) -> Value {
        inline.document.known().map_or(Value::Null, |document| json::content(document))
    }

    fn writes(&self, call: &InlineAction) -> Option<Value> {
        match call {
            InlineAction::Put { document, .. } => Some(json::content(document)),
            InlineAction::Delete { .. } => Some(Value::Null),
        }
    }

    fn rewrites(&self, inline: &Inline) -> Option<InlineAction> {
        let (holder, name) = (inline.holder.clone(), inline.name.clone());
        match &inline.document {
            Observed::Known(document) => {
                Some(InlineAction::Put { holder, name, document: document.clone(), changes: Vec::new() })
            }
            Observed::Absent => Some(InlineAction::Delete { holder, name }),
            Observed::Unknown { .. } => None,
        }
    }

    fn absent(&self, key: &InlineRef) -> Option<Inline> {
        Some(Inline {
            holder: key.holder.clone(),
            name: key.name.clone(),
            path: path(),
            document: Observed::Absent,
            // What is unknown of it says nothing about what is good from now on.
            before: key.before.known().map_or(Observed::Absent, |before| Observed::Known(before.clone())),
            beside: unread(),
            is_standing: false,
            role: unseen(),
        })
    }

    fn resource(&self, key: &InlineRef, _: Option<&Inline>, place: &Place) -> Resource {
        // An inline policy has no ARN: the principal's, and the policy's name.
        Resource {
            id: format!("{}/inline-policy/{}", arn(&key.holder, place), key.name),
            kind: key.holder.kind.finding_kind(),
            name: key.holder.to_string(),
        }
    }
}

/// Whether the record has no request, as it was too large or for another reason.
fn is_left_out(event: &Event) -> bool {
    event.request.value().is_none()
}

/// What the request writes; none where the record leaves it out. Exports of records carry documents as objects, too.
fn written(event: &Event) -> Option<Observed<String>> {
    match &event.request {
        Body::Present(request) => document(request.get("policyDocument")?).map(Observed::Known),
        Body::Null | Body::Omitted => None,
    }
}

/// A document as text, plain or in the form of an object; none for one that was cut out.
pub(crate) fn document(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Object(map) if map.contains_key("Statement") => Some(value.to_string()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}
