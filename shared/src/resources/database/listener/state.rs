//! A listener of a load balancer, and the calls that change it.

use super::unread_others;
use crate::engine::observed::Observed;
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use crate::engine::shell::word;
use crate::resources::database::record::{as_flag, field_of, list};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::fmt;

pub(crate) const MODIFY_LISTENER: Permission = Permission::on(
    "elasticloadbalancing:ModifyListener",
    &[
        "elasticloadbalancing:${Region}:${Account}:listener/app/*",
        "elasticloadbalancing:${Region}:${Account}:listener/net/*",
    ],
);

/// What is known of a listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// Its ARN.
    pub arn: String,
    /// `HTTP`, `HTTPS`, `TCP`, `TLS`, …
    pub protocol: String,
    /// The port that it listens on.
    pub port: i64,
    /// Its security policy, where it has one.
    pub policy: Option<String>,
    /// What its default rule does.
    pub actions: Vec<Routing>,
    /// Whether the load balancer serves HTTPS on port 443, so that a redirect leads somewhere.
    pub has_https: Observed<bool>,
}

/// An action of the default rule of a listener.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Routing {
    /// To target groups.
    Forward {
        /// The ARN of each, with its weight.
        groups: Vec<(String, Option<i64>)>,
        /// For how many seconds a client stays with one of them, where that is on.
        sticky: Option<i64>,
    },
    /// To another URL.
    Redirect(Redirect),
    /// An answer of the load balancer's own.
    Fixed {
        /// `404`
        status: String,
        /// `text/plain`
        content_type: Option<String>,
        /// What it says.
        body: Option<String>,
    },
    /// One that this function does not write.
    Other {
        /// Its type.
        kind: String,
    },
}

/// Where a redirect leads. What is none stays as the client asked, as `#{host}` and its like do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Redirect {
    /// `HTTPS`
    pub protocol: Option<String>,
    /// `443`
    pub port: Option<String>,
    /// `#{host}`
    pub host: Option<String>,
    /// `/#{path}`
    pub path: Option<String>,
    /// `#{query}`
    pub query: Option<String>,
    /// `HTTP_301`
    pub status: String,
}

impl Redirect {
    /// To HTTPS on port 443, and to the same page.
    #[must_use]
    pub fn to_https() -> Self {
        let text = |text: &str| Some(text.to_owned());
        Self { protocol: text("HTTPS"), port: text("443"), status: "HTTP_302".to_owned(), ..Self::default() }
    }
}

impl Listener {
    /// From an element of `listeners` of a record or of `Listeners` of an answer; none where a part is missing that every listener has.
    #[must_use]
    pub fn described(arn: &str, described: &Value) -> Option<Self> {
        let text = |key: &str| field_of(described, key).and_then(Value::as_str).filter(|text| !text.is_empty());
        Some(Self {
            arn: arn.to_owned(),
            protocol: text("protocol")?.to_owned(),
            port: number(field_of(described, "port")?)?,
            policy: text("sslPolicy").map(str::to_owned),
            actions: list(field_of(described, "defaultActions")?).into_iter().map(Routing::described).collect(),
            has_https: unread_others(),
        })
    }

    /// Whether it speaks TLS.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        matches!(self.protocol.as_str(), "HTTPS" | "TLS")
    }

    /// The name of its load balancer.
    #[must_use]
    pub fn load_balancer(&self) -> &str {
        load_balancer(&self.arn)
    }

    /// How a person knows it.
    #[must_use]
    pub fn label(&self) -> String {
        format!("listener {} of load balancer {}", self.port, self.load_balancer())
    }
}

/// The third part of `listener/app/name/load-balancer/listener`.
fn load_balancer(arn: &str) -> &str {
    arn.split('/').nth(2).unwrap_or(arn)
}

/// Its load balancer and its own id.
pub(super) fn label(arn: &str) -> String {
    format!("{}/{}", load_balancer(arn), arn.rsplit('/').next().unwrap_or(arn))
}

