//! NET-11: what was recorded of a network's traffic goes on being recorded.

use super::actions::{CREATE_FLOW_LOGS, CREATE_LOG_DELIVERY, CREATE_TAGS, PASS_ROLE};
use super::state::{FlowLog, FlowLogAction, FlowLogConfig, Now};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::{Observed, Place};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module. Security Hub EC2.6 asks for flow logs on every VPC; this one objects to their end, whatever they watched.
///
/// A flow log cannot be asked once it is deleted, so its settings are remembered while it stands: by each sweep, when it is
/// made, and when another one is made in its place. What makes up for one is another with at least its traffic, in the same
/// fields, to the same place: a log to a bucket of another caller's choice does not.
pub struct FlowLogDeleted;

/// Where flow logs may record to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct FlowLogSettings {
    /// ARNs of the buckets (with their prefix), log groups and streams that flow logs may record to; `*` and `?` match as in
    /// IAM. Where the list is empty: log groups and streams of the account itself and of `trusted_accounts`. The ARN of a bucket
    /// does not show its owner, so a flow log to a bucket is recreated only if the list names it.
    pub allowed_destinations: Vec<String>,
}

impl GuardrailSettings for FlowLogSettings {}

static ABOUT: About = About {
    name: "flow-log-deleted",
    catalogue_id: "NET-11",
    title: "Flow log deleted",
    description: "A flow log was deleted while its VPC, subnet, network interface, transit gateway or attachment \
        still exists, and no other flow log records as much of it to the same destination. A flow log to a \
        destination that policy does not name (`allowed_destinations`; the ARN of a bucket does not show its owner) \
        is notified and not recreated: the caller may have ended what another principal had started. A network that \
        is deleted takes its flow logs with it: these comply once the network no longer exists, and `grace_seconds` \
        allows for the delay.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["EC2.6", "CIS AWS Foundations 5.0.0/3.7"],
    technique: "T1562.008",
    triggers: &["DeleteFlowLogs", "CreateFlowLogs"],
    remediation: "Recreates the flow log with its last known configuration, under a new id. If the configuration is \
        unknown, or the destination is not one that policy names, it only notifies.",
    actions: &[CREATE_FLOW_LOGS, CREATE_TAGS, PASS_ROLE, CREATE_LOG_DELIVERY],
    ids: &["arn:%:ec2:%:%:vpc-flow-log/%"],
    not_watched: &[
        (
            "DeleteLogGroup, DeleteBucket, DeleteRole",
            "the flow log exists but cannot deliver: they change the destination, not the flow log",
        ),
        (
            "DeleteVpc, DeleteSubnet, DeleteNetworkInterface",
            "the recorded network is deleted together with its flow log",
        ),
    ],
};

impl Guardrail<FlowLog, FlowLogAction> for FlowLogDeleted {
    type Settings = FlowLogSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, flow_log: &FlowLog, terms: &Terms<'_>) -> Verdict {
        match flow_log.now {
            Now::Stands | Now::Replaced { .. } | Now::Pointless => return Verdict::Compliant,
            Now::Gone => {}
        }
        let id = &flow_log.id;
        let why = match &flow_log.config {
            Observed::Known(config) if config.resource_type().is_none() => {
                format!("`{id}` is deleted: it recorded {config}, which is of a kind that cannot be recreated here")
            }
            Observed::Known(config) => match foreign(config, terms) {
                Some(why) => format!("`{id}` is deleted: it recorded {config}, {why}; it is not recreated"),
                None => format!("`{id}` is deleted: nothing else records {config}"),
            },
            Observed::Absent => format!("`{id}` is deleted, and what it recorded is not known: nothing is planned"),
            Observed::Unknown { why } => {
                format!("`{id}` is deleted, and what it recorded is not known ({why}): nothing is planned")
            }
        };
        let evidence = vec![Evidence { element: id.clone(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, flow_log: &FlowLog, _: &Violation, terms: &Terms<'_>) -> Plan<FlowLogAction> {
        match &flow_log.config {
            Observed::Known(config) if config.resource_type().is_some() && foreign(config, terms).is_none() => {
                Plan::one(FlowLogAction::Create(config.clone()), FlowLogAction::Delete(config.clone()))
            }
            Observed::Known(_) | Observed::Absent | Observed::Unknown { .. } => Plan::default(),
        }
    }
}

/// Why a flow log to this place is not known to be good; none where policy says that it is. That it stood there proves nothing:
/// a flow log to a foreign bucket carries the network's traffic out of the account.
fn foreign(config: &FlowLogConfig, terms: &Terms<'_>) -> Option<String> {
    let settings = terms.settings(&FlowLogDeleted);
    let allowed = &settings.allowed_destinations;
    let destination = config.destination.as_deref();
    if !allowed.is_empty() {
        // A log group that is known by its name is of the flow log's own account and region.
        let Place { partition, account, region } = terms.place;
        let of_group = |name: &String| format!("arn:{partition}:logs:{region}:{account}:log-group:{name}");
        let place = destination.map(str::to_owned).or_else(|| config.log_group.as_ref().map(of_group));
        let place = place.unwrap_or_default();
        let is_allowed = allowed.iter().any(|pattern| matches_pattern(pattern, &place));
        return (!is_allowed).then(|| "a place that is not among `allowed_destinations`".to_owned());
    }
    match (destination, config.destination.as_deref().and_then(|arn| arn.split(':').nth(4))) {
        // A log group by its name is of the flow log's own account.
        (None, _) if config.log_group.is_some() => None,
        (Some(_), Some(account)) if !account.is_empty() => {
            (!terms.trusts(account)).then(|| format!("a place of account {account}, which is not trusted"))
        }
        (None | Some(_), _) => {
            Some("and whose destination that is is unknown without `allowed_destinations`".to_owned())
        }
    }
}
