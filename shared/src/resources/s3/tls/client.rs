//! The policies of buckets, read and written whole.

use super::actions::TlsAction;
use super::{BucketTls, TlsPolicy};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::s3::bucket_policy::GET;
use crate::resources::s3::client::S3;
use crate::resources::s3::rules::BucketRef;

impl Observe<BucketTls> for S3 {
    async fn observe(&self, key: &BucketRef, _: ReadDepth) -> Result<Observed<TlsPolicy>, ReadError> {
        let bucket = key.bucket.clone();
        match self.client.get_bucket_policy().bucket(&bucket).send().await {
            Ok(answer) => Ok(Observed::Known(TlsPolicy { bucket, document: answer.policy })),
            Err(error) => match failure(&error) {
                failure if failure.code == "NoSuchBucketPolicy" => {
                    Ok(Observed::Known(TlsPolicy { bucket, document: None }))
                }
                failure => failure.of_read(GET.action),
            },
        }
    }
}

impl List<BucketTls> for S3 {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<BucketTls>>, ReadError> {
        self.buckets(from, |bucket| BucketRef { bucket }).await
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
