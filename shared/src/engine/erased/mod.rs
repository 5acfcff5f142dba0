//! Families, worlds and what goes between them, with their types hidden: the pipeline is compiled once for all resources, and not once for each of them in each
//! crate (docs/adr/0027-the-pipeline-is-compiled-once.md).
//!
//! Each entrance of [`pipeline`](crate::engine::pipeline) knows the family's types. It hides the family and its world together ([`AnyFamily`], [`Hidden`]), so that
//! whatever one of them unpacks is of the types that the other has packed.

mod action;
mod family;
mod world;

pub(crate) use action::AnyAction;
pub(crate) use family::{AnyFamily, AnyGuardrail, AnyTarget, hide};
pub(crate) use world::{AnyClock, AnyMemory, AnyWorld, Hidden, NoWorld};

use serde::Serialize;
use std::any::Any;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;

/// An answer's future, with its type hidden.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A value whose type only its family knows.
trait Held: Any + Debug + erased_serde::Serialize + Send + Sync {
    fn copy(&self) -> Box<dyn Held>;
}

erased_serde::serialize_trait_object!(Held);

impl<T: Clone + Debug + Serialize + Send + Sync + 'static> Held for T {
    fn copy(&self) -> Box<dyn Held> {
        Box::new(self.clone())
    }
}

/// What every hidden value of one family says when another family's comes in its place: an entrance hides them together, so that it cannot.
const MIXED_UP: &str = "a family is given its own keys, states and actions";

macro_rules! hidden {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Serialize)]
        #[serde(transparent)]
        pub(crate) struct $name(Box<dyn Held>);

        impl Clone for $name {
            fn clone(&self) -> Self {
                Self((*self.0).copy())
            }
        }

        impl $name {
            pub(crate) fn new<T: Clone + Debug + Serialize + Send + Sync + 'static>(value: T) -> Self {
                Self(Box::new(value))
            }

            /// The value, for the family whose it is.
            pub(crate) fn of<T: 'static>(&self) -> &T {
                let value: &dyn Any = &*self.0;
                value.downcast_ref().expect(MIXED_UP)
            }
        }
    };
}

hidden! {
    /// How a resource is found: a family's `Key`.
    AnyKey
}
hidden! {
    /// What can be seen of a resource: a family's `State`.
    AnyState
}

#[expect(clippy::expect_used, reason = "a family and what belongs to it are hidden together")]
impl AnyState {
    pub(crate) fn into_of<T: 'static>(self) -> T {
        let value: Box<dyn Any> = self.0;
        *value.downcast().expect(MIXED_UP)
    }

    /// The state, to be changed by the family whose it is.
    pub(crate) fn of_mut<T: 'static>(&mut self) -> &mut T {
        let value: &mut dyn Any = &mut *self.0;
        value.downcast_mut().expect(MIXED_UP)
    }
}
