//! Event data stores. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::request::Answer;
use shared::engine::setting::SignedSetting;
use shared::resources::cloudtrail::event_data_store::{Store, StoreRef, StoreSetting, Stores};
use shared::resources::cloudtrail::{StoreDeletions, StoreIngestions};

const ARN: &str = "arn:aws:cloudtrail:eu-central-1:111122223333:eventdatastore/3f0c6a5e-1c63-4a0c-9b1e-6a3c1f3f2d11";

living!(StoreIngestions, StoreDeletions);

impl<S: StoreSetting> Fake for Stores<S> {
    fn put(store: &mut Store, is_good: bool) {
        store.is_good = Observed::Known(is_good);
    }

    /// `GetEventDataStore`
    fn answer(value: &Value) -> Store {
        let key = StoreRef { arn: ARN.to_owned(), ..StoreRef::default() };
        Self::got(&key, &Answer { body: value.clone(), request_id: None }).known().unwrap().clone()
    }

    fn line(store: &Store) -> String {
        format!("is as it should be: {}", store.is_good.known().map_or("no matter".to_owned(), bool::to_string))
    }

    fn subject() -> String {
        ARN.to_owned()
    }

    fn is_of(store: &Store, key: &StoreRef) -> bool {
        store.store.arn == key.arn
    }
}
