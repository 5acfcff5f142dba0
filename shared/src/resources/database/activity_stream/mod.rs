//! Database activity streams of Aurora clusters and of instances of RDS for Oracle and SQL Server: DB-05.
//!
//! Sources: "StartActivityStream", "StopActivityStream" (RDS API reference), "Monitoring database activity streams" (Aurora user guide). Both
//! calls only begin: while a stream is stopping, RDS refuses to start it, and the call is made again later. The policy examples of the
//! Aurora user guide ask for no permission on the key of a stream beside `rds:StartActivityStream`.

#[cfg(feature = "rds")]
mod client;
pub mod state;
pub mod stopped;

use super::cluster::DESCRIBE_DB_CLUSTERS;
use super::instance::DESCRIBE_DB_INSTANCES;
use super::record::{RDS, text, unlocatable};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use state::{ActivityStream, STOP_ACTIVITY_STREAM, Status, StreamAction, StreamRef};
use stopped::DbActivityStreamStopped;

/// The family of database activity streams. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct ActivityStreams;

impl Family for ActivityStreams {
    type Key = StreamRef;
    type State = ActivityStream;
    type Action = StreamAction;

    fn kind(&self) -> &'static str {
        "db-activity-stream"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_DB_CLUSTERS, DESCRIBE_DB_INSTANCES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[STOP_ACTIVITY_STREAM]
    }

    guardrails![DbActivityStreamStopped];

    /// A stream that was started is read, so that it is known how.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(RDS, &["StartActivityStream", "StopActivityStream"]) {
            return Ok(Vec::new());
        }
        let arn = text(&event.request, "resourceArn").ok_or_else(|| unlocatable(event, "database"))?;
        let is_stopped = event.name == "StopActivityStream";
        let key = StreamRef { was_stopped: is_stopped, ..StreamRef::new(arn.to_owned()) };
        let status = text(&event.response, "status").and_then(Status::read).filter(|_| is_stopped);
        let proven = status.map(|status| ActivityStream::of(&key, Observed::Known(status)));
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn focus(&self, state: &mut ActivityStream, target: &TargetOf<Self>) {
        state.was_stopped = target.key.was_stopped;
        state.before = target.key.before.clone();
    }

    /// How a stream was set up shows in no record of its end, and in no read once it has ended.
    fn memory(&self, key: &StreamRef) -> Option<String> {
        Some(key.arn.clone())
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<ActivityStream>) {
        let before = match kept {
            Observed::Known(stream) => stream.setup.map_or(Observed::Absent, Observed::Known),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.before = before.clone();
        }
        target.key.before = before;
    }

    fn resource(&self, key: &StreamRef, _: Option<&ActivityStream>, _: &Place) -> Resource {
        let kind = if key.is_cluster() { "AwsRdsDbCluster" } else { "AwsRdsDbInstance" };
        Resource { id: key.arn.clone(), kind, name: key.name().to_owned() }
    }
}
