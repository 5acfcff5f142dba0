//! A principal and its permissions boundary. For tests (`shared/tests/all/world`).

use crate::world::fakes::iam_role_trust::{text, unknown};
use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::holder::{Holder, HolderKind};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::permissions_boundary::PermissionsBoundaries;
use shared::resources::iam::permissions_boundary::state::{BoundaryAction, BoundaryRef, Bounded, Change};
use std::collections::BTreeMap;

fn documents(value: &Value) -> BTreeMap<String, Observed<String>> {
    let known = value["Documents"].as_object().into_iter().flatten();
    known.map(|(arn, document)| (arn.clone(), Observed::Known(document.to_string()))).collect()
}

impl Living for PermissionsBoundaries {
    fn change(live: &mut Observed<Bounded>, action: &BoundaryAction) -> Result<(), ApplyError> {
        let Observed::Known(bounded) = live else { return Err(not_there("NoSuchEntity")) };
        assert_eq!(action.holder(), &bounded.holder, "a call about another principal");
        bounded.boundary = match action {
            BoundaryAction::Put { boundary, .. } => Observed::Known(boundary.clone()),
            BoundaryAction::Remove { .. } => Observed::Absent,
        };
        Ok(())
    }

    fn read(live: &Observed<Bounded>, key: &BoundaryRef) -> Observed<Bounded> {
        if let Observed::Known(bounded) = live {
            assert_eq!(bounded.holder, key.holder, "a look at another principal");
        }
        live.clone()
    }

    /// `GetUser`'s `User` or `GetRole`'s `Role`, and beside it what policies say, by ARN (`Documents`).
    fn live(value: &Value) -> Observed<Bounded> {
        let role = text(value, "RoleName");
        let kind = if role.is_some() { HolderKind::Role } else { HolderKind::User };
        let name = role.or_else(|| text(value, "UserName")).unwrap();
        Observed::Known(Bounded {
            holder: Holder { kind, name },
            path: Observed::Known(text(value, "Path").unwrap_or_else(|| "/".to_owned())),
            boundary: text(&value["PermissionsBoundary"], "PermissionsBoundaryArn")
                .map_or(Observed::Absent, Observed::Known),
            before: unknown(),
            change: Change::Standing,
            as_of: None,
            documents: documents(value),
        })
    }

    fn lines(live: &Observed<Bounded>) -> Vec<String> {
        let line = |bounded: &Bounded| bounded.boundary.known().map_or("no boundary", |arn| arn).to_owned();
        live.known().map(line).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        ["user", "role"]
            .into_iter()
            .flat_map(|kind| {
                let holder = json!({"kind": kind, "name": "ana"});
                [
                    json!({"put": {"holder": holder, "boundary": "arn:aws:iam::1:policy/edge"}}),
                    json!({"remove": {"holder": holder}}),
                ]
            })
            .collect()
    }
}
