//! AWS Lambda: functions.

pub mod function_policy;
pub mod record;

pub use function_policy::FunctionPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "AWS Lambda API reference".
pub const LAMBDA: Api = Api {
    signed_as: "lambda",
    host: "lambda",
    protocol: Protocol::Rest,
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        ("ResourceConflictException", Means::NotYet),
        ("PreconditionFailedException", Means::Changed),
        ("ServiceException", Means::Transient),
    ],
};
