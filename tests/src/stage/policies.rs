//! Policies that are attached, written into principals, or switched to another version.

use super::iam::{active_key, holder};
use super::{Script, Stage, done};
use crate::Result;
use crate::aws::Clients;
use crate::moto::ACCOUNT;
use crate::view::View;
use serde_json::{Value, json};
use shared::engine::holder::{Holder, HolderKind};
use shared::resources::iam::client::Iam;
use shared::resources::iam::compromised_user::state::QUARANTINE;
use shared::resources::iam::inline_policy::InlinePolicies;
use shared::resources::iam::inline_policy::state::InlineAction;
use shared::resources::iam::managed_policy::ManagedPolicies;
use shared::resources::iam::managed_policy::state::{VersionAction, number};
use shared::resources::iam::policy_attachment::PolicyAttachments;
use shared::resources::iam::policy_attachment::state::{AttachmentAction, Pair};

/// None for an event of something else.
pub(super) async fn stage(script: &Script<'_>) -> Option<Result<Stage>> {
    Some(match script.call.name.as_str() {
        "AttachUserPolicy" | "AttachRolePolicy" | "AttachGroupPolicy" => attached(script).await,
        "PutUserPolicy" | "PutRolePolicy" | "PutGroupPolicy" => written(script).await,
        "CreatePolicyVersion" => new_version(script).await,
        "SetDefaultPolicyVersion" => chosen_version(script).await,
        _ => return None,
    })
}

fn allowing(actions: Value) -> String {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}).to_string()
}

fn harmless() -> String {
    allowing(json!(["s3:GetObject", "s3:ListBucket"]))
}

/// Who is to hold a policy of this name. AWS's quarantine comes to users with keys.
async fn for_policy(clients: &Clients, of: &Holder, policy: &str) -> Result<()> {
    holder(clients, of).await;
    if of.kind == HolderKind::User && policy.starts_with(QUARANTINE) {
        active_key(clients, &of.name).await?;
    }
    Ok(())
}

/// What the holder has beside the policy in question, by a fixture.
async fn beside(script: &Script<'_>, of: &Holder) -> Result<()> {
    let documents = script.live["Beside"]["Documents"].as_array().into_iter().flatten();
    for (at, document) in documents.enumerate() {
        let (holder, name) = (of.clone(), format!("beside-{at}"));
        let put = InlineAction::Put { holder, name, document: document.to_string(), changes: Vec::new() };
        done(&Iam::new(&script.clients.config), &put).await?;
    }
    Ok(())
}

/// A policy of the account allows everything where no fixture says otherwise: it is in no record of its being attached.
async fn attached(script: &Script<'_>) -> Result<Stage> {
    let Pair { holder, policy } = script.target(PolicyAttachments)?.key.pair;
    for_policy(script.clients, &holder, policy.rsplit('/').next().unwrap_or_default()).await?;
    let mut note = holder.to_string();
    if policy.contains(ACCOUNT) {
        let live = &script.live["Document"];
        let document = if live.is_object() { live.to_string() } else { allowing(json!("*")) };
        made(script.clients, &policy, &document).await?;
        note += &format!(" and {policy}, which says {document}");
    }
    beside(script, &holder).await?;
    let stage = script.made(note).seen(held_by(&holder));
    let attach = AttachmentAction::Attach(Pair { holder, policy });
    let world = Iam::new(&script.clients.config);
    Ok(stage.then(async move { done(&world, &attach).await }))
}

async fn written(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(InlinePolicies)?;
    let (holder, name) = (target.key.holder, target.key.name);
    for_policy(script.clients, &holder, &name).await?;
    let document = target.proven.and_then(|inline| inline.document.known().cloned());
    let document = document.unwrap_or_else(|| allowing(json!("*")));
    beside(script, &holder).await?;
    let stage = script.made(&holder).seen(held_by(&holder));
    let put = InlineAction::Put { holder, name, document, changes: Vec::new() };
    let world = Iam::new(&script.clients.config);
    Ok(stage.then(async move { done(&world, &put).await }))
}

/// A policy of this ARN, whose first version says this.
async fn made(clients: &Clients, arn: &str, document: &str) -> Result<()> {
    let (_, name) = arn.split_once(":policy/").ok_or_else(|| format!("`{arn}` is the ARN of no policy"))?;
    let (path, name) = name.rsplit_once('/').map_or(("/".to_owned(), name), |(path, name)| (format!("/{path}/"), name));
    clients.iam.create_policy().policy_name(name).path(path).policy_document(document).send().await?;
    Ok(())
}

/// One more version, which is the default from then on.
async fn version(clients: &Clients, arn: &str, document: &str) -> Result<()> {
    let call = clients.iam.create_policy_version().policy_arn(arn).policy_document(document);
    call.set_as_default(true).send().await?;
    Ok(())
}

/// A harmless policy that a user holds, until the version of the event.
async fn new_version(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(ManagedPolicies)?;
    let arn = target.key.arn;
    let new = target.key.version.as_deref().and_then(number).unwrap_or(2);
    let clients = script.clients.clone();
    policy_of_versions(&clients, &arn, new.saturating_sub(1), &harmless()).await?;
    let document = target.proven.map_or_else(|| allowing(json!("*")), |policy| policy.default.document);
    let stage = script.made(&arn).seen(View::ManagedPolicy(arn.clone())).remembered("managed-policy");
    Ok(stage.then(async move { version(&clients, &arn, &document).await }))
}

/// A policy whose version that is chosen allows everything where no fixture says otherwise, and whose newest, the default at
/// first, is harmless.
async fn chosen_version(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(ManagedPolicies)?;
    let arn = target.key.arn;
    let chosen = target.key.version.ok_or("it names no version")?;
    let clients = script.clients;
    let live = &script.live["Versions"][&chosen];
    let document = if live.is_object() { live.to_string() } else { allowing(json!("*")) };
    policy_of_versions(clients, &arn, number(&chosen).unwrap_or(1), &document).await?;
    version(clients, &arn, &harmless()).await?;
    let stage = script.made(&arn).seen(View::ManagedPolicy(arn.clone())).remembered("managed-policy");
    let choose = VersionAction::SetDefault { arn, version: chosen };
    let world = Iam::new(&clients.config);
    Ok(stage.then(async move { done(&world, &choose).await }))
}

/// A policy with this many versions that say the same, held by a user. IAM keeps five.
async fn policy_of_versions(clients: &Clients, arn: &str, versions: u32, document: &str) -> Result<()> {
    if !(1..=4).contains(&versions) {
        return Err(format!("IAM keeps five versions of a policy: {versions} others leave no place").into());
    }
    made(clients, arn, document).await?;
    for _ in 1..versions {
        version(clients, arn, document).await?;
    }
    let user = Holder { kind: HolderKind::User, name: "yours".to_owned() };
    holder(clients, &user).await;
    clients.iam.attach_user_policy().user_name(&user.name).policy_arn(arn).send().await?;
    Ok(())
}

/// What it holds, with the keys of a user.
fn held_by(holder: &Holder) -> View {
    match holder.kind {
        HolderKind::User => View::User(holder.name.clone()),
        HolderKind::Role | HolderKind::Group => View::Holder(holder.to_string()),
    }
}