fn number(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

impl Routing {
    fn described(action: &Value) -> Self {
        let text = |of: &Value, key: &str| field_of(of, key).and_then(Value::as_str).map(str::to_owned);
        let kind = text(action, "type").unwrap_or_default();
        let is_whole = |config: &str| field_of(action, config).filter(|config| config.is_object());
        match (kind.as_str(), is_whole("forwardConfig"), is_whole("redirectConfig"), is_whole("fixedResponseConfig")) {
            ("forward", Some(forward), _, _) => {
                let groups = field_of(forward, "targetGroups").map(list).unwrap_or_default();
                let group =
                    |group: &Value| Some((text(group, "targetGroupArn")?, field_of(group, "weight").and_then(number)));
                let sticky = field_of(forward, "targetGroupStickinessConfig");
                let sticky = sticky.filter(|it| field_of(it, "enabled").and_then(as_flag) == Some(true));
                let sticky = sticky.and_then(|it| number(field_of(it, "durationSeconds")?));
                Self::Forward { groups: groups.into_iter().filter_map(group).collect(), sticky }
            }
            ("forward", None, _, _) => match text(action, "targetGroupArn") {
                Some(group) => Self::Forward { groups: vec![(group, None)], sticky: None },
                None => Self::Other { kind },
            },
            ("redirect", _, Some(to), _) => Self::Redirect(Redirect {
                protocol: text(to, "protocol"),
                port: text(to, "port"),
                host: text(to, "host"),
                path: text(to, "path"),
                query: text(to, "query"),
                status: text(to, "statusCode").unwrap_or_else(|| "HTTP_302".to_owned()),
            }),
            ("fixed-response", _, _, Some(fixed)) => match text(fixed, "statusCode") {
                Some(status) => {
                    Self::Fixed { status, content_type: text(fixed, "contentType"), body: text(fixed, "messageBody") }
                }
                None => Self::Other { kind },
            },
            _ => Self::Other { kind },
        }
    }

    /// As the AWS command line takes it.
    fn written(&self) -> Value {
        match self {
            Self::Forward { groups, sticky } => {
                let group = |(arn, weight): &(String, Option<i64>)| match weight {
                    Some(weight) => json!({"TargetGroupArn": arn, "Weight": weight}),
                    None => json!({"TargetGroupArn": arn}),
                };
                let groups: Vec<Value> = groups.iter().map(group).collect();
                let mut forward = json!({"TargetGroups": groups});
                if let (Some(seconds), Some(forward)) = (sticky, forward.as_object_mut()) {
                    let config = json!({"Enabled": true, "DurationSeconds": seconds});
                    forward.insert("TargetGroupStickinessConfig".to_owned(), config);
                }
                json!({"Type": "forward", "ForwardConfig": forward})
            }
            Self::Redirect(to) => {
                let parts = [
                    ("Protocol", &to.protocol),
                    ("Port", &to.port),
                    ("Host", &to.host),
                    ("Path", &to.path),
                    ("Query", &to.query),
                ];
                let parts = parts.into_iter().filter_map(|(key, part)| Some((key.to_owned(), json!(part.as_ref()?))));
                let config: serde_json::Map<String, Value> =
                    parts.chain([("StatusCode".to_owned(), json!(to.status))]).collect();
                json!({"Type": "redirect", "RedirectConfig": config})
            }
            Self::Fixed { status, content_type, body } => {
                let parts = [("ContentType", content_type), ("MessageBody", body)];
                let parts = parts.into_iter().filter_map(|(key, part)| Some((key.to_owned(), json!(part.as_ref()?))));
                let config: serde_json::Map<String, Value> =
                    parts.chain([("StatusCode".to_owned(), json!(status))]).collect();
                json!({"Type": "fixed-response", "FixedResponseConfig": config})
            }
            Self::Other { kind } => json!({"Type": kind}),
        }
    }
}

/// `ModifyListener` of one property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ListenerAction {
    /// Its security policy.
    Secure {
        /// The ARN of the listener.
        listener: String,
        /// The name of the policy.
        policy: String,
    },
    /// What its default rule does.
    Route {
        /// The ARN of the listener.
        listener: String,
        /// The actions, all of them.
        actions: Vec<Routing>,
    },
}

impl ListenerAction {
    /// The ARN of the listener.
    #[must_use]
    pub fn listener(&self) -> &str {
        match self {
            Self::Secure { listener, .. } | Self::Route { listener, .. } => listener,
        }
    }
}

impl fmt::Display for ListenerAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = label(self.listener());
        match self {
            Self::Secure { policy, .. } => write!(f, "set the security policy of listener {name} to {policy}"),
            Self::Route { actions, .. } => match actions.as_slice() {
                [Routing::Redirect(to)] => {
                    let part = |part: &Option<String>| part.clone().unwrap_or_else(|| "the same".to_owned());
                    let (protocol, port) = (part(&to.protocol), part(&to.port));
                    write!(f, "redirect listener {name} to {protocol}, port {port}")
                }
                [Routing::Fixed { status, .. }] => write!(f, "answer requests to listener {name} with {status}"),
                _ => write!(f, "forward requests to listener {name} to its target groups"),
            },
        }
    }
}

impl Action for ListenerAction {
    fn permission(&self) -> &'static str {
        MODIFY_LISTENER.action
    }

    fn command(&self, region: &str) -> String {
        let listener = word(self.listener());
        let what = match self {
            Self::Secure { policy, .. } => format!("--ssl-policy {}", word(policy)),
            Self::Route { actions, .. } => {
                let actions: Vec<Value> = actions.iter().map(Routing::written).collect();
                format!("--default-actions {}", word(&Value::from(actions).to_string()))
            }
        };
        in_region(&format!("aws elbv2 modify-listener --listener-arn {listener} {what}"), region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        Effect::Overwriting
    }

    fn elements(&self) -> usize {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str =
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2";

    #[test]
    fn what_is_described_is_what_is_written_again() {
        let forward = json!({"type": "forward", "order": 1, "targetGroupArn": "a", "forwardConfig": {
            "targetGroups": [{"targetGroupArn": "a", "weight": 1}, {"targetGroupArn": "b", "weight": "2"}],
            "targetGroupStickinessConfig": {"enabled": true, "durationSeconds": 60}}});
        let fixed = json!({"type": "fixed-response", "fixedResponseConfig": {"statusCode": "404"}});
        let described = json!({"protocol": "HTTP", "port": 80, "defaultActions": [forward]});
        let listener = Listener::described(ARN, &described).unwrap();
        assert_eq!((listener.label().as_str(), listener.is_tls()), ("listener 80 of load balancer shop", false));
        let action = ListenerAction::Route { listener: ARN.to_owned(), actions: listener.actions };
        let line = action.command("eu-west-1");
        let groups = r#""TargetGroups":[{"TargetGroupArn":"a","Weight":1},{"TargetGroupArn":"b","Weight":2}]"#;
        assert!(line.contains(groups), "{line}");
        assert!(line.contains(r#""DurationSeconds":60"#), "{line}");
        assert_eq!(Routing::described(&fixed).written()["FixedResponseConfig"], json!({"StatusCode": "404"}));
        let oidc = json!({"type": "authenticate-oidc", "authenticateOidcConfig": {}});
        assert_eq!(Routing::described(&oidc), Routing::Other { kind: "authenticate-oidc".to_owned() });
        let text = serde_json::to_string(&action).unwrap();
        assert_eq!(serde_json::from_str::<ListenerAction>(&text).unwrap(), action);
    }
}
