//! Managed policies attached to users, roles and groups: IAM-07.

mod known;

use super::holders::{arn, held, holder, path};
use super::span::Span;
use crate::event::Event;
use crate::families::{Family, Target, Unlocatable};
use crate::guardrails::Guardrail;
use crate::guardrails::attached_policy_admin::AttachedPolicyAdmin;
use crate::guardrails::attached_policy_escalation::AttachedPolicyEscalation;
use crate::model::holder::Holder;
use crate::model::policy_attachment::{Attachment, AttachmentAction, Pair, unread};
use crate::model::{Observed, Place, Resource};
use std::collections::BTreeSet;

/// The family of attachments. Global: IAM's records arrive in one region of the partition only.
#[derive(Clone, Copy, Debug, Default)]
pub struct PolicyAttachments;

impl Family for PolicyAttachments {
    type Key = Pair;
    type State = Attachment;
    type Action = AttachmentAction;

    fn name(&self) -> &'static str {
        "iam-policy"
    }

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "policy-attachment"
    }

    fn reads(&self) -> &'static [&'static str] {
        super::holders::READS
    }

    fn lists(&self) -> &'static [&'static str] {
        super::holders::LISTS
    }

    fn undoes(&self) -> &'static [&'static str] {
        &["iam:AttachGroupPolicy", "iam:AttachRolePolicy", "iam:AttachUserPolicy"]
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<Attachment, AttachmentAction>] {
        &[&AttachedPolicyAdmin, &AttachedPolicyEscalation]
    }

    fn locate(&self, event: &Event) -> Result<Vec<Target<Pair, Attachment>>, Unlocatable> {
        let Some(holder) = holder(event, "Attach") else { return Ok(Vec::new()) };
        let pair = holder.and_then(|holder| {
            let policy = event.request.text(&["policyArn"]).filter(|policy| !policy.is_empty());
            let policy = policy.ok_or_else(|| "the request names no policy".to_owned())?.to_owned();
            Ok(Pair { holder, policy })
        });
        let pair = pair.map_err(|why| Unlocatable { event_name: event.name.clone(), why })?;
        // A role that may be AWS's own is looked at before it is touched.
        let is_clear = !pair.holder.is_named_like_a_role_of_aws();
        let proven = known::document(&pair.policy).filter(|_| is_clear).map(|document| Attachment {
            pair: pair.clone(),
            path: path(),
            document: Observed::Known(document.to_owned()),
            beside: unread(),
            is_standing: false,
        });
        Ok(vec![Target { proven, changed: Some(BTreeSet::from([pair.policy.clone()])), key: pair }])
    }

    fn spans(&self, event: &Event) -> Result<Vec<Span>, Unlocatable> {
        held(event)
    }

    fn holder(&self, pair: &Pair) -> Option<Holder> {
        Some(pair.holder.clone())
    }

    fn under(&self, pair: &Pair, name: &str) -> Pair {
        Pair { holder: Holder { name: name.to_owned(), ..pair.holder.clone() }, policy: pair.policy.clone() }
    }

    fn focus(&self, attachment: &mut Attachment, target: &Target<Pair, Attachment>) {
        attachment.is_standing = target.changed.is_none();
    }

    fn resource(&self, pair: &Pair, _: Option<&Attachment>, place: &Place) -> Resource {
        // An attachment has no ARN: the principal's, and the policy's as a whole, since names repeat among accounts.
        Resource {
            id: format!("{}/policy/{}", arn(&pair.holder, place), pair.policy),
            kind: pair.holder.kind.finding_kind(),
            name: pair.holder.to_string(),
        }
    }
}
