//! The object ownership of buckets.

use super::{BucketOwnerships, GET_OWNERSHIP, Ownership};
use crate::aws::{done, failure};
use crate::engine::family::{Observe, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::s3::client::{S3, unbuilt, unset};
use crate::resources::s3::document::{Held, Of, Write};
use aws_sdk_s3::types::{ObjectOwnership, OwnershipControls, OwnershipControlsRule};

impl Observe<BucketOwnerships> for S3 {
    async fn observe(&self, key: &Of<Ownership>, _: ReadDepth) -> Result<Observed<Held<Ownership>>, ReadError> {
        let answer = match self.client.get_bucket_ownership_controls().bucket(&key.name).send().await {
            Ok(answer) => answer,
            Err(error) => return unset(failure(&error), key, Ownership::None, GET_OWNERSHIP.action),
        };
        let controls = answer.ownership_controls;
        let rule = controls.as_ref().and_then(|controls| controls.rules().first());
        let Some(rule) = rule else { return Ok(Observed::Known(Held::of(key, Ownership::None))) };
        let word = rule.object_ownership().as_str();
        Ok(match Ownership::read(word) {
            Some(ownership) => Observed::Known(Held::of(key, ownership)),
            None => Observed::Unknown {
                why: format!("the object ownership of bucket `{}` is `{word}`, which is not known here", key.name),
            },
        })
    }
}

impl Apply<Write<BucketOwnerships>> for S3 {
    async fn apply(&self, action: &Write<BucketOwnerships>) -> Result<Applied, ApplyError> {
        let Some(word) = action.value.word() else {
            let call = self.client.delete_bucket_ownership_controls().bucket(&action.name);
            return done(call.send().await, action.permission());
        };
        let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::from(word)).build();
        let rule = rule.map_err(|error| unbuilt(&error))?;
        let controls = OwnershipControls::builder().rules(rule).build().map_err(|error| unbuilt(&error))?;
        let call = self.client.put_bucket_ownership_controls().bucket(&action.name);
        done(call.ownership_controls(controls).send().await, action.permission())
    }
}
