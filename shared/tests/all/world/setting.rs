//! Every setting: one fake, since how a call changes it and what it shows follow from its description.

use super::not_there;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::engine::request::Answer;
use shared::engine::setting::{Set, Setting, SignedSetting};

/// What the description of a setting does not say.
pub trait Fake: Setting {
    /// Where the state holds the value.
    fn put(state: &mut Self::State, value: Self::Value);

    /// The state that an answer of the API describes.
    fn answer(value: &Value) -> Self::State;

    /// The line that a fixture names.
    fn line(state: &Self::State) -> String;

    /// What a call names.
    fn subject() -> Self::Subject;

    /// Whether a look by the key finds it.
    fn is_of(state: &Self::State, key: &Self::Key) -> bool {
        let _ = (state, key);
        true
    }
}

pub fn change<S: Fake>(live: &mut Observed<S::State>, action: &Set<S>) -> Result<(), ApplyError> {
    match live {
        Observed::Known(state) if S::shown(state).subject == *action.subject() => {
            S::put(state, action.value());
            Ok(())
        }
        Observed::Known(_) | Observed::Absent => Err(not_there("NotFound")),
        // A change that no read shows for a while.
        Observed::Unknown { .. } => Ok(()),
    }
}

pub fn read<S: Fake>(live: &Observed<S::State>, key: &S::Key) -> Observed<S::State> {
    match live {
        Observed::Known(state) if !S::is_of(state, key) => Observed::Absent,
        other => other.clone(),
    }
}

/// What the description of a setting that is called by signed requests makes of an answer.
pub fn answered<S: SignedSetting>(value: &Value) -> S::State
where
    S::Key: Default,
{
    match S::got(&S::Key::default(), &Answer { body: value.clone(), request_id: None }) {
        Observed::Known(state) => state,
        other => panic!("an answer without a setting: {other:?}"),
    }
}

/// Each call, as the ledger keeps it.
pub fn samples<S: Fake>() -> Vec<Value> {
    let call = |value| serde_json::to_value(Set::<S>::to(S::subject(), value).unwrap()).unwrap();
    S::CALLS.iter().map(|one| call(one.sets)).collect()
}

/// Both traits are of other crates than the family, so each family is named.
macro_rules! living {
    ($($setting:ty),+ $(,)?) => {
        $(impl $crate::world::Living for $setting {
            fn change(live: &mut shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State>, action: &<Self as shared::engine::family::Family>::Action) -> Result<(), shared::engine::plan::ApplyError> {
                $crate::world::setting::change(live, action)
            }

            fn read(live: &shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State>, key: &<Self as shared::engine::family::Family>::Key) -> shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State> {
                $crate::world::setting::read::<Self>(live, key)
            }

            fn live(value: &serde_json::Value) -> shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State> {
                shared::engine::observed::Observed::Known(<Self as $crate::world::setting::Fake>::answer(value))
            }

            fn lines(live: &shared::engine::observed::Observed<<Self as shared::engine::family::Family>::State>) -> Vec<String> {
                live.known().map(<Self as $crate::world::setting::Fake>::line).into_iter().collect()
            }

            fn samples() -> Vec<serde_json::Value> {
                $crate::world::setting::samples::<Self>()
            }
        })+
    };
}

pub(crate) use living;
