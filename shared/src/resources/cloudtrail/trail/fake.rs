//! A trail, or the place where one was. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::cloudtrail::Trails;
use shared::resources::cloudtrail::trail::reads::seen;
use shared::resources::cloudtrail::trail::selectors::Selectors;
use shared::resources::cloudtrail::trail::state::{Now, Trail, TrailAction, TrailRef, View};

impl Living for Trails {
    fn change(live: &mut Observed<Trail>, action: &TrailAction) -> Result<(), ApplyError> {
        let Observed::Known(trail) = live else { return Err(not_there("TrailNotFoundException")) };
        if let TrailAction::Create { settings, tags, .. } = action {
            if matches!(trail.now, Now::Stands(_)) {
                return Err(ApplyError::Changed { code: "TrailAlreadyExistsException".to_owned() });
            }
            trail.now = Now::Stands(Box::new(View {
                settings: Some(settings.clone()),
                logging: Some(false),
                selectors: Some(Selectors::usual()),
                insights: Some(Vec::new()),
                tags: tags.clone(),
            }));
            return Ok(());
        }
        let Now::Stands(view) = &mut trail.now else { return Err(not_there("TrailNotFoundException")) };
        match action {
            TrailAction::Start(_) => view.logging = Some(true),
            TrailAction::Stop(_) => view.logging = Some(false),
            TrailAction::Update { settings, members, .. } => {
                view.settings = view.settings.as_ref().map(|now| now.with(settings, members));
            }
            TrailAction::Select { selectors, .. } => view.selectors = Some(selectors.clone()),
            TrailAction::Insight { selectors, .. } => view.insights = Some(selectors.clone()),
            TrailAction::Delete(_) => trail.now = Now::Gone,
            TrailAction::Create { .. } => {}
        }
        Ok(())
    }

    /// What makes up for a trail that is not known from before cannot be found.
    fn read(live: &Observed<Trail>, key: &TrailRef) -> Observed<Trail> {
        let Observed::Known(trail) = live else { return live.clone() };
        let now = match (&trail.now, &key.before) {
            (Now::Replaced { .. }, Observed::Absent | Observed::Unknown { .. }) => Now::Gone,
            (now, _) => now.clone(),
        };
        seen(key, now)
    }

    /// `gone`, `{"replaced": ARN}`, or what stands.
    fn live(value: &Value) -> Observed<Trail> {
        let now = match value {
            Value::String(word) if word == "gone" => Now::Gone,
            value => match value["replaced"].as_str() {
                Some(by) => Now::Replaced { by: by.to_owned() },
                None => Now::Stands(Box::new(serde_json::from_value(value.clone()).unwrap())),
            },
        };
        seen(&TrailRef::new("arn:aws:cloudtrail:eu-central-1:111122223333:trail/all"), now)
    }

    fn lines(live: &Observed<Trail>) -> Vec<String> {
        let Observed::Known(trail) = live else { return Vec::new() };
        let view = match &trail.now {
            Now::Stands(view) => view,
            Now::Replaced { by } => return vec![format!("replaced by {by}")],
            Now::Gone => return vec!["gone".to_owned()],
        };
        let members = view.settings.iter().flat_map(|settings| settings.whole());
        let members =
            members.map(|(name, value)| format!("{name}: {}", value.as_str().map_or(value.to_string(), str::to_owned)));
        let flags = view.logging.iter().map(|logging| format!("logs: {logging}"));
        let selectors = view.selectors.iter().map(|selectors| format!("events: {selectors}"));
        let insights =
            view.insights.iter().flatten().map(|one| format!("insights: {}", one["InsightType"].as_str().unwrap()));
        let tags = view.tags.iter().map(|(key, value)| format!("tag {key}: {value}"));
        flags.chain(members).chain(selectors).chain(insights).chain(tags).collect()
    }

    fn samples() -> Vec<Value> {
        let arn = "arn:aws:cloudtrail:eu-central-1:111122223333:trail/all";
        let settings =
            |validation: bool| json!({"bucket": "logs", "validation": validation, "key": "arn:aws:kms:::key/1"});
        let update = |validation: bool, members: &[&str]| json!({"update": {"trail": arn, "settings": settings(validation), "members": members}});
        let selectors = json!({"basic": [{"ReadWriteType": "All"}]});
        let mut samples = vec![
            json!({"start": arn}),
            json!({"stop": arn}),
            json!({"delete": arn}),
            json!({"create": {"trail": arn, "settings": settings(true), "tags": {}}}),
            update(true, &["EnableLogFileValidation"]),
            update(false, &["EnableLogFileValidation"]),
            update(true, &["KmsKeyId"]),
        ];
        for is_new in [true, false] {
            samples.push(json!({"select": {"trail": arn, "selectors": selectors, "is_new": is_new}}));
            let insights = [json!({"InsightType": "ApiCallRateInsight"})];
            samples.push(json!({"insight": {"trail": arn, "selectors": insights, "is_new": is_new}}));
        }
        samples
    }
}
