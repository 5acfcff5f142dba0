//! The permissions of snapshots and images, as EC2 lists and changes them.

use super::{Entries, Grant, Grantee, Shareable, Shared, SharedRef, SharingAction};
use crate::aws::failure;
use crate::engine::family::ReadError;
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::ec2::client::{Ec2, id_of};
use crate::resources::ec2::image::DESCRIBE_IMAGE_ATTRIBUTE;
use crate::resources::ec2::snapshot::DESCRIBE_SNAPSHOT_ATTRIBUTE;
use aws_sdk_ec2::operation::describe_image_attribute::DescribeImageAttributeOutput;
use aws_sdk_ec2::operation::describe_snapshot_attribute::DescribeSnapshotAttributeOutput;
use aws_sdk_ec2::types::{
    CreateVolumePermission, ImageAttributeName, LaunchPermission, LaunchPermissionModifications, OperationType,
    PermissionGroup, SnapshotAttributeName,
};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::future::Future;

impl Ec2 {
    /// With whom the snapshot is shared.
    pub(crate) async fn snapshot(&self, id: &str) -> Result<Observed<Shared>, ReadError> {
        let call = self.client.describe_snapshot_attribute().snapshot_id(id);
        match call.attribute(SnapshotAttributeName::CreateVolumePermission).send().await {
            Ok(answer) => Ok(Observed::Known(of_snapshot(id, &answer))),
            Err(error) => failure(&error).of_read(DESCRIBE_SNAPSHOT_ATTRIBUTE.action),
        }
    }

    /// With whom the image is shared.
    pub(crate) async fn image(&self, id: &str) -> Result<Observed<Shared>, ReadError> {
        let call = self.client.describe_image_attribute().image_id(id);
        match call.attribute(ImageAttributeName::LaunchPermission).send().await {
            Ok(answer) => Ok(Observed::Known(of_image(id, &answer))),
            Err(error) => failure(&error).of_read(DESCRIBE_IMAGE_ATTRIBUTE.action),
        }
    }
}

/// Reads each, a few side by side: no list of EC2 shows permissions. The answers are in the ids' order; the first read that is
/// worth another try ends the others.
pub(crate) async fn read_each<R>(
    ids: Vec<String>,
    read: impl Fn(String) -> R,
) -> Result<Vec<(SharedRef, Observed<Shared>)>, ReadError>
where
    R: Future<Output = Result<Observed<Shared>, ReadError>>,
{
    /// EC2 refills 20 reads of this kind a second for the whole account ("Request throttling for the Amazon EC2 API", EC2
    /// developer guide): a sweep leaves room for others.
    const AT_ONCE: usize = 8;
    let one = |id: String| {
        let reading = read(id.clone());
        async move { reading.await.map(|state| (SharedRef { id }, state)) }
    };
    stream::iter(ids.into_iter().map(one)).buffered(AT_ONCE).try_collect().await
}

impl Apply<SharingAction> for Ec2 {
    async fn apply(&self, action: &SharingAction) -> Result<Applied, ApplyError> {
        let entries = action.entries();
        let request_id = match entries.what {
            Shareable::Snapshot => self.modify_snapshot(action, entries).await?,
            Shareable::Image => self.modify_image(action, entries).await?,
        };
        Ok(Applied { request_id, ..Applied::default() })
    }
}

impl Ec2 {
    /// Snapshots are shared with accounts and with everyone; the call cannot name an organisation.
    async fn modify_snapshot(&self, action: &SharingAction, entries: &Entries) -> Result<Option<String>, ApplyError> {
        let call = self.client.modify_snapshot_attribute().snapshot_id(&entries.id);
        let operation = match action {
            SharingAction::Unshare(_) => OperationType::Remove,
            SharingAction::Share(_) => OperationType::Add,
        };
        let mut call = call.attribute(SnapshotAttributeName::CreateVolumePermission).operation_type(operation);
        for grantee in &entries.grantees {
            call = match grantee {
                Grantee::Everyone => call.group_names("all"),
                Grantee::Account(id) => call.user_ids(id),
                Grantee::Organization(_) | Grantee::Unit(_) => {
                    let message = format!("a snapshot is not shared with {grantee}");
                    return Err(ApplyError::Refused { code: "not sent".to_owned(), message });
                }
            };
        }
        let answer = call.send().await;
        answer.map(|answer| id_of(&answer)).map_err(|error| failure(&error).of_action(action.permission()))
    }

    async fn modify_image(&self, action: &SharingAction, entries: &Entries) -> Result<Option<String>, ApplyError> {
        let permissions = Some(entries.grantees.iter().map(launch_permission).collect());
        let change = LaunchPermissionModifications::builder();
        let change = match action {
            SharingAction::Unshare(_) => change.set_remove(permissions),
            SharingAction::Share(_) => change.set_add(permissions),
        };
        let call = self.client.modify_image_attribute().image_id(&entries.id);
        let answer = call.attribute("launchPermission").launch_permission(change.build()).send().await;
        answer.map(|answer| id_of(&answer)).map_err(|error| failure(&error).of_action(action.permission()))
    }
}

