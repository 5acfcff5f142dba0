//! The policy of a layer's version. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::{Action as _, ApplyError};
use shared::engine::request::Answer;
use shared::engine::signed::SignedFamily;
use shared::resources::lambda::LayerPermissions;
use shared::resources::lambda::layer::state::{Layer, LayerAction, Permit, Share};

/// The statement that the call writes.
fn written(layer: &str, sid: &str, permit: &Permit) -> Value {
    let principal = match permit.principal.as_str() {
        "*" => json!("*"),
        account => json!({"AWS": format!("arn:aws:iam::{account}:root")}),
    };
    let mut statement = json!({"Sid": sid, "Effect": "Allow", "Principal": principal, "Action": "lambda:GetLayerVersion",
        "Resource": layer});
    if let Some(id) = &permit.organization {
        statement["Condition"] = json!({"StringEquals": {"aws:PrincipalOrgID": id}});
    }
    statement
}

impl Living for LayerPermissions {
    fn change(live: &mut Observed<Layer>, action: &LayerAction) -> Result<(), ApplyError> {
        match (action, &mut *live) {
            (LayerAction::Remove { sid, revision, .. }, Observed::Known(layer)) => {
                assert_eq!(action.guards_itself(), revision.is_some());
                if revision.is_some() && *revision != layer.revision {
                    return Err(ApplyError::Changed { code: "PreconditionFailedException".to_owned() });
                }
                if !layer.shares.iter().any(|share| share.sid == *sid) {
                    return Err(not_there("ResourceNotFoundException"));
                }
                layer.shares.retain(|share| share.sid != *sid);
                if layer.shares.is_empty() {
                    *live = Observed::Absent;
                }
            }
            (LayerAction::Remove { .. }, _) => return Err(not_there("ResourceNotFoundException")),
            (LayerAction::Add { layer: arn, sid, permit }, Observed::Known(layer)) => {
                layer.shares.extend(Share::read(&written(arn, sid, permit)));
            }
            (LayerAction::Add { layer: arn, sid, permit }, _) => {
                let shares = Share::read(&written(arn, sid, permit)).into_iter().collect();
                *live = Observed::Known(Layer { layer: arn.clone(), shares, revision: Some("2".to_owned()) });
            }
        }
        Ok(())
    }

    fn read(live: &Observed<Layer>, arn: &String) -> Observed<Layer> {
        match live {
            Observed::Known(layer) if layer.layer != *arn => Observed::Absent,
            other => other.clone(),
        }
    }

    /// `GetLayerVersionPolicy`, with the ARN of the version.
    fn live(value: &Value) -> Observed<Layer> {
        let answer = Answer { body: value.clone(), request_id: None };
        Self::got(&value["LayerVersionArn"].as_str().unwrap().to_owned(), &answer)
    }

    fn lines(live: &Observed<Layer>) -> Vec<String> {
        let of = |share: &Share| {
            format!("{} for {}", share.sid, share.permit().map_or("?".to_owned(), |permit| permit.principal))
        };
        live.known().map(|layer| layer.shares.iter().map(of).collect()).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        Self::actions().iter().map(|action| serde_json::to_value(action).unwrap()).collect()
    }
}
