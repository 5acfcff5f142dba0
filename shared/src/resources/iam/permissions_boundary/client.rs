//! IAM: permissions boundaries. The lists of users and roles leave them out; the account's authorization details have them.

use super::PermissionsBoundaries;
use super::state::{BoundaryAction, BoundaryRef, Bounded, Change};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::holder::{Holder, HolderKind};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::iam::client::Iam;
use crate::resources::iam::client::holdings::observed;
use crate::resources::iam::record::{GET_ACCOUNT_AUTHORIZATION_DETAILS, GET_ROLE, GET_USER};
use aws_sdk_iam::operation::RequestId;
use aws_sdk_iam::types::{AttachedPermissionsBoundary, EntityType};
use futures_util::future::join;
use std::collections::BTreeMap;

/// Principals of one page: each comes with all its policies.
const PAGE: i32 = 200;

impl Observe<PermissionsBoundaries> for Iam {
    async fn observe(&self, key: &BoundaryRef, _: ReadDepth) -> Result<Observed<Bounded>, ReadError> {
        let name = &key.holder.name;
        let (path, boundary) = match key.holder.kind {
            HolderKind::User => match self.client.get_user().user_name(name).send().await {
                Ok(answer) => match answer.user {
                    Some(user) => (user.path, user.permissions_boundary),
                    None => return Ok(Observed::Absent),
                },
                Err(error) => return failure(&error).of_read(GET_USER.action),
            },
            HolderKind::Role => match self.client.get_role().role_name(name).send().await {
                Ok(answer) => match answer.role {
                    Some(role) => (role.path, role.permissions_boundary),
                    None => return Ok(Observed::Absent),
                },
                Err(error) => return failure(&error).of_read(GET_ROLE.action),
            },
            HolderKind::Group => return Ok(Observed::Unknown { why: "groups have no boundary".to_owned() }),
        };
        let mut bounded = seen(key.holder.clone(), Some(path), boundary);
        if let (Observed::Known(now), Observed::Known(before)) = (&bounded.boundary, &key.before)
            && now != before
        {
            let read = |arn: &String| self.clone().default_document(arn.clone());
            let (is, was) = join(read(now), read(before)).await;
            bounded.documents = [(now.clone(), observed(is)?), (before.clone(), observed(was)?)].into();
        }
        Ok(Observed::Known(bounded))
    }
}

impl Apply<BoundaryAction> for Iam {
    async fn apply(&self, action: &BoundaryAction) -> Result<Applied, ApplyError> {
        let done = |id: Option<&str>| Applied { request_id: id.map(str::to_owned), ..Applied::default() };
        let permission = action.permission();
        let Holder { kind, name } = action.holder();
        let client = &self.client;
        match (action, kind) {
            (BoundaryAction::Put { boundary, .. }, HolderKind::User) => {
                let call = client.put_user_permissions_boundary().user_name(name).permissions_boundary(boundary);
                let answer = call.send().await.map_err(|error| failure(&error).of_action(permission))?;
                Ok(done(answer.request_id()))
            }
            (BoundaryAction::Put { boundary, .. }, HolderKind::Role | HolderKind::Group) => {
                let call = client.put_role_permissions_boundary().role_name(name).permissions_boundary(boundary);
                let answer = call.send().await.map_err(|error| failure(&error).of_action(permission))?;
                Ok(done(answer.request_id()))
            }
            (BoundaryAction::Remove { .. }, HolderKind::User) => {
                let call = client.delete_user_permissions_boundary().user_name(name);
                let answer = call.send().await.map_err(|error| failure(&error).of_action(permission))?;
                Ok(done(answer.request_id()))
            }
            (BoundaryAction::Remove { .. }, HolderKind::Role | HolderKind::Group) => {
                let call = client.delete_role_permissions_boundary().role_name(name);
                let answer = call.send().await.map_err(|error| failure(&error).of_action(permission))?;
                Ok(done(answer.request_id()))
            }
        }
    }
}

impl List<PermissionsBoundaries> for Iam {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<PermissionsBoundaries>>, ReadError> {
        let call = self.client.get_account_authorization_details().max_items(PAGE);
        let call = call.filter(EntityType::User).filter(EntityType::Role);
        let answer = match call.set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET_ACCOUNT_AUTHORIZATION_DETAILS.action),
        };
        let users = answer.user_detail_list.unwrap_or_default().into_iter();
        let users = users.map(|user| (HolderKind::User, user.user_name, user.path, user.permissions_boundary));
        let roles = answer.role_detail_list.unwrap_or_default().into_iter();
        let roles = roles.map(|role| (HolderKind::Role, role.role_name, role.path, role.permissions_boundary));
        let found = users.chain(roles).filter_map(|(kind, name, path, boundary)| {
            let holder = Holder { kind, name: name? };
            let key = BoundaryRef { holder: holder.clone(), change: Change::Standing, time: None, before: unread() };
            Some((key, Observed::Known(seen(holder, path, boundary))))
        });
        Ok(Observed::Known(Page { found: found.collect(), next: answer.marker }))
    }
}

fn unread() -> Observed<String> {
    Observed::Unknown { why: "IAM shows the boundary that is, not the one that was".to_owned() }
}

fn seen(holder: Holder, path: Option<String>, boundary: Option<AttachedPermissionsBoundary>) -> Bounded {
    let missing = || Observed::Unknown { why: "IAM's answer has no path".to_owned() };
    let unnamed = || Observed::Unknown { why: "IAM's answer has a boundary and does not name it".to_owned() };
    Bounded {
        holder,
        path: path.map_or_else(missing, Observed::Known),
        boundary: match boundary {
            None => Observed::Absent,
            Some(found) => found.permissions_boundary_arn.map_or_else(unnamed, Observed::Known),
        },
        before: unread(),
        change: Change::Standing,
        as_of: None,
        documents: BTreeMap::new(),
    }
}
