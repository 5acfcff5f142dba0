//! The order in which a sweep goes through kinds and places: the same in each step.

use super::Position;
use crate::engine::observed::Place;

/// Every kind in every place that has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Route(Vec<(String, Place)>);

impl Route {
    /// Through these, in this order.
    #[must_use]
    pub fn new(stretches: impl IntoIterator<Item = (String, Place)>) -> Self {
        Self(stretches.into_iter().collect())
    }

    /// Where it begins.
    #[must_use]
    pub fn first(&self) -> Option<Position> {
        self.0.first().map(|(kind, place)| Position::first(kind, place.clone()))
    }

    /// Whether the position is on it: a deployment between two steps may take a kind or a place away.
    #[must_use]
    pub fn holds(&self, at: &Position) -> bool {
        self.index(at).is_some()
    }

    /// Where it goes on when the stretch of `at` is done.
    #[must_use]
    pub fn after(&self, at: &Position) -> Option<Position> {
        let (kind, place) = self.0.get(self.index(at)?.checked_add(1)?)?;
        Some(Position::first(kind, place.clone()))
    }

    fn index(&self, at: &Position) -> Option<usize> {
        self.0.iter().position(|(kind, place)| *kind == at.kind && *place == at.place)
    }
}
