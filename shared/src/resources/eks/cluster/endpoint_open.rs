//! LOG-16: the endpoint of a cluster is not open to the internet.

use super::endpoint::{Endpoint, Reached};
use super::{IDS, UPDATE};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::net::{AddressFamily, Reach, parse_cidr, reach};
use crate::policy::{Cidr, GuardrailSettings, List};
use crate::resources::callers::{PRINCIPALS, are_among};
use crate::resources::s3::document::{Held, Write, put};
use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct ClusterEndpointOpen;

/// Who may reach endpoints, and who may open them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EndpointSettings {
    /// The networks that an open endpoint is limited to where no good state of it is known.
    pub allowed_cidrs: Vec<Cidr>,
    /// ARNs of the principals (or of the roles behind their sessions) that may open an endpoint; `*` and `?` match as in IAM.
    pub allowed_principals: Vec<String>,
}

impl GuardrailSettings for EndpointSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_principals", entries: &self.allowed_principals, holds: PRINCIPALS }]
    }

    fn allowed_cidrs(&self) -> &[Cidr] {
        &self.allowed_cidrs
    }
}

static ABOUT: About = About {
    name: "eks-endpoint-open",
    catalogue_id: "LOG-16",
    title: "The endpoint of an EKS cluster is open to the internet",
    description: "The public endpoint of a cluster's API is open to networks that together are broader than a /8 of the internet, `0.0.0.0/0` as EKS sets it by default among \
        them: everyone can try credentials and weaknesses of the API server. A cluster that is made with an open endpoint counts, too. Principals among `allowed_principals` \
        may open one.",
    severity: Severity::High,
    class: Class::R2,
    controls: &["EKS.1"],
    technique: "T1133",
    triggers: &["CreateCluster", "UpdateClusterConfig"],
    remediation: "Sets the last known good access again. If it is unknown, limits the endpoint to `allowed_cidrs`; without these, switches public access off where private \
        access is on, and only notifies where it is not. Clients and nodes outside these networks lose the API. EKS allows one update at a time: the call is made when the \
        running one has ended, and its result shows a few minutes later. Needs `max_class: R2`.",
    actions: &[UPDATE],
    ids: IDS,
    not_watched: &[("RegisterCluster", "a cluster that is connected has its endpoint elsewhere")],
};

/// Whether networks reach further than a part of the internet; an error where one is none.
fn is_open(endpoint: &Endpoint) -> Result<bool, String> {
    if !endpoint.public {
        return Ok(false);
    }
    let nets: Vec<IpNet> =
        endpoint.cidrs.iter().map(|cidr| parse_cidr(cidr).map_err(|bad| bad.to_string())).collect::<Result<_, _>>()?;
    let is_wide = |family| match reach(family, &nets) {
        Reach::World | Reach::Broad => true,
        Reach::Narrow | Reach::Private => false,
    };
    Ok([AddressFamily::Ipv4, AddressFamily::Ipv6].into_iter().any(is_wide))
}

impl ClusterEndpointOpen {
    /// What it should be: as it was, or as the operator says, or not public.
    fn closed(&self, held: &Held<Endpoint>, terms: &Terms<'_>) -> Option<Endpoint> {
        let is_closed = |endpoint: &Endpoint| is_open(endpoint) == Ok(false);
        let before = held.before.known().filter(|before| is_closed(before)).cloned();
        let now = || held.now.clone();
        let cidrs: Vec<String> = terms.settings(self).allowed_cidrs.iter().map(|cidr| cidr.0.to_string()).collect();
        let limited = (!cidrs.is_empty()).then(|| Endpoint { cidrs, ..now() }).filter(is_closed);
        before.or(limited).or_else(|| held.now.private.then(|| Endpoint { public: false, ..now() }))
    }
}

impl Guardrail<Held<Endpoint>, Write<Reached>> for ClusterEndpointOpen {
    type Settings = EndpointSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Endpoint>, terms: &Terms<'_>) -> Verdict {
        if are_among(&terms.settings(self).allowed_principals, &held.by) {
            return Verdict::Compliant;
        }
        let cluster = &held.name;
        match is_open(&held.now) {
            Ok(false) => return Verdict::Compliant,
            Ok(true) => {}
            Err(why) => {
                return Verdict::Undetermined { why: format!("who reaches cluster `{cluster}` is not known: {why}") };
            }
        }
        let cidrs = held.now.cidrs.join("`, `");
        let why = format!("the endpoint of cluster `{cluster}` is open to `{cidrs}`");
        let evidence = vec![Evidence { element: "endpoint open".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Endpoint>, _: &Violation, terms: &Terms<'_>) -> Plan<Write<Reached>> {
        self.closed(held, terms).map(|closed| put(held, closed, &[])).unwrap_or_default()
    }
}
