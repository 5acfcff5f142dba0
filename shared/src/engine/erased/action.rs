//! What can be done to a resource: a family's `Action`.

use super::MIXED_UP;
use crate::engine::plan::{Action, Effect, Plan, Step, Undo};
use serde::Serialize;
use std::any::Any;
use std::fmt::{self, Debug, Display};

/// An action whose type only its family knows.
trait HeldAction: Any + Debug + Display + erased_serde::Serialize + Send + Sync {
    fn copy(&self) -> Box<dyn HeldAction>;
    fn is(&self, other: &dyn HeldAction) -> bool;
    fn permission(&self) -> &'static str;
    fn command(&self, region: &str) -> String;
    fn absorb(&mut self, other: &dyn HeldAction) -> bool;
    fn elements(&self) -> usize;
    fn split(&self, most: usize) -> Vec<AnyAction>;
    fn effect(&self) -> Effect;
    fn guards_itself(&self) -> bool;
}

erased_serde::serialize_trait_object!(HeldAction);

impl<A: Action + 'static> HeldAction for A {
    fn copy(&self) -> Box<dyn HeldAction> {
        Box::new(self.clone())
    }

    fn is(&self, other: &dyn HeldAction) -> bool {
        (other as &dyn Any).downcast_ref() == Some(self)
    }

    fn permission(&self) -> &'static str {
        Action::permission(self)
    }

    fn command(&self, region: &str) -> String {
        Action::command(self, region)
    }

    fn absorb(&mut self, other: &dyn HeldAction) -> bool {
        (other as &dyn Any).downcast_ref().is_some_and(|other| Action::absorb(self, other))
    }

    fn elements(&self) -> usize {
        Action::elements(self)
    }

    fn split(&self, most: usize) -> Vec<AnyAction> {
        Action::split(self, most).into_iter().map(AnyAction::new).collect()
    }

    fn effect(&self) -> Effect {
        Action::effect(self)
    }

    fn guards_itself(&self) -> bool {
        Action::guards_itself(self)
    }
}

/// What can be done to a resource: a family's `Action`.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct AnyAction(Box<dyn HeldAction>);

#[expect(clippy::expect_used, reason = "a family and what belongs to it are hidden together")]
impl AnyAction {
    pub(crate) fn new<A: Action + 'static>(action: A) -> Self {
        Self(Box::new(action))
    }

    /// The action, for the family whose it is.
    pub(crate) fn of<A: 'static>(&self) -> &A {
        let action: &dyn Any = &*self.0;
        action.downcast_ref().expect(MIXED_UP)
    }

    pub(super) fn step<A: Action + 'static>(step: Step<A>) -> Step<Self> {
        let undo = match step.undo {
            Undo::Apply(action) => Undo::Apply(Self::new(action)),
            Undo::Irreversible { why } => Undo::Irreversible { why },
        };
        Step { apply: Self::new(step.apply), undo }
    }

    pub(super) fn plan<A: Action + 'static>(plan: Plan<A>) -> Plan<Self> {
        Plan { steps: plan.steps.into_iter().map(Self::step).collect() }
    }
}

impl Clone for AnyAction {
    fn clone(&self) -> Self {
        Self((*self.0).copy())
    }
}

impl PartialEq for AnyAction {
    fn eq(&self, other: &Self) -> bool {
        (*self.0).is(&*other.0)
    }
}

impl Display for AnyAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Display::fmt(&*self.0, f)
    }
}

impl Action for AnyAction {
    fn permission(&self) -> &'static str {
        (*self.0).permission()
    }

    fn command(&self, region: &str) -> String {
        (*self.0).command(region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        (*self.0).absorb(&*other.0)
    }

    fn elements(&self) -> usize {
        (*self.0).elements()
    }

    fn split(&self, most: usize) -> Vec<Self> {
        (*self.0).split(most)
    }

    fn effect(&self) -> Effect {
        (*self.0).effect()
    }

    fn guards_itself(&self) -> bool {
        (*self.0).guards_itself()
    }
}
