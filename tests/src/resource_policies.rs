//! What has a resource policy, in the local AWS: made, and its policy read and written by the functions' own clients.

use crate::Result;
use crate::aws::Clients;
use crate::moto::ACCOUNT;
use aws_config::SdkConfig;
use aws_sdk_s3control::types::PublicAccessBlockConfiguration;
use serde_json::Value;
use shared::aws::service::clients::{Ecr, Events, Kms, S3Control, SecretsManager, Signed, Sns, Sqs};
use shared::engine::family::ReadDepth;
use shared::engine::observed::Observed;
use shared::engine::resource_policy::{PolicyClient, Read, ResourcePolicy, SignedPolicy};
use shared::engine::setting::Subject as _;
use shared::resources::ecr::registry_policy::Registry;
use shared::resources::ecr::repository_policy::Repositories;
use shared::resources::events::bus_policy::Buses;
use shared::resources::kms::key_policy::Keys;
use shared::resources::s3::access_point::AccessPoints;
use shared::resources::s3::bucket_policy::{Bucket, Buckets};
use shared::resources::s3::control::client::connect;
use shared::resources::secretsmanager::secret_policy::Secrets;
use shared::resources::sns::topic_policy::Topics;
use shared::resources::sqs::queue_policy::Queues;
use std::fmt::{self, Debug};
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// A resource with a policy, whatever it is.
#[derive(Clone, Debug)]
pub struct Owner {
    name: String,
    held: Arc<dyn Held>,
}

/// A future, with its type hidden.
type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// Reads and writes by the functions' own client.
trait Held: Debug + Send + Sync {
    fn read<'a>(&'a self, clients: &'a Clients) -> Answer<'a, Read>;
    fn write<'a>(&'a self, clients: &'a Clients, document: Option<&'a str>) -> Answer<'a, ()>;
    fn set<'a>(&'a self, clients: &'a Clients, setting: &'a str) -> Answer<'a, ()>;
}

/// A resource as its calls name it, and its client.
struct Of<P: ResourcePolicy, C> {
    subject: P::Subject,
    connect: fn(&SdkConfig) -> C,
}

impl<P: ResourcePolicy, C> Debug for Of<P, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", P::NOUN, self.subject)
    }
}

impl<P: ResourcePolicy, C: PolicyClient<P> + Send + 'static> Held for Of<P, C> {
    fn read<'a>(&'a self, clients: &'a Clients) -> Answer<'a, Read> {
        let client = (self.connect)(&clients.config);
        Box::pin(async move {
            match client.read(&self.subject, ReadDepth::Quick).await? {
                Observed::Known(read) => Ok(read),
                other => Err(format!("the policy of {self:?} is {other:?}").into()),
            }
        })
    }

    fn write<'a>(&'a self, clients: &'a Clients, document: Option<&'a str>) -> Answer<'a, ()> {
        let client = (self.connect)(&clients.config);
        Box::pin(async move {
            let written = client.write(&self.subject, document, None, "the test's own").await;
            written.map(|_| ()).map_err(|error| format!("cannot write the policy of {self:?}: {error}").into())
        })
    }

    fn set<'a>(&'a self, clients: &'a Clients, setting: &'a str) -> Answer<'a, ()> {
        let client = (self.connect)(&clients.config);
        Box::pin(async move {
            let set = client.set_shield(&self.subject, setting, "the test's own").await;
            set.map(|_| ()).map_err(|error| format!("cannot set what stands before {self:?}: {error}").into())
        })
    }
}

