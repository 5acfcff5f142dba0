//! Services without an SDK crate here: [`Request`]s, sent as the SDK sends its own.
//!
//! Credentials, signature, retries, timeouts and connections are the SDK's (`aws-smithy-runtime`'s `Operation`, `aws-runtime`'s
//! signature version 4); what a request says is its service's file. docs/adr/0023-small-services-are-called-by-signed-requests.md says for which services.

mod families;
mod pages;
mod policies;
#[cfg(feature = "query")]
mod query_answer;

use crate::aws::failure::{Failure, FailureKind, failure};
use crate::engine::plan::{Applied, ApplyError};
use crate::engine::planned::scalar_text;
use crate::engine::request::{Answer, Api, Means, Protocol, Request};
use aws_config::SdkConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_runtime::auth::sigv4::{SCHEME_ID, SigV4AuthScheme};
use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_runtime::retries::classifiers::AwsErrorCodeClassifier;
use aws_sdk_sns::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_smithy_http::{label, query};
use aws_smithy_runtime::client::identity::IdentityCache;
use aws_smithy_runtime::client::orchestrator::operation::Operation;
use aws_smithy_runtime::client::retries::classifiers::{HttpStatusCodeClassifier, TransientErrorClassifier};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::static_resolver::StaticAuthSchemeOptionResolver;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeOptionResolverParams, SharedAuthScheme, SharedAuthSchemeOptionResolver,
};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponentsBuilder;
use aws_smithy_runtime_api::client::runtime_plugin::StaticRuntimePlugin;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::Layer;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::retry::{ErrorKind, ProvideErrorKind};
use aws_types::SigningName;
use aws_types::region::SigningRegion;
use serde_json::Value;
use std::error::Error;
use std::fmt;

/// The services of one account and region that are called by signed requests.
#[derive(Clone, Debug)]
pub struct Signed {
    config: SdkConfig,
    credentials: Option<SharedCredentialsProvider>,
}

/// A service's error.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    meta: ErrorMetadata,
    errors: &'static [(&'static str, Means)],
}

impl Refusal {
    /// What the service's file says that it means.
    pub(crate) fn means(&self) -> Option<FailureKind> {
        let (_, means) = self.errors.iter().find(|(code, _)| Some(*code) == self.meta.code())?;
        Some(match means {
            Means::NotThere => FailureKind::NotThere,
            Means::NotYet => FailureKind::NotYet,
            Means::Changed => FailureKind::Changed,
            Means::Transient => FailureKind::Transient,
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.meta, f)
    }
}

impl Error for Refusal {}

impl ProvideErrorMetadata for Refusal {
    fn meta(&self) -> &ErrorMetadata {
        &self.meta
    }
}

impl ProvideErrorKind for Refusal {
    fn code(&self) -> Option<&str> {
        self.meta.code()
    }

    fn retryable_error_kind(&self) -> Option<ErrorKind> {
        None
    }
}

impl Signed {
    /// Clients with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { config: config.clone(), credentials: config.credentials_provider() }
    }

    /// The region that is called.
    #[must_use]
    pub fn region(&self) -> Option<&str> {
        self.config.region().map(AsRef::as_ref)
    }

    /// Sends a request.
    ///
    /// # Errors
    /// [`Failure`], sorted as that of any other call.
    pub async fn call(&self, api: &'static Api, request: Request) -> Result<Answer, Failure> {
        let endpoint = self.endpoint(api)?;
        self.operation(api, request.operation, &endpoint)?.invoke(request).await.map_err(|error| failure(&error))
    }

    /// Sends a request that changes something.
    ///
    /// # Errors
    /// What AWS answered.
    pub async fn change(
        &self,
        api: &'static Api,
        request: Request,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        match self.call(api, request).await {
            Ok(Answer { request_id, .. }) => Ok(Applied { request_id, ..Applied::default() }),
            Err(failure) => Err(failure.of_action(permission)),
        }
    }

