//! From an event to findings, for any resource: what an event is, what a family and a guardrail are, how a plan is made and carried
//! out, and the pipeline that leads through it. Knows no resource and no SDK.

pub mod arn;
pub mod count;
pub mod erased;
pub mod event;
pub mod family;
pub mod finding;
pub mod guardrail;
pub mod hint;
pub mod holder;
pub mod memory;
pub mod notice;
pub mod observed;
pub mod orders;
pub mod own;
pub mod permission;
pub mod pipeline;
pub mod plan;
pub mod planned;
pub mod record_alone;
pub mod request;
pub mod resource_policy;
pub mod setting;
pub(crate) mod shell;
pub mod signed;
pub mod span;
pub mod unavailable;
pub mod unreadable;
pub mod verdict;
