//! A DB cluster. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::resources::database::cluster::ClusterRef;
use shared::resources::database::protection::Protected;
use shared::resources::database::{DbClusters, described};

living!(DbClusters);

impl Fake for DbClusters {
    fn put(state: &mut Protected<ClusterRef>, is_on: bool) {
        state.is_on = is_on;
    }

    fn answer(value: &Value) -> Protected<ClusterRef> {
        described::cluster(value).unwrap()
    }

    fn line(state: &Protected<ClusterRef>) -> String {
        format!("deletion protection {}", if state.is_on { "on" } else { "off" })
    }

    fn is_of(state: &Protected<ClusterRef>, key: &ClusterRef) -> bool {
        state.key == *key
    }

    fn subject() -> ClusterRef {
        ClusterRef { id: "orders".to_owned() }
    }
}