    /// Where the service is: the host that the configuration names, or the region's, in the domain of its partition, which an
    /// SDK knows.
    fn endpoint(&self, api: &Api) -> Result<String, Failure> {
        if let Some(named) = self.config.endpoint_url() {
            return Ok(named.trim_end_matches('/').to_owned());
        }
        let not_sent = |message: String| Failure::not_sent(message);
        let region = self.region().ok_or_else(|| not_sent("no region is configured".to_owned()))?;
        if let Some(whole) = api.host.strip_prefix("https://") {
            return Ok(format!("https://{}", whole.replace("{region}", region)));
        }
        let params =
            Params::builder().region(region.to_owned()).build().map_err(|error| not_sent(error.to_string()))?;
        let of_sns = DefaultResolver::new();
        let found = of_sns.resolve_endpoint(&params);
        let url = futures_util::FutureExt::now_or_never(found)
            .ok_or_else(|| not_sent(format!("no endpoint of region `{region}` is known")))?
            .map_err(|error| not_sent(error.to_string()))?;
        let of_sns = url.url().strip_prefix("https://sns.");
        let domain = of_sns.ok_or_else(|| not_sent(format!("`{}` is no endpoint of a region", url.url())))?;
        Ok(format!("https://{}.{domain}", api.host))
    }

    fn operation(
        &self,
        api: &'static Api,
        name: &'static str,
        endpoint: &str,
    ) -> Result<Operation<Request, Answer, Refusal>, Failure> {
        let not_sent = |what: &str| Failure::not_sent(format!("no {what} is configured"));
        let region = self.config.region().cloned().ok_or_else(|| not_sent("region"))?;
        let credentials = self.credentials.clone().ok_or_else(|| not_sent("provider of credentials"))?;
        // Shared by the function's clients: credentials are asked for once.
        let cache = self.config.identity_cache().unwrap_or_else(|| IdentityCache::lazy().build());
        let mut layer = Layer::new("signed request");
        layer.store_put(AuthSchemeOptionResolverParams::new(()));
        layer.store_put(SigV4OperationSigningConfig {
            region: Some(SigningRegion::from(region)),
            name: Some(SigningName::from_static(api.signed_as)),
            signing_options: SigningOptions::default(),
            ..SigV4OperationSigningConfig::default()
        });
        let schemes = StaticAuthSchemeOptionResolver::new(vec![SCHEME_ID]);
        let mut components = RuntimeComponentsBuilder::new("signed request")
            .with_auth_scheme_option_resolver(Some(SharedAuthSchemeOptionResolver::new(schemes)))
            .with_auth_scheme(SharedAuthScheme::new(SigV4AuthScheme::new()))
            .with_retry_classifier(TransientErrorClassifier::<Refusal>::new())
            .with_retry_classifier(AwsErrorCodeClassifier::<Refusal>::new())
            .with_retry_classifier(HttpStatusCodeClassifier::default())
            .with_identity_cache(Some(cache));
        components.set_identity_resolver(SCHEME_ID, credentials);
        let plugin = StaticRuntimePlugin::new().with_config(layer.freeze()).with_runtime_components(components);
        let mut builder = Operation::builder()
            .service_name(api.signed_as)
            .operation_name(name)
            .behavior_version(BehaviorVersion::latest())
            .endpoint_url(endpoint)
            .with_connection_poisoning()
            .runtime_plugin(plugin);
        // What is not configured is the SDK's default.
        if let Some(http) = self.config.http_client() {
            builder = builder.http_client(http);
        }
        if let Some(retries) = self.config.retry_config() {
            builder = builder.standard_retry(retries);
        }
        if let Some(timeouts) = self.config.timeout_config() {
            builder = builder.timeout_config(timeouts.clone());
        }
        if let Some(sleep) = self.config.sleep_impl() {
            builder = builder.sleep_impl(sleep);
        }
        if let Some(time) = self.config.time_source() {
            builder = builder.time_source(time);
        }
        Ok(builder
            .serializer(move |request: Request| written(api, &request))
            .deserializer(move |response: &HttpResponse| read(api, response))
            .build())
    }
}

