//! Which logs the control plane of a cluster writes.

use super::logs_off::ControlPlaneLogsOff;
use super::{ClusterPart, SOURCE, UPDATE, cluster, line, resource, texts};
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::guardrail::{Guardrail, SettingsVisitor, show};
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::resources::s3::document::{Document, Held, Write};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt;

/// `LogType`
const ALL: [&str; 5] = ["api", "audit", "authenticator", "controllerManager", "scheduler"];

/// The types that are enabled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogTypes(pub BTreeSet<String>);

impl fmt::Display for LogTypes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let types: Vec<&str> = self.0.iter().map(String::as_str).collect();
        f.write_str(if types.is_empty() { "nothing".to_owned() } else { types.join(", ") }.as_str())
    }
}

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logs;

/// What a list of `LogSetup` says of each type. None where it is not whole.
fn setups(list: &Value) -> Option<Vec<(String, bool)>> {
    let mut all = Vec::new();
    for setup in list.as_array()? {
        let enabled = setup.get("enabled")?.as_bool()?;
        all.extend(texts(setup.get("types")?)?.into_iter().map(|one| (one, enabled)));
    }
    Some(all)
}

/// The `LogSetup`s that write these types, of which some are on.
fn written(write: &Write<Logs>) -> Value {
    let changes = |of: &&str| write.parts.is_empty() || write.parts.iter().any(|part| part == of);
    let (on, off): (Vec<&str>, Vec<&str>) = ALL.into_iter().filter(changes).partition(|of| write.value.0.contains(*of));
    let setups = [(on, true), (off, false)].into_iter().filter(|(types, _)| !types.is_empty());
    let setups: Vec<Value> = setups.map(|(types, enabled)| json!({"types": types, "enabled": enabled})).collect();
    json!({ "clusterLogging": setups })
}

impl Document for Logs {
    type Value = LogTypes;

    const SOURCE: &'static str = SOURCE;
    const TRIGGERS: &'static [&'static str] = &["UpdateClusterConfig"];

    /// What the call has switched off is off; of the others only a read shows whether they are on.
    fn set_by(event: &Event) -> Option<LogTypes> {
        let off = setups(&Self::asked(event)?)?.into_iter().any(|(_, enabled)| !enabled);
        let all = LogTypes(ALL.iter().map(|one| (*one).to_owned()).collect());
        off.then(|| Self::with(&all, &Self::asked(event).unwrap_or_default()))
    }

    fn subject(event: &Event) -> Result<String, Unlocatable> {
        cluster(event)
    }

    fn named(name: &str, place: &Place) -> Resource {
        resource(name, place)
    }

    fn is_strictest(_: &LogTypes) -> bool {
        false
    }

    fn permission(_: &LogTypes) -> Permission {
        UPDATE
    }

    fn says(name: &str, types: &LogTypes) -> String {
        format!("set the control plane logs of cluster {name}: {types}")
    }

    fn line(name: &str, types: &LogTypes) -> String {
        line(name, "logging", &written(&Write::whole(name, types.clone())))
    }
}

impl ClusterPart for Logs {
    const KIND: &'static str = "eks-cluster-logs";
    const GUARDRAILS: &'static [&'static dyn Guardrail<Held<LogTypes>, Write<Self>>] = &[&ControlPlaneLogsOff];

    fn show_settings(visitor: &mut impl SettingsVisitor) {
        show(&ControlPlaneLogsOff, visitor);
    }

    fn asked(event: &Event) -> Option<Value> {
        event.request.at(&["logging", "clusterLogging"]).cloned()
    }

    /// A list that is not there says nothing.
    fn described(cluster: &Value) -> Option<LogTypes> {
        let setups = setups(cluster.get("logging")?.get("clusterLogging")?)?;
        Some(LogTypes(setups.into_iter().filter(|(_, enabled)| *enabled).map(|(one, _)| one).collect()))
    }

    fn with(described: &LogTypes, asked: &Value) -> LogTypes {
        let mut types = described.clone();
        for (one, enabled) in setups(asked).unwrap_or_default() {
            if enabled {
                types.0.insert(one);
            } else {
                types.0.remove(&one);
            }
        }
        types
    }

    fn update(write: &Write<Self>) -> Value {
        json!({ "logging": written(write) })
    }

    fn values() -> Vec<LogTypes> {
        vec![LogTypes(["audit".to_owned()].into()), LogTypes::default()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_update_names_the_types_that_it_changes() {
        let value = LogTypes(["api", "audit"].map(str::to_owned).into());
        let parts = vec!["audit".to_owned(), "scheduler".to_owned()];
        let write = Write::<Logs> { name: "orders".to_owned(), value, parts };
        let setups = json!([{"types": ["audit"], "enabled": true}, {"types": ["scheduler"], "enabled": false}]);
        assert_eq!(Logs::update(&write), json!({"logging": {"clusterLogging": setups}}));
    }
}
