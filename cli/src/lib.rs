//! The `parapet` command as a library: what the command line and the tests share. No SDK in the build, but with the feature
//! `aws`, which the commands that work on an account need.

pub mod analyze;
pub mod check;
pub mod cli;
pub mod doctor;
pub mod exempt;
pub mod explain;
pub mod failure;
pub mod finding_types_page;
pub mod guardrails;
pub mod guardrails_page;
mod input;
mod nearest;
pub mod operate;
pub mod patterns;
pub mod policy;
pub mod replay;
pub mod shell;
mod table;
pub mod template;
pub mod terminal;
