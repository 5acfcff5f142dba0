//! What a bucket's policy says of TLS. For tests (`shared/tests/all/world`).

use crate::world::{Living, both, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::s3::BucketTls;
use shared::resources::s3::tls::actions::TlsAction;
use shared::resources::s3::tls::{TlsPolicy, TlsRef};

impl Living for BucketTls {
    fn change(live: &mut Observed<TlsPolicy>, action: &TlsAction) -> Result<(), ApplyError> {
        let Observed::Known(held) = live else { return Err(not_there("NoSuchBucket")) };
        assert_eq!(action.policy().bucket, held.bucket, "a call about another bucket");
        held.document.clone_from(&action.policy().document);
        Ok(())
    }

    fn read(live: &Observed<TlsPolicy>, key: &TlsRef) -> Observed<TlsPolicy> {
        match live {
            Observed::Known(held) if held.bucket != key.bucket => Observed::Absent,
            other => other.clone(),
        }
    }

    /// The document as text or as JSON; `none` where there is none.
    fn live(value: &Value) -> Observed<TlsPolicy> {
        let document = match value {
            Value::String(word) if word == "none" => None,
            Value::String(text) => Some(text.clone()),
            document => Some(document.to_string()),
        };
        Observed::Known(TlsPolicy { bucket: "orders".to_owned(), is_new: false, document, is_partial: false })
    }

    /// What each statement is called, and what it does to which actions.
    fn lines(live: &Observed<TlsPolicy>) -> Vec<String> {
        let Some(text) = live.known().and_then(|held| held.document.as_ref()) else { return Vec::new() };
        let document: Value = serde_json::from_str(text).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let line = |one: &Value| format!("{}: {} {}", text(&one["Sid"]), text(&one["Effect"]), text(&one["Action"]));
        match &document["Statement"] {
            Value::Array(statements) => statements.iter().map(line).collect(),
            statement => vec![line(statement)],
        }
    }

    fn samples() -> Vec<Value> {
        let deletes = json!({"restore": {"bucket": "orders", "document": null}});
        let writes = both("require", "restore", &json!({"bucket": "orders", "document": "{\"Statement\":[]}"}));
        writes.into_iter().chain([deletes]).collect()
    }
}
