//! Every creation: it is there until it is removed.

use super::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::created::{Created, Creation, Remove, Thing};

impl<C: Creation> Living for Created<C> {
    fn change(live: &mut Observed<Thing>, _: &Remove<C>) -> Result<(), ApplyError> {
        match live {
            Observed::Absent => Err(not_there("ResourceNotFoundException")),
            Observed::Known(_) | Observed::Unknown { .. } => {
                *live = Observed::Absent;
                Ok(())
            }
        }
    }

    fn read(live: &Observed<Thing>, key: &Thing) -> Observed<Thing> {
        match live {
            Observed::Known(_) => Observed::Known(key.clone()),
            other => other.clone(),
        }
    }

    /// Its id.
    fn live(value: &Value) -> Observed<Thing> {
        Observed::Known(Thing { id: value.as_str().unwrap().to_owned(), ..Thing::default() })
    }

    fn lines(live: &Observed<Thing>) -> Vec<String> {
        live.known().map(|thing| format!("{} is in force", thing.id)).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        vec![json!({"remove": "all"})]
    }
}
