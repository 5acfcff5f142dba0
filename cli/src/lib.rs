//! The `parapet` command as a library: what the command line and the tests share. No SDK in the build.

pub mod analyze;
pub mod check;
pub mod cli;
pub mod failure;
pub mod guardrails;
pub mod guardrails_page;
pub mod patterns;
pub mod policy;
pub mod replay;
pub mod template;
pub mod terminal;
