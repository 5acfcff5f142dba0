//! Resources of services that are called by signed requests, and secrets.

use super::{changed, rewritten, set, written};
use crate::Result;
use crate::reader::Reader;
use crate::resource_policies::Owner;
use crate::stage::{Script, Stage, called, done};
use crate::view::View;
use serde_json::{Value, json};
use shared::aws::service::clients::{SecretsManager, Signed};
use shared::engine::request::Request;
use shared::engine::setting::Setting;
use shared::resources::backup::{BACKUP, VaultLocks};
use shared::resources::codebuild::ProjectVisibilities;
use shared::resources::cognito::COGNITO;
use shared::resources::cognito::identity_pool::IdentityPools;
use shared::resources::emr::EmrBlockPublicAccess;
use shared::resources::emr::block_public_access::state::Block;
use shared::resources::lambda::LAMBDA;
use shared::resources::lambda::event_source::EventSources;
use shared::resources::lambda::function_url::FunctionUrls;
use shared::resources::lambda::layer::LayerPermissions;
use shared::resources::lambda::layer::state::{LayerAction, Share};
use shared::resources::s3::document::Write;
use shared::resources::secretsmanager::SecretStates;
use shared::resources::secretsmanager::secret::state::SecretAction;
use shared::resources::sms::SpendLimits;
use shared::resources::ssm::document::DocumentShares;
use shared::resources::ssm::document::state::{Accounts, DocumentAction};
use shared::resources::ssm::{PublicSharing, SSM};

/// A ZIP archive of nothing: the end of its directory, in Base64.
const EMPTY: &str = "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==";

/// None for an event of something else.
pub(super) async fn stage(script: &Script<'_>) -> Option<Result<Stage>> {
    Some(match (script.call.source.as_str(), script.call.name.as_str()) {
        ("elasticmapreduce.amazonaws.com", "PutBlockPublicAccessConfiguration") => block(script).await,
        ("sms-voice.amazonaws.com", "SetTextMessageSpendLimitOverride") => {
            written(script, SpendLimits, Signed::new, rewritten, "played by the account's limit".to_owned()).await
        }
        ("ssm.amazonaws.com", "UpdateServiceSetting") => sharing(script).await,
        ("codebuild.amazonaws.com", "UpdateProjectVisibility") => project(script).await,
        ("cognito-identity.amazonaws.com", _) => identity_pool(script).await,
        ("lambda.amazonaws.com", name) if name.contains("FunctionUrlConfig") => function_url(script).await,
        ("lambda.amazonaws.com", name) if name.contains("EventSourceMapping") => event_source(script).await,
        ("lambda.amazonaws.com", name) if name.starts_with("AddLayerVersionPermission") => layer(script).await,
        ("ssm.amazonaws.com", "ModifyDocumentPermission") => document(script).await,
        ("backup.amazonaws.com", name) if name.ends_with("BackupVaultLockConfiguration") => vault_lock(script).await,
        ("secretsmanager.amazonaws.com", "DeleteSecret") => secret(script).await,
        _ => return None,
    })
}

/// The block as AWS has it on.
async fn block(script: &Script<'_>) -> Result<Stage> {
    let name = script.target(EmrBlockPublicAccess)?.key.name;
    let usual = Write::<EmrBlockPublicAccess>::whole(&name, Block::usual());
    done(&Signed::new(&script.clients.config), &usual).await?;
    written(script, EmrBlockPublicAccess, Signed::new, rewritten, "played by the account's block".to_owned()).await
}

/// Public sharing that is blocked.
async fn sharing(script: &Script<'_>) -> Result<Stage> {
    let client = Signed::new(&script.clients.config);
    crate::stage::set(&client, PublicSharing, (), false).await?;
    written(script, PublicSharing, Signed::new, set, "played by the account's setting".to_owned()).await
}

