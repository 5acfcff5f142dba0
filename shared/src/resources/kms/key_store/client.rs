//! Custom key stores.

use super::{DESCRIBE_STORES, KeyStore, KeyStores};
use crate::aws::{done, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::setting::Set;
use crate::resources::kms::client::Kms;
use aws_sdk_kms::types::{ConnectionStateType, CustomKeyStoresListEntry};

impl Observe<KeyStores> for Kms {
    async fn observe(&self, id: &String, _: ReadDepth) -> Result<Observed<KeyStore>, ReadError> {
        match self.client.describe_custom_key_stores().custom_key_store_id(id).send().await {
            Ok(answer) => {
                let found = answer.custom_key_stores().first();
                Ok(found.map_or(Observed::Absent, |found| Observed::Known(store(id, found))))
            }
            Err(error) => failure(&error).of_read(DESCRIBE_STORES.action),
        }
    }
}

impl List<KeyStores> for Kms {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<KeyStores>>, ReadError> {
        let call = self.client.describe_custom_key_stores().set_marker(from.map(str::to_owned));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(DESCRIBE_STORES.action),
        };
        let found = answer.custom_key_stores().iter().filter_map(|found| {
            let id = found.custom_key_store_id()?.to_owned();
            let seen = Observed::Known(store(&id, found));
            Some((id, seen))
        });
        let found = found.collect();
        Ok(Observed::Known(Page { found, next: answer.next_marker().map(str::to_owned) }))
    }
}

impl Apply<Set<KeyStores>> for Kms {
    async fn apply(&self, action: &Set<KeyStores>) -> Result<Applied, ApplyError> {
        let id = action.subject();
        if action.value() {
            done(self.client.connect_custom_key_store().custom_key_store_id(id).send().await, action.permission())
        } else {
            done(self.client.disconnect_custom_key_store().custom_key_store_id(id).send().await, action.permission())
        }
    }
}

/// One that is being connected is as good as connected, and one that failed is not.
fn store(id: &str, found: &CustomKeyStoresListEntry) -> KeyStore {
    let is_connected = match found.connection_state() {
        Some(ConnectionStateType::Connected | ConnectionStateType::Connecting) => Observed::Known(true),
        Some(ConnectionStateType::Disconnected | ConnectionStateType::Disconnecting | ConnectionStateType::Failed) => {
            Observed::Known(false)
        }
        Some(_) | None => {
            Observed::Unknown { why: format!("the answer does not say whether key store `{id}` is connected") }
        }
    };
    KeyStore { id: id.to_owned(), is_connected }
}
