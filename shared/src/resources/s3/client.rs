//! S3: the client that all settings of buckets share, each in a module of its own. What reads the policy file is another (`aws/s3.rs`).
//!
//! A bucket answers in its own region. Its records come from there, so the client that an event is handled with is that region's; a
//! sweep asks in each region for the buckets of that region alone.

use super::LIST_BUCKETS;
use super::document::{Document, Held, Of};
use crate::aws::{Failure, FailureKind, failure};
use crate::engine::family::{Family, List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::ApplyError;
use aws_config::SdkConfig;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::error::Error;

/// Reads of one page of a listing at once: a sweep shares the account's request rate with all of its other callers.
const AT_ONCE: usize = 8;

/// Buckets of a page: each is read for itself.
const PAGE: i32 = 200;

/// The S3 API of one account and region.
#[derive(Clone, Debug)]
pub struct S3 {
    pub(super) client: Client,
    region: Option<String>,
}

impl S3 {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        // An endpoint on loopback has no names for buckets.
        let is_local = config.endpoint_url().is_some();
        let client = Client::from_conf(Builder::from(config).force_path_style(is_local).build());
        Self { client, region: config.region().map(ToString::to_string) }
    }
}

impl S3 {
    /// A page of the buckets of the region, each looked at for itself.
    pub(super) async fn buckets<F: Family>(
        &self,
        from: Option<&str>,
        key: impl Fn(String) -> F::Key + Send,
    ) -> Result<Observed<Page<F>>, ReadError>
    where
        Self: Observe<F>,
    {
        let call = self.client.list_buckets().max_buckets(PAGE).set_bucket_region(self.region.clone());
        let answer = match call.set_continuation_token(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST_BUCKETS.action),
        };
        let names = answer.buckets.unwrap_or_default().into_iter().filter_map(|bucket| bucket.name);
        let keys: Vec<F::Key> = names.map(key).collect();
        let read = |key: F::Key| async move {
            let seen = Observe::<F>::observe(self, &key, ReadDepth::Full).await?;
            Ok::<_, ReadError>((key, seen))
        };
        let found = stream::iter(keys).map(read).buffered(AT_ONCE).try_collect().await?;
        Ok(Observed::Known(Page { found, next: answer.continuation_token }))
    }
}

/// The buckets of the region, each with this setting.
impl<D> List<D> for S3
where
    D: Document + Family<Key = Of<<D as Document>::Value>, State = Held<<D as Document>::Value>>,
    Self: Observe<D>,
{
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<D>>, ReadError> {
        self.buckets(from, |name| Of::new(name, false)).await
    }
}

/// What a failed read of a setting means. A bucket without the setting says so by an error of its own; only a bucket that is not
/// there is absent.
pub(super) fn unset<V: Clone>(
    failure: Failure,
    key: &Of<V>,
    none: V,
    permission: &str,
) -> Result<Observed<Held<V>>, ReadError> {
    if failure.kind == FailureKind::NotThere && failure.code != "NoSuchBucket" {
        return Ok(Observed::Known(Held::of(key, none)));
    }
    failure.of_read(permission)
}

/// A document that cannot be built from its parts: it lacks what S3 asks for.
pub(super) fn unbuilt(error: &dyn Error) -> ApplyError {
    ApplyError::Refused { code: "not sent".to_owned(), message: error.to_string() }
}
