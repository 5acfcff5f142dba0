//! IAM: everything that an account's principals and policies say, in pages of one call: the sweep's.

use super::Iam;
use super::holdings::{Miss, all, plain, role_seen, version};
use crate::engine::family::Page;
use crate::engine::holder::{Beside, Holder, HolderKind, RoleSeen};
use crate::engine::observed::Observed;
use crate::resources::iam::inline_policy::InlinePolicies;
use crate::resources::iam::inline_policy::state::{Inline, InlineRef};
use crate::resources::iam::managed_policy::ManagedPolicies;
use crate::resources::iam::managed_policy::client::only_version;
use crate::resources::iam::managed_policy::state::{ManagedPolicy, PolicyRef, Since, Version, uncounted};
use crate::resources::iam::policy_attachment::PolicyAttachments;
use crate::resources::iam::policy_attachment::state::{Attachment, AttachmentRef, Pair, unread};
use crate::resources::iam::record::GET_ACCOUNT_AUTHORIZATION_DETAILS;
use aws_sdk_iam::operation::get_account_authorization_details::GetAccountAuthorizationDetailsOutput;
use aws_sdk_iam::types::{AttachedPolicy, ManagedPolicyDetail, PolicyDetail, RoleDetail};
use iam_policy::may_combine;
use std::collections::{BTreeMap, BTreeSet};

/// One page of an account's principals and policies.
#[derive(Debug, Default)]
pub(crate) struct Details {
    holders: Vec<Holdings>,
    /// The account's own policies of this page.
    policies: Vec<ManagedPolicy>,
    /// What policies say, by their ARNs: those of this page, and those that its principals hold.
    documents: BTreeMap<String, Observed<String>>,
    next: Option<String>,
}

/// A principal and what it holds.
#[derive(Debug)]
struct Holdings {
    holder: Holder,
    path: Observed<String>,
    role: Observed<RoleSeen>,
    attached: Vec<String>,
    inline: Vec<(String, Observed<String>)>,
    groups: Vec<String>,
    boundary: Option<String>,
}

impl Iam {
    /// The page that begins at `from`.
    pub(crate) async fn details(&self, from: Option<&str>) -> Result<Details, Miss> {
        /// The most that the call takes: an account of usual size is one page, and then nothing else is read.
        const MOST: i32 = 1000;
        let call = self.client.get_account_authorization_details().max_items(MOST).set_marker(from.map(str::to_owned));
        let answer = call.send().await.map_err(Miss::of(GET_ACCOUNT_AUTHORIZATION_DETAILS.action))?;
        let mut details = read(answer);
        // A policy may be on another page than its holder; each is read once.
        let jobs = details.unread().into_iter().map(|arn| {
            let iam = self.clone();
            async move {
                let document = match iam.default_document(arn.clone()).await {
                    Ok(document) => Observed::Known(document),
                    Err(Miss::Gone) => Observed::Absent,
                    Err(Miss::Unknown(why)) => Observed::Unknown { why },
                    Err(passing @ Miss::Passing(_)) => return Err(passing),
                };
                Ok((arn, document))
            }
        });
        details.documents.extend(all(jobs).await?);
        Ok(details)
    }
}

fn read(answer: GetAccountAuthorizationDetailsOutput) -> Details {
    let mut details = Details { next: answer.marker.filter(|_| answer.is_truncated), ..Details::default() };
    let arns = |attached: Option<Vec<AttachedPolicy>>| -> Vec<String> {
        attached.unwrap_or_default().into_iter().filter_map(|policy| policy.policy_arn).collect()
    };
    let path = |path: Option<String>| {
        path.map_or_else(|| Observed::Unknown { why: "the listing shows no path".to_owned() }, Observed::Known)
    };
    let mut hold = |kind, name: Option<String>, holdings: Holdings| {
        details.holders.extend(name.map(|name| Holdings { holder: Holder { kind, name }, ..holdings }));
    };
    let listed = |role: &RoleDetail| match role.role_id() {
        Some(id) => Observed::Known(role_seen(id, role.create_date(), role.assume_role_policy_document())),
        None => Observed::Unknown { why: "the listing shows no unique id".to_owned() },
    };
    let unnamed = || Holder { kind: HolderKind::User, name: String::new() };
    for user in answer.user_detail_list.unwrap_or_default() {
        let holdings = Holdings {
            holder: unnamed(),
            path: path(user.path),
            role: Observed::Absent,
            attached: arns(user.attached_managed_policies),
            inline: written(user.user_policy_list),
            groups: user.group_list.unwrap_or_default(),
            boundary: user.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn),
        };
        hold(HolderKind::User, user.user_name, holdings);
    }
    for role in answer.role_detail_list.unwrap_or_default() {
        let holdings = Holdings {
            holder: unnamed(),
            path: path(role.path.clone()),
            role: listed(&role),
            attached: arns(role.attached_managed_policies),
            inline: written(role.role_policy_list),
            groups: Vec::new(),
            boundary: role.permissions_boundary.and_then(|boundary| boundary.permissions_boundary_arn),
        };
        hold(HolderKind::Role, role.role_name, holdings);
    }
    for group in answer.group_detail_list.unwrap_or_default() {
        let holdings = Holdings {
            holder: unnamed(),
            path: path(group.path),
            role: Observed::Absent,
            attached: arns(group.attached_managed_policies),
            inline: written(group.group_policy_list),
            groups: Vec::new(),
            boundary: None,
        };
        hold(HolderKind::Group, group.group_name, holdings);
    }
    for policy in answer.policies.unwrap_or_default() {
        let Some((arn, managed)) = managed(&policy) else { continue };
        let document = managed.as_ref().map(|managed| managed.default.document.clone());
        details.documents.insert(arn.clone(), document.map_or_else(unreadable, Observed::Known));
        let is_aws_own = arn.split(':').nth(4) == Some("aws");
        details.policies.extend(managed.filter(|_| !is_aws_own));
    }
    details
}

