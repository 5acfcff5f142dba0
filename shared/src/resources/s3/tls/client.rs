//! The policies of buckets, read and written whole.

use super::actions::TlsAction;
use super::{BucketTls, TlsPolicy, TlsRef};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::s3::bucket_policy::GET;
use crate::resources::s3::client::S3;

impl Observe<BucketTls> for S3 {
    async fn observe(&self, key: &TlsRef, _: ReadDepth) -> Result<Observed<TlsPolicy>, ReadError> {
        let TlsRef { bucket, is_new } = key.clone();
        let document = match self.client.get_bucket_policy().bucket(&bucket).send().await {
            Ok(answer) => answer.policy,
            Err(error) => match failure(&error) {
                failure if failure.code == "NoSuchBucketPolicy" => None,
                failure => return failure.of_read(GET.action),
            },
        };
        Ok(Observed::Known(TlsPolicy { bucket, is_new, document, is_partial: false }))
    }
}

impl List<BucketTls> for S3 {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<BucketTls>>, ReadError> {
        self.buckets(from, |bucket| TlsRef { bucket, is_new: false }).await
    }
}

impl Apply<TlsAction> for S3 {
    async fn apply(&self, action: &TlsAction) -> Result<Applied, ApplyError> {
        let policy = action.policy();
        match &policy.document {
            Some(document) => {
                let call = self.client.put_bucket_policy().bucket(&policy.bucket).policy(document);
                done(call.send().await, action.permission())
            }
            None => {
                let answer = self.client.delete_bucket_policy().bucket(&policy.bucket).send().await;
                done(answer, action.permission())
            }
        }
    }
}