impl Owner {
    /// A resource that is there, by what its calls name.
    pub fn of<P: ResourcePolicy, C: PolicyClient<P> + Send + 'static>(
        _: P,
        subject: P::Subject,
        connect: fn(&SdkConfig) -> C,
    ) -> Self {
        Self { name: subject.name().to_owned(), held: Arc::new(Of::<P, C> { subject, connect }) }
    }

    /// A resource of a service that is called by signed requests. The local AWS takes a policy of any.
    pub fn signed<P: SignedPolicy>(policy: P, subject: P::Subject) -> Self {
        Self::of(policy, subject, Signed::new)
    }

    /// The account's ECR registry.
    #[must_use]
    pub fn registry() -> Self {
        Self::of(Registry, (), Ecr::new)
    }

    /// A topic of this name.
    ///
    /// # Errors
    /// AWS's.
    pub async fn topic(clients: &Clients, name: &str) -> Result<Self> {
        let made = clients.sns.create_topic().name(name).send().await?;
        Ok(Self::of(Topics, made.topic_arn.ok_or("no topic was made")?, Sns::new))
    }

    /// A queue of this name.
    ///
    /// # Errors
    /// AWS's.
    pub async fn queue(clients: &Clients, name: &str) -> Result<Self> {
        let made = clients.sqs.create_queue().queue_name(name).send().await?;
        Ok(Self::of(Queues, made.queue_url.ok_or("no queue was made")?, Sqs::new))
    }

    /// A bus of this name; the default one is there already.
    ///
    /// # Errors
    /// AWS's.
    pub async fn bus(clients: &Clients, name: &str) -> Result<Self> {
        if name != "default" {
            aws_sdk_eventbridge::Client::new(&clients.config).create_event_bus().name(name).send().await?;
        }
        Ok(Self::of(Buses, name.to_owned(), Events::new))
    }

    /// A secret of this name.
    ///
    /// # Errors
    /// AWS's.
    pub async fn secret(clients: &Clients, name: &str) -> Result<Self> {
        let secrets = aws_sdk_secretsmanager::Client::new(&clients.config);
        let made = secrets.create_secret().name(name).secret_string("of a test").send().await?;
        Ok(Self::of(Secrets, made.arn.ok_or("no secret was made")?, SecretsManager::new))
    }

    /// A repository of this name.
    ///
    /// # Errors
    /// AWS's.
    pub async fn repository(clients: &Clients, name: &str) -> Result<Self> {
        aws_sdk_ecr::Client::new(&clients.config).create_repository().repository_name(name).send().await?;
        Ok(Self::of(Repositories, name.to_owned(), Ecr::new))
    }

    /// A key.
    ///
    /// # Errors
    /// AWS's.
    pub async fn key(clients: &Clients) -> Result<Self> {
        let made = aws_sdk_kms::Client::new(&clients.config).create_key().send().await?;
        Ok(Self::of(Keys, made.key_metadata.ok_or("no key was made")?.key_id, Kms::new))
    }

    /// A bucket of this name, without a public access block of its own.
    ///
    /// # Errors
    /// AWS's.
    pub async fn bucket(clients: &Clients, name: &str) -> Result<Self> {
        clients.new_bucket(name).send().await?;
        let bucket = Bucket { name: name.to_owned(), account: ACCOUNT.to_owned() };
        Ok(Self::of(Buckets, bucket, S3Control::new))
    }

    /// An access point of this ARN, of a bucket of its own, that blocks what `blocks` names, as S3 Control writes it: `{"BlockPublicAcls": true}`.
    ///
    /// # Errors
    /// AWS's.
    pub async fn access_point(clients: &Clients, arn: &str, blocks: &Value) -> Result<Self> {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let bucket = format!("{name}-behind");
        drop(Self::bucket(clients, &bucket).await?);
        let is_on = |flag: &str| blocks[flag] == true;
        let block = PublicAccessBlockConfiguration::builder()
            .block_public_acls(is_on("BlockPublicAcls"))
            .ignore_public_acls(is_on("IgnorePublicAcls"))
            .block_public_policy(is_on("BlockPublicPolicy"))
            .restrict_public_buckets(is_on("RestrictPublicBuckets"));
        let call = connect(&clients.config).create_access_point().account_id(ACCOUNT).name(name).bucket(bucket);
        call.public_access_block_configuration(block.build()).send().await?;
        Ok(Self::of(AccessPoints, arn.to_owned(), S3Control::new))
    }

    /// What its calls name; nothing for what an account has once.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its policy, as AWS has it; none where there is none.
    ///
    /// # Errors
    /// AWS's.
    pub async fn document(&self, clients: &Clients) -> Result<Option<String>> {
        Ok(self.held.read(clients).await?.document.known().cloned())
    }

    /// The setting that stands before it, where there is one, and its statements, a line each.
    ///
    /// # Errors
    /// AWS's, or a policy that is no JSON.
    pub async fn lines(&self, clients: &Clients) -> Result<Vec<String>> {
        let read = self.held.read(clients).await?;
        let mut lines: Vec<String> = read.setting.iter().map(|setting| format!("setting: {setting}")).collect();
        if let Some(text) = read.document.known() {
            let document: Value = serde_json::from_str(text)?;
            match &document["Statement"] {
                Value::Array(statements) => lines.extend(statements.iter().map(Value::to_string)),
                statement => lines.push(statement.to_string()),
            }
        }
        Ok(lines)
    }

    /// Sets what stands before its policy, of what has such a setting.
    ///
    /// # Errors
    /// AWS's.
    pub async fn set(&self, clients: &Clients, setting: &str) -> Result<()> {
        self.held.set(clients, setting).await
    }

    /// Writes its policy, or takes it away.
    ///
    /// # Errors
    /// AWS's.
    pub async fn write(&self, clients: &Clients, document: Option<&str>) -> Result<()> {
        self.held.write(clients, document).await
    }
}
