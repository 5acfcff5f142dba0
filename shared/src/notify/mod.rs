//! What the security channel hears: one SNS message a finding, in the form that each protocol can use.

pub mod chat;
pub mod escape;
pub mod ocsf;
pub mod story;
pub mod text;

#[cfg(test)]
mod sample;
