//! The lifecycle configurations of buckets.

use super::{After, BucketLifecycles, Expiry, GET_LIFECYCLE};
use crate::aws::{FailureKind, done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::s3::client::{S3, unbuilt};
use crate::resources::s3::rules::{BucketRef, Rule, Rules, Switch};
use aws_sdk_s3::types::{BucketLifecycleConfiguration, ExpirationStatus, LifecycleRule};

impl Observe<BucketLifecycles> for S3 {
    async fn observe(&self, key: &BucketRef, _: ReadDepth) -> Result<Observed<Rules<Expiry>>, ReadError> {
        let bucket = key.bucket.clone();
        match self.client.get_bucket_lifecycle_configuration().bucket(&bucket).send().await {
            Ok(answer) => {
                let rules = answer.rules().iter().map(rule).collect();
                Ok(Observed::Known(Rules { bucket, rules }))
            }
            Err(error) => match failure(&error) {
                // A bucket without rules says so.
                failure if failure.kind == FailureKind::NotThere && failure.code != "NoSuchBucket" => {
                    Ok(Observed::Known(Rules { bucket, rules: Vec::new() }))
                }
                failure => failure.of_read(GET_LIFECYCLE.action),
            },
        }
    }
}

impl List<BucketLifecycles> for S3 {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<BucketLifecycles>>, ReadError> {
        self.buckets(from, |bucket| BucketRef { bucket }).await
    }
}

impl Apply<Switch<BucketLifecycles>> for S3 {
    async fn apply(&self, action: &Switch<BucketLifecycles>) -> Result<Applied, ApplyError> {
        let answer = self.client.get_bucket_lifecycle_configuration().bucket(&action.bucket).send().await;
        let answer = answer.map_err(|error| failure(&error).of_action(GET_LIFECYCLE.action))?;
        let status = ExpirationStatus::from(action.word());
        let size = answer.transition_default_minimum_object_size;
        let switched = |mut rule: LifecycleRule| {
            if rule.id.as_ref().is_some_and(|id| action.rules.contains(id)) {
                rule.status = status.clone();
            }
            rule
        };
        let rules = answer.rules.unwrap_or_default().into_iter().map(switched).collect();
        let configuration = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build();
        let configuration = configuration.map_err(|error| unbuilt(&error))?;
        let call = self.client.put_bucket_lifecycle_configuration().bucket(&action.bucket);
        let call = call.lifecycle_configuration(configuration).set_transition_default_minimum_object_size(size);
        done(call.send().await, action.permission())
    }
}

fn rule(rule: &LifecycleRule) -> Rule<Expiry> {
    let expiration = rule.expiration();
    let days = expiration.and_then(|expiration| expiration.days()).map(|days| After::Days(i64::from(days)));
    let date = expiration.and_then(|expiration| expiration.date()).map(|_| After::Date);
    let is_filtered = rule.filter().is_some_and(|filter| {
        filter.prefix().is_some_and(|prefix| !prefix.is_empty())
            || filter.tag().is_some()
            || filter.and().is_some()
            || filter.object_size_greater_than().is_some()
            || filter.object_size_less_than().is_some()
    });
    #[expect(deprecated, reason = "rules of before filters have a prefix of their own")]
    let is_of_a_prefix = rule.prefix().is_some_and(|prefix| !prefix.is_empty());
    Rule {
        id: rule.id().unwrap_or_default().to_owned(),
        is_enabled: rule.status() == &ExpirationStatus::Enabled,
        says: Expiry { after: days.or(date), is_filtered: is_filtered || is_of_a_prefix },
    }
}
