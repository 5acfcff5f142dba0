//! What principals hold: documents of policies, and everything beside one of them.

use super::Iam;
use crate::aws::failure;
use crate::engine::family::ReadError;
use crate::engine::holder::{Beside, Holder, HolderKind, RoleSeen};
use crate::engine::observed::Observed;
use crate::resources::iam::managed_policy::state::Version;
use crate::resources::iam::policy_attachment::state::unread;
use crate::resources::iam::record::{
    GET_GROUP_POLICY, GET_ROLE, GET_ROLE_POLICY, GET_USER, GET_USER_POLICY, LIST_ATTACHED_GROUP_POLICIES,
    LIST_ATTACHED_ROLE_POLICIES, LIST_ATTACHED_USER_POLICIES, LIST_GROUP_POLICIES, LIST_GROUPS_FOR_USER,
    LIST_ROLE_POLICIES, LIST_USER_POLICIES,
};
use aws_sdk_iam::error::ProvideErrorMetadata;
use aws_sdk_iam::types::{AttachedPolicy, PolicyVersion};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::retry::ProvideErrorKind;
use futures_util::future::try_join;
use futures_util::{StreamExt, TryStreamExt, stream};
use iam_policy::{json, may_combine};
use jiff::Timestamp;
use std::error::Error;
use std::future::Future;

/// Why something is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Miss {
    /// It is not there.
    Gone,
    /// Unknown.
    Unknown(String),
    /// Another try may succeed.
    Passing(ReadError),
}

