//! Users with their keys, passwords and devices; trust, boundaries, identity providers and the password policy.

use super::{Script, Stage, done, renamed};
use crate::Result;
use crate::aws::Clients;
use crate::moto::ACCOUNT;
use crate::view::View;
use serde_json::Value;
use shared::engine::family::Family;
use shared::engine::holder::{Holder, HolderKind};
use shared::engine::observed::Observed;
use shared::resources::iam::client::Iam;
use shared::resources::iam::password_policy::PasswordPolicies;
use shared::resources::iam::password_policy::state::{PasswordPolicyAction, PasswordRules};
use shared::resources::iam::permissions_boundary::PermissionsBoundaries;
use shared::resources::iam::permissions_boundary::state::BoundaryAction;
use shared::resources::iam::role_trust::RoleTrusts;
use shared::resources::iam::role_trust::state::{Trust, TrustAction};

const FOR_EC2: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}"#;
const FOR_ANYBODY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}"#;

pub(super) async fn stage(script: &Script<'_>) -> Result<Stage> {
    match script.call.name.as_str() {
        "CreateAccessKey" => key(script).await,
        "CreateLoginProfile" | "UpdateLoginProfile" => password(script).await,
        "DeactivateMFADevice" | "DeleteVirtualMFADevice" => device(script).await,
        "CreateRole" | "UpdateAssumeRolePolicy" => trust(script).await,
        "CreateOpenIDConnectProvider" => provider(script).await,
        "UpdateAccountPasswordPolicy" | "DeleteAccountPasswordPolicy" => password_policy(script).await,
        name if name.ends_with("PermissionsBoundary") => boundary(script).await,
        name => Err(format!("nothing is known of what `{name}` is about").into()),
    }
}

/// A user, role or group; one of an earlier event of the file stays as it is.
pub(super) async fn holder(clients: &Clients, holder: &Holder) {
    let name = &holder.name;
    match holder.kind {
        HolderKind::User => drop(clients.iam.create_user().user_name(name).send().await),
        HolderKind::Role => {
            drop(clients.iam.create_role().role_name(name).assume_role_policy_document(FOR_EC2).send().await);
        }
        HolderKind::Group => drop(clients.iam.create_group().group_name(name).send().await),
    }
}

async fn user(clients: &Clients, name: &str) {
    holder(clients, &Holder { kind: HolderKind::User, name: name.to_owned() }).await;
}

/// A key of the user, active.
pub(super) async fn active_key(clients: &Clients, user: &str) -> Result<String> {
    let key = clients.iam.create_access_key().user_name(user).send().await?;
    Ok(key.access_key.ok_or("no key was made")?.access_key_id)
}

async fn key(script: &Script<'_>) -> Result<Stage> {
    let record = &script.event["detail"];
    let made = &record["responseElements"]["accessKey"];
    let named = [&made["userName"], &record["requestParameters"]["userName"], &record["userIdentity"]["userName"]];
    let (Some(name), Some(id)) = (named.into_iter().find_map(Value::as_str), made["accessKeyId"].as_str()) else {
        return Err("it names no user and key".into());
    };
    user(script.clients, name).await;
    let older =
        script.live["AccessKeyMetadata"].as_array().into_iter().flatten().filter(|key| key["AccessKeyId"] != id);
    for _ in older {
        active_key(script.clients, name).await?;
    }
    let own = active_key(script.clients, name).await?;
    let note = format!("played by user {name} with key {own} in place of {id}");
    Ok(Stage::new(renamed(&script.event, id, &own)?, note).seen(View::Keys(name.to_owned())))
}

/// A user whose password another principal sets.
async fn password(script: &Script<'_>) -> Result<Stage> {
    let name = script.request("userName").ok_or("it names no user")?;
    user(script.clients, &name).await;
    let set = script.clients.iam.create_login_profile().user_name(&name).password("of-a-demonstration-1A");
    let stage = script.made(format!("user {name}")).seen(View::Holder(format!("user/{name}")));
    Ok(stage.then(async move {
        set.send().await?;
        Ok(())
    }))
}

/// A user with a password, whose only device is taken away: it is not there when the event arrives.
async fn device(script: &Script<'_>) -> Result<Stage> {
    let of_device = || script.request("serialNumber")?.rsplit('/').next().map(str::to_owned);
    let name = script.request("userName").or_else(of_device).ok_or("it names no user")?;
    user(script.clients, &name).await;
    script.clients.iam.create_login_profile().user_name(&name).password("of-a-demonstration-1A").send().await?;
    Ok(script.made(format!("user {name} with a password")).seen(View::Holder(format!("user/{name}"))))
}

