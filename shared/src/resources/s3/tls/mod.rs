//! S3-12: bucket policies that ask for TLS.
//!
//! One statement of a bucket's policy denies every request that does not use TLS. It is added by a Sid of its own to the policy that stands, of
//! which every other byte stays; the guardrails on what the policy grants never touch a Deny.
//! Sources: "Security best practices for Amazon S3" (S3 user guide), S3.5 of AWS Security Hub's controls.

pub mod actions;
#[cfg(feature = "s3")]
mod client;
pub mod not_required;
mod planned;
pub mod statement;

use super::LIST_BUCKETS;
use super::bucket_policy::{DELETE, GET, PUT};
use super::record::{S3, bucket_name, bucket_resource};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use crate::engine::resource_policy::Change;
use actions::{PolicyOf, TlsAction};
use not_required::S3BucketTlsNotRequired;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

const TRIGGERS: &[&str] = &["CreateBucket", "DeleteBucketPolicy", "PutBucketPolicy"];

/// The family of what bucket policies say of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketTls;

/// How to find what a bucket's policy says of TLS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsRef {
    /// The bucket's name.
    pub bucket: String,
    /// Whether the event has just made it: its policy may be on its way.
    #[serde(default)]
    pub is_new: bool,
}

/// A bucket and its policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TlsPolicy {
    /// The bucket's name.
    pub bucket: String,
    /// Whether the event has just made it.
    #[serde(default)]
    pub is_new: bool,
    /// The document, as it is written; none where the bucket has no policy.
    pub document: Option<String>,
    /// Of a file: none of its statements asks for TLS, and some are known at deployment only. `document` has the others.
    #[serde(skip)]
    pub is_partial: bool,
}

impl Family for BucketTls {
    type Key = TlsRef;
    type State = TlsPolicy;
    type Action = TlsAction;

    fn kind(&self) -> &'static str {
        "s3-bucket-tls"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_BUCKETS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[PUT, DELETE]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<TlsPolicy>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![S3BucketTlsNotRequired];

    /// A bucket is made without a policy.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(S3, TRIGGERS) {
            return Ok(Vec::new());
        }
        let (bucket, is_new) = (bucket_name(event)?, event.name == "CreateBucket");
        let document = match event.name.as_str() {
            "PutBucketPolicy" => match Change::of((), event.request.at(&["bucketPolicy"])).document {
                Observed::Known(document) => Some(Some(document)),
                Observed::Absent | Observed::Unknown { .. } => None,
            },
            _ => Some(None),
        };
        let proven = document.map(|document| TlsPolicy { bucket: bucket.clone(), is_new, document, is_partial: false });
        Ok(vec![Target { key: TlsRef { bucket, is_new }, proven, changed: None }])
    }

    fn focus(&self, policy: &mut TlsPolicy, target: &TargetOf<Self>) {
        policy.is_new = target.key.is_new;
    }

    /// By what the document says, not by how it is written.
    fn content(&self, state: &TlsPolicy) -> Value {
        actions::content(state.document.as_deref())
    }

    fn windows(&self, key: &TlsRef) -> Option<String> {
        Some(key.bucket.clone())
    }

    fn writes(&self, call: &TlsAction) -> Option<Value> {
        Some(actions::content(call.policy().document.as_deref()))
    }

    fn rewrites(&self, state: &TlsPolicy) -> Option<TlsAction> {
        let (bucket, document) = (state.bucket.clone(), state.document.clone());
        Some(TlsAction::Restore(PolicyOf { bucket, document }))
    }

    fn resource(&self, key: &TlsRef, _: Option<&TlsPolicy>, place: &Place) -> Resource {
        bucket_resource(&key.bucket, place)
    }
}
