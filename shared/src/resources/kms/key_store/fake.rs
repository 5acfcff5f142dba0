//! A custom key store. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::resources::kms::KeyStores;
use shared::resources::kms::key_store::KeyStore;

living!(KeyStores);

impl Fake for KeyStores {
    fn put(store: &mut KeyStore, is_connected: bool) {
        store.is_connected = Observed::Known(is_connected);
    }

    /// One element of `CustomKeyStores` of `DescribeCustomKeyStores`.
    fn answer(value: &Value) -> KeyStore {
        let is_connected = Observed::Known(value["ConnectionState"] == "CONNECTED");
        KeyStore { id: value["CustomKeyStoreId"].as_str().unwrap().to_owned(), is_connected }
    }

    fn line(store: &KeyStore) -> String {
        format!("{} connected: {}", store.id, store.is_connected == Observed::Known(true))
    }

    fn is_of(store: &KeyStore, id: &String) -> bool {
        store.id == *id
    }

    fn subject() -> String {
        "cks-1234567890abcdef0".to_owned()
    }
}
