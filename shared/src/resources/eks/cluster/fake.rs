//! A cluster. For tests (`shared/tests/all/world`).

use crate::world::document::change;
use crate::world::{Living, document};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::engine::request::Answer;
use shared::resources::eks::cluster::endpoint::Reached;
use shared::resources::eks::cluster::logs::Logs;
use shared::resources::eks::cluster::{ClusterPart, ClusterRef, Clusters, Endpoint, LogTypes, got};
use shared::resources::s3::document::{Held, Write};

const NAME: &str = "orders";

impl document::Fake for Logs {
    /// `DescribeCluster`
    fn answer(value: &Value) -> LogTypes {
        answered::<Self>(value)
    }

    fn line(types: &LogTypes) -> String {
        format!("logs {types}")
    }

    fn values() -> Vec<LogTypes> {
        <Self as ClusterPart>::values()
    }
}

impl document::Fake for Reached {
    /// `DescribeCluster`
    fn answer(value: &Value) -> Endpoint {
        answered::<Self>(value)
    }

    fn line(endpoint: &Endpoint) -> String {
        format!("endpoint {endpoint}")
    }

    fn values() -> Vec<Endpoint> {
        <Self as ClusterPart>::values()
    }
}

fn answered<P: ClusterPart>(value: &Value) -> P::Value {
    let answer = Answer { body: value.clone(), request_id: None };
    got::<P>(&ClusterRef::new(NAME), &answer, false).known().unwrap().now.clone()
}

impl<P: ClusterPart + document::Fake> Living for Clusters<P> {
    fn change(live: &mut Observed<Held<P::Value>>, action: &Write<P>) -> Result<(), ApplyError> {
        change::<P>(live, action)
    }

    fn read(live: &Observed<Held<P::Value>>, key: &ClusterRef<P::Value>) -> Observed<Held<P::Value>> {
        document::read(live, &key.of)
    }

    fn live(value: &Value) -> Observed<Held<P::Value>> {
        document::live::<P>(value)
    }

    fn lines(live: &Observed<Held<P::Value>>) -> Vec<String> {
        live.known().map(|held| <P as document::Fake>::line(&held.now)).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        document::samples::<P>()
    }
}
