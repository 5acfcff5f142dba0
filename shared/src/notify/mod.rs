//! What the security channel hears: one SNS message a finding, in the form that each protocol can use.

pub mod escape;
