//! Listeners of application and network load balancers: RES-14.
//!
//! `CreateListener` and `ModifyListener` of version 2015-12-01: `ModifyListener` changes only what it names, and its response describes the
//! whole listener. Only the default actions are looked at, as Security Hub does: rules of a listener have calls of their own. Sources:
//! "CreateListener", "ModifyListener" (Elastic Load Balancing API reference), "Security policies for your Application Load Balancer" (user
//! guide).

#[cfg(feature = "elb")]
mod client;
pub mod plain_http;
mod planned;
pub mod state;
pub mod tls_outdated;

use super::load_balancer::DESCRIBE_LOAD_BALANCERS;
use super::record::{field, field_of, list, unlocatable};
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use plain_http::ListenerPlainHttp;
use serde_json::{Value, json};
use state::{Listener, ListenerAction, MODIFY_LISTENER, Routing};
use std::borrow::Cow;
use tls_outdated::ListenerTlsOutdated;

pub(crate) const DESCRIBE_LISTENERS: Permission = Permission::read("elasticloadbalancing:DescribeListeners");

/// The family of listeners. Regional.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listeners;

impl Family for Listeners {
    /// The ARN of the listener.
    type Key = String;
    type State = Listener;
    type Action = ListenerAction;

    fn kind(&self) -> &'static str {
        "listener"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_LISTENERS]
    }

    fn lists(&self) -> &'static [Permission] {
        &[DESCRIBE_LOAD_BALANCERS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_LISTENER]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Listener>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![ListenerPlainHttp, ListenerTlsOutdated];

    /// The response describes the listener; where it was left out, only a change names it.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        let is_ours = event.is_one_of("elasticloadbalancing.amazonaws.com", &["CreateListener", "ModifyListener"]);
        if !is_ours || is_of_other_things(&event.request) {
            return Ok(Vec::new());
        }
        let answered = field(&event.response, "listeners").map(list).and_then(|listed| listed.into_iter().next());
        let arn = |value: &Value| field_of(value, "listenerArn").and_then(Value::as_str).map(str::to_owned);
        let asked = || event.request.value().and_then(arn);
        let arn = answered.and_then(arn).or_else(asked).ok_or_else(|| unlocatable(event, "listener"))?;
        let proven = answered.and_then(|described| Listener::described(&arn, described));
        Ok(vec![Target { key: arn, proven, changed: None }])
    }

    fn focus(&self, _: &mut Listener, _: &TargetOf<Self>) {}

    /// What the calls overwrite: which of both it is, the protocol says.
    fn content(&self, state: &Listener) -> Value {
        if state.is_tls() { json!({"policy": state.policy}) } else { json!({"actions": state.actions}) }
    }

    fn windows(&self, arn: &String) -> Option<String> {
        Some(arn.clone())
    }

    fn writes(&self, call: &ListenerAction) -> Option<Value> {
        Some(match call {
            ListenerAction::Secure { policy, .. } => json!({"policy": policy}),
            ListenerAction::Route { actions, .. } => json!({"actions": actions}),
        })
    }

    fn rewrites(&self, state: &Listener) -> Option<ListenerAction> {
        let listener = state.arn.clone();
        if state.is_tls() {
            let policy = state.policy.clone()?;
            return Some(ListenerAction::Secure { listener, policy });
        }
        let is_whole = !state.actions.iter().any(|action| matches!(action, Routing::Other { .. }));
        is_whole.then(|| ListenerAction::Route { listener, actions: state.actions.clone() })
    }

    fn resource(&self, arn: &String, _: Option<&Listener>, _: &Place) -> Resource {
        Resource { id: arn.clone(), kind: "AwsElbv2Listener", name: state::label(arn) }
    }
}

/// A change of neither protocol, security policy nor default actions, such as of certificates.
fn is_of_other_things(request: &Body) -> bool {
    let Some(asked) = request.value() else { return false };
    let sets = |key: &str| field_of(asked, key).is_some();
    sets("listenerArn") && !["protocol", "sslPolicy", "defaultActions", "port"].into_iter().any(sets)
}

/// Whether a listener serves HTTPS on the port that a redirect leads to.
#[must_use]
pub fn is_https_on_443(protocol: &str, port: i64) -> bool {
    protocol == "HTTPS" && port == 443
}

/// What no record shows: the other listeners of the load balancer.
fn unread_others() -> Observed<bool> {
    Observed::Unknown { why: "only a read shows whether the load balancer serves HTTPS on port 443".to_owned() }
}
