//! IAM: policies written into principals.

use super::InlinePolicies;
use super::state::{Inline, InlineAction, InlineRef};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError, Target, TargetOf};
use crate::engine::holder::HolderKind;
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::span::{Span, is_padded};
use crate::resources::iam::client::Iam;
use crate::resources::iam::client::holdings::{Except, Miss, observed};
use crate::resources::iam::policy_attachment::state::unread;
use aws_sdk_iam::operation::RequestId;
use futures_util::future::join;
use iam_policy::may_release;
use std::collections::BTreeSet;

impl Observe<InlinePolicies> for Iam {
    async fn observe(&self, key: &InlineRef, depth: ReadDepth) -> Result<Observed<Inline>, ReadError> {
        let InlineRef { holder, name, before } = key;
        let document = self.clone().inline_document(holder.clone(), name.clone());
        let (document, role) = join(document, self.role(holder)).await;
        let document = observed(document)?;
        // What is gone may have held back the rest.
        let is_released = before.known().is_some_and(|before| may_release(before, document.known()));
        if document == Observed::Absent && !is_released {
            return Ok(Observed::Absent);
        }
        let (path, role) = role?;
        let beside = match depth {
            ReadDepth::Quick => unread(),
            ReadDepth::Full if is_released => self.all_beside(holder, Except::Inline(name)).await?,
            ReadDepth::Full => self.beside(holder, Except::Inline(name), &document).await?,
        };
        if document == Observed::Absent && beside == Observed::Absent {
            return Ok(Observed::Absent);
        }
        let (holder, name, before) = (holder.clone(), name.clone(), before.clone());
        Ok(Observed::Known(Inline { holder, name, path, document, before, beside, is_standing: true, role }))
    }

    async fn spread(&self, span: &Span) -> Result<Observed<Vec<TargetOf<InlinePolicies>>>, ReadError> {
        observed(self.written_into(span).await)
    }
}

impl Iam {
    async fn written_into(&self, span: &Span) -> Result<Vec<TargetOf<InlinePolicies>>, Miss> {
        let holder = match span {
            Span::HeldBy(holder) => holder,
            Span::Without { holder, policy } if self.may_deny(policy).await? => holder,
            Span::Unshown { .. } => return self.padded().await,
            Span::Without { .. } | Span::PrefixList(_) => return Ok(Vec::new()),
        };
        let before = || Observed::Unknown { why: "nothing was recalled".to_owned() };
        let key = |name| InlineRef { holder: holder.clone(), name, before: before() };
        let names = self.inline_names(holder).await?.into_iter();
        Ok(names.map(|name| Target { key: key(name), proven: None, changed: None }).collect())
    }

    /// The policies that no record could carry, of all principals: one of them was written by a call whose record says nothing.
    async fn padded(&self) -> Result<Vec<TargetOf<InlinePolicies>>, Miss> {
        let (mut found, mut from) = (Vec::new(), None);
        loop {
            let page = self.details(from.as_deref()).await?.inline();
            let padded = page.found.into_iter().filter(|(_, inline)| {
                inline.known().and_then(|inline| inline.document.known()).is_some_and(|document| is_padded(document))
            });
            found.extend(padded.map(|(key, _)| {
                let changed = Some(BTreeSet::from([key.name.clone()]));
                Target { key, proven: None, changed }
            }));
            from = page.next;
            if from.is_none() {
                return Ok(found);
            }
        }
    }
}

impl Apply<InlineAction> for Iam {
    async fn apply(&self, action: &InlineAction) -> Result<Applied, ApplyError> {
        let (whose, name) = (&action.holder().name, action.name());
        macro_rules! send {
            ($call:ident, $whose:ident $(, $document:expr)?) => {{
                let call = self.client.$call().$whose(whose).policy_name(name);
                $(let call = call.policy_document($document);)?
                let answer = call.send().await;
                answer.map(|answer| answer.request_id().map(str::to_owned)).map_err(|error| failure(&error))
            }};
        }
        let answer = match (action, action.holder().kind) {
            (InlineAction::Put { document, .. }, HolderKind::User) => send!(put_user_policy, user_name, document),
            (InlineAction::Put { document, .. }, HolderKind::Role) => send!(put_role_policy, role_name, document),
            (InlineAction::Put { document, .. }, HolderKind::Group) => send!(put_group_policy, group_name, document),
            (InlineAction::Delete { .. }, HolderKind::User) => send!(delete_user_policy, user_name),
            (InlineAction::Delete { .. }, HolderKind::Role) => send!(delete_role_policy, role_name),
            (InlineAction::Delete { .. }, HolderKind::Group) => send!(delete_group_policy, group_name),
        };
        answer
            .map(|request_id| Applied { request_id, ..Applied::default() })
            .map_err(|failure| failure.of_action(action.permission()))
    }
}

impl List<InlinePolicies> for Iam {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<InlinePolicies>>, ReadError> {
        let details = observed(self.details(from).await)?;
        Ok(match details {
            Observed::Known(details) => Observed::Known(details.inline()),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}
