//! Lists of actions and resources, and what is not in them.
//!
//! What must hold: `NotAction` and `NotResource` stand for everything but the list, never for nothing.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notaction.html>

use super::glob::{Budget, Pattern};
use super::words::list;

/// A list of patterns, or everything but the list.
#[derive(Debug, Clone, PartialEq)]
pub enum Scope {
    /// `Action`, `Resource`.
    Only(Vec<Pattern>),
    /// `NotAction`, `NotResource`.
    Except(Vec<Pattern>),
}

impl Scope {
    /// Everything.
    pub(crate) fn everything() -> Self {
        Self::Only(vec![Pattern::value("*")])
    }

    /// The patterns as they are written.
    pub(crate) fn texts(&self) -> Vec<String> {
        match self {
            Self::Only(patterns) => patterns.iter().map(|pattern| pattern.text().to_owned()).collect(),
            Self::Except(patterns) => {
                vec![format!("everything except {}", list(patterns.iter().map(Pattern::text)))]
            }
        }
    }

    /// Every string of `inner` is in this scope. `false` also when that could not be shown.
    pub(crate) fn covers(&self, inner: &Pattern, budget: &Budget) -> bool {
        match self {
            Self::Only(patterns) => patterns.iter().any(|pattern| pattern.covers_within(inner, budget)),
            Self::Except(patterns) => !patterns.iter().any(|pattern| pattern.meets_within(inner, budget)),
        }
    }

    /// Some string of `other` may be in this scope. `true` also when that could not be ruled out.
    pub(crate) fn meets(&self, other: &Pattern, budget: &Budget) -> bool {
        match self {
            Self::Only(patterns) => patterns.iter().any(|pattern| pattern.meets_within(other, budget)),
            Self::Except(patterns) => !patterns.iter().any(|pattern| pattern.covers_within(other, budget)),
        }
    }

    /// The list is so wide that nothing is left of the scope.
    pub(crate) fn is_empty(&self) -> bool {
        match self {
            Self::Only(patterns) => patterns.is_empty(),
            Self::Except(patterns) => patterns.iter().any(Pattern::is_everything),
        }
    }
}
