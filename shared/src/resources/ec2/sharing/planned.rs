//! A permission that a plan of Terraform adds to an image or a snapshot.

use super::{Grant, Grantee, Shareable, Shared};
use crate::engine::planned::PlannedResource;
use crate::engine::unreadable::Unreadable;

/// An image with the permission that `aws_ami_launch_permission` adds.
pub(crate) fn image(it: &PlannedResource<'_>) -> Result<Option<Shared>, Unreadable> {
    let to = if let Some(group) = it.text("group")? {
        match group.as_str() {
            "all" => Ok(Grantee::Everyone),
            _ => Err(format!("group {group}")),
        }
    } else if let Some(arn) = it.text("organization_arn")? {
        Ok(Grantee::Organization(arn))
    } else if let Some(arn) = it.text("organizational_unit_arn")? {
        Ok(Grantee::Unit(arn))
    } else {
        Ok(Grantee::Account(it.text("account_id")?.ok_or("the permission names no account, organization or group")?))
    };
    Ok(Some(shared(it, Shareable::Image, "image_id", to)))
}

/// A snapshot with the permission that `aws_snapshot_create_volume_permission` adds.
pub(crate) fn snapshot(it: &PlannedResource<'_>) -> Result<Option<Shared>, Unreadable> {
    let account = it.text("account_id")?.ok_or("the permission names no account")?;
    // The provider passes the word on: EC2 takes `all` as a group only.
    let to = if account == "all" { Grantee::Everyone } else { Grantee::Account(account) };
    Ok(Some(shared(it, Shareable::Snapshot, "snapshot_id", Ok(to))))
}

fn shared(it: &PlannedResource<'_>, what: Shareable, id: &str, to: Result<Grantee, String>) -> Shared {
    let (grants, unread) = match to {
        Ok(to) => (vec![Grant { to, in_question: true }], Vec::new()),
        Err(other) => (Vec::new(), vec![other]),
    };
    Shared { what, id: it.named(&[id]), grants, unread }
}