/// A project that is private.
async fn project(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(ProjectVisibilities)?;
    let shown = target.proven.as_ref().map(ProjectVisibilities::shown).ok_or("the record names no project")?;
    let client = Signed::new(&script.clients.config);
    crate::stage::set(&client, ProjectVisibilities, shown.subject.clone(), false).await?;
    let note = format!("played by {}, made for it", shown.subject);
    written(script, ProjectVisibilities, Signed::new, set, note).await
}

/// A pool without guests, with what else the fixture says.
async fn identity_pool(script: &Script<'_>) -> Result<Stage> {
    let id = script.target(IdentityPools)?.key.name;
    let pool = json!({"IdentityPoolName": "app", "AllowUnauthenticatedIdentities": false});
    let made = called(script, &COGNITO, Request::named("CreateIdentityPool", pool)).await?;
    let own = made.text("IdentityPoolId").ok_or("no identity pool was made")?.to_owned();
    let script = script.about(&id, &own)?;
    let note = format!("played by {own} in place of {id}");
    let mut open = script.live.as_object().cloned().ok_or("nothing says what the pool is like")?;
    open.remove("IdentityPoolId");
    let write = Write::<IdentityPools>::whole(&own, open.clone());
    let mut closed = open;
    closed.insert("AllowUnauthenticatedIdentities".to_owned(), json!(false));
    let before = Write::<IdentityPools>::whole(&own, closed);
    done(&Signed::new(&script.clients.config), &before).await?;
    changed(&script, IdentityPools, write, note)
}

/// A function of this name, and nothing in it.
async fn function(script: &Script<'_>, name: &str) -> Result<()> {
    let role = script.clients.iam.create_role().role_name("lambda").assume_role_policy_document(
        json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"}}]})
        .to_string(),
    );
    let role = role.send().await?.role.ok_or("no role was made")?.arn;
    let body = json!({"FunctionName": name, "Role": role, "Runtime": "provided.al2023", "Handler": "bootstrap",
        "Code": {"ZipFile": EMPTY}});
    let request = Request { body, ..Request::rest("CreateFunction", "POST", &["2015-03-31", "functions"]) };
    called(script, &LAMBDA, request).await.map(|_| ())
}

/// The name of a function by its ARN.
fn name_of(arn: &str) -> Result<&str> {
    Ok(arn.split(':').nth(6).ok_or("it names no function")?)
}

/// A URL that asks for signatures.
async fn function_url(script: &Script<'_>) -> Result<Stage> {
    let arn = script.target(FunctionUrls)?.key;
    let name = name_of(&arn)?;
    function(script, name).await?;
    let path = ["2021-10-31", "functions", name, "url"];
    let body = json!({"AuthType": "AWS_IAM"});
    called(script, &LAMBDA, Request { body, ..Request::rest("CreateFunctionUrlConfig", "POST", &path) }).await?;
    written(script, FunctionUrls, Signed::new, set, format!("played by function {name}, made for it")).await
}

/// A mapping that is disabled, from a queue.
async fn event_source(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(EventSources)?;
    let text = |name: &str| script.live[name].as_str().ok_or("nothing says what the mapping reads");
    let (source, reader) = (text("EventSourceArn")?, name_of(text("FunctionArn")?)?);
    function(script, reader).await?;
    let queue = source.strip_prefix("arn:aws:sqs:").and_then(|rest| rest.rsplit(':').next());
    let queue = queue.ok_or("only queues are made")?;
    script.clients.sqs.create_queue().queue_name(queue).send().await?;
    let body = json!({"EventSourceArn": source, "FunctionName": reader, "Enabled": false});
    let path = ["2015-03-31", "event-source-mappings"];
    let request = Request { body, ..Request::rest("CreateEventSourceMapping", "POST", &path) };
    let made = called(script, &LAMBDA, request).await?;
    let own = made.text("UUID").ok_or("no mapping was made")?;
    let note = format!("played by {own} in place of {}", target.key);
    written(&script.about(&target.key, own)?, EventSources, Signed::new, set, note).await
}

