//! FND-03: an instance that GuardDuty reports reaches nothing and is reached by nothing, where the operator wants that for the type of the finding. It goes on running, with its
//! memory and its volumes.

use super::actions::{CREATE_SNAPSHOTS, MODIFY_NETWORK_INTERFACE_ATTRIBUTE, TAG_INSTANCE, TAG_SNAPSHOT};
use super::actions::{Groups, IsolationAction, Mark};
use super::state::{AUTO_SCALING, Interface, QUARANTINE, ReportedInstance};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::threat::finding_types::OF_INSTANCES;
use crate::resources::threat::{ActOn, gone};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct InstanceNotIsolated;

/// What is done about an instance that GuardDuty reports.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct IsolationSettings {
    /// Which findings lead to more than a notification: `types` of findings and the least `severity` (`high`). No finding, without `types`.
    pub act_on: ActOn,
    /// Tags of instances for which it only notifies, as `KEY` or `KEY=VALUE`; `*` and `?` match.
    pub excluded_tags: Vec<String>,
    /// Whether to make no snapshots of the volumes of an instance that is isolated.
    pub without_snapshots: bool,
}

impl GuardrailSettings for IsolationSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![self.act_on.list(), List { name: "excluded_tags", entries: &self.excluded_tags, holds: TAGS }]
    }
}

const TAGS: Holds = Holds {
    shapes: &["*"],
    form: "a tag, as `KEY` or `KEY=VALUE`",
    everything: Some("excludes every instance that has a tag"),
};

static ABOUT: About = About {
    name: "instance-not-isolated",
    catalogue_id: "FND-03",
    title: "GuardDuty reports a compromised instance",
    description: "GuardDuty reports that an EC2 instance mines, talks to a command and control server, scans or attacks others, or runs what an attacker would. An instance that is only the \
        target of a scan or of a brute-force attack, a container or a cluster is only notified by another guardrail. An instance complies once every network interface has only the \
        security group of its VPC with the tag `parapet:quarantine`: the operator makes one in each VPC. A group that lets a network, a prefix list, another account or its own members through \
        isolates nothing and is not used; rules for other groups of the account, such as that of the responders, are allowed. Without `act_on`, the finding is only notified. The \
        severity is GuardDuty's.",
    severity: Severity::High,
    class: Class::R2,
    controls: &[],
    technique: "T1496",
    triggers: OF_INSTANCES,
    remediation: "Gives every network interface the quarantine group in place of its security groups, makes snapshots of the volumes (without a stop) and tags the instance; undo gives each \
        interface its groups back and keeps the snapshots. Never stops, detaches or terminates. Only for findings that `act_on` names, and not for instances with `excluded_tags`. Needs \
        `max_class: R2`.",
    actions: &[CREATE_SNAPSHOTS, MODIFY_NETWORK_INTERFACE_ATTRIBUTE, TAG_INSTANCE, TAG_SNAPSHOT],
    ids: &["arn:%:ec2:%:%:instance/%"],
    not_watched: &[(
        "ModifyNetworkInterfaceAttribute, AttachNetworkInterface",
        "an interface that is added or opened again reaches others again: when the activity goes on, GuardDuty's next update of the finding is a trigger",
    )],
};

/// Why nothing is changed about the instance, where that is so.
fn restraint(instance: &ReportedInstance, settings: &IsolationSettings) -> Option<String> {
    let is_excluded = |(key, value): (&String, &String)| {
        let tag = format!("{key}={value}");
        settings.excluded_tags.iter().any(|pattern| matches_pattern(pattern, key) || matches_pattern(pattern, &tag))
    };
    let excluded = instance.tags.iter().find(|tag| is_excluded(*tag));
    let doubt = settings.act_on.doubt(&instance.report);
    doubt.or_else(|| excluded.map(|(key, _)| format!("its tag `{key}` is among `excluded_tags`")))
}

