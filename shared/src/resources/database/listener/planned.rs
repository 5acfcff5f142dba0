//! The planned lens: listeners of a file.
//!
//! A listener with TLS that names no security policy gets `ELBSecurityPolicy-2016-08` by every way but the console ("Security policies for your
//! Application Load Balancer", user guide).

use super::state::{Listener, Redirect, Routing};
use super::unread_others;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;

pub(super) const FORMS: &[PlannedForm<Listener>] = &[
    PlannedForm::one("AWS::ElasticLoadBalancingV2::Listener", |it| planned(it, &CLOUDFORMATION)),
    PlannedForm::one("aws_alb_listener", |it| planned(it, &TERRAFORM)),
    PlannedForm::one("aws_lb_listener", |it| planned(it, &TERRAFORM)),
];

/// The properties.
struct Names {
    protocol: &'static str,
    port: &'static str,
    policy: &'static str,
    actions: &'static str,
    kind: &'static str,
    redirects_to: &'static str,
}

const CLOUDFORMATION: Names = Names {
    protocol: "Protocol",
    port: "Port",
    policy: "SslPolicy",
    actions: "DefaultActions",
    kind: "Type",
    redirects_to: "RedirectConfig.Protocol",
};
const TERRAFORM: Names = Names {
    protocol: "protocol",
    port: "port",
    policy: "ssl_policy",
    actions: "default_action",
    kind: "type",
    redirects_to: "redirect.protocol",
};

const BY_DEFAULT: &str = "ELBSecurityPolicy-2016-08";

/// One without a protocol is a gateway load balancer's, which serves neither HTTP nor TLS.
fn planned(it: &PlannedResource<'_>, names: &Names) -> Result<Option<Listener>, Unreadable> {
    let Some(protocol) = it.text(names.protocol)? else { return Ok(None) };
    let port = it.number(names.port).ok().flatten().unwrap_or_default();
    let mut listener = Listener {
        arn: it.named(&["LoadBalancerArn", "load_balancer_arn"]),
        protocol,
        port,
        policy: None,
        actions: Vec::new(),
        has_https: unread_others(),
    };
    if listener.is_tls() {
        listener.policy = Some(it.text(names.policy)?.unwrap_or_else(|| BY_DEFAULT.to_owned()));
    } else if listener.protocol == "HTTP" {
        let actions = it.parts(names.actions)?;
        listener.actions = actions.iter().map(|action| routing(action, names)).collect::<Result<_, _>>()?;
    }
    Ok(Some(listener))
}

fn routing(action: &PlannedResource<'_>, names: &Names) -> Result<Routing, Unreadable> {
    let kind = action.text(names.kind)?.unwrap_or_default();
    Ok(match kind.as_str() {
        "redirect" => {
            let protocol = action.text(names.redirects_to)?;
            Routing::Redirect(Redirect { protocol, status: "HTTP_302".to_owned(), ..Redirect::default() })
        }
        "fixed-response" => Routing::Fixed { status: String::new(), content_type: None, body: None },
        _ => Routing::Other { kind },
    })
}
