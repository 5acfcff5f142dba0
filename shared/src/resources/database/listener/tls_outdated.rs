//! RES-14: no listener accepts TLS 1.0 or 1.1.

use super::plain_http::{NAMES, NOT_WATCHED};
use super::state::{Listener, ListenerAction, MODIFY_LISTENER};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct ListenerTlsOutdated;

/// Which security policies are good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// The security policy that a listener gets in place of an outdated one.
    pub ssl_policy: String,
    /// Names of the load balancers that may have an outdated one; `*` and `?` match as in IAM.
    pub allowed_load_balancers: Vec<String>,
}

/// TLS 1.2 and 1.3.
impl Default for TlsSettings {
    fn default() -> Self {
        Self { ssl_policy: "ELBSecurityPolicy-TLS13-1-2-2021-06".to_owned(), allowed_load_balancers: Vec::new() }
    }
}

impl GuardrailSettings for TlsSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_load_balancers", entries: &self.allowed_load_balancers, holds: NAMES }]
    }
}

static ABOUT: About = About {
    name: "load-balancer-listener-tls-outdated",
    catalogue_id: "RES-14",
    title: "A load balancer accepts outdated TLS",
    description: "The security policy of an HTTPS or TLS listener allows TLS 1.0 or 1.1, such as `ELBSecurityPolicy-2016-08`, which a listener \
        gets by every way but the console when the call names none. `allowed_load_balancers` names those that may have one. A policy that is \
        not known here is notified as undetermined.",
    severity: Severity::Medium,
    class: Class::R2,
    // Security Hub user guide, "Elastic Load Balancing controls".
    controls: &["ELB.17"],
    technique: "T1557",
    triggers: &["CreateListener", "ModifyListener"],
    remediation: "Sets the security policy to `ssl_policy` (`ELBSecurityPolicy-TLS13-1-2-2021-06` unless policy says otherwise). Clients that \
        cannot do TLS 1.2 cannot connect any more; connections that stand go on. Needs `max_class: R2`.",
    actions: &[MODIFY_LISTENER],
    ids: &["arn:%:elasticloadbalancing:%:%:listener/*"],
    not_watched: NOT_WATCHED,
};

/// What a security policy allows, by its name ("Security policies for your Application Load Balancer", user guide).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Oldest {
    /// TLS 1.0 or 1.1.
    Outdated,
    /// TLS 1.2 or 1.3 alone.
    Good,
    /// The name is not known here.
    Unknown,
}

/// The names say the oldest version of TLS behind their family: `TLS13-1-2`, `FS-1-2`, `TLS-1-2`; the first ones say none, and allow
/// TLS 1.0.
fn oldest(policy: &str) -> Oldest {
    const NAMELESS: [&str; 3] = ["2015-05", "2016-08", "FS-2018-06"];
    let Some(name) = policy.strip_prefix("ELBSecurityPolicy-") else { return Oldest::Unknown };
    let version = ["TLS13-", "TLS-", "FS-"].iter().find_map(|family| name.strip_prefix(family));
    match version {
        _ if NAMELESS.contains(&name) => Oldest::Outdated,
        Some(version) if version.starts_with("1-0-") || version.starts_with("1-1-") => Oldest::Outdated,
        Some(version) if version.starts_with("1-2-") || version.starts_with("1-3-") => Oldest::Good,
        Some(_) | None => Oldest::Unknown,
    }
}

impl Guardrail<Listener, ListenerAction> for ListenerTlsOutdated {
    type Settings = TlsSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, listener: &Listener, terms: &Terms<'_>) -> Verdict {
        let (settings, label) = (terms.settings(self), listener.label());
        let allowed = &settings.allowed_load_balancers;
        let is_allowed = allowed.iter().any(|pattern| matches_pattern(pattern, listener.load_balancer()));
        if !listener.is_tls() || is_allowed {
            return Verdict::Compliant;
        }
        let Some(policy) = &listener.policy else {
            return Verdict::Undetermined { why: format!("the security policy of {label} is not shown") };
        };
        match oldest(policy) {
            _ if *policy == settings.ssl_policy => return Verdict::Compliant,
            Oldest::Good => return Verdict::Compliant,
            Oldest::Unknown => {
                let why = format!("{label} has security policy `{policy}`, which is not known here");
                return Verdict::Undetermined { why };
            }
            Oldest::Outdated => {}
        }
        let why = format!("{label} has security policy `{policy}`, which allows TLS 1.0 or 1.1");
        let evidence = vec![Evidence { element: format!("security policy of port {}", listener.port), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, listener: &Listener, _: &Violation, terms: &Terms<'_>) -> Plan<ListenerAction> {
        let secure =
            |policy: &str| ListenerAction::Secure { listener: listener.arn.clone(), policy: policy.to_owned() };
        match &listener.policy {
            Some(now) => Plan::one(secure(&terms.settings(self).ssl_policy), secure(now)),
            None => Plan::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("ELBSecurityPolicy-2016-08", Oldest::Outdated)]
    #[case("ELBSecurityPolicy-TLS-1-0-2015-04", Oldest::Outdated)]
    #[case("ELBSecurityPolicy-TLS-1-1-2017-01", Oldest::Outdated)]
    #[case("ELBSecurityPolicy-TLS-1-2-Ext-2018-06", Oldest::Good)]
    #[case("ELBSecurityPolicy-FS-2018-06", Oldest::Outdated)]
    #[case("ELBSecurityPolicy-FS-1-1-2019-08", Oldest::Outdated)]
    #[case("ELBSecurityPolicy-FS-1-2-Res-2020-10", Oldest::Good)]
    #[case("ELBSecurityPolicy-TLS13-1-0-2021-06", Oldest::Outdated)]
    #[case("ELBSecurityPolicy-TLS13-1-1-FIPS-2023-04", Oldest::Outdated)]
    #[case("ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", Oldest::Good)]
    #[case("ELBSecurityPolicy-TLS13-1-3-2021-06", Oldest::Good)]
    #[case("ELBSecurityPolicy-2031-01", Oldest::Unknown)]
    #[case("our-own", Oldest::Unknown)]
    fn the_name_says_the_oldest_version(#[case] policy: &str, #[case] expected: Oldest) {
        assert_eq!(oldest(policy), expected);
    }
}
