//! The principals of a resource share. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::engine::request::Answer;
use shared::engine::signed::SignedFamily;
use shared::resources::ram::SharedPrincipals;
use shared::resources::ram::share::{Share, ShareAction, SharedWith};

const ARN: &str = "arn:aws:ram:eu-central-1:111122223333:resource-share/7ab63972-b505-7e2a-420d-6f5d3EXAMPLE";

impl Living for SharedPrincipals {
    fn change(live: &mut Observed<Share>, action: &ShareAction) -> Result<(), ApplyError> {
        let Observed::Known(share) = live else { return Err(not_there("UnknownResourceException")) };
        match action {
            ShareAction::Disassociate { principals, .. } => {
                share.principals.retain(|shared| !principals.contains(&shared.principal));
            }
            ShareAction::Associate { principals, .. } => {
                share.principals.extend(principals.iter().map(|principal| SharedWith {
                    principal: principal.clone(),
                    external: Some(true),
                    in_question: true,
                }))
            }
        }
        Ok(())
    }

    fn read(live: &Observed<Share>, arn: &String) -> Observed<Share> {
        match live {
            Observed::Known(share) if share.arn != *arn => Observed::Absent,
            other => other.clone(),
        }
    }

    /// `GetResourceShareAssociations`
    fn live(value: &Value) -> Observed<Share> {
        Self::got(&ARN.to_owned(), &Answer { body: value.clone(), request_id: None })
    }

    fn lines(live: &Observed<Share>) -> Vec<String> {
        let of = |shared: &SharedWith| format!("shared with {}", shared.principal);
        live.known().map(|share| share.principals.iter().map(of).collect()).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        Self::actions().iter().map(|action| serde_json::to_value(action).unwrap()).collect()
    }
}
