//! What an update of a cluster changes: LOG-16.
//!
//! Sources: "UpdateClusterConfig", "CreateCluster", "DescribeCluster" (Amazon EKS API reference): "Cluster updates are asynchronous, and they should finish within a few
//! minutes. During an update, the cluster status moves to `UPDATING`"; another update is refused meanwhile, and is made when the event comes back.
//!
//! **While it runs**, a cluster is described as it was. What the event has asked for is laid over that, so that the update of an attacker counts from the start; and an update of
//! ours, which a look right after it cannot show, is no failure: the look says that the cluster is being updated, and the finding is partial.
//!
//! Each part is a description, [`ClusterPart`].

#[cfg(feature = "sdk")]
mod client;
pub mod endpoint;
pub mod endpoint_open;
pub mod logs;
pub mod logs_off;

pub use endpoint::Endpoint;
pub use logs::LogTypes;

use super::{EKS, SOURCE};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{Guardrail, SettingsVisitor};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use crate::engine::request::{Answer, Api, Asks, Request};
use crate::engine::shell::word;
use crate::engine::signed::SignedAction;
use crate::resources::callers::callers;
use crate::resources::s3::document::{Document, Held, Of, Write, recalled};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;
use std::marker::PhantomData;

const CLUSTERS: &[&str] = &["eks:${Region}:${Account}:cluster/*"];
pub(crate) const DESCRIBE: Permission = Permission::on("eks:DescribeCluster", CLUSTERS);
pub(crate) const LIST: Permission = Permission::read("eks:ListClusters");
pub(crate) const UPDATE: Permission = Permission::on("eks:UpdateClusterConfig", CLUSTERS);
pub(crate) const IDS: &[&str] = &["arn:%:eks:%:%:cluster/%"];

/// What control planes log.
pub type ControlPlaneLogs = Clusters<logs::Logs>;
/// Who reaches the endpoints of clusters.
pub type ClusterEndpoints = Clusters<endpoint::Reached>;

/// A part of a cluster that an update changes by itself.
pub trait ClusterPart: Document {
    /// See [`Family::kind`].
    const KIND: &'static str;
    /// See [`Family::guardrails`].
    const GUARDRAILS: &'static [&'static dyn Guardrail<Held<Self::Value>, Write<Self>>];

    /// See [`Family::show_settings`].
    fn show_settings(visitor: &mut impl SettingsVisitor);

    /// What a call asks for, in its own form; none where it leaves this part alone.
    fn asked(event: &Event) -> Option<Value>;

    /// What `DescribeCluster` shows of it.
    fn described(cluster: &Value) -> Option<Self::Value>;

    /// What it is when the call is through.
    fn with(described: &Self::Value, asked: &Value) -> Self::Value;

    /// The members of the update that writes it.
    fn update(write: &Write<Self>) -> Value;

    /// One of each update.
    fn values() -> Vec<Self::Value>;
}

/// How a part of a cluster is found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClusterRef<V> {
    /// The cluster, who called, and what it was.
    #[serde(flatten)]
    pub of: Of<V>,
    /// What the event has asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Value>,
}

impl<V> ClusterRef<V> {
    /// A cluster of which nothing was recalled yet.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { of: Of::new(name.to_owned(), false), asked: None }
    }
}

/// The family of a part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Clusters<P>(PhantomData<P>);

impl<P: ClusterPart> Family for Clusters<P> {
    type Key = ClusterRef<P::Value>;
    type State = Held<P::Value>;
    type Action = Write<P>;

    fn kind(&self) -> &'static str {
        P::KIND
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[UPDATE]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        Cow::Borrowed(P::PLANNED)
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<Self::State, Self::Action>] {
        P::GUARDRAILS
    }

    fn show_settings(&self, visitor: &mut impl SettingsVisitor) {
        P::show_settings(visitor);
    }

    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(SOURCE, P::TRIGGERS) {
            return Ok(Vec::new());
        }
        let asked = P::asked(event);
        if asked.is_none() && event.request.value().is_some() {
            return Ok(Vec::new());
        }
        let of = Of { by: callers(event), ..Of::new(P::subject(event)?, true) };
        let proven = P::set_by(event).map(|now| Held::of(&of, now));
        Ok(vec![Target { key: ClusterRef { of, asked }, proven, changed: None }])
    }

    fn claimed(&self, event: &Event, key: &Self::Key) -> Option<Self::State> {
        P::set_by(event).map(|now| Held::of(&key.of, now))
    }

    fn focus(&self, state: &mut Self::State, target: &TargetOf<Self>) {
        *state = Held::of(&target.key.of, state.now.clone());
    }

    fn memory(&self, key: &Self::Key) -> Option<String> {
        Some(key.of.name.clone())
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<Self::State>) {
        let (key, proven) = (target.key.of.clone(), target.proven.take());
        let mut of = Target { key, proven, changed: None };
        recalled(&mut of, kept);
        (target.key.of, target.proven) = (of.key, of.proven);
    }

    fn content(&self, state: &Self::State) -> Value {
        serde_json::to_value(&state.now).unwrap_or_default()
    }

    fn writes(&self, call: &Write<P>) -> Option<Value> {
        serde_json::to_value(&call.value).ok()
    }

    fn rewrites(&self, state: &Self::State) -> Option<Write<P>> {
        Some(Write::whole(&state.name, state.now.clone()))
    }

    fn resource(&self, key: &Self::Key, _: Option<&Self::State>, place: &Place) -> Resource {
        P::named(&key.of.name, place)
    }
}

