//! An organization: its policies and their types, resource shares, permission sets.

use super::{changed, set, written};
use crate::Result;
use crate::reader::Reader;
use crate::stage::{Script, Stage, called, done};
use crate::view::View;
use serde_json::{Map, Value, json};
use shared::aws::service::clients::{Iam, Signed};
use shared::engine::family::Family;
use shared::engine::request::Request;
use shared::resources::iam::{RootCredentials, RootSessions};
use shared::resources::organizations::policy::state::View as Policy;
use shared::resources::organizations::{ORGANIZATIONS, OrganizationPolicies, PolicyAction, PolicyTypes};
use shared::resources::ram::{ExternalSwitches, RAM, SharedPrincipals};
use shared::resources::sso::assignment::state::AssignmentAction;
use shared::resources::sso::{AccountAssignments, SSO};
use std::collections::BTreeSet;

/// None for an event of something else.
pub(super) async fn stage(script: &Script<'_>) -> Option<Result<Stage>> {
    Some(match (script.call.source.as_str(), script.call.name.as_str()) {
        ("organizations.amazonaws.com", "DisablePolicyType") => policy_type(script).await,
        ("organizations.amazonaws.com", "DetachPolicy" | "UpdatePolicy" | "DeletePolicy") => policy(script).await,
        ("ram.amazonaws.com", "UpdateResourceShare") => switch(script).await,
        ("ram.amazonaws.com", "CreateResourceShare" | "AssociateResourceShare") => share(script).await,
        ("iam.amazonaws.com", "DisableOrganizationsRootSessions") => {
            written(script, RootSessions::default(), Iam::new, set, "played by the organization's features".to_owned())
                .await
        }
        ("iam.amazonaws.com", "DisableOrganizationsRootCredentialsManagement") => {
            written(
                script,
                RootCredentials::default(),
                Iam::new,
                set,
                "played by the organization's features".to_owned(),
            )
            .await
        }
        ("sso.amazonaws.com", "CreateAccountAssignment") => assignment(script).await,
        _ => return None,
    })
}

async fn text(script: &Script<'_>, request: Request, path: &[&str]) -> Result<String> {
    let operation = request.operation;
    let answer = called(script, &ORGANIZATIONS, request).await?;
    let found = answer.at(path).and_then(Value::as_str);
    Ok(found.ok_or_else(|| format!("the answer to {operation} lacks {path:?}"))?.to_owned())
}

/// An organization with a root, a unit and an account that have the names of AWS's, in place of those in the event and the fixture.
async fn organized<'a>(script: &Script<'a>, kind: &str) -> Result<Script<'a>> {
    called(script, &ORGANIZATIONS, Request::named("CreateOrganization", json!({"FeatureSet": "ALL"}))).await?;
    let roots = called(script, &ORGANIZATIONS, Request::named("ListRoots", json!({}))).await?;
    let root = roots.list("Roots").first().and_then(|root| root["Id"].as_str()).ok_or("there is no root")?;
    let unit = json!({"ParentId": root, "Name": "workloads"});
    let unit = text(script, Request::named("CreateOrganizationalUnit", unit), &["OrganizationalUnit", "Id"]).await?;
    let account = json!({"AccountName": "member", "Email": "member@example.com"});
    let account = text(script, Request::named("CreateAccount", account), &["CreateAccountStatus", "AccountId"]).await?;
    let enable = PolicyAction::Enable { root: root.to_owned(), kind: kind.to_owned() };
    done(&Signed::new(&script.clients.config), &enable).await?;
    script.about("ou-exam-11111111", &unit)?.about("r-exam", root)?.about("444455556666", &account)
}

/// A policy as it was kept, or as it stands where nothing was kept; then detached, written or deleted.
async fn policy(script: &Script<'_>) -> Result<Stage> {
    let is_kept = !script.kept.is_null();
    let stood = |script: &Script<'_>| -> Result<Policy> {
        let stood = if is_kept { &script.kept["now"]["stands"] } else { &script.live };
        Ok(serde_json::from_value(stood.clone())?)
    };
    let script = organized(script, &stood(script)?.kind).await?;
    let mut before = stood(&script)?;
    let named = script.request("policyId").ok_or("the event names no policy")?;
    let own = made(&script, &before).await?;
    let script = script.about(&named, &own)?;
    let client = Signed::new(&script.clients.config);
    let target = script.request("targetId");
    let targets = before.targets.get_or_insert_with(BTreeSet::new);
    targets.extend(target.clone());
    for target in targets.iter() {
        done(&client, &PolicyAction::Attach { policy: own.clone(), target: target.clone() }).await?;
    }
    let calls = match (script.call.name.as_str(), target, script.request("content")) {
        ("DetachPolicy", Some(target), _) => vec![PolicyAction::Detach { policy: own.clone(), target }],
        ("UpdatePolicy", _, Some(content)) => vec![PolicyAction::Update { policy: own.clone(), content }],
        _ => {
            let detach = |target: &String| PolicyAction::Detach { policy: own.clone(), target: target.clone() };
            let delete = PolicyAction::Delete { name: before.name.clone(), kind: before.kind.clone() };
            targets.iter().map(detach).chain([delete]).collect()
        }
    };
    let other: Option<Policy> = serde_json::from_value(script.live["view"].clone()).ok();
    let create = other.filter(|_| script.live["anew"].is_string()).map(|other| creation(&other));
    let stage =
        Stage::new(script.event.clone(), format!("played by {own} in place of {named}")).seen(View::Organization);
    let stage = if is_kept { stage.remembered(OrganizationPolicies.kind()) } else { stage };
    Ok(stage.then(async move {
        for call in calls.iter().chain(&create) {
            done(&client, call).await?;
        }
        Ok(())
    }))
}