/// A role that EC2 may assume at first; a new one is made as the event says.
async fn trust(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(RoleTrusts)?;
    let name = target.key.name.ok_or("it names no role")?;
    let proven = target.proven.as_ref();
    let document = proven.and_then(|trust| trust.document.known().cloned()).unwrap_or_else(|| FOR_ANYBODY.to_owned());
    let path = proven.and_then(|trust| trust.path.known().cloned());
    let stage = script.made(format!("role {name}"));
    let make = script.clients.iam.create_role().role_name(&name).set_path(path);
    if target.key.is_new {
        let make = make.assume_role_policy_document(document);
        return Ok(stage.seen(View::Trust(name)).then(async move {
            make.send().await?;
            Ok(())
        }));
    }
    make.assume_role_policy_document(FOR_EC2).send().await?;
    let update = TrustAction::PutBack(Trust { role: name.clone(), document });
    let world = Iam::new(&script.clients.config);
    let stage = stage.seen(View::Trust(name)).remembered("role-trust");
    Ok(stage.then(async move { done(&world, &update).await }))
}

/// A user or role, bounded by a policy at first.
async fn boundary(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(PermissionsBoundaries)?;
    let of = target.key.holder;
    holder(script.clients, &of).await;
    let world = Iam::new(&script.clients.config);
    let bounds = |boundary: String| BoundaryAction::Put { holder: of.clone(), boundary };
    done(&world, &bounds(policy(script.clients, "yours", "s3:*").await?)).await?;
    let change = match target.proven.map(|proven| proven.boundary) {
        Some(Observed::Known(arn)) if arn.contains(ACCOUNT) => {
            let name = arn.rsplit('/').next().unwrap_or_default();
            bounds(policy(script.clients, name, "*").await?)
        }
        Some(Observed::Known(arn)) => bounds(arn),
        Some(Observed::Absent | Observed::Unknown { .. }) | None => BoundaryAction::Remove { holder: of.clone() },
    };
    let stage = script.made(&of).remembered("permissions-boundary");
    let stage = if of.kind == HolderKind::Role { stage.seen(View::Boundary(of.name)) } else { stage };
    Ok(stage.then(async move { done(&world, &change).await }))
}

/// A policy of this name that allows these actions: its ARN.
async fn policy(clients: &Clients, name: &str, actions: &str) -> Result<String> {
    let statement = serde_json::json!({"Effect": "Allow", "Action": actions, "Resource": "*"});
    let document = serde_json::json!({"Version": "2012-10-17", "Statement": [statement]});
    let made = clients.iam.create_policy().policy_name(name).policy_document(document.to_string()).send().await?;
    Ok(made.policy.and_then(|policy| policy.arn).ok_or("no policy was made")?)
}

async fn provider(script: &Script<'_>) -> Result<Stage> {
    let request = &script.event["detail"]["requestParameters"];
    let url = request["url"].as_str().ok_or("it names no provider")?;
    let texts = |key: &str| {
        let list = request[key].as_array().into_iter().flatten();
        list.filter_map(|text| text.as_str().map(str::to_owned)).collect::<Vec<String>>()
    };
    let make = script.clients.iam.create_open_id_connect_provider().url(url);
    let make = make.set_client_id_list(Some(texts("clientIDList"))).set_thumbprint_list(Some(texts("thumbprintList")));
    let arn = format!("arn:aws:iam::{ACCOUNT}:oidc-provider/{}", url.trim_start_matches("https://"));
    Ok(script.made(url).seen(View::Oidc(arn)).then(async move {
        make.send().await?;
        Ok(())
    }))
}

/// A strong password policy at first.
async fn password_policy(script: &Script<'_>) -> Result<Stage> {
    let strong = PasswordRules {
        min_length: 16,
        symbols: true,
        numbers: true,
        uppercase: true,
        lowercase: true,
        max_age: Some(90),
        reuse_prevention: Some(24),
        users_may_change: true,
        hard_expiry: false,
    };
    let world = Iam::new(&script.clients.config);
    done(&world, &PasswordPolicyAction::Set(strong)).await?;
    let key = script.target(PasswordPolicies)?.key;
    let rules = PasswordPolicies.claimed(&script.call, &key).and_then(|claimed| claimed.rules);
    let change = rules.map_or(PasswordPolicyAction::Delete, PasswordPolicyAction::Set);
    let stage = Stage::new(script.event.clone(), "played by the account's policy")
        .seen(View::PasswordPolicy)
        .remembered("password-policy");
    Ok(stage.then(async move { done(&world, &change).await }))
}
