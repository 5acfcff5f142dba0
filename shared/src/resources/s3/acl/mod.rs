//! The access control lists of buckets: S3-03.
//!
//! A grant to one of the global groups has no effect while the bucket's or the account's public access block ignores public ACLs
//! (`IgnorePublicAcls`), and no ACL has any while the bucket's object ownership is `BucketOwnerEnforced`. An event that weakens a bucket's
//! block is read as well: what was not effective before may be now.
//! Sources: "Access control list (ACL) overview", "Blocking public access to your Amazon S3 storage", "Controlling ownership of objects and
//! disabling ACLs for your bucket" in the S3 user guide; "PutBucketAcl", "CreateBucket" in the API reference.

pub mod actions;
#[cfg(feature = "s3control")]
mod client;
mod planned;
pub mod public;
pub(crate) mod record;
pub mod state;
pub mod untrusted;

use super::LIST_BUCKETS;
use super::account_block::GET_ACCOUNT_BLOCK;
use super::block::Block;
use super::bucket_block::GET_BLOCK;
use super::bucket_policy::Bucket;
use super::ownership::GET_OWNERSHIP;
use super::record::{S3, bucket_name, bucket_resource, document};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use actions::{AclAction, Change};
use public::S3BucketAclPublic;
use serde_json::Value;
use state::BucketAcl;
use std::borrow::Cow;
use untrusted::S3BucketAclUntrusted;

pub(crate) const GET_ACL: Permission = Permission::on("s3:GetBucketAcl", &["s3:::*"]);
pub(crate) const PUT_ACL: Permission = Permission::on("s3:PutBucketAcl", &["s3:::*"]);

/// The calls that say what an ACL is.
const WRITE: &[&str] = &["CreateBucket", "PutBucketAcl"];
/// The calls that may make a standing ACL effective.
const EXPOSE: &[&str] = &["DeleteBucketPublicAccessBlock", "PutBucketPublicAccessBlock"];

/// The family of the ACLs of buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketAcls;

impl Family for BucketAcls {
    type Key = Bucket;
    type State = BucketAcl;
    type Action = AclAction;

    fn kind(&self) -> &'static str {
        "s3-bucket-acl"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_ACL, GET_BLOCK, GET_ACCOUNT_BLOCK, GET_OWNERSHIP]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_BUCKETS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[PUT_ACL]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<BucketAcl>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![S3BucketAclPublic, S3BucketAclUntrusted];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let writes = event.is_one_of(S3, WRITE);
        if !writes && !event.is_one_of(S3, EXPOSE) {
            return Ok(Vec::new());
        }
        // A block that ignores public ACLs makes none effective.
        if document(event, "PublicAccessBlockConfiguration").is_some_and(|block| Block::read(block).ignores_acls) {
            return Ok(Vec::new());
        }
        let key = Bucket { name: bucket_name(event)?, account: event.account.clone() };
        let unread =
            || Observed::Unknown { why: "only a read shows whether a setting makes the ACL ineffective".to_owned() };
        let shown = if writes { record::set_by(event) } else { None };
        let proven = shown.map(|shown| BucketAcl {
            bucket: key.name.clone(),
            owner: shown.owner,
            grants: shown.grants,
            ignored: unread(),
            disabled: unread(),
        });
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn focus(&self, _: &mut BucketAcl, _: &TargetOf<Self>) {}

    /// What is in force beside it is another setting's.
    fn content(&self, state: &BucketAcl) -> Value {
        serde_json::to_value(&state.grants).unwrap_or_default()
    }

    fn windows(&self, key: &Bucket) -> Option<String> {
        Some(key.name.clone())
    }

    fn writes(&self, call: &AclAction) -> Option<Value> {
        serde_json::to_value(call.leaves()).ok()
    }

    /// None where the owner, whom the call has to name, does not show.
    fn rewrites(&self, state: &BucketAcl) -> Option<AclAction> {
        let owner = state.owner.clone()?;
        let (bucket, rest) = (state.bucket.clone(), state.grants.clone());
        Some(AclAction::Grant(Change { bucket, owner, grants: Default::default(), rest }))
    }

    fn resource(&self, key: &Bucket, _: Option<&BucketAcl>, place: &Place) -> Resource {
        bucket_resource(&key.name, place)
    }
}
