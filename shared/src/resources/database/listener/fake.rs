//! A listener of a load balancer. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::database::Listeners;
use shared::resources::database::listener::state::{Listener, ListenerAction, Routing};

impl Living for Listeners {
    fn change(live: &mut Observed<Listener>, action: &ListenerAction) -> Result<(), ApplyError> {
        match live {
            Observed::Known(listener) if listener.arn == action.listener() => {
                match action {
                    ListenerAction::Secure { policy, .. } => listener.policy = Some(policy.clone()),
                    ListenerAction::Route { actions, .. } => listener.actions = actions.clone(),
                }
                Ok(())
            }
            _ => Err(not_there("ListenerNotFound")),
        }
    }

    fn read(live: &Observed<Listener>, arn: &String) -> Observed<Listener> {
        match live {
            Observed::Known(listener) if listener.arn != *arn => Observed::Absent,
            other => other.clone(),
        }
    }

    /// An element of `Listeners` of `DescribeListeners`, with `Others` beside it: whether another one serves HTTPS on port 443.
    fn live(value: &Value) -> Observed<Listener> {
        let listener = Listener::described(value["ListenerArn"].as_str().unwrap(), value).unwrap();
        Observed::Known(Listener { has_https: Observed::Known(value["Others"] == "HTTPS"), ..listener })
    }

    fn lines(live: &Observed<Listener>) -> Vec<String> {
        let action = |action: &Routing| match action {
            Routing::Forward { groups, .. } => format!("forwards to {} groups", groups.len()),
            Routing::Redirect(to) => format!("redirects to {}", to.protocol.as_deref().unwrap_or("the same")),
            Routing::Fixed { status, .. } => format!("answers {status}"),
            Routing::Other { kind } => kind.clone(),
        };
        let lines = |listener: &Listener| {
            let policy = listener.policy.iter().map(|policy| format!("policy {policy}"));
            policy.chain(listener.actions.iter().map(action)).collect()
        };
        live.known().map(lines).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        let arn =
            "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2";
        let route = |actions: Value| json!({"route": {"listener": arn, "actions": actions}});
        vec![
            json!({"secure": {"listener": arn, "policy": "ELBSecurityPolicy-2016-08"}}),
            route(json!([{"forward": {"groups": [["a", null]], "sticky": null}}])),
            route(
                json!([{"redirect": {"protocol": "HTTPS", "port": "443", "host": null, "path": null, "query": null, "status": "HTTP_302"}}]),
            ),
        ]
    }
}
