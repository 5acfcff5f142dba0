//! RES-14: no listener serves plain HTTP but to redirect to HTTPS.

use super::state::{Listener, ListenerAction, MODIFY_LISTENER, Redirect, Routing};
use crate::engine::guardrail::{About, Class, Guardrail, NotWatched, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct ListenerPlainHttp;

/// Which load balancers may serve plain HTTP.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PlainHttpSettings {
    /// Names of the load balancers that may; `*` and `?` match as in IAM.
    pub allowed_load_balancers: Vec<String>,
}

impl GuardrailSettings for PlainHttpSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_load_balancers", entries: &self.allowed_load_balancers, holds: NAMES }]
    }
}

/// What a list of load balancers holds.
pub(super) const NAMES: Holds = Holds {
    shapes: Holds::NAME,
    form: "the name of a load balancer, not its ARN",
    everything: Some("allows every load balancer: the guardrail finds nothing"),
};

/// See [`About::not_watched`].
pub(super) const NOT_WATCHED: &[NotWatched] = &[
    (
        "CreateRule, ModifyRule, SetRulePriorities",
        "rules are not looked at: the default actions are what a listener does without one",
    ),
    ("CreateLoadBalancer", "a new load balancer has no listeners"),
    ("CreateLoadBalancerListeners", "it is the call of classic load balancers, which cannot redirect"),
];

static ABOUT: About = About {
    name: "load-balancer-listener-plain-http",
    catalogue_id: "RES-14",
    title: "A load balancer serves plain HTTP",
    description: "A listener of an application load balancer speaks HTTP and forwards requests, so they and their answers cross the network \
        as plain text. A listener that redirects to HTTPS complies, and so does one that gives a fixed answer. `allowed_load_balancers` \
        names those that may. TCP listeners of network load balancers are left alone: what they carry may be encrypted. Rules of the \
        listener are not looked at.",
    severity: Severity::Medium,
    class: Class::R2,
    // Security Hub user guide, "Elastic Load Balancing controls".
    controls: &["ELB.1"],
    technique: "T1557",
    triggers: &["CreateListener", "ModifyListener"],
    remediation: "Replaces the default actions by a redirect to HTTPS on port 443, if the load balancer has an HTTPS listener there; else it \
        notifies, since a redirect would lead nowhere. Clients that do not follow redirects fail. Needs `max_class: R2`.",
    actions: &[MODIFY_LISTENER],
    ids: &["arn:%:elasticloadbalancing:%:%:listener/*"],
    not_watched: NOT_WATCHED,
};

/// Whether requests are answered with nothing but where HTTPS is, or with a fixed answer.
fn serves_nothing(action: &Routing) -> bool {
    match action {
        Routing::Redirect(to) => to.protocol.as_deref() == Some("HTTPS"),
        Routing::Fixed { .. } => true,
        Routing::Forward { .. } | Routing::Other { .. } => false,
    }
}

impl Guardrail<Listener, ListenerAction> for ListenerPlainHttp {
    type Settings = PlainHttpSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, listener: &Listener, terms: &Terms<'_>) -> Verdict {
        let allowed = &terms.settings(self).allowed_load_balancers;
        let is_allowed = allowed.iter().any(|pattern| matches_pattern(pattern, listener.load_balancer()));
        if listener.protocol != "HTTP" || is_allowed || listener.actions.iter().all(serves_nothing) {
            return Verdict::Compliant;
        }
        let why = format!("{} serves plain HTTP", listener.label());
        let evidence = vec![Evidence { element: format!("plain HTTP on port {}", listener.port), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, listener: &Listener, _: &Violation, _: &Terms<'_>) -> Plan<ListenerAction> {
        let is_known = !listener.actions.iter().any(|action| matches!(action, Routing::Other { .. }));
        if listener.has_https != Observed::Known(true) || !is_known {
            return Plan::default();
        }
        let route = |actions| ListenerAction::Route { listener: listener.arn.clone(), actions };
        Plan::one(route(vec![Routing::Redirect(Redirect::to_https())]), route(listener.actions.clone()))
    }

    fn remarks(&self, listener: &Listener) -> Vec<String> {
        let is_alone = listener.has_https == Observed::Known(false);
        let why = "no listener of the load balancer serves HTTPS on port 443 that it could redirect to";
        is_alone.then(|| why.to_owned()).into_iter().collect()
    }
}