/// The request as it goes over the wire.
fn written(api: &Api, request: &Request) -> Result<HttpRequest, BoxError> {
    let mut uri = String::new();
    for part in &request.path {
        uri.push('/');
        uri.push_str(&label::fmt_string(part, label::EncodingStrategy::Default));
    }
    if uri.is_empty() {
        uri.push('/');
    }
    for (index, (name, value)) in request.query.iter().enumerate() {
        uri.push(if index == 0 { '?' } else { '&' });
        uri.push_str(&format!("{}={}", query::fmt_string(name), query::fmt_string(value)));
    }
    let body = match (api.protocol, &request.body) {
        (Protocol::Rest, Value::Null) => SdkBody::empty(),
        (Protocol::Json { .. }, Value::Null) => SdkBody::from("{}"),
        (Protocol::Query { version }, body) => SdkBody::from(form(request.operation, version, body)?),
        (_, body) => SdkBody::from(body.to_string()),
    };
    let length = body.content_length().unwrap_or_default();
    let mut written = HttpRequest::new(body);
    written.set_method(request.method)?;
    written.set_uri(uri)?;
    let headers = written.headers_mut();
    // CloudTrail shows it, and a reader of a log of requests sees what a path stands for.
    let agent = format!("parapet/{} api/{} op/{}", env!("CARGO_PKG_VERSION"), api.signed_as, request.operation);
    headers.insert("user-agent", agent);
    match api.protocol {
        Protocol::Rest => {
            headers.insert("accept", "application/json");
            if length > 0 {
                headers.insert("content-type", "application/json");
            }
        }
        Protocol::Json { version, target } => {
            headers.insert("content-type", format!("application/x-amz-json-{version}"));
            headers.insert("x-amz-target", format!("{target}.{}", request.operation));
        }
        Protocol::Query { .. } => {
            headers.insert("content-type", "application/x-www-form-urlencoded");
        }
    }
    for (name, value) in &request.headers {
        headers.try_insert(*name, value.clone())?;
    }
    if length > 0 || request.method != "GET" {
        headers.insert("content-length", length.to_string());
    }
    Ok(written)
}

/// The form of a call by the query protocol: its members are texts, numbers and truths.
fn form(operation: &str, version: &str, members: &Value) -> Result<String, BoxError> {
    let mut form = format!("Action={operation}&Version={version}");
    for (name, value) in members.as_object().into_iter().flatten() {
        let text = scalar_text(value).ok_or_else(|| format!("`{name}` of `{operation}` is a list or a structure"))?;
        form.push_str(&format!("&{}={}", query::fmt_string(name), query::fmt_string(&text)));
    }
    Ok(form)
}

/// What came back. An error's code stands in a header, or in the body as `__type` or `code`, with a namespace before it or an
/// address behind.
fn read(api: &Api, response: &HttpResponse) -> Result<Answer, OrchestratorError<Refusal>> {
    let bytes = response.body().bytes().unwrap_or_default();
    let header = |name: &str| response.headers().get(name).map(str::to_owned);
    let request_id =
        header("x-amzn-requestid").or_else(|| header("x-amz-request-id")).or_else(|| header("x-amzn-request-id"));
    if matches!(api.protocol, Protocol::Query { .. }) {
        return read_query(api, response.status().is_success(), bytes, request_id);
    }
    if response.status().is_success() {
        let body = match bytes {
            [] => Value::Object(serde_json::Map::new()),
            bytes => serde_json::from_slice(bytes).map_err(|error| OrchestratorError::response(error.into()))?,
        };
        return Ok(Answer { body, request_id });
    }
    let body: Value = serde_json::from_slice(bytes).unwrap_or_default();
    let said = |names: &[&str]| names.iter().find_map(|name| body.get(*name)?.as_str().map(str::to_owned));
    let code = header("x-amzn-errortype").or_else(|| said(&["__type", "code", "Code"]));
    let mut meta = ErrorMetadata::builder();
    if let Some(code) = &code {
        let code = code.split(':').next().unwrap_or(code);
        meta = meta.code(code.rsplit('#').next().unwrap_or(code));
    }
    if let Some(message) = said(&["message", "Message", "errorMessage"]) {
        meta = meta.message(message);
    }
    Err(OrchestratorError::operation(Refusal { meta: meta.build(), errors: api.errors }))
}

#[cfg(feature = "query")]
use query_answer::read as read_query;

/// Without the feature no family speaks it.
#[cfg(not(feature = "query"))]
fn read_query(_: &Api, _: bool, _: &[u8], _: Option<String>) -> Result<Answer, OrchestratorError<Refusal>> {
    Err(OrchestratorError::response("this build reads no answers in XML: it lacks the feature `query`".into()))
}
