//! A flow log, or the place where one was. For tests (`shared/tests/all/world`).

use crate::world::both;
use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::flow_log::FlowLogs;
use shared::resources::ec2::flow_log::state::{FlowLog, FlowLogAction, FlowLogConfig, FlowLogRef, Now};

impl Living for FlowLogs {
    /// A second one like it is refused, and so is one for a network that is not there.
    fn change(live: &mut Observed<FlowLog>, action: &FlowLogAction) -> Result<(), ApplyError> {
        let Observed::Known(flow_log) = live else { return Err(not_there("InvalidVpcId.NotFound")) };
        let config = action.config();
        match (action, &flow_log.now) {
            (FlowLogAction::Create(_), Now::Pointless) => return Err(not_there("InvalidVpcId.NotFound")),
            (FlowLogAction::Create(_), Now::Stands) => return Err(not_there("FlowLogAlreadyExists")),
            (FlowLogAction::Create(_), Now::Replaced { config: other, .. }) if config.is_made_up_for_by(other) => {
                return Err(not_there("FlowLogAlreadyExists"));
            }
            (FlowLogAction::Create(_), Now::Gone | Now::Replaced { .. }) => {
                flow_log.now = Now::Replaced { by: "fl-0new00000000000".to_owned(), config: Box::new(config.clone()) };
            }
            (FlowLogAction::Delete(_), Now::Replaced { config: other, .. }) if *config == **other => {
                flow_log.now = Now::Gone;
            }
            (FlowLogAction::Delete(_), Now::Stands | Now::Gone | Now::Pointless | Now::Replaced { .. }) => {
                return Err(not_there("InvalidFlowLogId.NotFound"));
            }
        }
        Ok(())
    }

    fn read(live: &Observed<FlowLog>, key: &FlowLogRef) -> Observed<FlowLog> {
        let Observed::Known(state) = live else { return live.clone() };
        let now = match (&state.now, &key.kept) {
            // What makes up for a flow log that is not remembered cannot be found.
            (Now::Replaced { .. } | Now::Pointless, Observed::Absent | Observed::Unknown { .. }) => Now::Gone,
            (Now::Replaced { config, .. }, Observed::Known(kept)) if !kept.is_made_up_for_by(config) => Now::Gone,
            (now, _) => now.clone(),
        };
        let config = if now == Now::Stands { state.config.clone() } else { key.kept.clone() };
        Observed::Known(FlowLog { id: key.id.clone(), config, now })
    }

    /// `gone`, `pointless`, `{"stands": …}` or `{"replaced": …}` with the settings.
    fn live(value: &Value) -> Observed<FlowLog> {
        let config = |value: &Value| serde_json::from_value::<FlowLogConfig>(value.clone()).unwrap();
        let unknown = || Observed::Unknown { why: "it is gone".to_owned() };
        let (config, now) = match value {
            Value::String(word) if word == "gone" => (unknown(), Now::Gone),
            Value::String(word) if word == "pointless" => (unknown(), Now::Pointless),
            value => match (value.get("stands"), value.get("replaced")) {
                (Some(own), _) => (Observed::Known(config(own)), Now::Stands),
                (None, Some(other)) => {
                    (unknown(), Now::Replaced { by: "fl-0other0000000000".to_owned(), config: Box::new(config(other)) })
                }
                (None, None) => panic!("no flow log: {value}"),
            },
        };
        Observed::Known(FlowLog { id: String::new(), config, now })
    }

    fn lines(live: &Observed<FlowLog>) -> Vec<String> {
        let Observed::Known(state) = live else { return Vec::new() };
        match &state.now {
            Now::Stands => state.config.known().map(|config| format!("stands: {config}")).into_iter().collect(),
            Now::Replaced { config, .. } => vec![format!("replaced: {config}")],
            Now::Gone => vec!["gone".to_owned()],
            Now::Pointless => vec!["pointless".to_owned()],
        }
    }

    fn samples() -> Vec<Value> {
        both("create", "delete", &json!({"resource": "vpc-1", "destination": "arn:aws:s3:::logs"}))
    }
}