fn creation(policy: &Policy) -> PolicyAction {
    PolicyAction::Create {
        name: policy.name.clone(),
        description: policy.description.clone(),
        kind: policy.kind.clone(),
        content: policy.content.clone(),
        tags: policy.own_tags(),
    }
}

/// A policy that is attached to nothing: its id.
async fn made(script: &Script<'_>, policy: &Policy) -> Result<String> {
    let tags = policy.own_tags().into_iter().map(|(key, value)| json!({"Key": key, "Value": value}));
    let body = json!({"Name": policy.name, "Description": policy.description, "Type": policy.kind, "Content": policy.content,
        "Tags": tags.collect::<Vec<_>>()});
    text(script, Request::named("CreatePolicy", body), &["Policy", "PolicySummary", "Id"]).await
}

/// Policies of a type, attached as they were kept; then the type is disabled.
async fn policy_type(script: &Script<'_>) -> Result<Stage> {
    let kind = script.request("policyType").ok_or("the event names no type")?;
    let mut script = organized(script, &kind).await?;
    let client = Signed::new(&script.clients.config);
    let is_kept = !script.kept.is_null();
    let attached: Map<String, Value> = script.kept["attached"].as_object().cloned().unwrap_or_default();
    // What was attached once and is gone is none that could be attached again.
    let still = script.live["attached"].clone();
    for (named, targets) in attached.into_iter().filter(|(named, _)| !still[named.as_str()].is_null()) {
        let content = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "cloudtrail:*", "Resource": "*"}]});
        let policy =
            Policy { name: named.clone(), kind: kind.clone(), content: content.to_string(), ..Policy::default() };
        let own = made(&script, &policy).await?;
        script = script.about(&named, &own)?;
        for target in targets.as_array().into_iter().flatten().filter_map(Value::as_str) {
            done(&client, &PolicyAction::Attach { policy: own.clone(), target: target.to_owned() }).await?;
        }
    }
    let root = script.target(PolicyTypes)?.key.root;
    let stage = Stage::new(script.event.clone(), format!("played by {root}")).seen(View::Organization);
    let stage = if is_kept { stage.remembered(PolicyTypes.kind()) } else { stage };
    Ok(stage.then(async move { done(&client, &PolicyAction::Disable { root, kind }).await }))
}

/// A share for the organization alone.
async fn switch(script: &Script<'_>) -> Result<Stage> {
    let key = script.target(ExternalSwitches)?.key;
    let client = Signed::new(&script.clients.config);
    crate::stage::set(&client, ExternalSwitches, key.arn.clone(), true).await?;
    let reader = Reader::of(ExternalSwitches, key.clone(), Signed::new);
    let stage = Stage::new(script.event.clone(), "played by a share of the same ARN").seen(View::Read(reader));
    Ok(stage.then(async move { crate::stage::set(&client, ExternalSwitches, key.arn, false).await }))
}

/// A share with the principals that stand already.
async fn share(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(SharedPrincipals)?;
    let all = script.live["resourceShareAssociations"].as_array().into_iter().flatten();
    let standing: Vec<Value> = all.filter_map(|one| one["associatedEntity"].as_str()).map(|id| json!(id)).collect();
    let asked = script.call.request.at(&["principals"]).and_then(Value::as_array).cloned().unwrap_or_default();
    let (added, before): (Vec<Value>, Vec<Value>) = standing.into_iter().partition(|one| asked.contains(one));
    let arn = target.key.clone();
    let associate = move |principals: Vec<Value>| {
        let request = Request::rest("AssociateResourceShare", "POST", &["associateresourceshare"]);
        request.member("resourceShareArn", Some(arn.as_str())).member("principals", Some(principals))
    };
    called(script, &RAM, associate(before)).await?;
    let client = Signed::new(&script.clients.config);
    let reader = Reader::of(SharedPrincipals, target.key, Signed::new);
    let stage = Stage::new(script.event.clone(), "played by a share of the same ARN").seen(View::Read(reader));
    Ok(stage.then(async move {
        let done = client.call(&RAM, associate(added)).await;
        done.map(|_| ()).map_err(|failure| format!("{failure:?}").into())
    }))
}

/// A permission set with the policies that the fixture says, assigned by the event.
async fn assignment(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(AccountAssignments)?;
    let instances = called(script, &SSO, Request::named("ListInstances", json!({}))).await?;
    let instance = instances.list("Instances").first().and_then(|one| one["InstanceArn"].as_str());
    let instance = instance.ok_or("there is no instance")?;
    let set = json!({"InstanceArn": instance, "Name": "set"});
    let made = called(script, &SSO, Request::named("CreatePermissionSet", set)).await?;
    let own = made.at(&["PermissionSet", "PermissionSetArn"]).and_then(Value::as_str).ok_or("no set was made")?;
    for policy in script.live["managed"].as_array().into_iter().flatten() {
        let body = json!({"InstanceArn": instance, "PermissionSetArn": own, "ManagedPolicyArn": policy});
        called(script, &SSO, Request::named("AttachManagedPolicyToPermissionSet", body)).await?;
    }
    let note = format!("played by {own} in place of {}", target.key.set);
    let script = script.about(&target.key.set, own)?.about(&target.key.instance, instance)?;
    let assigned = script.target(AccountAssignments)?.key;
    changed(&script, AccountAssignments, AssignmentAction::Create(assigned), note)
}
