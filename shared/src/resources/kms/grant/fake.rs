//! A grant of a KMS key. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::kms::KmsGrants;
use shared::resources::kms::grant::state::{Grant, GrantAction, GrantRef};

impl Living for KmsGrants {
    fn change(live: &mut Observed<Grant>, action: &GrantAction) -> Result<(), ApplyError> {
        match (action, &*live) {
            (GrantAction::Revoke(grant), Observed::Known(state)) if state.id == grant.id => *live = Observed::Absent,
            (GrantAction::Revoke(_), _) => return Err(not_there("NotFoundException")),
            (GrantAction::Create(grant), _) => *live = Observed::Known(grant.clone()),
        }
        Ok(())
    }

    fn read(live: &Observed<Grant>, key: &GrantRef) -> Observed<Grant> {
        match live {
            Observed::Known(grant) if grant.id != key.id => Observed::Absent,
            other => other.clone(),
        }
    }

    /// One element of `Grants` of `ListGrants`.
    fn live(value: &Value) -> Observed<Grant> {
        let text = |key: &str| value[key].as_str().map(str::to_owned);
        let operations = value["Operations"].as_array().into_iter().flatten();
        Observed::Known(Grant {
            key: text("KeyId").unwrap(),
            id: text("GrantId").unwrap(),
            grantee: text("GranteePrincipal").unwrap(),
            retiring: text("RetiringPrincipal"),
            issuer: text("IssuingAccount"),
            operations: operations.map(|one| one.as_str().unwrap().to_owned()).collect(),
            equals: serde_json::from_value(value["Constraints"]["EncryptionContextEquals"].clone()).unwrap(),
            subset: serde_json::from_value(value["Constraints"]["EncryptionContextSubset"].clone()).unwrap(),
            name: text("Name"),
        })
    }

    fn lines(live: &Observed<Grant>) -> Vec<String> {
        live.known().map(|grant| format!("{} to {}", grant.operations.join(", "), grant.grantee)).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        let grant = json!({"key": "k", "id": "g", "grantee": "arn:aws:iam::444455556666:root", "retiring": null, "issuer": null,
            "operations": ["Decrypt"], "equals": null, "subset": {"a": "b"}, "name": null});
        vec![json!({"revoke": {"key": "k", "id": "g"}}), json!({ "create": grant })]
    }
}
