//! A rule, or the place where one was. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::parapet::EventRules;
use shared::resources::parapet::rule::state::{Content, Now, OwnRule, RuleAction, RuleRef, Targets, View};

const NAME: &str = "parapet-SignInRule-1A2B3C4D5E6F";

impl Living for EventRules {
    fn change(live: &mut Observed<OwnRule>, action: &RuleAction) -> Result<(), ApplyError> {
        let Observed::Known(rule) = live else { return Err(not_there("ResourceNotFoundException")) };
        if let RuleAction::Put { content, enabled, .. } = action {
            let targets = match &rule.now {
                Now::Stands(view) => view.targets.clone(),
                Now::Gone => Some(Targets::All(Vec::new())),
            };
            rule.now = Now::Stands(View { enabled: Some(*enabled), content: Some(content.clone()), targets });
            return Ok(());
        }
        let Now::Stands(view) = &mut rule.now else { return Err(not_there("ResourceNotFoundException")) };
        let mut targets = match view.targets.take() {
            Some(Targets::All(targets) | Targets::Written(targets)) => targets,
            Some(Targets::Removed(_)) | None => Vec::new(),
        };
        match action {
            RuleAction::Enable(_) => view.enabled = Some(true),
            RuleAction::Disable(_) => view.enabled = Some(false),
            RuleAction::Target { targets: written, .. } => {
                targets.retain(|target| !written.iter().any(|new| new["Id"] == target["Id"]));
                targets.extend(written.iter().cloned());
            }
            RuleAction::Untarget { ids, .. } => targets.retain(|target| !ids.iter().any(|id| target["Id"] == *id)),
            RuleAction::Delete(_) => {
                rule.now = Now::Gone;
                return Ok(());
            }
            RuleAction::Put { .. } => {}
        }
        view.targets = Some(Targets::All(targets));
        Ok(())
    }

    fn read(live: &Observed<OwnRule>, key: &RuleRef) -> Observed<OwnRule> {
        let Observed::Known(rule) = live else { return live.clone() };
        Observed::Known(OwnRule { of: key.clone(), ..rule.clone() })
    }

    /// `gone`, or a [`View`].
    fn live(value: &Value) -> Observed<OwnRule> {
        let now = match value {
            Value::String(word) if word == "gone" => Now::Gone,
            view => Now::Stands(serde_json::from_value(view.clone()).unwrap()),
        };
        Observed::Known(OwnRule { of: RuleRef { name: NAME.to_owned(), ..RuleRef::default() }, now })
    }

    fn lines(live: &Observed<OwnRule>) -> Vec<String> {
        let Observed::Known(rule) = live else { return Vec::new() };
        let Now::Stands(view) = &rule.now else { return vec!["gone".to_owned()] };
        let enabled = view.enabled.map(|enabled| format!("enabled: {enabled}"));
        let pattern = view.content.as_ref().and_then(|content| content.pattern.as_ref());
        let targets = match &view.targets {
            Some(Targets::All(targets)) => targets.as_slice(),
            _ => &[],
        };
        let target = |target: &Value| {
            let input = target.get("Input").map(|input| format!(" with input {input}")).unwrap_or_default();
            format!("target {}: {}{input}", target["Id"], target["Arn"]).replace('"', "")
        };
        let targets = targets.iter().map(target);
        enabled.into_iter().chain(pattern.map(|pattern| format!("pattern: {pattern}"))).chain(targets).collect()
    }

    fn samples() -> Vec<Value> {
        let rule = || RuleRef { name: NAME.to_owned(), ..RuleRef::default() };
        let content = || Content { pattern: Some(json!({"source": ["aws.ec2"]})), ..Content::default() };
        let target = || vec![json!({"Id": "function", "Arn": "arn:aws:lambda:eu-central-1:111122223333:function:x"})];
        let put = |is_new| RuleAction::Put { rule: rule(), content: content(), enabled: true, is_new };
        let write = |is_new| RuleAction::Target { rule: rule(), targets: target(), is_new };
        let untarget = RuleAction::Untarget { rule: rule(), ids: vec!["function".to_owned()] };
        let (enable, disable) = (RuleAction::Enable(rule()), RuleAction::Disable(rule()));
        let all =
            [enable, disable, put(true), put(false), RuleAction::Delete(rule()), write(true), write(false), untarget];
        all.iter().map(|action| serde_json::to_value(action).unwrap()).collect()
    }
}
