//! DB-11: EMR blocks public access, except to ports that policy names.

use super::state::{Block, ports};
use super::{EmrBlockPublicAccess, PUT};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::GuardrailSettings;
use crate::resources::s3::document::{Held, Write, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct EmrBlockPublicAccessWeakened;

/// Which ports of clusters may be public.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EmrBlockSettings {
    /// The ports that the block may except. Port 22, as AWS sets it, without the setting.
    pub allowed_ports: Vec<u16>,
}

impl Default for EmrBlockSettings {
    fn default() -> Self {
        Self { allowed_ports: vec![22] }
    }
}

impl GuardrailSettings for EmrBlockSettings {}

static ABOUT: About = About {
    name: "emr-block-public-access-weakened",
    catalogue_id: "DB-11",
    title: "EMR's block of public access was weakened",
    description: "The block of public access of EMR was switched off in a region, or excepts ports that are not among `allowed_ports`: a cluster starts then \
        although its security groups admit everyone to these ports. Clusters that run already are not affected, and neither are rules that \
        are added to the groups of one that runs.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["EMR.2"],
    technique: "T1562.007",
    triggers: &["PutBlockPublicAccessConfiguration"],
    remediation: "Writes the last known good configuration again. Without one, switches the block on and keeps those of its exceptions that are \
        allowed.",
    actions: &[PUT],
    ids: &["arn:%:elasticmapreduce:%:%:block-public-access"],
    not_watched: &[(
        "RunJobFlow",
        "a cluster starts as the block allows; the rules of its groups are other guardrails'",
    )],
};

impl EmrBlockPublicAccessWeakened {
    fn is_allowed(&self, (from, to): (u16, u16), terms: &Terms<'_>) -> bool {
        let settings = terms.settings(self);
        (from..=to).all(|port| settings.allowed_ports.contains(&port))
    }

    fn is_good(&self, block: &Block, terms: &Terms<'_>) -> bool {
        block.is_on && block.ranges.iter().all(|range| self.is_allowed(*range, terms))
    }
}

impl Guardrail<Held<Block>, Write<EmrBlockPublicAccess>> for EmrBlockPublicAccessWeakened {
    type Settings = EmrBlockSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Block>, terms: &Terms<'_>) -> Verdict {
        let off = (!held.now.is_on).then(|| Evidence {
            element: "block off".to_owned(),
            why: "EMR's block of public access is off".to_owned(),
        });
        let excepted = held.now.ranges.iter().filter(|range| !self.is_allowed(**range, terms)).map(|range| {
            let ports = ports(*range);
            let why =
                format!("EMR's block of public access excepts ports {ports}, which are not among `allowed_ports`");
            Evidence { element: format!("except {ports}"), why }
        });
        let evidence: Vec<Evidence> = off.into_iter().chain(excepted.filter(|_| held.now.is_on)).collect();
        if evidence.is_empty() {
            return Verdict::Compliant;
        }
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Block>, _: &Violation, terms: &Terms<'_>) -> Plan<Write<EmrBlockPublicAccess>> {
        let before = held.before.known().filter(|before| self.is_good(before, terms)).cloned();
        let closed = || {
            let ranges = held.now.ranges.iter().copied().filter(|range| self.is_allowed(*range, terms));
            Block { is_on: true, ranges: ranges.collect() }
        };
        put(held, before.unwrap_or_else(closed), &[])
    }
}
