//! Clients of the local AWS, for a test that acts as the principals of the account.

use crate::moto::REGION;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ec2::config::Credentials;
use aws_sdk_s3::operation::create_bucket::builders::CreateBucketFluentBuilder;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

/// What an account needs to call AWS.
#[derive(Clone, Debug)]
pub struct Keys {
    /// `AWS_ACCESS_KEY_ID`
    pub id: String,
    /// `AWS_SECRET_ACCESS_KEY`
    pub secret: String,
    /// `AWS_SESSION_TOKEN`
    pub token: Option<String>,
}

impl Default for Keys {
    /// Keys that moto takes from anybody while IAM is not enforced.
    fn default() -> Self {
        Self { id: "AKIAEXAMPLEEXAMPLE00".to_owned(), secret: "secret".to_owned(), token: None }
    }
}

/// The clients of a principal with these keys.
#[derive(Clone, Debug)]
pub struct Clients {
    /// What all of them share.
    pub config: SdkConfig,
    /// DynamoDB
    pub dynamodb: aws_sdk_dynamodb::Client,
    /// EC2
    pub ec2: aws_sdk_ec2::Client,
    /// IAM
    pub iam: aws_sdk_iam::Client,
    /// S3
    pub s3: aws_sdk_s3::Client,
    /// SNS
    pub sns: aws_sdk_sns::Client,
    /// SQS
    pub sqs: aws_sdk_sqs::Client,
}

impl Clients {
    /// The clients of a principal with these keys, at this endpoint.
    pub async fn new(endpoint: &str, keys: &Keys) -> Self {
        Self::in_region(endpoint, keys, REGION).await
    }

    /// The same in another region.
    pub async fn in_region(endpoint: &str, keys: &Keys, region: &str) -> Self {
        let credentials = Credentials::new(&keys.id, &keys.secret, keys.token.clone(), None, "tests");
        let config: SdkConfig = aws_config::defaults(BehaviorVersion::latest())
            .endpoint_url(endpoint)
            .region(Region::new(region.to_owned()))
            .credentials_provider(credentials)
            .load()
            .await;
        Self {
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            ec2: aws_sdk_ec2::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            s3: aws_sdk_s3::Client::from_conf(
                aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
            ),
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            config,
        }
    }

    /// The call that makes a bucket of this name, where the clients are.
    #[must_use]
    pub fn new_bucket(&self, name: &str) -> CreateBucketFluentBuilder {
        let region = self.config.region().map_or(REGION, |region| region.as_ref());
        let place = (region != "us-east-1").then(|| {
            CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(region)).build()
        });
        self.s3.create_bucket().bucket(name).set_create_bucket_configuration(place)
    }
}
