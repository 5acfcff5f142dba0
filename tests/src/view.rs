//! What stands in the local AWS, in lines that can be compared.

use crate::Result;
use crate::aws::Clients;
use crate::databases::Subject;
use aws_sdk_ec2::types::{Filter, SecurityGroupRule};

/// What a scene looks at.
#[derive(Clone, Debug)]
pub enum View {
    /// The rules of a group.
    Group(String),
    /// The keys of a user.
    Keys(String),
    /// The trust policy of a role.
    Trust(String),
    /// The permissions boundary of a role.
    Boundary(String),
    /// An OIDC provider, by its ARN.
    Oidc(String),
    /// What a user, role or group holds: `user/eve`.
    Holder(String),
    /// The default version of a managed policy, by its ARN.
    Policy(String),
    /// A database or a load balancer.
    Database(Subject),
    /// Nothing that the local AWS has.
    Nothing,
}

impl View {
    /// One line an element: its content, without the ids that a rule loses when it is put back.
    ///
    /// # Errors
    /// AWS's.
    pub async fn lines(&self, clients: &Clients) -> Result<Vec<String>> {
        let mut lines = match self {
            Self::Group(id) => {
                let filter = Filter::builder().name("group-id").values(id).build();
                let answer = clients.ec2.describe_security_group_rules().filters(filter).send().await?;
                answer.security_group_rules().iter().map(rule).collect()
            }
            Self::Keys(user) => {
                let answer = clients.iam.list_access_keys().user_name(user).send().await?;
                let keys = answer.access_key_metadata.iter();
                keys.map(|key| {
                    let status = key.status.as_ref().map(|status| status.as_str().to_lowercase()).unwrap_or_default();
                    format!("key {} {status}", key.access_key_id.as_deref().unwrap_or_default())
                })
                .collect()
            }
            Self::Trust(role) => {
                let role = clients.iam.get_role().role_name(role).send().await?.role;
                let document = role.and_then(|role| role.assume_role_policy_document).unwrap_or_default();
                let value: serde_json::Value = serde_json::from_str(&decoded(&document))?;
                vec![value.to_string()]
            }
            Self::Boundary(role) => {
                let role = clients.iam.get_role().role_name(role).send().await?.role;
                let boundary = role.and_then(|role| role.permissions_boundary);
                boundary.and_then(|found| found.permissions_boundary_arn).into_iter().collect()
            }
            Self::Oidc(arn) => oidc(clients, arn).await?,
            Self::Holder(holder) => held(clients, holder).await?,
            Self::Policy(arn) => {
                let policy = clients.iam.get_policy().policy_arn(arn).send().await?.policy;
                let version = policy.and_then(|policy| policy.default_version_id).unwrap_or_default();
                vec![format!("{version} is the default")]
            }
            Self::Database(subject) => subject.lines(clients).await?,
            Self::Nothing => Vec::new(),
        };
        lines.sort();
        Ok(lines)
    }
}

/// What an OIDC provider is made of; nothing when there is none.
async fn oidc(clients: &Clients, arn: &str) -> Result<Vec<String>> {
    let call = clients.iam.get_open_id_connect_provider().open_id_connect_provider_arn(arn);
    let answer = match call.send().await {
        Ok(answer) => answer,
        Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_entity_exception()) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error.into()),
    };
    let mut lines = vec![format!("url {}", answer.url().unwrap_or_default().trim_start_matches("https://"))];
    lines.extend(answer.client_id_list().iter().map(|id| format!("client {id}")));
    lines.extend(answer.thumbprint_list().iter().map(|print| format!("thumbprint {print}")));
    lines.extend(answer.tags().iter().map(|tag| format!("tag {}={}", tag.key(), tag.value())));
    Ok(lines)
}

/// IAM answers documents URL-encoded.
#[must_use]
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).unwrap_or_default();
        let decoded = if byte == b'%' { digit(rest.next()) * 16 + digit(rest.next()) } else { byte.into() };
        bytes.push(u8::try_from(decoded).unwrap_or_default());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl View {
    /// The same with ids and tags: what must not change where nothing was to change.
    ///
    /// # Errors
    /// AWS's.
    pub async fn exactly(&self, clients: &Clients) -> Result<Vec<String>> {
        let Self::Group(id) = self else { return self.lines(clients).await };
        let filter = Filter::builder().name("group-id").values(id).build();
        let answer = clients.ec2.describe_security_group_rules().filters(filter).send().await?;
        let line = |it: &SecurityGroupRule| {
            let tags: Vec<_> = it.tags().iter().map(|tag| (tag.key(), tag.value())).collect();
            format!("{} {} {tags:?}", it.security_group_rule_id().unwrap_or_default(), rule(it))
        };
        let mut lines: Vec<String> = answer.security_group_rules().iter().map(line).collect();
        lines.sort();
        Ok(lines)
    }
}

/// The policies of a principal: those attached, and those written into it with what they say.
async fn held(clients: &Clients, holder: &str) -> Result<Vec<String>> {
    let iam = &clients.iam;
    let (kind, name) = holder.split_once('/').ok_or("a holder is `user/name`, `role/name` or `group/name`")?;
    let (attached, inline) = match kind {
        "user" => (
            iam.list_attached_user_policies().user_name(name).send().await?.attached_policies,
            iam.list_user_policies().user_name(name).send().await?.policy_names,
        ),
        "role" => (
            iam.list_attached_role_policies().role_name(name).send().await?.attached_policies,
            iam.list_role_policies().role_name(name).send().await?.policy_names,
        ),
        _ => (
            iam.list_attached_group_policies().group_name(name).send().await?.attached_policies,
            iam.list_group_policies().group_name(name).send().await?.policy_names,
        ),
    };
    let arns = attached.unwrap_or_default().into_iter().filter_map(|policy| policy.policy_arn);
    let mut lines: Vec<String> = arns.map(|arn| format!("holds {arn}")).collect();
    for policy in inline {
        let document = match kind {
            "user" => iam.get_user_policy().user_name(name).policy_name(&policy).send().await?.policy_document,
            "role" => iam.get_role_policy().role_name(name).policy_name(&policy).send().await?.policy_document,
            _ => iam.get_group_policy().group_name(name).policy_name(&policy).send().await?.policy_document,
        };
        let (document, _) = shared::iam_policy::json::parse(&document)?;
        lines.push(format!("{policy} says {document}"));
    }
    Ok(lines)
}

fn rule(rule: &SecurityGroupRule) -> String {
    let (direction, word) = if rule.is_egress() == Some(true) { ("egress", "to") } else { ("ingress", "from") };
    let ports = match (rule.ip_protocol(), rule.from_port(), rule.to_port()) {
        (Some("-1"), ..) => "all traffic".to_owned(),
        (Some(protocol), Some(from), Some(to)) if from == to => format!("{protocol} {from}"),
        (protocol, from, to) => {
            format!("{} {}-{}", protocol.unwrap_or_default(), from.unwrap_or_default(), to.unwrap_or_default())
        }
    };
    let referenced = || rule.referenced_group_info().and_then(|group| group.group_id());
    let source =
        rule.cidr_ipv4().or(rule.cidr_ipv6()).or(rule.prefix_list_id()).or_else(referenced).unwrap_or_default();
    let description = rule.description().filter(|text| !text.is_empty()).map(|text| format!(" “{text}”"));
    format!("{direction} {ports} {word} {source}{}", description.unwrap_or_default())
}
