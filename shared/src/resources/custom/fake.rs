//! A call of a declared guardrail. For tests (`shared/tests/all/world`).

use crate::world::Living;
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::custom::{Answer, DeclaredGuardrails, Seen, Shown, StartRunbook};

impl Living for DeclaredGuardrails {
    /// What a runbook does is not known: only that it was started.
    fn change(live: &mut Observed<Seen>, _: &StartRunbook) -> Result<(), ApplyError> {
        if let Observed::Known(seen) = live {
            seen.answer = Answer::Undetermined("execution `1` was started".to_owned());
            seen.execution = Some("1".to_owned());
        }
        Ok(())
    }

    fn read(live: &Observed<Seen>, _: &Shown) -> Observed<Seen> {
        live.clone()
    }

    fn live(value: &Value) -> Observed<Seen> {
        Observed::Known(serde_json::from_value(value.clone()).unwrap())
    }

    fn lines(live: &Observed<Seen>) -> Vec<String> {
        live.known().map(|seen| format!("{:?}", seen.answer)).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        vec![json!({
            "document": "AWS-StopEC2Instance",
            "version": "1",
            "role": "arn:aws:iam::111122223333:role/runbooks",
            "parameters": {"InstanceId": ["i-0123456789abcdef0"]},
            "token": "7b1f0d5e-0d4c-5d54-9e33-0f3f1f6f0b11",
        })]
    }
}
