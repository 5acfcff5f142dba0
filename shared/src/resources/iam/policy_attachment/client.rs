//! IAM: managed policies attached to principals.

use super::PolicyAttachments;
use super::state::{Attachment, AttachmentAction, AttachmentRef, Pair, unread};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError, Target, TargetOf};
use crate::engine::holder::HolderKind;
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::span::Span;
use crate::resources::iam::client::Iam;
use crate::resources::iam::client::holdings::{Except, Miss, observed};
use aws_sdk_iam::operation::RequestId;
use futures_util::future::join;
use iam_policy::denies;

impl Observe<PolicyAttachments> for Iam {
    async fn observe(&self, key: &AttachmentRef, depth: ReadDepth) -> Result<Observed<Attachment>, ReadError> {
        let pair = &key.pair;
        let Pair { holder, policy } = pair;
        if depth == ReadDepth::Full {
            match self.attached(holder).await {
                Ok(attached) if attached.contains(policy) => {}
                Ok(_) | Err(Miss::Gone) => return Ok(Observed::Absent),
                Err(Miss::Unknown(why)) => return Ok(Observed::Unknown { why }),
                Err(Miss::Passing(error)) => return Err(error),
            }
        }
        let (role, document) = join(self.role(holder), self.clone().default_document(policy.clone())).await;
        let ((path, role), document) = (role?, observed(document)?);
        if document == Observed::Absent {
            return Ok(Observed::Absent);
        }
        let beside = match depth {
            ReadDepth::Quick => unread(),
            ReadDepth::Full => self.beside(holder, Except::Attached(policy), &document).await?,
        };
        let (pair, by_service) = (pair.clone(), key.by_service.clone());
        Ok(Observed::Known(Attachment { pair, path, document, beside, is_standing: true, by_service, role }))
    }

    async fn spread(&self, span: &Span) -> Result<Observed<Vec<TargetOf<PolicyAttachments>>>, ReadError> {
        observed(self.held_by(span).await)
    }
}

impl Iam {
    async fn held_by(&self, span: &Span) -> Result<Vec<TargetOf<PolicyAttachments>>, Miss> {
        let holder = match span {
            Span::HeldBy(holder) => holder,
            Span::Without { holder, policy } if self.may_deny(policy).await? => holder,
            Span::Without { .. } | Span::Unshown { .. } | Span::PrefixList(_) => return Ok(Vec::new()),
        };
        let key = |policy| AttachmentRef { pair: Pair { holder: holder.clone(), policy }, by_service: None };
        let attached = self.attached(holder).await?.into_iter();
        Ok(attached.map(|policy| Target { key: key(policy), proven: None, changed: None }).collect())
    }

    /// Whether a policy that is a principal's no more may have held it back. One that is gone may have.
    pub(crate) async fn may_deny(&self, policy: &str) -> Result<bool, Miss> {
        match self.clone().default_document(policy.to_owned()).await {
            Ok(document) => Ok(denies(&document)),
            Err(Miss::Gone) => Ok(true),
            Err(miss) => Err(miss),
        }
    }
}

impl Apply<AttachmentAction> for Iam {
    async fn apply(&self, action: &AttachmentAction) -> Result<Applied, ApplyError> {
        let Pair { holder, policy } = action.pair();
        let name = &holder.name;
        macro_rules! send {
            ($call:ident, $name:ident) => {{
                let answer = self.client.$call().$name(name).policy_arn(policy).send().await;
                answer.map(|answer| answer.request_id().map(str::to_owned)).map_err(|error| failure(&error))
            }};
        }
        let answer = match (action, holder.kind) {
            (AttachmentAction::Detach(_), HolderKind::User) => send!(detach_user_policy, user_name),
            (AttachmentAction::Detach(_), HolderKind::Role) => send!(detach_role_policy, role_name),
            (AttachmentAction::Detach(_), HolderKind::Group) => send!(detach_group_policy, group_name),
            (AttachmentAction::Attach(_), HolderKind::User) => send!(attach_user_policy, user_name),
            (AttachmentAction::Attach(_), HolderKind::Role) => send!(attach_role_policy, role_name),
            (AttachmentAction::Attach(_), HolderKind::Group) => send!(attach_group_policy, group_name),
        };
        answer
            .map(|request_id| Applied { request_id, ..Applied::default() })
            .map_err(|failure| failure.of_action(action.permission()))
    }
}

impl List<PolicyAttachments> for Iam {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<PolicyAttachments>>, ReadError> {
        let details = observed(self.details(from).await)?;
        Ok(match details {
            Observed::Known(details) => Observed::Known(details.attachments()),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}
