//! The protection plans of a detector, as records, answers and calls write them.
//!
//! Sources: "DetectorFeatureConfiguration", "DataSourceConfigurations", "DetectorFeatureConfigurationResult" (GuardDuty API reference): older calls name three plans as data
//! sources. `RUNTIME_MONITORING` covers `EKS_RUNTIME_MONITORING`, and a call that names both is refused.

use super::state::{FREQUENCIES, Plans};
use crate::engine::request::Answer;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What every detector watches: no call switches it.
const FOUNDATIONAL: [&str; 3] = ["CLOUD_TRAIL", "DNS_LOGS", "FLOW_LOGS"];
pub(crate) const RUNTIME: &str = "RUNTIME_MONITORING";
pub(crate) const EKS_RUNTIME: &str = "EKS_RUNTIME_MONITORING";

/// The plans that older calls name by where they stand in `dataSources`.
const DATA_SOURCES: [(&str, &str); 3] = [
    ("S3_DATA_EVENTS", "/dataSources/s3Logs/enable"),
    ("EKS_AUDIT_LOGS", "/dataSources/kubernetes/auditLogs/enable"),
    ("EBS_MALWARE_PROTECTION", "/dataSources/malwareProtection/scanEc2InstanceWithFindings/ebsVolumes"),
];

/// Whether a plan belongs to a feature: itself, or something beside it.
pub(crate) fn is_of(plan: &str, feature: &str) -> bool {
    plan.split_once('/').map_or(plan, |(feature, _)| feature) == feature
}

/// `Features`, of a record or an answer.
fn features(list: Option<&Value>) -> BTreeMap<String, bool> {
    let text = |one: &Value, member: &str| one.get(member).and_then(Value::as_str).map(str::to_owned);
    let on = |one: &Value| match text(one, "status").as_deref() {
        Some("ENABLED") => Some(true),
        Some("DISABLED") => Some(false),
        Some(_) | None => None,
    };
    let members = |list: Option<&Value>| list.and_then(Value::as_array).cloned().unwrap_or_default();
    let mut found = BTreeMap::new();
    for feature in members(list) {
        let name = text(&feature, "name").filter(|name| !FOUNDATIONAL.contains(&name.as_str()));
        let Some(name) = name else { continue };
        found.extend(on(&feature).map(|is_on| (name.clone(), is_on)));
        for beside in members(feature.get("additionalConfiguration")) {
            let Some(of) = text(&beside, "name") else { continue };
            found.extend(on(&beside).map(|is_on| (format!("{name}/{of}"), is_on)));
        }
    }
    found
}

impl Plans {
    /// What a call asks for.
    #[must_use]
    pub fn asked(request: &Value) -> Self {
        let of_source = |(name, path): (&str, &str)| Some((name.to_owned(), request.pointer(path)?.as_bool()?));
        let mut plans = Self {
            enabled: request["enable"].as_bool(),
            frequency: request["findingPublishingFrequency"].as_str().map(str::to_owned),
            features: features(request.get("features")),
        };
        plans.features.extend(DATA_SOURCES.into_iter().filter_map(of_source));
        plans
    }

    /// What an answer to `GetDetector` shows.
    ///
    /// # Errors
    /// What it does not show.
    pub fn shown(answer: &Answer) -> Result<Self, String> {
        let enabled = match answer.text("status") {
            Some("ENABLED") => true,
            Some("DISABLED") => false,
            Some(_) | None => return Err("the answer does not show whether the detector is enabled".to_owned()),
        };
        let list = answer.body.get("features").filter(|list| list.is_array());
        let list = list.ok_or("the answer does not show the detector's protection plans")?;
        let frequency = answer.text("findingPublishingFrequency").map(str::to_owned);
        Ok(Self { enabled: Some(enabled), frequency, features: features(Some(list)) })
    }

