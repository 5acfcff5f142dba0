//! A role and its trust policy. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::role_trust::RoleTrusts;
use shared::resources::iam::role_trust::state::{RoleRef, RoleTrust, TrustAction};

pub fn text(value: &Value, key: &str) -> Option<String> {
    value[key].as_str().map(str::to_owned)
}

pub fn unknown<T>() -> Observed<T> {
    Observed::Unknown { why: "a read does not show it".to_owned() }
}

impl Living for RoleTrusts {
    /// As IAM: a document that names a deleted principal by its id is refused.
    fn change(live: &mut Observed<RoleTrust>, action: &TrustAction) -> Result<(), ApplyError> {
        let Observed::Known(trust) = live else { return Err(not_there("NoSuchEntity")) };
        let new = action.trust();
        assert_eq!(Some(&new.role), trust.name.as_ref(), "a call about another role");
        let is_back = matches!(action, TrustAction::PutBack(_));
        if !is_back && (new.document.contains("\"AROA") || new.document.contains("\"AIDA")) {
            return Err(ApplyError::Refused {
                code: "MalformedPolicyDocument".to_owned(),
                message: "Invalid principal in policy".to_owned(),
            });
        }
        serde_json::from_str::<Value>(&new.document).unwrap();
        trust.document = Observed::Known(new.document.clone());
        Ok(())
    }

    fn read(live: &Observed<RoleTrust>, key: &RoleRef) -> Observed<RoleTrust> {
        let Some(name) = &key.name else { return Observed::Unknown { why: "the record names no role".to_owned() } };
        if let Observed::Known(trust) = live {
            assert_eq!(Some(name), trust.name.as_ref(), "a look at another role");
        }
        live.clone()
    }

    /// `GetRole`'s `Role`, its document as text or as JSON.
    fn live(value: &Value) -> Observed<RoleTrust> {
        let document = &value["AssumeRolePolicyDocument"];
        Observed::Known(RoleTrust {
            name: text(value, "RoleName"),
            path: Observed::Known(text(value, "Path").unwrap_or_else(|| "/".to_owned())),
            document: Observed::Known(document.as_str().map_or_else(|| document.to_string(), str::to_owned)),
            before: unknown(),
            as_of: None,
            is_new: false,
            by_service: None,
            role: crate::world::fakes::iam_policy_attachment::role(value),
        })
    }

    fn lines(live: &Observed<RoleTrust>) -> Vec<String> {
        live.known().and_then(|trust| trust.document.known().cloned()).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        let trust = json!({"role": "deploy", "document": "{}"});
        vec![
            json!({ "restore": trust }),
            json!({"reduce": {"trust": trust, "edits": ["statement 1"]}}),
            json!({ "put-back": trust }),
        ]
    }
}
