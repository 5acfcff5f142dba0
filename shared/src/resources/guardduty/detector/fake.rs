//! The GuardDuty detector. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::engine::request::Answer;
use shared::resources::guardduty::Detectors;
use shared::resources::guardduty::detector::state::{Detector, DetectorAction, DetectorRef, Now, Plans};

impl Living for Detectors {
    fn change(live: &mut Observed<Detector>, action: &DetectorAction) -> Result<(), ApplyError> {
        let Observed::Known(detector) = live else { return Err(not_there("BadRequestException")) };
        match (action, &mut detector.now) {
            (DetectorAction::Create(plans), Now::Gone) => {
                detector.now = Now::Stands { id: "new".to_owned(), plans: plans.clone(), is_whole: true };
            }
            (DetectorAction::Create(_), Now::Stands { .. }) => {
                let (code, message) = ("BadRequestException".to_owned(), "there is a detector already".to_owned());
                return Err(ApplyError::Refused { code, message });
            }
            (DetectorAction::Delete, Now::Stands { .. }) => detector.now = Now::Gone,
            (DetectorAction::Update { plans: set, .. }, Now::Stands { plans, .. }) => {
                plans.enabled = set.enabled.or(plans.enabled);
                plans.frequency = set.frequency.clone().or(plans.frequency.take());
                plans.features.extend(set.features.clone());
            }
            (DetectorAction::Delete | DetectorAction::Update { .. }, Now::Gone) => {
                return Err(not_there("BadRequestException"));
            }
        }
        Ok(())
    }

    fn read(live: &Observed<Detector>, key: &DetectorRef) -> Observed<Detector> {
        match live {
            Observed::Known(detector) => Observed::Known(Detector::of(key, detector.now.clone())),
            other => other.clone(),
        }
    }

    /// `GetDetector`, with `detectorId`; without that there is none.
    fn live(value: &Value) -> Observed<Detector> {
        let now = match value["detectorId"].as_str() {
            None => Now::Gone,
            Some(id) => {
                let plans = Plans::shown(&Answer { body: value.clone(), request_id: None }).unwrap();
                Now::Stands { id: id.to_owned(), plans, is_whole: true }
            }
        };
        Observed::Known(Detector::of(&DetectorRef::default(), now))
    }

    fn lines(live: &Observed<Detector>) -> Vec<String> {
        let Observed::Known(detector) = live else { return Vec::new() };
        let Now::Stands { plans, .. } = &detector.now else { return vec!["no detector".to_owned()] };
        let frequency = plans.frequency.as_deref().unwrap_or_default();
        let feature = |(name, is_on): (&String, &bool)| format!("{name}: {is_on}");
        let head = [format!("enabled: {}", plans.enabled == Some(true)), format!("frequency: {frequency}")];
        head.into_iter().chain(plans.features.iter().map(feature)).collect()
    }

    fn samples() -> Vec<Value> {
        let off = Plans { enabled: Some(false), frequency: Some("SIX_HOURS".to_owned()), ..Plans::default() };
        let update = |plans: Plans| json!({"update": {"id": "1", "plans": plans}});
        vec![
            json!({"create": Plans::good(&["S3_DATA_EVENTS"])}),
            json!("delete"),
            update(Plans::good(&["S3_DATA_EVENTS"])),
            update(off),
        ]
    }
}
