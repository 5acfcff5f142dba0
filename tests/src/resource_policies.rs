//! What has a resource policy, in the local AWS: made, and its policy read and written by the functions' own clients.

use crate::Result;
use crate::aws::Clients;
use crate::moto::{ACCOUNT, REGION};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use serde_json::Value;
use shared::aws::service::clients::{Ecr, Events, Kms, S3Control, SecretsManager, Signed, Sns, Sqs};
use shared::engine::family::ReadDepth;
use shared::engine::observed::Observed;
use shared::engine::resource_policy::{PolicyClient, Read};
use shared::resources::ecr::registry_policy::Registry;
use shared::resources::ecr::repository_policy::Repositories;
use shared::resources::events::bus_policy::Buses;
use shared::resources::kms::key_policy::Keys;
use shared::resources::lambda::function_policy::Functions;
use shared::resources::s3::bucket_policy::{Bucket, Buckets};
use shared::resources::secretsmanager::secret_policy::Secrets;
use shared::resources::sns::topic_policy::Topics;
use shared::resources::sqs::queue_policy::Queues;

/// A resource with a policy, as its calls name it.
#[derive(Clone, Debug)]
pub enum Owner {
    /// An SNS topic, by its ARN.
    Topic(String),
    /// An SQS queue, by its URL.
    Queue(String),
    /// An event bus, by its name.
    Bus(String),
    /// A secret, by its ARN.
    Secret(String),
    /// An ECR repository, by its name.
    Repository(String),
    /// The account's ECR registry.
    Registry(()),
    /// A KMS key, by its id.
    Key(String),
    /// A bucket.
    Bucket(Bucket),
    /// A Lambda function, by its ARN.
    Function(String),
}

/// `$body` with the client, the name and the description of whichever it is.
macro_rules! with_client {
    ($owner:expr, $config:expr, ($client:ident, $subject:ident, $Policy:ident) => $body:expr) => {
        match $owner {
            Owner::Topic($subject) => {
                type $Policy = Topics;
                let $client = Sns::new($config);
                $body
            }
            Owner::Queue($subject) => {
                type $Policy = Queues;
                let $client = Sqs::new($config);
                $body
            }
            Owner::Bus($subject) => {
                type $Policy = Buses;
                let $client = Events::new($config);
                $body
            }
            Owner::Secret($subject) => {
                type $Policy = Secrets;
                let $client = SecretsManager::new($config);
                $body
            }
            Owner::Repository($subject) => {
                type $Policy = Repositories;
                let $client = Ecr::new($config);
                $body
            }
            Owner::Registry($subject) => {
                type $Policy = Registry;
                let $client = Ecr::new($config);
                $body
            }
            Owner::Key($subject) => {
                type $Policy = Keys;
                let $client = Kms::new($config);
                $body
            }
            Owner::Bucket($subject) => {
                type $Policy = Buckets;
                let $client = S3Control::new($config);
                $body
            }
            Owner::Function($subject) => {
                type $Policy = Functions;
                let $client = Signed::new($config);
                $body
            }
        }
    };
}

impl Owner {
    /// A topic of this name.
    ///
    /// # Errors
    /// AWS's.
    pub async fn topic(clients: &Clients, name: &str) -> Result<Self> {
        let made = clients.sns.create_topic().name(name).send().await?;
        Ok(Self::Topic(made.topic_arn.ok_or("no topic was made")?))
    }

    /// A queue of this name.
    ///
    /// # Errors
    /// AWS's.
    pub async fn queue(clients: &Clients, name: &str) -> Result<Self> {
        let made = clients.sqs.create_queue().queue_name(name).send().await?;
        Ok(Self::Queue(made.queue_url.ok_or("no queue was made")?))
    }

