//! KMS: the client that all of its resources share, each in a module of its own. What signs the ledger is another (`aws/kms.rs`).

use crate::aws::failure;
use crate::engine::family::ReadError;
use crate::engine::observed::Observed;
use crate::resources::kms::key::{DESCRIBE_KEY, LIST_KEYS};
use aws_config::SdkConfig;
use aws_sdk_kms::Client;
use aws_sdk_kms::types::KeyMetadata;
use futures_util::{StreamExt, TryStreamExt, stream};

/// Reads of one page of a listing at once: a sweep shares the account's request rate with all of its other callers.
pub(super) const AT_ONCE: usize = 8;

/// Keys that a page of the listing shows: each is read for itself.
const PAGE: i32 = 100;

/// The KMS API of one account and region.
#[derive(Clone, Debug)]
pub struct Kms {
    pub(super) client: Client,
}

/// A page of the account's keys: what each is, or why that is unknown.
pub(super) struct Described {
    pub(super) keys: Vec<(String, Observed<KeyMetadata>)>,
    pub(super) next: Option<String>,
}

impl Kms {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }

    /// What a key is.
    pub(super) async fn describe(&self, id: &str) -> Result<Observed<KeyMetadata>, ReadError> {
        match self.client.describe_key().key_id(id).send().await {
            Ok(answer) => Ok(answer.key_metadata.map_or(Observed::Absent, Observed::Known)),
            Err(error) => failure(&error).of_read(DESCRIBE_KEY.action),
        }
    }

    /// The listing shows ids alone: one read each.
    pub(super) async fn describe_page(&self, from: Option<&str>) -> Result<Observed<Described>, ReadError> {
        let call = self.client.list_keys().limit(PAGE).set_marker(from.map(str::to_owned));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST_KEYS.action),
        };
        let ids = answer.keys.unwrap_or_default().into_iter().filter_map(|key| key.key_id);
        let read = |id: String| async move {
            let seen = self.describe(&id).await?;
            Ok::<_, ReadError>((id, seen))
        };
        let keys = stream::iter(ids.collect::<Vec<_>>()).map(read).buffered(AT_ONCE).try_collect().await?;
        Ok(Observed::Known(Described { keys, next: answer.next_marker }))
    }
}
