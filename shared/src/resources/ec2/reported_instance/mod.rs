//! EC2 instances that GuardDuty reports: FND-03.
//!
//! What AWS's runbook AWSSupport-ContainEC2Instance does in minutes (its security groups are made for each run, and what was there is kept in a bucket) is done here in two round
//! trips: the operator's quarantine group is found by its tag, and what was there is kept in the ledger.

pub mod actions;
#[cfg(feature = "ec2")]
pub(crate) mod client;
pub mod not_isolated;
pub mod state;

use super::instance::DESCRIBE_INSTANCES;
use super::security_group::DESCRIBE_SECURITY_GROUPS;
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::resources::threat::{Named, Report, named};
use actions::{IsolationAction, MODIFY_NETWORK_INTERFACE_ATTRIBUTE, UNTAG_INSTANCE};
use not_isolated::InstanceNotIsolated;
use state::{ReportedInstance, ReportedRef};
use std::collections::BTreeMap;

/// The family of instances that are reported.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReportedInstances;

impl Family for ReportedInstances {
    type Key = ReportedRef;
    type State = ReportedInstance;
    type Action = IsolationAction;

    fn kind(&self) -> &'static str {
        "reported-instance"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_INSTANCES, DESCRIBE_SECURITY_GROUPS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_NETWORK_INTERFACE_ATTRIBUTE, UNTAG_INSTANCE]
    }

    guardrails![InstanceNotIsolated];

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let Some(Named::Instance(id)) = named(event) else { return Ok(Vec::new()) };
        let key = ReportedRef { id, report: Report::of(event) };
        Ok(vec![Target { key, proven: None, changed: None }])
    }

    fn focus(&self, instance: &mut ReportedInstance, target: &TargetOf<Self>) {
        instance.report.clone_from(&target.key.report);
    }

    fn when_gone(&self, key: &ReportedRef) -> Option<ReportedInstance> {
        Some(ReportedInstance {
            id: key.id.clone(),
            report: key.report.clone(),
            interfaces: BTreeMap::new(),
            quarantine: Observed::Absent,
            tags: BTreeMap::new(),
            has_volumes: false,
            is_gone: true,
        })
    }

    fn resource(&self, key: &ReportedRef, _: Option<&ReportedInstance>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:ec2:{region}:{account}:instance/{}", key.id);
        Resource { id, kind: "AwsEc2Instance", name: key.id.clone() }
    }
}
