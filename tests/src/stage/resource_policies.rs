//! Topics, queues, buses, secrets and repositories, with no policy of their own at first.

use super::{Script, Stage, called};
use crate::moto::ACCOUNT;
use crate::resource_policies::Owner;
use crate::view::View;
use crate::{Result, databases};
use serde_json::{Value, json};
use shared::aws::service::clients::DynamoDb;
use shared::engine::observed::Observed;
use shared::engine::request::Request;
use shared::engine::resource_policy::{Policies, ResourcePolicy, SignedPolicy};
use shared::engine::setting::Subject as _;
use shared::resources::agentcore::resource_policy::AgentRuntimes;
use shared::resources::backup::vault_policy::Vaults as BackupVaults;
use shared::resources::bedrock::resource_policy::CustomModels;
use shared::resources::cloudtrail::resource_policy::EventDataStores;
use shared::resources::codeartifact::domain_policy::Domains as PackageDomains;
use shared::resources::codeartifact::repository_policy::Repositories as PackageRepositories;
use shared::resources::database::table_policy::Tables as TablesOfDynamoDb;
use shared::resources::dsql::cluster_policy::DsqlClusters;
use shared::resources::ecr::public_repository_policy::PublicRepositories;
use shared::resources::ecr::registry_policy::Registry;
use shared::resources::ecr::repository_policy::Repositories;
use shared::resources::efs::file_system_policy::FileSystems;
use shared::resources::events::bus_policy::Buses;
use shared::resources::glacier::vault_policy::Vaults as GlacierVaults;
use shared::resources::glue::catalog_policy::Catalog;
use shared::resources::kinesis::stream_policy::Streams;
use shared::resources::kms::key_policy::Keys;
use shared::resources::lambda::function_policy::Functions;
use shared::resources::logs::LOGS;
use shared::resources::logs::destination_policy::Destinations;
use shared::resources::logs::resource_policy::LogGroups;
use shared::resources::opensearch::OPENSEARCH;
use shared::resources::opensearch::domain_policy::Domains;
use shared::resources::s3::AccessPointBlocks;
use shared::resources::s3::access_point::AccessPoints;
use shared::resources::s3::bucket_policy::Buckets;
use shared::resources::s3files::file_system_policy::S3FileSystems;
use shared::resources::s3tables::bucket_policy::TableBuckets;
use shared::resources::s3tables::table_policy::Tables;
use shared::resources::s3vectors::bucket_policy::VectorBuckets;
use shared::resources::secretsmanager::secret_policy::Secrets;
use shared::resources::ses::identity_policy::Identities;
use shared::resources::sns::topic_policy::Topics;
use shared::resources::sqs::queue_policy::Queues;

/// None for an event of something else.
pub(super) async fn stage(script: &Script<'_>) -> Option<Result<Stage>> {
    Some(match script.call.source.as_str() {
        "sns.amazonaws.com" => topic(script).await,
        "sqs.amazonaws.com" => queue(script).await,
        "events.amazonaws.com" => bus(script).await,
        "secretsmanager.amazonaws.com" if script.call.name != "DeleteSecret" => secret(script).await,
        "es.amazonaws.com" if script.target(Policies::<Domains>::default()).is_ok() => domain(script).await,
        "logs.amazonaws.com" if script.call.name == "PutDestinationPolicy" => destination(script).await,
        "dynamodb.amazonaws.com" if script.call.name == "PutResourcePolicy" => table(script).await,
        "ecr.amazonaws.com" if script.call.name == "PutRegistryPolicy" => registry(script).await,
        "ecr.amazonaws.com" => repository(script).await,
        "kms.amazonaws.com" if ["CreateKey", "PutKeyPolicy"].contains(&script.call.name.as_str()) => key(script).await,
        "s3.amazonaws.com" if script.call.name == "PutBucketPolicy" => bucket(script).await,
        // The block of a bucket with a policy that it made ineffective.
        "s3.amazonaws.com"
            if script.call.name == "DeleteBucketPublicAccessBlock" && script.live["document"].is_object() =>
        {
            bucket(script).await
        }
        "s3.amazonaws.com" if script.call.name == "PutAccessPointPolicy" => access_point(script).await,
        "s3.amazonaws.com" if script.call.name == "CreateAccessPoint" => open_access_point(script).await,
        _ => return any_signed(script).await,
    })
}

/// The resource that the event names, and the document that it is about: as the record shows it, or as a fixture says that it stands.
fn asked<P: ResourcePolicy>(script: &Script<'_>, _: P) -> Result<(P::Subject, Option<String>)> {
    let target = script.target(Policies::<P>::default())?;
    let live = match &script.live["document"] {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        document => Some(document.to_string()),
    };
    let proven = target.proven.and_then(|state| match state.document {
        Observed::Known(document) => Some(document),
        Observed::Absent | Observed::Unknown { .. } => None,
    });
    Ok((target.key, live.or(proven)))
}

/// `owner` plays what is called `named` in the event.
async fn played(script: &Script<'_>, named: &str, owner: Owner, document: Option<String>) -> Result<Stage> {
    let stage = if owner.name() == named { script.made(named) } else { script.played(named, owner.name())? };
    let clients = script.clients.clone();
    let stage = stage.seen(View::Policy(owner.clone()));
    let setting = script.live["setting"].as_str().filter(|setting| *setting != "none").map(str::to_owned);
    if let Some(setting) = &setting {
        owner.set(&clients, setting).await?;
    }
    Ok(stage.then(async move { owner.write(&clients, document.as_deref()).await }))
}

