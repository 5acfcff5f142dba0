//! The replication of buckets.

use super::{BucketReplications, Destination, GET_REPLICATION, name_of};
use crate::aws::{FailureKind, done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::s3::LIST_BUCKETS;
use crate::resources::s3::client::{S3, unbuilt};
use crate::resources::s3::rules::{BucketRef, Rule, Rules, Switch};
use aws_sdk_s3::types::{ReplicationConfiguration, ReplicationRuleStatus};

impl Observe<BucketReplications> for S3 {
    async fn observe(&self, key: &BucketRef, _: ReadDepth) -> Result<Observed<Rules<Destination>>, ReadError> {
        let bucket = key.bucket.clone();
        let configuration = match self.client.get_bucket_replication().bucket(&bucket).send().await {
            Ok(answer) => answer.replication_configuration,
            Err(error) => match failure(&error) {
                // A bucket that is not replicated says so.
                failure if failure.kind == FailureKind::NotThere && failure.code != "NoSuchBucket" => None,
                failure => return failure.of_read(GET_REPLICATION.action),
            },
        };
        let mut rules = Vec::new();
        for rule in configuration.iter().flat_map(|configuration| configuration.rules()) {
            let Some(destination) = rule.destination() else {
                let id = rule.id().unwrap_or_default();
                let why = format!("the answer does not show where rule `{id}` of bucket `{bucket}` replicates to");
                return Ok(Observed::Unknown { why });
            };
            let to = name_of(destination.bucket()).to_owned();
            let account = destination.account().map(str::to_owned);
            let is_own = match account {
                Some(_) => Observed::Absent,
                None => self.is_own(&to).await?,
            };
            rules.push(Rule {
                id: rule.id().unwrap_or_default().to_owned(),
                is_enabled: rule.status() == &ReplicationRuleStatus::Enabled,
                says: Destination { bucket: to, account, is_own },
            });
        }
        Ok(Observed::Known(Rules { bucket, rules }))
    }
}

impl S3 {
    /// Whether the account has a bucket of this name, in whatever region.
    async fn is_own(&self, name: &str) -> Result<Observed<bool>, ReadError> {
        match self.client.list_buckets().prefix(name).send().await {
            Ok(answer) => Ok(Observed::Known(answer.buckets().iter().any(|bucket| bucket.name() == Some(name)))),
            Err(error) => match failure(&error).of_read::<bool>(LIST_BUCKETS.action)? {
                Observed::Known(_) | Observed::Absent => Ok(Observed::Known(false)),
                unknown @ Observed::Unknown { .. } => Ok(unknown),
            },
        }
    }
}

impl List<BucketReplications> for S3 {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<BucketReplications>>, ReadError> {
        self.buckets(from, |bucket| BucketRef { bucket }).await
    }
}

impl Apply<Switch<BucketReplications>> for S3 {
    async fn apply(&self, action: &Switch<BucketReplications>) -> Result<Applied, ApplyError> {
        let answer = self.client.get_bucket_replication().bucket(&action.bucket).send().await;
        let answer = answer.map_err(|error| failure(&error).of_action(GET_REPLICATION.action))?;
        let Some(standing) = answer.replication_configuration else {
            return Err(ApplyError::NotThere { code: "ReplicationConfigurationNotFoundError".to_owned() });
        };
        let status = ReplicationRuleStatus::from(action.word());
        let switched = |mut rule: aws_sdk_s3::types::ReplicationRule| {
            if rule.id.as_ref().is_some_and(|id| action.rules.contains(id)) {
                rule.status = status.clone();
            }
            rule
        };
        let ReplicationConfiguration { role, rules, .. } = standing;
        let rules = rules.into_iter().map(switched).collect();
        let configuration = ReplicationConfiguration::builder().role(role).set_rules(Some(rules)).build();
        let configuration = configuration.map_err(|error| unbuilt(&error))?;
        let call = self.client.put_bucket_replication().bucket(&action.bucket);
        done(call.replication_configuration(configuration).send().await, action.permission())
    }
}