    /// `Features` of a call that sets these.
    #[must_use]
    pub fn written(&self) -> Vec<Value> {
        let word = |is_on: bool| if is_on { "ENABLED" } else { "DISABLED" };
        let named = |name: &str| self.features.get(name) == Some(&true);
        // One of the two runtime plans: a call takes no more.
        let left_out = if named(EKS_RUNTIME) && !named(RUNTIME) { RUNTIME } else { EKS_RUNTIME };
        let has_both = [RUNTIME, EKS_RUNTIME].iter().all(|one| self.features.keys().any(|plan| is_of(plan, one)));
        let names: std::collections::BTreeSet<&str> =
            self.features.keys().map(|plan| plan.split_once('/').map_or(plan.as_str(), |(name, _)| name)).collect();
        let feature = |name: &str| {
            let beside: Vec<Value> = self
                .features
                .iter()
                .filter_map(|(plan, is_on)| Some((plan.strip_prefix(name)?.strip_prefix('/')?, is_on)))
                .map(|(of, is_on)| json!({"name": of, "status": word(*is_on)}))
                .collect();
            // What stands beside a feature is changed where the feature is on.
            let is_on = self.features.get(name).copied().unwrap_or(true);
            let mut feature = json!({"name": name, "status": word(is_on)});
            if let Some(members) = feature.as_object_mut().filter(|_| !beside.is_empty()) {
                members.insert("additionalConfiguration".to_owned(), Value::Array(beside));
            }
            feature
        };
        names.into_iter().filter(|name| !(has_both && *name == left_out)).map(feature).collect()
    }

    /// What watches less in `now` than in these, as these have it; and the plans of which `now` says nothing.
    #[must_use]
    pub fn lost_in(&self, now: &Self) -> (Self, Vec<String>) {
        let rank = |frequency: &Option<String>| {
            frequency.as_deref().and_then(|one| FREQUENCIES.iter().position(|frequency| *frequency == one))
        };
        let is_rarer = matches!((rank(&self.frequency), rank(&now.frequency)), (Some(was), Some(is)) if is > was);
        let is_on = |name: &str| now.features.get(name) == Some(&true);
        // The wider plan has taken its place.
        let is_covered = |plan: &str| is_of(plan, EKS_RUNTIME) && is_on(RUNTIME);
        let parent = |plan: &str| plan.split_once('/').is_none_or(|(name, _)| self.features.get(name) == Some(&true));
        let were_on = self.features.iter().filter(|(plan, was_on)| **was_on && parent(plan) && !is_covered(plan));
        let (mut features, mut unseen) = (BTreeMap::new(), Vec::new());
        for (plan, _) in were_on {
            match now.features.get(plan) {
                Some(true) => {}
                Some(false) => {
                    features.insert(plan.clone(), true);
                }
                None => unseen.push(plan.clone()),
            }
        }
        let lost = Self {
            enabled: (self.enabled == Some(true) && now.enabled == Some(false)).then_some(true),
            frequency: self.frequency.clone().filter(|_| is_rarer),
            features,
        };
        (lost, unseen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_record_are_read_alike() {
        let new = json!({"features": [{"name": "S3_DATA_EVENTS", "status": "DISABLED"}]});
        let old = json!({"dataSources": {"s3Logs": {"enable": false}}});
        assert_eq!(Plans::asked(&new), Plans::asked(&old));
        assert_eq!(Plans::asked(&new).features, BTreeMap::from([("S3_DATA_EVENTS".to_owned(), false)]));
    }

    #[test]
    fn a_wider_plan_makes_up_for_a_narrower_one() {
        let was = Plans::good(&[EKS_RUNTIME, "EKS_RUNTIME_MONITORING/EKS_ADDON_MANAGEMENT"]);
        let mut now = Plans::good(&[RUNTIME]);
        now.features.insert(EKS_RUNTIME.to_owned(), false);
        assert_eq!(was.lost_in(&now), (Plans::default(), Vec::new()));
        assert_eq!(now.written(), [json!({"name": RUNTIME, "status": "ENABLED"})]);
    }

    #[test]
    fn what_stands_beside_a_feature_is_written_with_it() {
        let mut was = Plans::good(&[RUNTIME, "RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT", "RDS_LOGIN_EVENTS"]);
        let mut now = was.clone();
        now.features.insert("RUNTIME_MONITORING/EC2_AGENT_MANAGEMENT".to_owned(), false);
        now.features.remove("RDS_LOGIN_EVENTS");
        let (lost, unseen) = was.lost_in(&now);
        let beside = json!([{"name": "EC2_AGENT_MANAGEMENT", "status": "ENABLED"}]);
        assert_eq!(lost.written(), [json!({"name": RUNTIME, "status": "ENABLED", "additionalConfiguration": beside})]);
        assert_eq!(unseen, ["RDS_LOGIN_EVENTS"]);
        was.frequency = Some("ONE_HOUR".to_owned());
        now.frequency = Some("SIX_HOURS".to_owned());
        assert_eq!(was.lost_in(&now).0.frequency.as_deref(), Some("ONE_HOUR"));
    }
}