/// Why an interface cannot be isolated.
fn obstacle(instance: &ReportedInstance, interface: &Interface) -> Option<String> {
    let vpc = &interface.vpc;
    match instance.quarantine.known()?.get(vpc) {
        None => Some(format!("{vpc} has no security group with the tag `{QUARANTINE}`")),
        Some(found) if found.lets_through.is_empty() => None,
        Some(found) => Some(format!("{} isolates nothing: {}", found.group, found.lets_through.join(", "))),
    }
}

impl Guardrail<ReportedInstance, IsolationAction> for InstanceNotIsolated {
    type Settings = IsolationSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, instance: &ReportedInstance, terms: &Terms<'_>) -> Verdict {
        let found = format!("GuardDuty reports {}", instance.report);
        let severity = instance.report.severity.unwrap_or(ABOUT.severity);
        if instance.is_gone {
            return gone(&found, &format!("instance {}", instance.id), severity);
        }
        if let Observed::Unknown { why } = &instance.quarantine {
            return Verdict::Undetermined {
                why: format!("{found}; whether {} is isolated is unknown: {why}", instance.id),
            };
        }
        let restraint = restraint(instance, &terms.settings(self));
        let why = |interface: &Interface| restraint.clone().or_else(|| obstacle(instance, interface));
        let evidence = |(id, interface): (&String, &Interface)| {
            let tail = why(interface).map(|why| format!("; only notified: {why}")).unwrap_or_default();
            let (groups, instance) = (interface.groups.join(", "), &instance.id);
            let why = format!("{found}, and {id} of {instance} is not isolated (security groups {groups}){tail}");
            Evidence { element: id.clone(), why }
        };
        let evidence: Vec<Evidence> = instance.open().map(evidence).collect();
        if evidence.is_empty() {
            return Verdict::Compliant;
        }
        Verdict::Violation(Violation { severity, evidence })
    }

    /// The network first: an attacker that is still there could notice what follows.
    fn plan(&self, instance: &ReportedInstance, _: &Violation, terms: &Terms<'_>) -> Plan<IsolationAction> {
        let settings = terms.settings(self);
        if restraint(instance, &settings).is_some() {
            return Plan::default();
        }
        let isolated = |(id, interface): (&String, &Interface)| {
            let to = |groups: Vec<String>| IsolationAction::Groups(Groups { interface: id.clone(), groups });
            let group = instance.quarantine_of(interface)?.to_owned();
            Some(Step { apply: to(vec![group]), undo: Undo::Apply(to(interface.groups.clone())) })
        };
        let mut steps: Vec<_> = instance.open().filter_map(isolated).collect();
        if !steps.is_empty() {
            let mark = Mark { instance: instance.id.clone(), finding: instance.report.kind.clone() };
            let untag = || Undo::Apply(IsolationAction::Untag(mark.clone()));
            steps.push(Step { apply: IsolationAction::Tag(mark.clone()), undo: untag() });
            // Snapshots are evidence: what undoes isolation keeps them, and takes the tag off.
            let are_made = instance.has_volumes && !settings.without_snapshots;
            let snapshots = || Step { apply: IsolationAction::Snapshot(mark.clone()), undo: untag() };
            steps.extend(are_made.then(snapshots));
        }
        Plan { steps }
    }

    fn remarks(&self, instance: &ReportedInstance) -> Vec<String> {
        let group = instance.tags.get(AUTO_SCALING).map(|group| {
            format!(
                "the instance is in the Auto Scaling group `{group}`, which replaces and terminates it when a health check fails: detach it, or put it in standby, to keep its memory"
            )
        });
        let cluster = instance.tags.keys().find_map(|key| key.strip_prefix("kubernetes.io/cluster/"));
        let cluster = cluster.map(|cluster| {
            format!("the instance is a node of the cluster `{cluster}`: its pods are started elsewhere, what compromised it may be with them")
        });
        let connections = "an isolated instance answers no health check of a load balancer, and gets no more requests of it; connections that EC2 tracks may go on until they end";
        [group, cluster, Some(connections.to_owned())].into_iter().flatten().collect()
    }
}