/// The cluster that a call is about.
pub(crate) fn cluster(event: &Event) -> Result<String, Unlocatable> {
    let named = event.request.text(&["name"]);
    named.map(str::to_owned).ok_or_else(|| Unlocatable::new(event, "the record names no cluster"))
}

/// A cluster in findings.
pub(crate) fn resource(name: &str, Place { partition, account, region }: &Place) -> Resource {
    let id = format!("arn:{partition}:eks:{region}:{account}:cluster/{name}");
    Resource { id, kind: "AwsEksCluster", name: name.to_owned() }
}

/// Reads a cluster.
#[must_use]
pub fn get(name: &str) -> Request {
    Request::rest("DescribeCluster", "GET", &["clusters", name])
}

/// What [`get`] was answered, with what the event has asked for where that is still on its way. `is_after` for a look that follows a call.
#[must_use]
pub fn got<P: ClusterPart>(key: &ClusterRef<P::Value>, answer: &Answer, is_after: bool) -> Observed<Held<P::Value>> {
    let name = &key.of.name;
    let shown = answer.body.get("cluster");
    let (Some(described), Some(status)) = (shown.and_then(P::described), shown.and_then(|one| one["status"].as_str()))
    else {
        return Observed::Unknown { why: format!("the answer does not show the configuration of cluster `{name}`") };
    };
    let is_updating = status == "UPDATING";
    let asked = key.asked.as_ref().filter(|_| is_updating).map(|asked| P::with(&described, asked));
    match asked {
        // The event's update has not come through yet.
        Some(asked) if asked != described => Observed::Known(Held::of(&key.of, asked)),
        _ if is_updating && is_after => Observed::Unknown {
            why: format!("cluster `{name}` is being updated: what it is then shows in a few minutes"),
        },
        Some(_) | None => Observed::Known(Held::of(&key.of, described)),
    }
}

/// Lists clusters.
#[must_use]
pub fn list(from: Option<&str>) -> Request {
    Request::rest("ListClusters", "GET", &["clusters"]).query("nextToken", from)
}

impl<P: ClusterPart> SignedAction for Write<P> {
    const API: &'static Api = &EKS;

    fn request(&self) -> Request {
        let call = Request::rest("UpdateClusterConfig", "POST", &["clusters", &self.name, "update-config"]);
        Request { body: P::update(self), ..call }
    }
}

impl<P: ClusterPart> Asks for Clusters<P> {
    fn asks() -> Vec<(&'static Api, Request)> {
        let writes = P::values().into_iter().map(|value| Write::<P>::whole("orders", value).request());
        [get("orders"), list(None), list(Some("2"))].into_iter().chain(writes).map(|one| (&EKS, one)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        let (described, listed) = (answers("DescribeCluster"), answers("ListClusters"));
        let is_read = described.body.get("cluster").and_then(P::described).is_some();
        let missed = [(is_read, "DescribeCluster"), (!listed.list("clusters").is_empty(), "ListClusters")];
        missed
            .iter()
            .filter(|(found, _)| !found)
            .map(|(_, what)| format!("nothing is found in an answer to {what}"))
            .collect()
    }
}

/// What a call about a part shows on the command line.
pub(crate) fn line(name: &str, option: &str, document: &Value) -> String {
    let (name, document) = (word(name), document.to_string());
    format!("aws eks update-cluster-config --name {name} --{option} {}", word(&document))
}

/// A list of texts; none where it is no list, or holds anything else.
pub(crate) fn texts(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|one| one.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use logs::Logs;
    use serde_json::json;

    fn seen(status: &str, enabled: &[&str], asked: Option<Value>, is_after: bool) -> Observed<Held<LogTypes>> {
        let key = ClusterRef { asked, ..ClusterRef::new("orders") };
        let logging = json!({"clusterLogging": [{"types": enabled, "enabled": true}]});
        let body = json!({"cluster": {"name": "orders", "status": status, "logging": logging}});
        got::<Logs>(&key, &Answer { body, request_id: None }, is_after)
    }

    #[test]
    fn an_update_counts_from_its_start_and_ours_is_no_failure() {
        let off = || Some(json!([{"types": ["audit"], "enabled": false}]));
        let types = |seen: Observed<Held<LogTypes>>| seen.known().map(|held| held.now.to_string());
        // The event's update is on its way.
        for is_after in [false, true] {
            assert_eq!(types(seen("UPDATING", &["api", "audit"], off(), is_after)).as_deref(), Some("api"));
        }
        // It is through, and another one runs.
        assert_eq!(types(seen("UPDATING", &["api"], off(), false)).as_deref(), Some("api"));
        assert!(matches!(seen("UPDATING", &["api"], off(), true), Observed::Unknown { .. }));
        // Nothing runs: what is described is what there is.
        assert_eq!(types(seen("ACTIVE", &["api", "audit"], off(), true)).as_deref(), Some("api, audit"));
    }
}
