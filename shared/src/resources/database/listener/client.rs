//! Listeners of application and network load balancers.

use super::state::{Listener, ListenerAction, Redirect, Routing};
use super::{DESCRIBE_LISTENERS, Listeners, is_https_on_443};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::database::load_balancer::DESCRIBE_LOAD_BALANCERS;
use crate::resources::database::load_balancer::client::{AT_ONCE, Elb};
use aws_sdk_elasticloadbalancingv2::types::{
    Action as Described, ActionTypeEnum, FixedResponseActionConfig, ForwardActionConfig, Listener as Listed,
    ProtocolEnum, RedirectActionConfig, RedirectActionStatusCodeEnum, TargetGroupStickinessConfig, TargetGroupTuple,
};
use futures_util::{StreamExt, TryStreamExt, stream};

impl Observe<Listeners> for Elb {
    /// With all others of the load balancer: one of them may be what a redirect leads to.
    async fn observe(&self, arn: &String, _: ReadDepth) -> Result<Observed<Listener>, ReadError> {
        Ok(match self.listeners(&load_balancer(arn)).await? {
            Observed::Known(all) => {
                all.into_iter().find(|listener| listener.arn == *arn).map_or(Observed::Absent, Observed::Known)
            }
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

/// `…:listener/app/name/load-balancer/listener` is of `…:loadbalancer/app/name/load-balancer`.
fn load_balancer(listener: &str) -> String {
    let whole = listener.rsplit_once('/').map_or(listener, |(whole, _)| whole);
    whole.replacen(":listener/", ":loadbalancer/", 1)
}

impl Elb {
    async fn listeners(&self, load_balancer: &str) -> Result<Observed<Vec<Listener>>, ReadError> {
        let (mut all, mut from) = (Vec::new(), None);
        loop {
            let call = self.client.describe_listeners().load_balancer_arn(load_balancer).set_marker(from);
            match call.send().await {
                Ok(answer) => {
                    all.extend(answer.listeners.unwrap_or_default());
                    from = answer.next_marker;
                }
                Err(error) => return failure(&error).of_read(DESCRIBE_LISTENERS.action),
            }
            if from.is_none() {
                return Ok(Observed::Known(known(&all)));
            }
        }
    }
}

fn known(all: &[Listed]) -> Vec<Listener> {
    let protocol = |listed: &Listed| listed.protocol().map(ProtocolEnum::as_str).unwrap_or_default().to_owned();
    let port = |listed: &Listed| listed.port().map(i64::from).unwrap_or_default();
    let has_https = all.iter().any(|listed| is_https_on_443(&protocol(listed), port(listed)));
    let listener = |listed: &Listed| {
        Some(Listener {
            arn: listed.listener_arn()?.to_owned(),
            protocol: protocol(listed),
            port: port(listed),
            policy: listed.ssl_policy().map(str::to_owned),
            actions: listed.default_actions().iter().map(routing).collect(),
            has_https: Observed::Known(has_https),
        })
    };
    all.iter().filter_map(listener).collect()
}

fn routing(action: &Described) -> Routing {
    let text = |text: Option<&str>| text.map(str::to_owned);
    let kind = action.r#type().map(ActionTypeEnum::as_str).unwrap_or_default();
    match (kind, action.forward_config(), action.redirect_config(), action.fixed_response_config()) {
        ("forward", Some(forward), _, _) => {
            let group =
                |group: &TargetGroupTuple| Some((text(group.target_group_arn())?, group.weight().map(i64::from)));
            let sticky = forward.target_group_stickiness_config().filter(|it| it.enabled() == Some(true));
            Routing::Forward {
                groups: forward.target_groups().iter().filter_map(group).collect(),
                sticky: sticky.and_then(|it| it.duration_seconds()).map(i64::from),
            }
        }
        ("forward", None, _, _) if action.target_group_arn().is_some() => {
            let groups = action.target_group_arn().map(|arn| (arn.to_owned(), None)).into_iter().collect();
            Routing::Forward { groups, sticky: None }
        }
        ("redirect", _, Some(to), _) => Routing::Redirect(Redirect {
            protocol: text(to.protocol()),
            port: text(to.port()),
            host: text(to.host()),
            path: text(to.path()),
            query: text(to.query()),
            status: to.status_code().map_or("HTTP_302", RedirectActionStatusCodeEnum::as_str).to_owned(),
        }),
        ("fixed-response", _, _, Some(fixed)) => Routing::Fixed {
            status: fixed.status_code().unwrap_or_default().to_owned(),
            content_type: text(fixed.content_type()),
            body: text(fixed.message_body()),
        },
        _ => Routing::Other { kind: kind.to_owned() },
    }
}

/// None for one that this function does not write.
fn action(routing: &Routing) -> Option<Described> {
    let small = |number: i64| i32::try_from(number).ok();
    let action = Described::builder();
    Some(match routing {
        Routing::Forward { groups, sticky } => {
            let group = |(arn, weight): &(String, Option<i64>)| {
                TargetGroupTuple::builder().target_group_arn(arn).set_weight(weight.and_then(small)).build()
            };
            let forward = ForwardActionConfig::builder().set_target_groups(Some(groups.iter().map(group).collect()));
            let sticky = sticky
                .and_then(small)
                .map(|seconds| TargetGroupStickinessConfig::builder().enabled(true).duration_seconds(seconds).build());
            let forward = forward.set_target_group_stickiness_config(sticky).build();
            action.r#type(ActionTypeEnum::Forward).forward_config(forward).build()
        }
        Routing::Redirect(to) => {
            let config = RedirectActionConfig::builder()
                .set_protocol(to.protocol.clone())
                .set_port(to.port.clone())
                .set_host(to.host.clone())
                .set_path(to.path.clone())
                .set_query(to.query.clone())
                .status_code(RedirectActionStatusCodeEnum::from(to.status.as_str()));
            action.r#type(ActionTypeEnum::Redirect).redirect_config(config.build()).build()
        }
        Routing::Fixed { status, content_type, body } => {
            let config = FixedResponseActionConfig::builder().status_code(status);
            let config = config.set_content_type(content_type.clone()).set_message_body(body.clone());
            action.r#type(ActionTypeEnum::FixedResponse).fixed_response_config(config.build()).build()
        }
        Routing::Other { .. } => return None,
    })
}

impl Apply<ListenerAction> for Elb {
    /// Only what a call names is changed.
    async fn apply(&self, call: &ListenerAction) -> Result<Applied, ApplyError> {
        let modify = self.client.modify_listener().listener_arn(call.listener());
        let modify = match call {
            ListenerAction::Secure { policy, .. } => modify.ssl_policy(policy),
            ListenerAction::Route { actions, .. } => {
                let written: Vec<Described> = actions.iter().filter_map(action).collect();
                if written.len() != actions.len() {
                    let message = "an action of the listener cannot be written here".to_owned();
                    return Err(ApplyError::Refused { code: "not sent".to_owned(), message });
                }
                modify.set_default_actions(Some(written))
            }
        };
        done(modify.send().await, call.permission())
    }
}

impl List<Listeners> for Elb {
    /// A page of load balancers, with the listeners of each.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<Listeners>>, ReadError> {
        let answer = match self.client.describe_load_balancers().set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(DESCRIBE_LOAD_BALANCERS.action),
        };
        let arns: Vec<String> = answer
            .load_balancers
            .unwrap_or_default()
            .into_iter()
            .filter_map(|listed| listed.load_balancer_arn)
            .collect();
        let read = |arn: String| async move { self.listeners(&arn).await };
        let read: Vec<Observed<Vec<Listener>>> = stream::iter(arns).map(read).buffered(AT_ONCE).try_collect().await?;
        let mut found = Vec::new();
        for seen in read {
            match seen {
                Observed::Known(all) => {
                    found.extend(all.into_iter().map(|listener| (listener.arn.clone(), Observed::Known(listener))));
                }
                Observed::Absent => {}
                // What may not be read of one load balancer may not be read of any.
                Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
            }
        }
        Ok(Observed::Known(Page { found, next: answer.next_marker }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_what_is_written() {
        let routings = [
            Routing::Forward { groups: vec![("a".to_owned(), Some(1)), ("b".to_owned(), Some(2))], sticky: Some(60) },
            Routing::Redirect(Redirect::to_https()),
            Routing::Fixed { status: "404".to_owned(), content_type: None, body: Some("no".to_owned()) },
        ];
        for one in &routings {
            assert_eq!(routing(&action(one).unwrap()), *one);
        }
        assert!(action(&Routing::Other { kind: "authenticate-oidc".to_owned() }).is_none());
    }

    #[test]
    fn the_others_show_whether_a_redirect_leads_somewhere() {
        let listed =
            |arn: &str, protocol, port| Listed::builder().listener_arn(arn).protocol(protocol).port(port).build();
        let http = listed("arn:aws:elasticloadbalancing:eu-west-1:1:listener/app/shop/1/2", ProtocolEnum::Http, 80);
        assert_eq!(
            load_balancer(http.listener_arn().unwrap()),
            "arn:aws:elasticloadbalancing:eu-west-1:1:loadbalancer/app/shop/1"
        );
        let alone = known(std::slice::from_ref(&http));
        assert!(alone.iter().all(|listener| listener.has_https == Observed::Known(false)));
        let both = known(&[http, listed("b", ProtocolEnum::Https, 443)]);
        assert!(both.len() == 2 && both.iter().all(|listener| listener.has_https == Observed::Known(true)));
    }
}
