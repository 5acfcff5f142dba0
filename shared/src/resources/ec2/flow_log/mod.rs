//! Flow logs: NET-11.

pub(crate) mod actions;
#[cfg(feature = "ec2")]
pub(crate) mod client;
pub mod deleted;
pub mod state;

use super::subnet::DESCRIBE_SUBNETS;
use super::transit_gateway::DESCRIBE_TRANSIT_GATEWAYS;
use super::wire;
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, ReadDepth, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use actions::DELETE_FLOW_LOGS;
use deleted::FlowLogDeleted;
use serde_json::Value;
use state::{FlowLog, FlowLogAction, FlowLogRef, Now};

pub(crate) const DESCRIBE_FLOW_LOGS: Permission = Permission::read("ec2:DescribeFlowLogs");
pub(crate) const DESCRIBE_NETWORK_INTERFACES: Permission = Permission::read("ec2:DescribeNetworkInterfaces");
pub(crate) const DESCRIBE_TRANSIT_GATEWAY_ATTACHMENTS: Permission =
    Permission::read("ec2:DescribeTransitGatewayAttachments");
pub(crate) const DESCRIBE_VPCS: Permission = Permission::read("ec2:DescribeVpcs");

/// The family of flow logs. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct FlowLogs;

impl Family for FlowLogs {
    type Key = FlowLogRef;
    type State = FlowLog;
    type Action = FlowLogAction;

    fn kind(&self) -> &'static str {
        "flow-log"
    }

    /// The flow logs, and whether what one of them watched is still there.
    fn reads(&self) -> &'static [Permission] {
        &[
            DESCRIBE_FLOW_LOGS,
            DESCRIBE_NETWORK_INTERFACES,
            DESCRIBE_SUBNETS,
            DESCRIBE_TRANSIT_GATEWAY_ATTACHMENTS,
            DESCRIBE_TRANSIT_GATEWAYS,
            DESCRIBE_VPCS,
        ]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DELETE_FLOW_LOGS]
    }

    guardrails![FlowLogDeleted];

    /// A call of several may half fail: what is listed as unsuccessful was not done.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if event.source != "ec2.amazonaws.com" {
            return Ok(Vec::new());
        }
        let targets = match event.name.as_str() {
            "DeleteFlowLogs" => deleted(event),
            "CreateFlowLogs" => Ok(created(event)),
            _ => return Ok(Vec::new()),
        };
        targets.map_err(|why| Unlocatable::new(event, why))
    }

    /// A call that made a flow log made it.
    fn claimed(&self, event: &Event, key: &FlowLogRef) -> Option<FlowLog> {
        let config = Observed::Unknown { why: "a record does not show all of its settings".to_owned() };
        (event.name == "CreateFlowLogs").then(|| FlowLog { id: key.id.clone(), config, now: Now::Stands })
    }

    /// What was deleted cannot be asked: a look by its id alone shows no more than that it is gone.
    fn focus(&self, flow_log: &mut FlowLog, target: &TargetOf<Self>) {
        if flow_log.now == Now::Gone {
            flow_log.config.clone_from(&target.key.kept);
        }
    }

    fn memory(&self, key: &FlowLogRef) -> Option<String> {
        Some(key.id.clone())
    }

    /// That it is gone shows by its id, while its settings are recalled. What stands in its place is found by those, right before
    /// another one is made.
    fn looks_ahead(&self, target: &TargetOf<Self>, _: ReadDepth) -> Option<ReadDepth> {
        target.proven.is_some().then_some(ReadDepth::Quick)
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<FlowLog>) {
        let kept = match kept {
            Observed::Known(flow_log) => flow_log.remembered(&target.key.id),
            Observed::Absent => Observed::Unknown {
                why: "its configuration was not recorded before it was \
                 deleted"
                    .to_owned(),
            },
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.config = kept.clone();
        }
        target.key.kept = kept;
    }

    /// The flow log that was made in place of a deleted one: when that one is deleted too, it is remembered, although
    /// the call that made it was Parapet's own and led nowhere.
    fn heirs(&self, state: &FlowLog) -> Vec<FlowLogRef> {
        match &state.now {
            Now::Replaced { by, config } => {
                vec![FlowLogRef { id: by.clone(), kept: Observed::Known((**config).clone()) }]
            }
            Now::Stands | Now::Pointless | Now::Gone => Vec::new(),
        }
    }

    fn stack(&self, state: &FlowLog) -> Option<String> {
        state.config.known()?.tags.get("aws:cloudformation:stack-id").cloned()
    }

    fn resource(&self, key: &FlowLogRef, _: Option<&FlowLog>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        Resource {
            id: format!("arn:{partition}:ec2:{region}:{account}:vpc-flow-log/{}", key.id),
            kind: "Other",
            name: key.id.clone(),
        }
    }
}

fn deleted(event: &Event) -> Result<Vec<TargetOf<FlowLogs>>, &'static str> {
    let Some(request) = wire::unwrapped(&event.request, "DeleteFlowLogsRequest") else {
        return Err(match event.request {
            Body::Omitted => "the record leaves its request out because it is too large",
            Body::Null | Body::Present(_) => "the record carries no request",
        });
    };
    let ids = ["flowLogId", "flowLogIds"].into_iter().filter_map(|key| wire::field(request, key));
    let ids: Vec<String> = ids.flat_map(wire::list).filter_map(wire::content).collect();
    if ids.is_empty() {
        return Err("the request names no flow log");
    }
    let failed = unsuccessful(event);
    let gone = ids.into_iter().filter(|id| !failed.contains(id));
    Ok(gone
        .map(|id| {
            let config = Observed::Unknown { why: "its last known good state was not read".to_owned() };
            let proven = FlowLog { id: id.clone(), config: config.clone(), now: Now::Gone };
            Target { key: FlowLogRef { id, kept: config }, proven: Some(proven), changed: None }
        })
        .collect())
}

/// A new flow log is looked at so that it is remembered. A response without ids leads nowhere: the sweep will see it.
fn created(event: &Event) -> Vec<TargetOf<FlowLogs>> {
    let response = wire::unwrapped(&event.response, "CreateFlowLogsResponse");
    let ids = response.and_then(|response| wire::field(response, "flowLogIdSet"));
    let ids = ids.map(wire::list).unwrap_or_default().into_iter().filter_map(wire::content);
    ids.map(|id| {
        let kept = Observed::Unknown { why: "its last known good state was not read".to_owned() };
        Target { key: FlowLogRef { id, kept }, proven: None, changed: None }
    })
    .collect()
}

fn unsuccessful(event: &Event) -> Vec<String> {
    let response = wire::unwrapped(&event.response, "DeleteFlowLogsResponse");
    let failed = response.and_then(|response| wire::field(response, "unsuccessful"));
    let failed: Vec<&Value> = failed.map(wire::list).unwrap_or_default();
    failed.into_iter().filter_map(|item| wire::text(item, "resourceId")).collect()
}
