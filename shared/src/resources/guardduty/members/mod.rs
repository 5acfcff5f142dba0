//! The members of a GuardDuty administrator: LOG-08.
//!
//! Sources: "StopMonitoringMembers", "StartMonitoringMembers", "GetMembers", "DisassociateMembers" (GuardDuty API reference): an administrator's detector shows the findings of its
//! members. A call takes up to fifty accounts, and its response names those that it was refused for.

pub mod detached;
pub mod monitored;

pub use detached::DetachedMembers;
pub use monitored::MonitoredMembers;

use crate::engine::observed::{Place, Resource};

const IDS: &[&str] = &["arn:%:guardduty:%:%:detector/%"];

fn detector(id: &str, Place { partition, account, region }: &Place) -> Resource {
    let arn = format!("arn:{partition}:guardduty:{region}:{account}:detector/{id}");
    Resource { id: arn, kind: "AwsGuardDutyDetector", name: id.to_owned() }
}
