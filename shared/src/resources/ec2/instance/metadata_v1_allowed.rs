//! EC2-09: an instance gives its metadata for a session token only (IMDSv2).

use super::state::MODIFY_INSTANCE_METADATA_OPTIONS;
use super::state::{Instance, SetTokens, Switch, Tokens};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module. Sources: EC2.8 (Security Hub), CIS AWS Foundations 5.0.0/5.7, "ModifyInstanceMetadataOptions" (EC2 API
/// reference).
///
/// What is asked for counts as soon as EC2 shows it: while its `state` is `pending`, the instance is seconds away from it,
/// and a stopped one begins with it.
pub struct InstanceMetadataV1Allowed;

static ABOUT: About = About {
    name: "instance-metadata-v1-allowed",
    catalogue_id: "EC2-09",
    title: "Instance allows IMDSv1",
    description: "The metadata service of an instance answers without a session token (IMDSv1), when the instance is \
        launched or when its options are changed. An attacker who can make software on the instance send a request \
        can read the credentials of its role. An instance whose metadata endpoint is disabled complies. An instance \
        that allowed IMDSv1 before is left to the sweep, unless the event changes this option.",
    severity: Severity::High,
    class: Class::R2,
    controls: &["EC2.8", "CIS AWS Foundations 5.0.0/5.7"],
    technique: "T1552.005",
    triggers: &["RunInstances", "ModifyInstanceMetadataOptions"],
    remediation: "Requires IMDSv2 session tokens. Endpoint, hop limit, IPv6 and tags are not changed. Software that \
        only supports IMDSv1 loses the metadata, and so do containers on a bridge network if the hop limit is 1: \
        needs `max_class: R2`.",
    actions: &[MODIFY_INSTANCE_METADATA_OPTIONS],
    ids: &["arn:%:ec2:%:%:instance/%"],
    not_watched: &[
        ("CreateAutoScalingGroup, CreateFleet, RunScheduledInstances", "what they launch is recorded as RunInstances"),
        ("StartInstances, ModifyInstanceAttribute", "they leave the metadata options as they are"),
        (
            "CreateLaunchTemplate, CreateLaunchTemplateVersion",
            "a template is not an instance: instances launched from it are evaluated",
        ),
    ],
};

const ELEMENT: &str = "metadata without a token";

impl Guardrail<Instance, SetTokens> for InstanceMetadataV1Allowed {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, instance: &Instance, _: &Terms<'_>) -> Verdict {
        if !instance.in_question {
            return Verdict::Compliant;
        }
        match (&instance.tokens, &instance.endpoint) {
            (Observed::Known(Tokens::Required), _) | (_, Observed::Known(Switch::Disabled)) => Verdict::Compliant,
            (Observed::Known(Tokens::Optional), Observed::Known(Switch::Enabled)) => {
                let why = format!("instance `{}` allows IMDSv1 (HttpTokens is `optional`)", instance.id);
                let evidence = vec![Evidence { element: ELEMENT.to_owned(), why }];
                Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
            }
            (Observed::Unknown { why }, _) | (_, Observed::Unknown { why }) => {
                Verdict::Undetermined { why: why.clone() }
            }
            (Observed::Absent, _) | (_, Observed::Absent) => {
                Verdict::Undetermined { why: format!("EC2 does not show the metadata options of `{}`", instance.id) }
            }
        }
    }

    fn plan(&self, instance: &Instance, _: &Violation, _: &Terms<'_>) -> Plan<SetTokens> {
        let set = |tokens| SetTokens { instance: instance.id.clone(), tokens };
        Plan::one(set(Tokens::Required), set(Tokens::Optional))
    }

    fn remarks(&self, instance: &Instance) -> Vec<String> {
        if instance.hop_limit == Some(1) {
            return vec!["hop limit is 1, so IMDSv2 tokens do not reach a container on a bridge network".to_owned()];
        }
        Vec::new()
    }
}
