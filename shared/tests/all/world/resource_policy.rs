//! Every resource policy: one fake, since how a call changes it follows from its description.
//!
//! A situation's `live` is `{subject, document, shield, revision}`: what its calls name; the document as text or as JSON, nothing where there is
//! none; the setting that makes a grant to strangers ineffective; the revision, where the service has one.

use super::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::{Action as _, ApplyError};
use shared::engine::resource_policy::{Policies, PolicyAction, PolicyState, ResourcePolicy};

impl<P: ResourcePolicy> Living for Policies<P> {
    fn change(live: &mut Observed<PolicyState<P::Subject>>, action: &PolicyAction<P>) -> Result<(), ApplyError> {
        let Observed::Known(state) = live else { return Err(not_there("NotFound")) };
        assert_eq!(&state.subject, action.subject(), "a call about another resource");
        assert_eq!(action.guards_itself(), action.revision().is_some());
        if action.revision().is_some_and(|revision| state.revision.as_deref() != Some(revision)) {
            return Err(ApplyError::Changed { code: "PreconditionFailedException".to_owned() });
        }
        if let Some(revision) = &mut state.revision {
            revision.push('+');
        }
        state.document = match action {
            PolicyAction::Shield { setting, .. } => {
                state.shield = Observed::Known("the setting of the resource".to_owned());
                state.setting = Some(setting.clone());
                return Ok(());
            }
            PolicyAction::Unshield { setting, .. } => {
                state.shield = Observed::Absent;
                state.setting = Some(setting.clone());
                return Ok(());
            }
            PolicyAction::Reduce { document: text, .. } | PolicyAction::Restore { document: text, .. } => {
                let document: Value = serde_json::from_str(text).unwrap();
                let statements = document["Statement"].as_array().map_or(1, Vec::len);
                assert!(statements > 0, "AWS refuses a policy without a statement");
                Observed::Known(text.to_owned())
            }
            PolicyAction::Delete { .. } => Observed::Absent,
        };
        Ok(())
    }

    fn read(live: &Observed<PolicyState<P::Subject>>, subject: &P::Subject) -> Observed<PolicyState<P::Subject>> {
        match live {
            Observed::Known(state) if state.subject != *subject => Observed::Absent,
            other => other.clone(),
        }
    }

    fn live(value: &Value) -> Observed<PolicyState<P::Subject>> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let document = match &value["document"] {
            Value::Null => Observed::Absent,
            Value::String(text) => Observed::Known(text.clone()),
            document => Observed::Known(document.to_string()),
        };
        Observed::Known(PolicyState {
            subject: serde_json::from_value(value["subject"].clone()).unwrap(),
            document,
            shield: text("shield").map_or(Observed::Absent, Observed::Known),
            setting: text("setting"),
            revision: text("revision"),
            felt: text("felt").into_iter().collect(),
        })
    }

    /// The setting, where there is one, and a line a statement.
    fn lines(live: &Observed<PolicyState<P::Subject>>) -> Vec<String> {
        let Some(state) = live.known() else { return Vec::new() };
        let mut lines: Vec<String> = state.setting.iter().map(|setting| format!("setting: {setting}")).collect();
        if let Observed::Known(text) = &state.document {
            let document: Value = serde_json::from_str(text).unwrap();
            match &document["Statement"] {
                Value::Array(statements) => lines.extend(statements.iter().map(Value::to_string)),
                statement => lines.push(statement.to_string()),
            }
        }
        lines
    }

    fn samples() -> Vec<Value> {
        let subject = [json!("orders"), Value::Null, json!({"name": "orders", "account": "111122223333"})];
        let is_one = |value: &&Value| serde_json::from_value::<P::Subject>((*value).clone()).is_ok();
        let subject = subject.iter().find(is_one).unwrap();
        let document = "{\"Statement\":[]}";
        let shield = |word: &str| json!({ word: {"subject": subject, "setting": "none"} });
        let shields = P::SHIELD.iter().flat_map(|_| [shield("shield"), shield("unshield")]);
        let calls = [
            json!({"reduce": {"subject": subject, "document": document, "edits": ["remove `Statement[1]`"]}}),
            json!({"reduce": {"subject": subject, "document": document, "edits": [], "revision": "1"}}),
            json!({"delete": {"subject": subject}}),
            json!({"restore": {"subject": subject, "document": document}}),
        ];
        calls.into_iter().chain(shields).collect()
    }
}