/// A layer that is shared with those of the other statements alone.
async fn layer(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(LayerPermissions)?;
    let (layer, version) = target.key.rsplit_once(':').ok_or("it names no version")?;
    let name = layer.rsplit(':').next().unwrap_or(layer);
    for _ in 0..version.parse::<usize>()? {
        let body = json!({"Content": {"ZipFile": EMPTY}});
        let path = ["2018-10-31", "layers", name, "versions"];
        called(script, &LAMBDA, Request { body, ..Request::rest("PublishLayerVersion", "POST", &path) }).await?;
    }
    let policy: Value = serde_json::from_str(script.live["Policy"].as_str().unwrap_or("{}"))?;
    let changed_by = target.changed.unwrap_or_default();
    let client = Signed::new(&script.clients.config);
    let mut added = None;
    for statement in policy["Statement"].as_array().into_iter().flatten() {
        let sid = statement["Sid"].as_str().unwrap_or_default().to_owned();
        let permit = Share::read(statement).and_then(|share| share.permit()).ok_or("no call adds the statement")?;
        let add = LayerAction::Add { layer: target.key.clone(), sid: sid.clone(), permit };
        if changed_by.contains(&sid) { added = Some(add) } else { done(&client, &add).await? }
    }
    let added = added.ok_or("nothing says which statement was added")?;
    changed(script, LayerPermissions, added, format!("played by version {version} of layer {name}, made for it"))
}

/// A document that is shared with the others of the fixture alone.
async fn document(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(DocumentShares)?;
    let name = target.key;
    let content = json!({"schemaVersion": "2.2", "description": "of a test", "mainSteps": []}).to_string();
    let body = json!({"Name": name, "DocumentType": "Command", "DocumentFormat": "JSON", "Content": content});
    called(script, &SSM, Request::named("CreateDocument", body)).await?;
    let with = |accounts: Vec<String>| DocumentAction::Share(Accounts { name: name.clone(), accounts, version: None });
    let proven = target.proven.ok_or("the record does not show with whom it was shared")?;
    let added: Vec<String> = proven.shares.into_iter().map(|share| share.account).collect();
    let stand = script.live["AccountIds"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let others: Vec<String> = stand.filter(|id| !added.iter().any(|one| one == id)).map(str::to_owned).collect();
    if !others.is_empty() {
        done(&Signed::new(&script.clients.config), &with(others)).await?;
    }
    let note = format!("played by document {name}, made for it");
    changed(script, DocumentShares, with(added), note)
}

/// A vault without a lock.
async fn vault_lock(script: &Script<'_>) -> Result<Stage> {
    let name = script.target(VaultLocks)?.key.name;
    let path = ["backup-vaults", name.as_str()];
    let create = Request { body: json!({}), ..Request::rest("CreateBackupVault", "PUT", &path) };
    called(script, &BACKUP, create).await?;
    written(script, VaultLocks, Signed::new, rewritten, format!("played by vault {name}, made for it")).await
}

/// A secret.
async fn secret(script: &Script<'_>) -> Result<Stage> {
    let target = script.target(SecretStates)?;
    let named = &target.key.id;
    let name = named.rsplit_once(":secret:").map_or(named.as_str(), |(_, name)| name);
    let owner = Owner::secret(script.clients, name).await?;
    let script = script.about(named, owner.name())?;
    let key = script.target(SecretStates)?.key;
    let client = SecretsManager::new(&script.clients.config);
    let delete = SecretAction::Delete { secret: owner.name().to_owned(), days: target.key.window.unwrap_or(30) };
    let reader = Reader::of(SecretStates, key, SecretsManager::new);
    let note = format!("played by {} in place of {named}", owner.name());
    let stage = Stage::new(script.event.clone(), note).seen(View::Read(reader));
    Ok(stage.then(async move { done(&client, &delete).await }))
}
