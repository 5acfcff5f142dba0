//! A DB instance. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::database::described;
use shared::resources::database::instance::DbInstances;
use shared::resources::database::instance::state::{DbInstance, InstanceAction, InstanceRef};

impl Living for DbInstances {
    fn change(live: &mut Observed<DbInstance>, action: &InstanceAction) -> Result<(), ApplyError> {
        let gone = || not_there("DBInstanceNotFound");
        let Observed::Known(instance) = live else { return Err(gone()) };
        if instance.id != action.id {
            return Err(gone());
        }
        if let Some(is_public) = action.public_access {
            instance.is_public = Observed::Known(is_public);
        }
        if let Some(is_on) = action.protection {
            instance.is_protected = Observed::Known(is_on);
        }
        Ok(())
    }

    /// A call that renames leads to a look under both names.
    fn read(live: &Observed<DbInstance>, key: &InstanceRef) -> Observed<DbInstance> {
        match live {
            Observed::Known(instance) if instance.id != key.id => Observed::Absent,
            other => other.clone(),
        }
    }

    /// An element of `DBInstances` of `DescribeDBInstances`.
    fn live(value: &Value) -> Observed<DbInstance> {
        Observed::Known(described::instance(value).unwrap())
    }

    fn lines(live: &Observed<DbInstance>) -> Vec<String> {
        let word = |seen: &Observed<bool>| seen.known().map_or("unknown", |is_on| if *is_on { "on" } else { "off" });
        let lines = |it: &DbInstance| {
            vec![
                format!("public access {}", word(&it.is_public)),
                format!("deletion protection {}", word(&it.is_protected)),
            ]
        };
        live.known().map(lines).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        [(Some(false), None), (None, Some(true)), (Some(true), None), (Some(false), Some(false))]
            .map(|(access, protection)| json!({"id": "orders", "public_access": access, "protection": protection}))
            .into()
    }
}