impl Miss {
    /// What a failed call that needs `permission` means.
    pub(crate) fn of<E>(permission: &'static str) -> impl Fn(SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + ProvideErrorKind + Error + 'static,
    {
        move |error| match failure(&error).of_read::<()>(permission) {
            Ok(Observed::Absent | Observed::Known(())) => Self::Gone,
            Ok(Observed::Unknown { why }) => Self::Unknown(why),
            Err(passing) => Self::Passing(passing),
        }
    }
}

/// As the seam wants it.
pub(crate) fn observed<T>(found: Result<T, Miss>) -> Result<Observed<T>, ReadError> {
    match found {
        Ok(found) => Ok(Observed::Known(found)),
        Err(Miss::Gone) => Ok(Observed::Absent),
        Err(Miss::Unknown(why)) => Ok(Observed::Unknown { why }),
        Err(Miss::Passing(error)) => Err(error),
    }
}

/// All of them, a few at a time, in their order.
pub(crate) async fn all<T, J>(jobs: impl IntoIterator<Item = J>) -> Result<Vec<T>, Miss>
where
    J: Future<Output = Result<T, Miss>>,
{
    /// IAM throttles an account as a whole: others want to read, too.
    const AT_ONCE: usize = 8;
    stream::iter(jobs).buffered(AT_ONCE).try_collect().await
}

/// A document as the API writes it, URL-encoded (RFC 3986).
pub(crate) fn plain(document: Option<&str>) -> Result<String, Miss> {
    let text = document.ok_or_else(|| Miss::Unknown("the answer holds no document".to_owned()))?;
    json::decode(text).map(|text| text.into_owned()).map_err(|error| Miss::Unknown(error.to_string()))
}

pub(crate) fn version(read: &PolicyVersion) -> Result<Version, Miss> {
    let id = read.version_id.clone().ok_or_else(|| Miss::Unknown("the answer names no version".to_owned()))?;
    Ok(Version { id, document: plain(read.document.as_deref())? })
}

/// A role as IAM shows it, its trust policy URL-encoded.
pub(crate) fn role_seen(id: &str, created: Option<&aws_smithy_types::DateTime>, trust: Option<&str>) -> RoleSeen {
    let trust = match plain(trust) {
        Ok(trust) => Observed::Known(trust),
        Err(Miss::Unknown(why)) => Observed::Unknown { why },
        Err(Miss::Gone | Miss::Passing(_)) => Observed::Unknown { why: "IAM's answer has no trust policy".to_owned() },
    };
    let created = created.and_then(|at| Timestamp::from_second(at.secs()).ok());
    RoleSeen { id: id.to_owned(), created, trust, seen: Timestamp::now() }
}

/// What is left out of what a principal holds: the policy in question.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Except<'a> {
    Attached(&'a str),
    Inline(&'a str),
}

impl Iam {
    /// The ARNs of the policies that are attached to a principal.
    pub(crate) async fn attached(&self, holder: &Holder) -> Result<Vec<String>, Miss> {
        let mut found: Vec<AttachedPolicy> = Vec::new();
        match holder.kind {
            HolderKind::User => {
                let mut pages =
                    self.client.list_attached_user_policies().user_name(&holder.name).into_paginator().send();
                while let Some(page) = pages.next().await {
                    let page = page.map_err(Miss::of(LIST_ATTACHED_USER_POLICIES.action))?;
                    found.extend(page.attached_policies.unwrap_or_default());
                }
            }
            HolderKind::Role => {
                let mut pages =
                    self.client.list_attached_role_policies().role_name(&holder.name).into_paginator().send();
                while let Some(page) = pages.next().await {
                    let page = page.map_err(Miss::of(LIST_ATTACHED_ROLE_POLICIES.action))?;
                    found.extend(page.attached_policies.unwrap_or_default());
                }
            }
            HolderKind::Group => {
                let call = self.client.list_attached_group_policies().group_name(&holder.name);
                let mut pages = call.into_paginator().send();
                while let Some(page) = pages.next().await {
                    let page = page.map_err(Miss::of(LIST_ATTACHED_GROUP_POLICIES.action))?;
                    found.extend(page.attached_policies.unwrap_or_default());
                }
            }
        }
        Ok(found.into_iter().filter_map(|policy| policy.policy_arn).collect())
    }

    /// The names of the policies that are written into a principal.
    pub(crate) async fn inline_names(&self, holder: &Holder) -> Result<Vec<String>, Miss> {
        let mut found = Vec::new();
        match holder.kind {
            HolderKind::User => {
                let mut pages = self.client.list_user_policies().user_name(&holder.name).into_paginator().send();
                while let Some(page) = pages.next().await {
                    found.extend(page.map_err(Miss::of(LIST_USER_POLICIES.action))?.policy_names);
                }
            }
            HolderKind::Role => {
                let mut pages = self.client.list_role_policies().role_name(&holder.name).into_paginator().send();
                while let Some(page) = pages.next().await {
                    found.extend(page.map_err(Miss::of(LIST_ROLE_POLICIES.action))?.policy_names);
                }
            }
            HolderKind::Group => {
                let mut pages = self.client.list_group_policies().group_name(&holder.name).into_paginator().send();
                while let Some(page) = pages.next().await {
                    found.extend(page.map_err(Miss::of(LIST_GROUP_POLICIES.action))?.policy_names);
                }
            }
        }
        Ok(found)
    }

    /// The document of a policy that is written into a principal.
    pub(crate) async fn inline_document(self, holder: Holder, name: String) -> Result<String, Miss> {
        let Holder { kind, name: whose } = &holder;
        let document = match kind {
            HolderKind::User => {
                let call = self.client.get_user_policy().user_name(whose).policy_name(name).send().await;
                call.map_err(Miss::of(GET_USER_POLICY.action))?.policy_document
            }
            HolderKind::Role => {
                let call = self.client.get_role_policy().role_name(whose).policy_name(name).send().await;
                call.map_err(Miss::of(GET_ROLE_POLICY.action))?.policy_document
            }
            HolderKind::Group => {
                let call = self.client.get_group_policy().group_name(whose).policy_name(name).send().await;
                call.map_err(Miss::of(GET_GROUP_POLICY.action))?.policy_document
            }
        };
        plain(Some(&document))
    }

    /// The path of a role, and what else shows which one it is and who may assume it. Of a user or group neither matters.
    pub(crate) async fn role(&self, holder: &Holder) -> Result<(Observed<String>, Observed<RoleSeen>), ReadError> {
        if holder.kind != HolderKind::Role {
            return Ok((Observed::Unknown { why: "it does not matter and was not read".to_owned() }, Observed::Absent));
        }
        let read = self.client.get_role().role_name(&holder.name).send().await.map_err(Miss::of(GET_ROLE.action));
        let role = |role: Option<aws_sdk_iam::types::Role>| {
            role.ok_or_else(|| Miss::Unknown("the answer holds no role".to_owned()))
        };
        Ok(match observed(read.and_then(|answer| role(answer.role)))? {
            Observed::Known(role) => {
                let seen =
                    role_seen(&role.role_id, Some(&role.create_date), role.assume_role_policy_document.as_deref());
                (Observed::Known(role.path), Observed::Known(seen))
            }
            Observed::Absent => (Observed::Absent, Observed::Absent),
            Observed::Unknown { why } => (Observed::Unknown { why: why.clone() }, Observed::Unknown { why }),
        })
    }

    /// The ARN of a principal's permissions boundary.
    async fn boundary(&self, holder: &Holder) -> Result<Option<String>, Miss> {
        let boundary = match holder.kind {
            HolderKind::User => {
                let answer = self.client.get_user().user_name(&holder.name).send().await;
                answer.map_err(Miss::of(GET_USER.action))?.user.and_then(|user| user.permissions_boundary)
            }
            HolderKind::Role => {
                let answer = self.client.get_role().role_name(&holder.name).send().await;
                answer.map_err(Miss::of(GET_ROLE.action))?.role.and_then(|role| role.permissions_boundary)
            }
            HolderKind::Group => None,
        };
        Ok(boundary.and_then(|boundary| boundary.permissions_boundary_arn))
    }

    /// The groups of a user.
    async fn groups(&self, user: &str) -> Result<Vec<Holder>, Miss> {
        let mut pages = self.client.list_groups_for_user().user_name(user).into_paginator().send();
        let mut found = Vec::new();
        while let Some(page) = pages.next().await {
            let groups = page.map_err(Miss::of(LIST_GROUPS_FOR_USER.action))?.groups;
            found.extend(groups.into_iter().map(|group| Holder { kind: HolderKind::Group, name: group.group_name }));
        }
        Ok(found)
    }

    /// Everything that a principal holds but the policy in question, where that can be a part of more than it says alone.
    /// What of it cannot be read makes the whole unknown.
    pub(crate) async fn beside(
        &self,
        holder: &Holder,
        except: Except<'_>,
        document: &Observed<String>,
    ) -> Result<Observed<Beside>, ReadError> {
        if !document.known().is_some_and(|document| may_combine(document)) {
            return Ok(unread());
        }
        Ok(match self.all_beside(holder, except).await? {
            Observed::Absent => Observed::Unknown { why: format!("{holder} changed while it was read") },
            beside @ (Observed::Known(_) | Observed::Unknown { .. }) => beside,
        })
    }

    /// Everything that a principal holds but the policy in question. `Absent` where the principal is gone.
    pub(crate) async fn all_beside(&self, holder: &Holder, except: Except<'_>) -> Result<Observed<Beside>, ReadError> {
        match self.all_but(holder, except).await {
            Ok(beside) => Ok(Observed::Known(beside)),
            Err(Miss::Passing(error)) => Err(error),
            Err(Miss::Unknown(why)) => Ok(Observed::Unknown { why }),
            Err(Miss::Gone) => Ok(Observed::Absent),
        }
    }

    async fn all_but(&self, holder: &Holder, except: Except<'_>) -> Result<Beside, Miss> {
        let names = async |of: &Holder| try_join(self.attached(of), self.inline_names(of)).await;
        let of_groups = async {
            match holder.kind {
                HolderKind::User => {
                    let groups = self.groups(&holder.name).await?;
                    let names = all(groups.iter().map(names)).await?;
                    Ok(groups.into_iter().zip(names).collect::<Vec<_>>())
                }
                HolderKind::Role | HolderKind::Group => Ok(Vec::new()),
            }
        };
        let boundary = async {
            match self.boundary(holder).await? {
                Some(arn) => self.clone().default_document(arn).await.map(Some),
                None => Ok(None),
            }
        };
        let documents = async {
            let (own, of_groups) = try_join(names(holder), of_groups).await?;
            let named = std::iter::once((holder, own)).chain(of_groups.iter().map(|(of, names)| (of, names.clone())));
            let (mut attached, mut inline) = (Vec::new(), Vec::new());
            for (at, (one, (arns, names))) in named.enumerate() {
                // Only of the principal itself is anything left out: what a group holds as well stays.
                let is_left_out = |policy: &String, is_attached: bool| match except {
                    Except::Attached(arn) => at == 0 && is_attached && policy == arn,
                    Except::Inline(name) => at == 0 && !is_attached && policy == name,
                };
                attached.extend(arns.into_iter().filter(|arn| !is_left_out(arn, true)));
                let names = names.into_iter().filter(|name| !is_left_out(name, false));
                inline.extend(names.map(|name| (one.clone(), name)));
            }
            attached.sort();
            attached.dedup();
            let attached = all(attached.into_iter().map(|arn| self.clone().default_document(arn)));
            let inline = all(inline.into_iter().map(|(of, name)| self.clone().inline_document(of, name)));
            let (mut documents, inline) = try_join(attached, inline).await?;
            documents.extend(inline);
            Ok(documents)
        };
        let (documents, boundary) = try_join(documents, boundary).await?;
        Ok(Beside { documents, boundary })
    }
}
