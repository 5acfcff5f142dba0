//! Amazon SES: who may send mail, and in whose name.

pub mod sending;

pub use sending::SendingChanges;