fn unreadable() -> Observed<String> {
    Observed::Unknown { why: "the listing does not show the document of the default version".to_owned() }
}

fn written(list: Option<Vec<PolicyDetail>>) -> Vec<(String, Observed<String>)> {
    let document = |policy: &PolicyDetail| match plain(policy.policy_document.as_deref()) {
        Ok(document) => Observed::Known(document),
        Err(_) => Observed::Unknown { why: "the listing does not show the policy's document".to_owned() },
    };
    let policies = list.unwrap_or_default().into_iter();
    policies.filter_map(|policy| Some((policy.policy_name.clone()?, document(&policy)))).collect()
}

/// The policy's ARN, and what is known of it where the listing shows its default version.
fn managed(policy: &ManagedPolicyDetail) -> Option<(String, Option<ManagedPolicy>)> {
    let arn = policy.arn.clone()?;
    let versions = policy.policy_version_list.clone().unwrap_or_default();
    let default = versions.iter().find(|version| version.is_default_version).and_then(|read| version(read).ok());
    let count = policy.attachment_count.and_then(|count| usize::try_from(count).ok());
    let key = key(&arn);
    let managed = default.map(|default| ManagedPolicy {
        holders: count.map_or_else(uncounted, Observed::Known),
        versions: Observed::Known(versions.into_iter().filter_map(|version| version.version_id).collect()),
        ..only_version(&key, default)
    });
    Some((arn, managed))
}

fn key(arn: &str) -> PolicyRef {
    let before: Observed<Version> = Observed::Unknown { why: "nothing was recalled".to_owned() };
    PolicyRef { arn: arn.to_owned(), version: None, since: Since::Before, before }
}

impl Details {
    /// The ARNs of which it is unknown what they say.
    fn unread(&self) -> BTreeSet<String> {
        let holdings = self.holders.iter().flat_map(|holdings| holdings.attached.iter().chain(&holdings.boundary));
        holdings.filter(|arn| !self.documents.contains_key(*arn)).cloned().collect()
    }

    fn document(&self, arn: &str) -> Observed<String> {
        self.documents.get(arn).cloned().unwrap_or_else(unreadable)
    }

    /// Everything that a principal holds but one policy. Unknown where a part is on another page or unread.
    fn beside(
        &self,
        holdings: &Holdings,
        document: &Observed<String>,
        attached: Option<&str>,
        name: Option<&str>,
    ) -> Observed<Beside> {
        if !document.known().is_some_and(|document| may_combine(document)) {
            return unread();
        }
        let mut documents: Vec<Observed<String>> = Vec::new();
        documents.extend(
            holdings.attached.iter().filter(|arn| Some(arn.as_str()) != attached).map(|arn| self.document(arn)),
        );
        documents
            .extend(holdings.inline.iter().filter(|(of, _)| Some(of.as_str()) != name).map(|(_, says)| says.clone()));
        for group in &holdings.groups {
            let is_it = |other: &&Holdings| other.holder.kind == HolderKind::Group && other.holder.name == *group;
            let Some(group) = self.holders.iter().find(is_it) else { return unread() };
            documents.extend(group.attached.iter().map(|arn| self.document(arn)));
            documents.extend(group.inline.iter().map(|(_, says)| says.clone()));
        }
        let known: Option<Vec<String>> = documents.iter().map(|document| document.known().cloned()).collect();
        let boundary = holdings.boundary.as_ref().map(|arn| self.document(arn));
        match (known, boundary) {
            (Some(documents), None) => Observed::Known(Beside { documents, boundary: None }),
            (Some(documents), Some(Observed::Known(boundary))) => {
                Observed::Known(Beside { documents, boundary: Some(boundary) })
            }
            (None, _) | (Some(_), Some(Observed::Absent | Observed::Unknown { .. })) => unread(),
        }
    }

    pub(crate) fn attachments(self) -> Page<PolicyAttachments> {
        let mut found = Vec::new();
        for holdings in &self.holders {
            for arn in &holdings.attached {
                let document = self.document(arn);
                let pair = Pair { holder: holdings.holder.clone(), policy: arn.clone() };
                let attachment = Attachment {
                    pair: pair.clone(),
                    path: holdings.path.clone(),
                    beside: self.beside(holdings, &document, Some(arn), None),
                    document,
                    is_standing: true,
                    by_service: None,
                    role: holdings.role.clone(),
                };
                found.push((AttachmentRef { pair, by_service: None }, Observed::Known(attachment)));
            }
        }
        Page { found, next: self.next }
    }

    pub(crate) fn inline(self) -> Page<InlinePolicies> {
        let mut found = Vec::new();
        for holdings in &self.holders {
            for (name, document) in &holdings.inline {
                let before = || Observed::Unknown { why: "nothing was recalled".to_owned() };
                let key = InlineRef { holder: holdings.holder.clone(), name: name.clone(), before: before() };
                let inline = Inline {
                    holder: holdings.holder.clone(),
                    name: name.clone(),
                    path: holdings.path.clone(),
                    document: document.clone(),
                    before: before(),
                    beside: self.beside(holdings, document, None, Some(name)),
                    is_standing: true,
                    role: holdings.role.clone(),
                };
                found.push((key, Observed::Known(inline)));
            }
        }
        Page { found, next: self.next }
    }

    pub(crate) fn managed(self) -> Page<ManagedPolicies> {
        let policies = self.policies.into_iter();
        let found = policies.map(|policy| (key(&policy.arn), Observed::Known(policy))).collect();
        Page { found, next: self.next }
    }
}

#[cfg(test)]
mod tests;
