//! What AWS's own detection reports: findings of GuardDuty, and AWS Health's word on leaked credentials.
//!
//! A finding is a suspicion, hours or minutes old, and an attacker may cause one on purpose to have Parapet stop what the account needs. So a finding alone does nothing: the
//! operator names the types that lead to more than a notification ([`ActOn`]), the state is read first, what a finding names must be the account's own, and everything that
//! production may feel is of class R2, which the circuit breaker limits for all findings of one account and region together (they have one principal: the service).
//!
//! The families of principals stand beside IAM's, that of instances beside EC2's.

pub mod act_on;
pub mod finding_types;
pub mod only_notified;
pub mod other;
pub mod report;

pub use act_on::ActOn;
pub use other::OtherFindings;
pub use report::{Caller, Named, Report, gone, named};