async fn topic(script: &Script<'_>) -> Result<Stage> {
    let (arn, document) = asked(script, Topics)?;
    let owner = Owner::topic(script.clients, arn.rsplit(':').next().unwrap_or_default()).await?;
    played(script, &arn, owner, document).await
}

async fn queue(script: &Script<'_>) -> Result<Stage> {
    let (url, document) = asked(script, Queues)?;
    let owner = Owner::queue(script.clients, url.rsplit('/').next().unwrap_or_default()).await?;
    played(script, &url, owner, document).await
}

async fn bus(script: &Script<'_>) -> Result<Stage> {
    let (name, document) = asked(script, Buses)?;
    let owner = Owner::bus(script.clients, &name).await?;
    played(script, &name, owner, document).await
}

async fn secret(script: &Script<'_>) -> Result<Stage> {
    let (named, document) = asked(script, Secrets)?;
    let name = named.rsplit_once(":secret:").map_or(named.as_str(), |(_, name)| name);
    let owner = Owner::secret(script.clients, name).await?;
    played(script, &named, owner, document).await
}

async fn repository(script: &Script<'_>) -> Result<Stage> {
    let (name, document) = asked(script, Repositories)?;
    let owner = Owner::repository(script.clients, &name).await?;
    played(script, &name, owner, document).await
}

async fn key(script: &Script<'_>) -> Result<Stage> {
    let (id, document) = asked(script, Keys)?;
    let owner = Owner::key(script.clients).await?;
    played(script, &id, owner, document).await
}

async fn bucket(script: &Script<'_>) -> Result<Stage> {
    let (bucket, document) = asked(script, Buckets)?;
    let owner = Owner::bucket(script.clients, &bucket.name).await?;
    played(script, &bucket.name, owner, document).await
}

async fn access_point(script: &Script<'_>) -> Result<Stage> {
    let (arn, document) = asked(script, AccessPoints)?;
    let owner = Owner::access_point(script.clients, &arn, &Value::Null).await?;
    played(script, &arn, owner, document).await
}

/// Nothing changes how one was made.
async fn open_access_point(script: &Script<'_>) -> Result<Stage> {
    let arn = script.target(AccessPointBlocks)?.key;
    let blocks = &script.live["PublicAccessBlockConfiguration"];
    Ok(script.made(Owner::access_point(script.clients, &arn, blocks).await?.name()))
}

async fn domain(script: &Script<'_>) -> Result<Stage> {
    let (name, document) = asked(script, Domains)?;
    let path = ["2021-01-01", "opensearch", "domain"];
    let create = Request::rest("CreateDomain", "POST", &path).member("DomainName", Some(name.as_str()));
    called(script, &OPENSEARCH, create).await?;
    let owner = Owner::signed(Domains, name.clone());
    played(script, &name, owner, document).await
}

async fn destination(script: &Script<'_>) -> Result<Stage> {
    let (name, document) = asked(script, Destinations)?;
    let body = json!({"destinationName": name, "targetArn": format!("arn:aws:kinesis:eu-central-1:{ACCOUNT}:stream/logs"),
        "roleArn": format!("arn:aws:iam::{ACCOUNT}:role/logs")});
    called(script, &LOGS, Request::named("PutDestination", body)).await?;
    played(script, &name, Owner::signed(Destinations, name.clone()), document).await
}

async fn table(script: &Script<'_>) -> Result<Stage> {
    let (arn, document) = asked(script, TablesOfDynamoDb)?;
    databases::table(script.clients, arn.split(":table/").nth(1).unwrap_or_default()).await?;
    let owner = Owner::of(TablesOfDynamoDb, arn.clone(), DynamoDb::new);
    played(script, &arn, owner, document).await
}

async fn any_signed(script: &Script<'_>) -> Option<Result<Stage>> {
    macro_rules! first {
        ($($policy:ident),+ $(,)?) => {
            $(if let Some(stage) = signed(script, $policy).await {
                return Some(stage);
            })+
        };
    }
    first!(
        Functions,
        Streams,
        Catalog,
        FileSystems,
        BackupVaults,
        GlacierVaults,
        PackageDomains,
        PackageRepositories,
        PublicRepositories,
        TableBuckets,
        Tables,
        VectorBuckets,
        LogGroups,
        Identities,
        EventDataStores,
        DsqlClusters,
        CustomModels,
        AgentRuntimes,
        S3FileSystems,
    );
    None
}

/// Of a service that is called by signed requests: the local AWS takes a policy of any resource. None where the event is not one of this policy's.
async fn signed<P: SignedPolicy>(script: &Script<'_>, policy: P) -> Option<Result<Stage>> {
    let (subject, document) = asked(script, policy).ok()?;
    let named = subject.name().to_owned();
    Some(played(script, &named, Owner::signed(policy, subject), document).await)
}

async fn registry(script: &Script<'_>) -> Result<Stage> {
    let ((), document) = asked(script, Registry)?;
    played(script, "", Owner::registry(), document).await
}
