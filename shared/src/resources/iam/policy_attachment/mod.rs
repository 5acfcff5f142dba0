//! Managed policies attached to users, roles and groups: IAM-07.

#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod grants_admin;
pub mod grants_escalation;
pub(crate) mod judge;
pub(crate) mod known;
mod planned;
pub mod state;

use super::record::{arn, holder, path, spans_of};
use crate::engine::event::Event;
use crate::engine::family::{Elsewhere, Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::holder::{Holder, unseen};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use crate::engine::span::Span;
use crate::policy::Holds;
use crate::resources::iam::managed_policy::ManagedPolicies;
use grants_admin::AttachedPolicyAdmin;
use grants_escalation::AttachedPolicyEscalation;
use iam_policy::{json, managed};
use serde_json::Value;
use state::{ATTACH_GROUP_POLICY, ATTACH_ROLE_POLICY, ATTACH_USER_POLICY};
use state::{Attachment, AttachmentAction, AttachmentRef, Pair, holds_no_deny};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// The policies that may be attached.
const POLICIES: Holds = Holds {
    shapes: &["arn:%:iam::%:policy/*"],
    form: "the ARN of a managed policy",
    everything: Some("allows every policy: the guardrail finds nothing"),
};

/// See [`About::ids`](crate::engine::guardrail::About::ids).
const IDS: &[&str] = &[
    "arn:%:iam::%:user/%/policy/arn:%:iam::%:policy/*",
    "arn:%:iam::%:role/%/policy/arn:%:iam::%:policy/*",
    "arn:%:iam::%:group/%/policy/arn:%:iam::%:policy/*",
];

/// The family of attachments. Global: IAM's records arrive in one region of the partition only.
#[derive(Clone, Copy, Debug, Default)]
pub struct PolicyAttachments;

impl Family for PolicyAttachments {
    type Key = AttachmentRef;
    type State = Attachment;
    type Action = AttachmentAction;

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "policy-attachment"
    }

    fn reads(&self) -> &'static [Permission] {
        super::record::READS
    }

    fn lists(&self) -> &'static [Permission] {
        super::record::LISTS
    }

    fn undoes(&self) -> &'static [Permission] {
        &[ATTACH_GROUP_POLICY, ATTACH_ROLE_POLICY, ATTACH_USER_POLICY]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        Cow::Owned(planned::forms())
    }

    guardrails![AttachedPolicyAdmin, AttachedPolicyEscalation];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let Some(holder) = holder(event, "Attach") else { return Ok(Vec::new()) };
        let pair = holder.and_then(|holder| {
            let policy = event.request.text(&["policyArn"]).filter(|policy| !policy.is_empty());
            let policy = policy.ok_or_else(|| "the request names no policy".to_owned())?.to_owned();
            Ok(Pair { holder, policy })
        });
        let pair = pair.map_err(|why| Unlocatable::new(event, why))?;
        // A role that may be AWS's own is looked at before it is touched.
        let is_clear = !pair.holder.is_named_like_a_role_of_aws();
        // What AWS's own policies grant is known without a read.
        let text = known::document(&pair.policy);
        let is_known = text.is_some() || managed::known(&pair.policy).is_some();
        let unread = || Observed::Unknown { why: "the policy's document was not read".to_owned() };
        let proven = (is_known && is_clear).then(|| Attachment {
            pair: pair.clone(),
            path: path(),
            document: text.map_or_else(unread, |text| Observed::Known(text.to_owned())),
            beside: state::unread(),
            is_standing: false,
            by_service: by_service(event),
            role: unseen(),
        });
        let changed = Some(BTreeSet::from([pair.policy.clone()]));
        Ok(vec![Target { proven, changed, key: AttachmentRef { pair, by_service: by_service(event) } }])
    }

    fn spans(&self, event: &Event) -> Result<Vec<Span>, Unlocatable> {
        spans_of(event)
    }

    fn holder(&self, key: &AttachmentRef) -> Option<Holder> {
        Some(key.pair.holder.clone())
    }

    fn under(&self, key: &AttachmentRef, name: &str) -> AttachmentRef {
        let holder = Holder { name: name.to_owned(), ..key.pair.holder.clone() };
        AttachmentRef { pair: Pair { holder, policy: key.pair.policy.clone() }, by_service: key.by_service.clone() }
    }

    fn focus(&self, attachment: &mut Attachment, target: &TargetOf<Self>) {
        attachment.is_standing = target.changed.is_none();
        attachment.by_service.clone_from(&target.key.by_service);
    }

    /// A customer's policy is detached for what it says.
    fn part(&self, _: &AttachmentAction, attachment: &Attachment) -> (String, Value) {
        (String::new(), attachment.document.known().map_or(Value::Null, |document| json::content(document)))
    }

    fn elsewhere(&self, call: &AttachmentAction) -> Option<Elsewhere<AttachmentAction>> {
        match call {
            AttachmentAction::Detach(pair) if !holds_no_deny(&pair.policy) => Some(Elsewhere {
                kind: ManagedPolicies.kind(),
                about: pair.policy.clone(),
                again: AttachmentAction::Attach(pair.clone()),
            }),
            AttachmentAction::Detach(_) | AttachmentAction::Attach(_) => None,
        }
    }

    fn resource(&self, AttachmentRef { pair, .. }: &AttachmentRef, _: Option<&Attachment>, place: &Place) -> Resource {
        // An attachment has no ARN: the principal's, and the policy's as a whole, since names repeat among accounts.
        Resource {
            id: format!("{}/policy/{}", arn(&pair.holder, place), pair.policy),
            kind: pair.holder.kind.finding_kind(),
            name: pair.holder.to_string(),
        }
    }
}

/// The service of AWS that made the call on its own behalf, where one did: CloudTrail writes its name, a caller cannot.
fn by_service(event: &Event) -> Option<String> {
    event.actor.is_aws().then(|| event.actor.invoked_by.clone().unwrap_or_else(|| event.actor.label()))
}
