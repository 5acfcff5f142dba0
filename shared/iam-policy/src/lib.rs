#![doc = include_str!("../README.md")]

mod arn;
mod audience;
mod condition;
mod context;
mod denies;
mod deny;
mod document;
mod edit;
mod glob;
mod holding;
pub mod json;
mod judge;
mod keys;
mod known;
pub mod managed;
mod methods;
mod network;
mod power;
mod principal;
mod provider;
mod reach;
mod repair;
mod scope;
mod services;
mod widen;
mod words;

pub use audience::Outsider;
pub use condition::{Comparison, Condition, Operator, Quantifier};
pub use context::{Context, Kind};
pub use denies::{denies, may_release};
pub use document::{Document, Effect, Problem, Statement};
pub use edit::{Edit, Step, append};
pub use glob::Pattern;
pub use methods::{METHODS, Method, Tier};
pub use power::{
    Admin, Broken, Escalation, Power, gives_a_part, gives_a_part_of_admin, has_full_access, may_combine, power,
};
pub use principal::{At, Principal, Principals, Who};
pub use reach::{Access, Considered, Grant, Reach, reach};
pub use repair::{Remedy, Repair, repair_grants, repair_power, repair_reach, without_deleted};
pub use scope::Scope;
pub use services::{is_written_for, runs_no_customer_code, services_without_customer_code};
pub use widen::{Widening, widens};
