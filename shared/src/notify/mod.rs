//! What the security channel hears: one SNS message a finding, in the form that each protocol can use.
<<<<<<< HEAD

/// A message for SNS.
pub struct Message {
    /// The subject line.
    pub subject: String,
    /// The body for `MessageStructure=json`.
    pub body: String,
    /// Attributes for filter policies.
    pub attributes: Vec<(&'static str, String)>,
}

/// The message that tells a finding.
#[must_use]
pub fn message(finding: &crate::finding::Finding) -> Message {
    Message {
        subject: finding.guardrail.title.to_owned(),
        body: r#"{"default":"placeholder"}"#.to_owned(),
        attributes: Vec::new(),
    }
}
=======
//!
//! A mail reader gets [`text`], a chat channel gets [`chat`], a machine gets [`ocsf`]; [`message()`] puts them together
//! within the limits of SNS. The first two lay out the same [`story`]. Whatever a stranger may have named goes through
//! [`escape`] before a person sees it. `docs/notifications.md` shows all of it.

pub mod chat;
pub mod escape;
pub mod fit;
pub mod message;
pub mod ocsf;
pub mod story;
pub mod text;

pub use message::{Message, message};

#[cfg(test)]
mod sample;
>>>>>>> notify
