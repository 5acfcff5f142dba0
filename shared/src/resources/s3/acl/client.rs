//! ACLs of buckets, and what makes them ineffective.

use super::actions::AclAction;
use super::state::{BucketAcl, Grant, Grantee};
use super::{BucketAcls, GET_ACL};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::resource_policy::PolicyClient;
use crate::resources::s3::block::Block;
use crate::resources::s3::bucket_policy::{Bucket, Buckets};
use crate::resources::s3::client::unbuilt;
use crate::resources::s3::control::client::S3Control;
use crate::resources::s3::document::{Held, Of};
use crate::resources::s3::ownership::{BucketOwnerships, Ownership};
use aws_sdk_s3::types::{AccessControlPolicy, Owner, Permission, Type};
use futures_util::{StreamExt, TryStreamExt, stream};
use std::collections::BTreeSet;

/// Reads of one page of a listing at once: a sweep shares the account's request rate with all other callers.
const AT_ONCE: usize = 8;

impl Observe<BucketAcls> for S3Control {
    async fn observe(&self, key: &Bucket, depth: ReadDepth) -> Result<Observed<BucketAcl>, ReadError> {
        let Bucket { name, account } = key;
        let owned = Of::new(name.clone(), false);
        let ownership = Observe::<BucketOwnerships>::observe(&self.buckets, &owned, depth);
        let reads = (self.acl(name), self.block(name), self.account_block(account), ownership);
        let (acl, own, account, ownership) =
            futures_util::future::try_join4(reads.0, reads.1, reads.2, reads.3).await?;
        Ok(match acl {
            Observed::Known((owner, grants)) => Observed::Known(BucketAcl {
                bucket: name.clone(),
                owner: Some(owner),
                grants,
                ignored: ignored(&own, &account),
                disabled: disabled(ownership),
            }),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

impl S3Control {
    /// Owner and grants.
    async fn acl(&self, bucket: &str) -> Result<Observed<(String, BTreeSet<Grant>)>, ReadError> {
        let answer = match self.buckets.client.get_bucket_acl().bucket(bucket).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET_ACL.action),
        };
        let owner = answer.owner().and_then(|owner| owner.id()).map(str::to_owned);
        let grants = answer.grants().iter().map(grant).collect::<Option<BTreeSet<Grant>>>();
        Ok(match owner.zip(grants) {
            Some(read) => Observed::Known(read),
            None => Observed::Unknown { why: format!("the answer does not show the whole ACL of bucket `{bucket}`") },
        })
    }
}

/// None where the grant is not whole: an ACL that is written again would lack it.
fn grant(grant: &aws_sdk_s3::types::Grant) -> Option<Grant> {
    let grantee = grant.grantee()?;
    let group = grantee.uri().map(|uri| Grantee::Group(uri.to_owned()));
    let user = || grantee.id().map(|id| Grantee::User(id.to_owned()));
    let email = || grantee.email_address().map(|address| Grantee::Email(address.to_owned()));
    Some(Grant::new(group.or_else(user).or_else(email)?, grant.permission()?.as_str()))
}

fn written(grant: &Grant) -> Result<aws_sdk_s3::types::Grant, ApplyError> {
    let grantee = aws_sdk_s3::types::Grantee::builder();
    let grantee = match &grant.grantee {
        Grantee::Group(uri) => grantee.r#type(Type::Group).uri(uri),
        Grantee::User(id) => grantee.r#type(Type::CanonicalUser).id(id),
        Grantee::Email(address) => grantee.r#type(Type::AmazonCustomerByEmail).email_address(address),
    };
    let grantee = grantee.build().map_err(|error| unbuilt(&error))?;
    let permission = Permission::from(grant.permission.as_str());
    Ok(aws_sdk_s3::types::Grant::builder().grantee(grantee).permission(permission).build())
}

/// What makes grants to everyone ineffective.
fn ignored(own: &Observed<Option<Block>>, account: &Observed<Option<Block>>) -> Observed<String> {
    let ignores = |block: &Observed<Option<Block>>| {
        block.known().is_some_and(|block| block.is_some_and(|block| block.ignores_acls))
    };
    let why = |whose: &str| Observed::Known(format!("the public access block of {whose} ignores public ACLs"));
    match (own, account) {
        (own, _) if ignores(own) => why("the bucket"),
        (_, account) if ignores(account) => why("the account"),
        (Observed::Unknown { why }, _) | (_, Observed::Unknown { why }) => Observed::Unknown { why: why.clone() },
        (Observed::Known(_) | Observed::Absent, Observed::Known(_) | Observed::Absent) => Observed::Absent,
    }
}

fn disabled(ownership: Observed<Held<Ownership>>) -> Observed<String> {
    match ownership {
        Observed::Known(held) if held.now == Ownership::BucketOwnerEnforced => {
            Observed::Known("ACLs of the bucket are disabled".to_owned())
        }
        Observed::Known(_) | Observed::Absent => Observed::Absent,
        Observed::Unknown { why } => Observed::Unknown { why },
    }
}

impl Apply<AclAction> for S3Control {
    async fn apply(&self, action: &AclAction) -> Result<Applied, ApplyError> {
        let change = action.change();
        let grants = action.leaves().iter().map(written).collect::<Result<Vec<_>, _>>()?;
        let owner = Owner::builder().id(&change.owner).build();
        let policy = AccessControlPolicy::builder().owner(owner).set_grants(Some(grants)).build();
        let call = self.buckets.client.put_bucket_acl().bucket(&change.bucket).access_control_policy(policy);
        done(call.send().await, action.permission())
    }
}

impl List<BucketAcls> for S3Control {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<BucketAcls>>, ReadError> {
        let listed = match PolicyClient::<Buckets>::list(self, from).await? {
            Observed::Known(listed) => listed,
            Observed::Absent => return Ok(Observed::Absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let read = |key: Bucket| async move {
            let seen = Observe::<BucketAcls>::observe(self, &key, ReadDepth::Full).await?;
            Ok::<_, ReadError>((key, seen))
        };
        let found = stream::iter(listed.found).map(read).buffered(AT_ONCE).try_collect().await?;
        Ok(Observed::Known(Page { found, next: listed.next }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_was_read() {
        let group = Grantee::Group("http://acs.amazonaws.com/groups/s3/LogDelivery".to_owned());
        for grantee in [group, Grantee::User("7009".to_owned())] {
            let one = Grant::new(grantee, "READ_ACP");
            assert_eq!(grant(&written(&one).unwrap()), Some(one));
        }
        assert_eq!(grant(&aws_sdk_s3::types::Grant::builder().build()), None);
    }

    #[test]
    fn a_block_ignores_them_whosever_it_is() {
        let on = Observed::Known(Some(Block { ignores_acls: true, ..Block::default() }));
        let off = Observed::Known(None);
        let unread = Observed::Unknown { why: "denied".to_owned() };
        assert!(matches!(ignored(&on, &unread), Observed::Known(why) if why.contains("the bucket")));
        assert!(matches!(ignored(&off, &on), Observed::Known(why) if why.contains("the account")));
        assert!(matches!(ignored(&off, &unread), Observed::Unknown { .. }));
        assert_eq!(ignored(&off, &off), Observed::Absent);
    }
}
