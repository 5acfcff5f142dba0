//! The versioning of buckets.

use super::{BucketVersionings, GET_VERSIONING, Status, Versioning};
use crate::aws::{done, failure};
use crate::engine::family::{Observe, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::s3::client::S3;
use crate::resources::s3::document::{Held, Of, Write};
use aws_sdk_s3::types::{BucketVersioningStatus, MfaDeleteStatus, VersioningConfiguration};

impl Observe<BucketVersionings> for S3 {
    async fn observe(&self, key: &Of<Versioning>, _: ReadDepth) -> Result<Observed<Held<Versioning>>, ReadError> {
        let answer = match self.client.get_bucket_versioning().bucket(&key.name).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET_VERSIONING.action),
        };
        let word = answer.status().map(BucketVersioningStatus::as_str).unwrap_or_default();
        let Some(status) = Status::read(word) else {
            let why = format!("versioning of bucket `{}` is `{word}`, which is not known here", key.name);
            return Ok(Observed::Unknown { why });
        };
        let mfa_delete = Some(answer.mfa_delete() == Some(&MfaDeleteStatus::Enabled));
        Ok(Observed::Known(Held::of(key, Versioning { status, mfa_delete })))
    }
}

impl Apply<Write<BucketVersionings>> for S3 {
    async fn apply(&self, action: &Write<BucketVersionings>) -> Result<Applied, ApplyError> {
        let status = BucketVersioningStatus::from(action.value.status.word());
        let configuration = VersioningConfiguration::builder().status(status).build();
        let call = self.client.put_bucket_versioning().bucket(&action.name);
        done(call.versioning_configuration(configuration).send().await, action.permission())
    }
}