fn launch_permission(grantee: &Grantee) -> LaunchPermission {
    let call = LaunchPermission::builder();
    match grantee {
        Grantee::Everyone => call.group(PermissionGroup::All),
        Grantee::Account(id) => call.user_id(id),
        Grantee::Organization(arn) => call.organization_arn(arn),
        Grantee::Unit(arn) => call.organizational_unit_arn(arn),
    }
    .build()
}

fn of_snapshot(id: &str, answer: &DescribeSnapshotAttributeOutput) -> Shared {
    let grantee = |item: &CreateVolumePermission| grantee(item.group(), item.user_id(), None, None);
    let all = answer.create_volume_permissions().iter().map(|item| grantee(item).ok_or_else(|| format!("{item:?}")));
    shared(Shareable::Snapshot, id, all)
}

fn of_image(id: &str, answer: &DescribeImageAttributeOutput) -> Shared {
    let grantee = |item: &LaunchPermission| {
        grantee(item.group(), item.user_id(), item.organization_arn(), item.organizational_unit_arn())
    };
    let all = answer.launch_permissions().iter().map(|item| grantee(item).ok_or_else(|| format!("{item:?}")));
    shared(Shareable::Image, id, all)
}

/// With the permissions that cannot be read as the texts that [`Shared::unread`] shows of them.
fn shared(what: Shareable, id: &str, all: impl Iterator<Item = Result<Grantee, String>>) -> Shared {
    let mut shared = Shared { what, id: id.to_owned(), grants: Vec::new(), unread: Vec::new() };
    for grantee in all {
        match grantee {
            Ok(to) => shared.grants.push(Grant { to, in_question: true }),
            Err(what) => shared.unread.push(what),
        }
    }
    shared
}

/// The grantee that a permission names; none for a group that is not known, and where it names none.
fn grantee(
    group: Option<&PermissionGroup>,
    account: Option<&str>,
    organization: Option<&str>,
    unit: Option<&str>,
) -> Option<Grantee> {
    match (group, account, organization, unit) {
        (Some(PermissionGroup::All), ..) => Some(Grantee::Everyone),
        (Some(_), ..) => None,
        (None, Some(id), ..) => Some(Grantee::Account(id.to_owned())),
        (None, None, Some(arn), _) => Some(Grantee::Organization(arn.to_owned())),
        (None, None, None, Some(arn)) => Some(Grantee::Unit(arn.to_owned())),
        (None, None, None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn permissions_are_read_and_one_that_is_not_known_is_kept_in_sight() {
        let everybody = [
            Grantee::Everyone,
            Grantee::Account("444455556666".to_owned()),
            Grantee::Organization("arn:aws:organizations::1:organization/o-1".to_owned()),
            Grantee::Unit("arn:aws:organizations::1:ou/o-1/ou-1".to_owned()),
        ];
        let partners = LaunchPermission::builder().group(PermissionGroup::from("partners")).build();
        let all = everybody.iter().map(launch_permission).chain([partners]).collect();
        let answer = DescribeImageAttributeOutput::builder().set_launch_permissions(Some(all)).build();
        let image = of_image("ami-1", &answer);
        assert_eq!(image.grants.iter().map(|grant| grant.to.clone()).collect::<Vec<_>>(), everybody);
        assert!(image.unread.len() == 1 && image.unread[0].contains("partners"), "{:?}", image.unread);
    }

    #[tokio::test]
    async fn a_few_are_read_at_a_time_and_answered_in_order() {
        use std::sync::atomic::{AtomicUsize, Ordering};
        let (running, most) = (&AtomicUsize::new(0), &AtomicUsize::new(0));
        let ids = || (0..50).map(|number| format!("snap-{number}")).collect::<Vec<_>>();
        let read = read_each(ids(), |id| async move {
            most.fetch_max(running.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            for _ in 0..id.len() * 7 % 5 {
                tokio::task::yield_now().await;
            }
            running.fetch_sub(1, Ordering::SeqCst);
            Ok(Observed::Absent)
        });
        let read: Vec<_> = read.await.unwrap().into_iter().map(|(key, _)| key.id).collect();
        assert_eq!((read, most.load(Ordering::SeqCst)), (ids(), 8));
        let throttled = read_each(ids(), |_| async { Err(ReadError { why: "throttled".to_owned() }) });
        assert_eq!(throttled.await.unwrap_err().why, "throttled");
    }

    #[test]
    fn a_snapshot_that_is_not_shared_has_no_grants() {
        let answer = DescribeSnapshotAttributeOutput::builder().snapshot_id("snap-1").build();
        assert_eq!(of_snapshot("snap-1", &answer).grants, []);
    }
}