    /// A bus of this name; the default one is there already.
    ///
    /// # Errors
    /// AWS's.
    pub async fn bus(clients: &Clients, name: &str) -> Result<Self> {
        if name != "default" {
            aws_sdk_eventbridge::Client::new(&clients.config).create_event_bus().name(name).send().await?;
        }
        Ok(Self::Bus(name.to_owned()))
    }

    /// A secret of this name.
    ///
    /// # Errors
    /// AWS's.
    pub async fn secret(clients: &Clients, name: &str) -> Result<Self> {
        let secrets = aws_sdk_secretsmanager::Client::new(&clients.config);
        let made = secrets.create_secret().name(name).secret_string("of a test").send().await?;
        Ok(Self::Secret(made.arn.ok_or("no secret was made")?))
    }

    /// A repository of this name.
    ///
    /// # Errors
    /// AWS's.
    pub async fn repository(clients: &Clients, name: &str) -> Result<Self> {
        aws_sdk_ecr::Client::new(&clients.config).create_repository().repository_name(name).send().await?;
        Ok(Self::Repository(name.to_owned()))
    }

    /// A key.
    ///
    /// # Errors
    /// AWS's.
    pub async fn key(clients: &Clients) -> Result<Self> {
        let made = aws_sdk_kms::Client::new(&clients.config).create_key().send().await?;
        Ok(Self::Key(made.key_metadata.ok_or("no key was made")?.key_id))
    }

    /// A bucket of this name, without a public access block of its own.
    ///
    /// # Errors
    /// AWS's.
    pub async fn bucket(clients: &Clients, name: &str) -> Result<Self> {
        let region = clients.config.region().map_or(REGION, |region| region.as_ref());
        let place = (region != "us-east-1").then(|| {
            CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(region)).build()
        });
        clients.s3.create_bucket().bucket(name).set_create_bucket_configuration(place).send().await?;
        Ok(Self::Bucket(Bucket { name: name.to_owned(), account: ACCOUNT.to_owned() }))
    }

    /// What its calls name; nothing for what an account has once.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Topic(name)
            | Self::Queue(name)
            | Self::Bus(name)
            | Self::Secret(name)
            | Self::Repository(name)
            | Self::Key(name)
            | Self::Function(name) => name,
            Self::Bucket(bucket) => &bucket.name,
            Self::Registry(()) => "",
        }
    }

    async fn read(&self, clients: &Clients) -> Result<Read> {
        let seen = with_client!(self, &clients.config, (client, subject, Policy) => {
            PolicyClient::<Policy>::read(&client, subject, ReadDepth::Quick).await
        })?;
        match seen {
            Observed::Known(read) => Ok(read),
            other => Err(format!("the policy of {self:?} is {other:?}").into()),
        }
    }

    /// Its policy, as AWS has it; none where there is none.
    ///
    /// # Errors
    /// AWS's.
    pub async fn document(&self, clients: &Clients) -> Result<Option<String>> {
        Ok(self.read(clients).await?.document.known().cloned())
    }

    /// The setting that stands before it, where there is one, and its statements, a line each.
    ///
    /// # Errors
    /// AWS's, or a policy that is no JSON.
    pub async fn lines(&self, clients: &Clients) -> Result<Vec<String>> {
        let read = self.read(clients).await?;
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
        with_client!(self, &clients.config, (client, subject, Policy) => {
            PolicyClient::<Policy>::set_shield(&client, subject, setting, "the test's own").await
        })
        .map(|_| ())
        .map_err(|error| format!("cannot set what stands before the policy of {self:?}: {error}").into())
    }

    /// Writes its policy, or takes it away.
    ///
    /// # Errors
    /// AWS's.
    pub async fn write(&self, clients: &Clients, document: Option<&str>) -> Result<()> {
        with_client!(self, &clients.config, (client, subject, Policy) => {
            PolicyClient::<Policy>::write(&client, subject, document, None, "the test's own").await
        })
        .map(|_| ())
        .map_err(|error| format!("cannot write the policy of {self:?}: {error}").into())
    }
}
