//! The functions' roles, as `template.yaml` gives them.

use crate::aws::{Clients, Keys};
use crate::moto::{ACCOUNT, REGION};
use crate::{Result, paths};
use aws_config::sts::AssumeRoleProvider;
use aws_sdk_ec2::config::ProvideCredentials;
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
    environment.set("Schedules", "parapet");
    let role = logical_id(family);
    let block = role.trim_end_matches("Role");
    let of_all =
        [("DeadLetters".to_owned(), "sqs"), ("Ledger".to_owned(), "dynamodb"), ("ScheduleRole".to_owned(), "iam")];
    for (attribute, service) in of_all.into_iter().chain([(format!("{block}Logs"), "logs")]) {
        let arn = format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{attribute}");
        environment.set_attribute(&format!("{attribute}.Arn"), &arn);
    }
    let missing = || format!("template.yaml has no role `{role}` with an inline policy");
    let policies = template.at(&["Resources", &role, "Properties", "Policies"]).ok_or_else(missing)?;
    // Behind it may stand the way into the members, which a stack that is no hub does not have.
    let policy = policies.items().first().ok_or_else(missing)?;
    let own = policy.at(&["PolicyDocument", "Statement"]).ok_or_else(missing)?;
    let mut nodes: Vec<&Node> = own.items().iter().collect();
    let managed = template.at(&["Resources", &role, "Properties", "ManagedPolicyArns"]).map(Node::items);
    for name in managed.unwrap_or_default().iter().filter_map(|arn| arn.get("Ref").and_then(Node::text)) {
        let path = ["Resources", name, "Properties", "PolicyDocument", "Statement"];
        nodes.extend(template.at(&path).ok_or_else(|| format!("template.yaml has no `{name}`"))?.items());
    }
    let mut statements = Vec::new();
    for node in nodes {
        // A statement that a parameter switches off is none.
        statements.extend(environment.resolve(node).filter(|statement| statement.get("Effect").is_some()));
    }
    Ok(statements)
}

/// An ARN for the role with this logical id, where a policy names it.
#[must_use]
pub fn stand_in(id: &str) -> String {
    format!("arn:aws:iam::{ACCOUNT}:role/parapet-{id}")
}

/// The statements of the dead letters' queue policy in this file, with [`stand_in`]s for the roles.
///
/// # Errors
/// When it has none.
pub fn dead_letters(file: &str) -> Result<Vec<Value>> {
    let template = Node::parse(&std::fs::read_to_string(paths::root().join(file))?)?;
    let mut environment = Environment::of_template(&template);
    for (name, value) in [("AccountId", ACCOUNT), ("Region", REGION), ("Partition", "aws"), ("StackName", "parapet")] {
        environment.set(&format!("AWS::{name}"), value);
    }
    environment.set("Members", "parapet-members");
    environment.set_attribute("DeadLetters.Arn", &format!("arn:aws:sqs:{REGION}:{ACCOUNT}:DeadLetters"));
    let resources = template.get("Resources").map(Node::entries).unwrap_or_default();
    for id in resources.iter().map(|entry| &entry.key).filter(|id| id.ends_with("Role")) {
        environment.set_attribute(&format!("{id}.Arn"), &stand_in(id));
    }
    let path = ["Resources", "DeadLettersPolicy", "Properties", "PolicyDocument", "Statement"];
    let node = template.at(&path).ok_or_else(|| format!("{file} has no `DeadLettersPolicy`"))?;
    let all = node.items().iter().filter_map(|statement| environment.resolve(statement));
    Ok(all.filter(|statement| statement.get("Effect").is_some()).collect())
}

/// What the role of a family's function may do in members, beside [`statements`].
///
/// # Errors
/// When the template does not say.
pub fn into_members(family: &str) -> Result<Vec<Value>> {
    let policies = resolved("template.yaml", ACCOUNT, &["Resources", &logical_id(family), "Properties", "Policies"])?;
    let into = policies.iter().find(|policy| policy["PolicyName"] == "into-members");
    let statements = into.and_then(|policy| policy["PolicyDocument"]["Statement"].as_array());
    statements.cloned().ok_or_else(|| format!("the role of `{family}` has no way into the members").into())
}

/// What the role of a family holds in a member's account.
///
/// # Errors
/// When template-spoke.yaml has no such role.
pub fn in_member(family: &str, account: &str) -> Result<Vec<Value>> {
    let policies =
        resolved("template-spoke.yaml", account, &["Resources", &logical_id(family), "Properties", "Policies"])?;
    let statements = policies.first().and_then(|policy| policy["PolicyDocument"]["Statement"].as_array());
    Ok(statements.cloned().unwrap_or_default())
}

fn resolved(file: &str, account: &str, path: &[&str]) -> Result<Vec<Value>> {
    let template = Node::parse(&std::fs::read_to_string(paths::root().join(file))?)?;
    let mut environment = Environment::of_template(&template);
    for (name, value) in [("AWS::AccountId", account), ("AWS::Partition", "aws"), ("OrganizationId", "o-a1b2c3d4e5")] {
        environment.set(name, value);
    }
    let node = template.at(path).ok_or_else(|| format!("{file} has no {}", path.join(".")))?;
    let list = environment.resolve(node).and_then(|value| value.as_array().cloned());
    list.ok_or_else(|| format!("{file}: {} is no list", path.join(".")).into())
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

/// The same statements on every resource. moto's enforcement knows actions alone: it asks for each about `*`, which no
/// statement on narrower resources allows.
#[must_use]
pub fn on_everything(statements: &[Value]) -> Vec<Value> {
    let wide = statements.iter().cloned().map(|mut statement| {
        statement["Resource"] = json!("*");
        statement
    });
    wide.collect()
}

/// Makes a role that user `admin` may assume and that holds exactly these statements, and opens a session of it: its ARN and the session's keys.
///
/// # Errors
/// AWS's.
pub async fn assume(clients: &Clients, name: &str, statements: &[Value]) -> Result<(String, Keys)> {
    let arn = make(clients, name, statements).await?;
    let keys = session(clients, &arn).await?;
    Ok((arn, keys))
}

/// Makes that role: its ARN.
///
/// # Errors
/// AWS's.
pub async fn make(clients: &Clients, name: &str, statements: &[Value]) -> Result<String> {
    let trust = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:user/admin")}, "Action": "sts:AssumeRole"}]});
    let made = clients.iam.create_role().role_name(name).assume_role_policy_document(trust.to_string()).send().await?;
    let arn = made.role.map(|role| role.arn).unwrap_or_default();
    let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
    clients.iam.put_role_policy().role_name(name).policy_name("template").policy_document(policy).send().await?;
    Ok(arn)
}

/// Opens a session of the role with this ARN, in whichever account: its keys.
///
/// # Errors
/// AWS's.
pub async fn session(clients: &Clients, arn: &str) -> Result<Keys> {
    let session = AssumeRoleProvider::builder(arn).session_name("function").configure(&clients.config).build().await;
    let keys = session.provide_credentials().await?;
    let token = keys.session_token().map(str::to_owned);
    Ok(Keys { id: keys.access_key_id().to_owned(), secret: keys.secret_access_key().to_owned(), token })
}
