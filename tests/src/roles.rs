//! The functions' roles, as `template.yaml` gives them.

use crate::aws::{Clients, Keys};
use crate::moto::{ACCOUNT, REGION};
use crate::{Result, paths};
use parapet::template::{Environment, Node};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The logical id of a family's role: `SecurityGroupRole` for `security-group`.
#[must_use]
pub fn logical_id(family: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    format!("{}Role", family.split('-').map(word).collect::<String>())
}

/// The statements of a family's role, resolved for the local account with this topic.
///
/// # Errors
/// When the template has no such role.
pub fn statements(family: &str, topic: &str) -> Result<Vec<Value>> {
    let text = std::fs::read_to_string(paths::root().join("template.yaml"))?;
    let template = Node::parse(&text)?;
    let mut environment = Environment::of_template(&template);
    for (name, value) in [
        ("AccountId", ACCOUNT),
        ("Region", REGION),
        ("Partition", "aws"),
        ("URLSuffix", "amazonaws.com"),
        ("StackName", "parapet"),
    ] {
        environment.set(&format!("AWS::{name}"), value);
    }
    environment.set("Topic", topic);
    for (attribute, service) in [("SecurityGroupLogs", "logs"), ("IamUserLogs", "logs"), ("DeadLetters", "sqs")] {
        let arn = format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{attribute}");
        environment.set_attribute(&format!("{attribute}.Arn"), &arn);
    }
    let role = logical_id(family);
    let missing = || format!("template.yaml has no role `{role}` with one inline policy");
    let policies = template.at(&["Resources", &role, "Properties", "Policies"]).ok_or_else(missing)?;
    let [policy] = policies.items() else { return Err(missing().into()) };
    let listed = policy.at(&["PolicyDocument", "Statement"]).and_then(|node| environment.resolve(node));
    Ok(listed.and_then(|list| list.as_array().cloned()).ok_or_else(missing)?)
}

/// The actions of the statements whose `Sid` begins so.
#[must_use]
pub fn actions(statements: &[Value], sid: &str) -> BTreeSet<String> {
    let named =
        statements.iter().filter(|statement| statement["Sid"].as_str().is_some_and(|text| text.starts_with(sid)));
    named.flat_map(actions_of).collect()
}

fn actions_of(statement: &Value) -> Vec<String> {
    match &statement["Action"] {
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        Value::String(one) => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// The same statements without one action.
#[must_use]
pub fn without(statements: &[Value], action: &str) -> Vec<Value> {
    let kept = statements.iter().filter_map(|statement| {
        let left: Vec<String> = actions_of(statement).into_iter().filter(|is| is != action).collect();
        let mut statement = statement.clone();
        statement["Action"] = json!(left);
        (!left.is_empty()).then_some(statement)
    });
    kept.collect()
}

/// Makes a role that holds exactly these statements and opens a session of it: its ARN and the session's keys.
///
/// # Errors
/// AWS's.
pub async fn assume(clients: &Clients, sts: &Sts, name: &str, statements: &[Value]) -> Result<(String, Keys)> {
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")}, "Action": "sts:AssumeRole"}]});
    let made = clients.iam.create_role().role_name(name).assume_role_policy_document(trust.to_string()).send().await?;
    let arn = made.role.map(|role| role.arn).unwrap_or_default();
    let policy = json!({"Version": "2012-10-17", "Statement": statements});
    clients
        .iam
        .put_role_policy()
        .role_name(name)
        .policy_name("template")
        .policy_document(policy.to_string())
        .send()
        .await?;
    Ok((arn.clone(), sts.assume(&arn).await?))
}

/// `sts:AssumeRole` without another SDK: one form, one XML answer.
pub struct Sts {
    address: String,
}

impl Sts {
    /// At `host:port`.
    #[must_use]
    pub fn new(address: &str) -> Self {
        Self { address: address.to_owned() }
    }

    async fn assume(&self, role: &str) -> Result<Keys> {
        let mut request = crate::http::Message::request("POST", "/");
        request.headers = vec![
            "host: sts.us-east-1.amazonaws.com".to_owned(),
            "content-type: application/x-www-form-urlencoded".to_owned(),
            format!(
                "authorization: AWS4-HMAC-SHA256 Credential=AKIAEXAMPLEEXAMPLE00/20260101/{REGION}/sts/aws4_request, \
                 SignedHeaders=host, Signature=none"
            ),
        ];
        let role = role.replace(':', "%3A").replace('/', "%2F");
        request.body =
            format!("Action=AssumeRole&Version=2011-06-15&RoleArn={role}&RoleSessionName=function").into_bytes();
        let answer = crate::http::ask(&self.address, &request).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let field = |name: &str| {
            let rest = text.split_once(&format!("<{name}>"))?.1;
            Some(rest.split_once("</")?.0.to_owned())
        };
        let read = || {
            Some(Keys { id: field("AccessKeyId")?, secret: field("SecretAccessKey")?, token: field("SessionToken") })
        };
        read().ok_or_else(|| format!("sts:AssumeRole answered {}: {text}", answer.start).into())
    }
}
