//! Every setting that is written whole: one fake, since how a call changes it follows from its description.

use super::not_there;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::s3::document::{Document, Held, Of, Write};

/// The name of what lives, where a fixture's `live` does not name it.
pub const NAME: &str = "orders";

/// What the description of a document does not say.
pub trait Fake: Document {
    /// The value that an answer of the API describes.
    fn answer(value: &Value) -> Self::Value;

    /// The line that a fixture names.
    fn line(value: &Self::Value) -> String;

    /// A good value and a bad one.
    fn values() -> Vec<Self::Value>;

    /// What lives: a bucket, or the account.
    fn name() -> &'static str {
        NAME
    }
}

pub fn change<D: Fake>(live: &mut Observed<Held<D::Value>>, action: &Write<D>) -> Result<(), ApplyError> {
    match live {
        Observed::Known(held) => {
            assert_eq!(action.name, held.name, "a call about another bucket");
            held.now = action.value.clone();
            Ok(())
        }
        Observed::Absent => Err(not_there("NoSuchBucket")),
        // A change that no read shows for a while.
        Observed::Unknown { .. } => Ok(()),
    }
}

pub fn read<V: Clone>(live: &Observed<Held<V>>, key: &Of<V>) -> Observed<Held<V>> {
    match live {
        Observed::Known(held) if held.name != key.name => Observed::Absent,
        other => other.clone(),
    }
}

pub fn live<D: Fake>(value: &Value) -> Observed<Held<D::Value>> {
    Observed::Known(Held::of(&Of::new(D::name().to_owned(), false), D::answer(value)))
}

/// Each call, as the ledger keeps it.
pub fn samples<D: Fake>() -> Vec<Value> {
    let write = |value| serde_json::to_value(Write::<D>::whole(D::name(), value)).unwrap();
    D::values().into_iter().map(write).collect()
}

/// Both traits are of other crates than the family, so each family is named.
macro_rules! holding {
    ($($document:ty),+ $(,)?) => {
        $(impl $crate::world::Living for $document {
            fn change(live: &mut shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State>, action: &<Self as shared::engine::family::Family>::Action) -> Result<(), shared::engine::plan::ApplyError> {
                $crate::world::document::change::<Self>(live, action)
            }

            fn read(live: &shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State>, key: &<Self as shared::engine::family::Family>::Key) -> shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State> {
                $crate::world::document::read(live, key)
            }

            fn live(value: &serde_json::Value) -> shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State> {
                $crate::world::document::live::<Self>(value)
            }

            fn lines(live: &shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State>) -> Vec<String> {
                live.known().map(|held| <Self as $crate::world::document::Fake>::line(&held.now)).into_iter().collect()
            }

            fn samples() -> Vec<serde_json::Value> {
                $crate::world::document::samples::<Self>()
            }
        })+
    };
}

pub(crate) use holding;
