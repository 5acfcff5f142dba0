//! What Bedrock logs of the invocations of models: LOG-15.
//!
//! Sources: "PutModelInvocationLoggingConfiguration", "DeleteModelInvocationLoggingConfiguration", "GetModelInvocationLoggingConfiguration" (Amazon Bedrock API
//! reference): one configuration for each account and region, and an answer without one says that there is none. Attackers who use up models on the account of others
//! ask for it first, and delete it ("LLMjacking", Sysdig, May 2024).

pub mod off;

use super::BEDROCK;
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use crate::resources::s3::document::{Document, Held, Of, Write, document_family};
use off::InvocationLoggingOff;
use serde_json::{Value, json};

const GET: Permission = Permission::read("bedrock:GetModelInvocationLoggingConfiguration");
pub(crate) const PUT: Permission = Permission::setting("bedrock:PutModelInvocationLoggingConfiguration");
pub(crate) const DELETE: Permission = Permission::setting("bedrock:DeleteModelInvocationLoggingConfiguration");
/// To give it the role by which it writes to CloudWatch Logs.
pub(crate) const PASS_ROLE: Permission =
    Permission::on("iam:PassRole", &["iam::${Account}:role/*"]).when("iam:PassedToService", "bedrock.amazonaws.com");

/// There is one.
const NAME: &str = "model invocation logging";

/// The family of the logging of invocations. A value is a `LoggingConfig`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct InvocationLogging;

document_family!(
    InvocationLogging,
    "bedrock-invocation-logging",
    reads: &[GET],
    lists: &[],
    undoes: &[PUT, DELETE, PASS_ROLE],
    InvocationLoggingOff,
);

/// Where a configuration logs to, and what it logs there, with the values of each; its name for a person first.
#[must_use]
pub fn parts(configuration: &Value) -> Vec<(&'static str, String)> {
    let text = |path: &[&str]| path.iter().try_fold(configuration, |value, name| value.get(*name))?.as_str();
    let places =
        [("log group", text(&["cloudWatchConfig", "logGroupName"])), ("bucket", text(&["s3Config", "bucketName"]))];
    let kinds = [
        ("textDataDeliveryEnabled", "text"),
        ("imageDataDeliveryEnabled", "images"),
        ("embeddingDataDeliveryEnabled", "embeddings"),
        ("videoDataDeliveryEnabled", "video"),
        ("audioDataDeliveryEnabled", "audio"),
    ];
    let kinds = kinds.into_iter().filter(|(member, _)| configuration[*member] == true);
    let places = places.into_iter().filter_map(|(name, place)| Some((name, place?.to_owned())));
    places.chain(kinds.map(|(_, kind)| ("data", kind.to_owned()))).collect()
}

impl Document for InvocationLogging {
    type Value = Option<Value>;

    const SOURCE: &'static str = "bedrock.amazonaws.com";
    const TRIGGERS: &'static [&'static str] =
        &["DeleteModelInvocationLoggingConfiguration", "PutModelInvocationLoggingConfiguration"];

    /// A deletion has no request.
    fn set_by(event: &Event) -> Option<Option<Value>> {
        match event.name.starts_with("Delete") {
            true => Some(None),
            false => event.request.at(&["loggingConfig"]).filter(|config| config.is_object()).cloned().map(Some),
        }
    }

    fn subject(_: &Event) -> Result<String, Unlocatable> {
        Ok(NAME.to_owned())
    }

    fn named(name: &str, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:bedrock:{region}:{account}:model-invocation-logging");
        Resource { id, kind: "Other", name: name.to_owned() }
    }

    fn is_strictest(_: &Option<Value>) -> bool {
        false
    }

    fn permission(configuration: &Option<Value>) -> Permission {
        if configuration.is_some() { PUT } else { DELETE }
    }

    fn says(_: &str, configuration: &Option<Value>) -> String {
        let Some(configuration) = configuration else { return "stop logging Bedrock's model invocations".to_owned() };
        let parts: Vec<String> = parts(configuration).into_iter().map(|(of, what)| format!("{of} {what}")).collect();
        format!("log Bedrock's model invocations: {}", parts.join(", "))
    }

    fn line(_: &str, configuration: &Option<Value>) -> String {
        match configuration {
            Some(configuration) => {
                let document = configuration.to_string();
                format!("aws bedrock put-model-invocation-logging-configuration --logging-config {}", word(&document))
            }
            None => "aws bedrock delete-model-invocation-logging-configuration".to_owned(),
        }
    }
}

impl SignedFamily for InvocationLogging {
    const API: &'static Api = &BEDROCK;

    fn get(_: &Of<Option<Value>>) -> Request {
        Request::rest("GetModelInvocationLoggingConfiguration", "GET", &["logging", "modelinvocations"])
    }

    fn got(key: &Of<Option<Value>>, answer: &Answer) -> Observed<Held<Option<Value>>> {
        match answer.body.get("loggingConfig") {
            None | Some(Value::Null) => Observed::Known(Held::of(key, None)),
            Some(config) if config.is_object() => Observed::Known(Held::of(key, Some(config.clone()))),
            Some(_) => {
                Observed::Unknown { why: "the answer does not show what of model invocations is logged".to_owned() }
            }
        }
    }

    fn list(_: Option<&str>) -> Option<Request> {
        None
    }

    fn listed(_: &Answer) -> Listing<Self> {
        Listing::one(Of::new(NAME.to_owned(), false))
    }

    fn actions() -> Vec<Write<Self>> {
        [Some(json!({"textDataDeliveryEnabled": true})), None].map(|config| Write::whole(NAME, config)).into()
    }
}

impl SignedAction for Write<InvocationLogging> {
    const API: &'static Api = &BEDROCK;

    fn request(&self) -> Request {
        let call = |operation, method| Request::rest(operation, method, &["logging", "modelinvocations"]);
        match &self.value {
            Some(config) => {
                call("PutModelInvocationLoggingConfiguration", "PUT").member("loggingConfig", Some(config.clone()))
            }
            None => call("DeleteModelInvocationLoggingConfiguration", "DELETE"),
        }
    }
}
