//! Database activity streams.

use super::ActivityStreams;
use super::state::{ActivityStream, Setup, Status, StreamAction, StreamRef};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::database::client::{Cursor, Rds};
use crate::resources::database::cluster::DESCRIBE_DB_CLUSTERS;
use crate::resources::database::instance::DESCRIBE_DB_INSTANCES;
use aws_sdk_rds::types::{ActivityStreamMode, ActivityStreamStatus, DbCluster, DbInstance};

impl Observe<ActivityStreams> for Rds {
    async fn observe(&self, key: &StreamRef, _: ReadDepth) -> Result<Observed<ActivityStream>, ReadError> {
        let found = if key.is_cluster() {
            match self.client.describe_db_clusters().db_cluster_identifier(&key.arn).send().await {
                Ok(answer) => answer.db_clusters().first().map(|found| of_cluster(key, found)),
                Err(error) => return failure(&error).of_read(DESCRIBE_DB_CLUSTERS.action),
            }
        } else {
            match self.client.describe_db_instances().db_instance_identifier(&key.arn).send().await {
                Ok(answer) => answer.db_instances().first().map(|found| of_instance(key, found)),
                Err(error) => return failure(&error).of_read(DESCRIBE_DB_INSTANCES.action),
            }
        };
        Ok(found.map_or(Observed::Absent, Observed::Known))
    }
}

fn of_cluster(key: &StreamRef, found: &DbCluster) -> ActivityStream {
    let mode = found.activity_stream_mode().map(ActivityStreamMode::as_str);
    let setup = setup(mode, found.activity_stream_kms_key_id(), None);
    ActivityStream { setup, ..ActivityStream::of(key, status(key, found.activity_stream_status())) }
}

fn of_instance(key: &StreamRef, found: &DbInstance) -> ActivityStream {
    let mode = found.activity_stream_mode().map(ActivityStreamMode::as_str);
    let has_native = found.activity_stream_engine_native_audit_fields_included();
    let setup = setup(mode, found.activity_stream_kms_key_id(), has_native);
    ActivityStream { setup, ..ActivityStream::of(key, status(key, found.activity_stream_status())) }
}

/// A setup whose parts are all shown.
fn setup(mode: Option<&str>, key: Option<&str>, has_native: Option<bool>) -> Option<Setup> {
    Some(Setup { mode: mode?.to_owned(), key: key?.to_owned(), has_native: has_native.unwrap_or(false) })
}

/// A database without a status never had one.
fn status(key: &StreamRef, shown: Option<&ActivityStreamStatus>) -> Observed<Status> {
    let word = shown.map_or("stopped", ActivityStreamStatus::as_str);
    let why = || format!("the activity stream of {} is `{word}`, which is not known here", key.name());
    Status::read(word).map_or_else(|| Observed::Unknown { why: why() }, Observed::Known)
}

impl List<ActivityStreams> for Rds {
    /// Instances first, then clusters. What has no ARN is none.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<ActivityStreams>>, ReadError> {
        match Cursor::read(from) {
            Cursor::First(marker) => match self.client.describe_db_instances().set_marker(marker).send().await {
                Ok(answer) => {
                    let listed = answer.db_instances().iter().filter_map(|found| {
                        let key = StreamRef::new(found.db_instance_arn()?.to_owned());
                        let seen = of_instance(&key, found);
                        Some((key, Observed::Known(seen)))
                    });
                    let found = listed.collect();
                    Ok(Observed::Known(Page { found, next: Some(Cursor::after_first(answer.marker).to_string()) }))
                }
                Err(error) => failure(&error).of_read(DESCRIBE_DB_INSTANCES.action),
            },
            Cursor::Second(marker) => match self.client.describe_db_clusters().set_marker(marker).send().await {
                Ok(answer) => {
                    let listed = answer.db_clusters().iter().filter_map(|found| {
                        let key = StreamRef::new(found.db_cluster_arn()?.to_owned());
                        let seen = of_cluster(&key, found);
                        Some((key, Observed::Known(seen)))
                    });
                    let found = listed.collect();
                    let next = answer.marker.map(|marker| Cursor::Second(Some(marker)).to_string());
                    Ok(Observed::Known(Page { found, next }))
                }
                Err(error) => failure(&error).of_read(DESCRIBE_DB_CLUSTERS.action),
            },
        }
    }
}

impl Apply<StreamAction> for Rds {
    /// `ApplyImmediately` is about the stream alone: nothing else that is pending comes into effect.
    async fn apply(&self, action: &StreamAction) -> Result<Applied, ApplyError> {
        match action {
            StreamAction::Start { arn, setup } => {
                let call = self.client.start_activity_stream().resource_arn(arn).kms_key_id(&setup.key);
                let call = call.mode(ActivityStreamMode::from(setup.mode.as_str())).apply_immediately(true);
                let native = setup.has_native.then_some(true);
                done(call.set_engine_native_audit_fields_included(native).send().await, action.permission())
            }
            StreamAction::Stop(arn) => {
                let call = self.client.stop_activity_stream().resource_arn(arn).apply_immediately(true);
                done(call.send().await, action.permission())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_as_it_is_described() {
        let key = StreamRef::new("arn:aws:rds:eu-west-1:111122223333:cluster:shop".to_owned());
        let started = DbCluster::builder().activity_stream_status(ActivityStreamStatus::Started);
        let started = started.activity_stream_mode(ActivityStreamMode::Sync).activity_stream_kms_key_id("k");
        let seen = of_cluster(&key, &started.build());
        assert_eq!(seen.status, Observed::Known(Status::Started));
        assert!(seen.setup.is_some_and(|setup| setup.mode == "sync" && setup.key == "k" && !setup.has_native));
        let never = of_cluster(&key, &DbCluster::builder().build());
        assert_eq!((never.status, never.setup), (Observed::Known(Status::Stopped), None));
    }
}
