//! What the security channel hears: one SNS message a finding, in the form that each protocol can use.
//!
//! A mail reader gets [`text`], a chat channel gets [`chat`], a machine gets [`ocsf`]; [`message()`] puts them together
//! within the limits of SNS. [`asff`] is the same for AWS Security Hub, where that is wanted. The first two lay out the same [`story`]. Whatever a stranger may have named goes through
//! [`escape`] before a person sees it. `docs/notifications.md` shows all of it.

pub mod advice;
pub mod asff;
pub mod chat;
pub mod escape;
pub mod fit;
pub mod message;
pub mod notice;
pub mod ocsf;
pub mod story;
pub mod text;

pub use message::{Message, message, message_within};
pub use notice::Notice;

#[cfg(test)]
mod page;
#[cfg(test)]
mod real_tests;
#[cfg(test)]
pub(crate) mod sample;
