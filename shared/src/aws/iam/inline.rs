//! IAM: policies written into principals.

use super::Iam;
use super::held::{Except, observed};
use crate::aws::failure;
use crate::families::inline_policy::InlinePolicies;
use crate::families::{Glance, List, Observe, Page, ReadError};
use crate::model::Observed;
use crate::model::holder::HolderKind;
use crate::model::inline_policy::{Inline, InlineAction, InlineRef};
use crate::model::policy_attachment::unread;
use crate::plan::{Action, Applied, Apply, ApplyError};
use aws_sdk_iam::operation::RequestId;
use futures_util::future::join;

impl Observe<InlinePolicies> for Iam {
    async fn observe(&self, key: &InlineRef, glance: Glance) -> Result<Observed<Inline>, ReadError> {
        let InlineRef { holder, name, before } = key;
        let document = self.clone().inline_document(holder.clone(), name.clone());
        let (document, role) = join(document, self.role(holder)).await;
        let document = observed(document)?;
        if document == Observed::Absent {
            return Ok(Observed::Absent);
        }
        let (path, role) = role?;
        let beside = match glance {
            Glance::Quick => unread(),
            Glance::Full => self.beside(holder, Except::Inline(name), &document).await?,
        };
        let (holder, name, before) = (holder.clone(), name.clone(), before.clone());
        Ok(Observed::Known(Inline { holder, name, path, document, before, beside, is_standing: true, role }))
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
