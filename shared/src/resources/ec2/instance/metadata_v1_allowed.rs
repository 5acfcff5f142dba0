//! EC2-09: an instance gives its metadata for a session token only (IMDSv2).

use super::state::MODIFY_INSTANCE_METADATA_OPTIONS;
use super::state::{Instance, SetTokens, Switch, Tokens};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};

/// See the module. Sources: EC2.8 (Security Hub), CIS AWS Foundations 5.0.0/5.7, "ModifyInstanceMetadataOptions" (EC2 API
/// reference).
///
/// What is asked for counts as soon as EC2 shows it: while its `state` is `pending`, the instance is seconds away from it,
/// and a stopped one begins with it.
pub struct InstanceMetadataV1Allowed;

static ABOUT: About = About {
    name: "instance-metadata-v1-allowed",
    catalogue_id: "EC2-09",
    title: "Instance gives its metadata without a token",
    description: "An instance whose metadata service answers without a session token (IMDSv1), when it is launched or \
        when its options are changed. Whoever can make software on it send a request reads the credentials of its role. An \
        instance whose metadata endpoint is off complies. An instance that stood there before is the sweep's business, not \
        an event's that changes other options.",
    severity: Severity::High,
    class: Class::R2,
    controls: &["EC2.8", "CIS AWS Foundations 5.0.0/5.7"],
    technique: "T1552.005",
    triggers: &["RunInstances", "ModifyInstanceMetadataOptions"],
    remediation: "Requires session tokens on the instance. Endpoint, hop limit, IPv6 and tags stay as they are. Software \
        that knows only IMDSv1 loses the metadata, and so does a container on a bridge network where the hop limit is 1: \
        needs `max_class: R2`.",
    actions: &[MODIFY_INSTANCE_METADATA_OPTIONS],
};

const ELEMENT: &str = "metadata without a token";

impl Guardrail<Instance, SetTokens> for InstanceMetadataV1Allowed {
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
                let why = format!("instance `{}` gives its metadata without a session token (IMDSv1)", instance.id);
                let evidence = vec![Evidence { element: ELEMENT.to_owned(), why }];
                Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
            }
            (Observed::Unknown { why }, _) | (_, Observed::Unknown { why }) => {
                Verdict::Undetermined { why: why.clone() }
            }
            (Observed::Absent, _) | (_, Observed::Absent) => {
                Verdict::Undetermined { why: format!("EC2 does not tell the metadata options of `{}`", instance.id) }
            }
        }
    }

    fn plan(&self, instance: &Instance, _: &Violation, _: &Terms<'_>) -> Plan<SetTokens> {
        let set = |tokens| SetTokens { instance: instance.id.clone(), tokens };
        Plan::one(set(Tokens::Required), set(Tokens::Optional))
    }

    fn remarks(&self, instance: &Instance) -> Vec<String> {
        if instance.hop_limit == Some(1) {
            return vec!["the hop limit is 1: no token reaches a container on a bridge network".to_owned()];
        }
        Vec::new()
    }
}
