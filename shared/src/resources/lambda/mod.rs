//! AWS Lambda: functions, their URLs and what they read; layers.

pub mod code_change;
pub mod event_source;
pub mod function_policy;
pub mod function_url;
pub mod layer;
pub mod record;

pub use code_change::CodeChanges;
pub use event_source::EventSources;
pub use function_policy::FunctionPolicies;
pub use function_url::FunctionUrls;
pub use layer::LayerPermissions;

use crate::engine::request::{Api, Means, Protocol};

/// "AWS Lambda API reference".
pub const LAMBDA: Api = Api {
    signed_as: "lambda",
    host: "lambda",
    protocol: Protocol::Rest,
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        ("ResourceConflictException", Means::NotYet),
        ("ResourceInUseException", Means::NotYet),
        ("PreconditionFailedException", Means::Changed),
        ("ServiceException", Means::Transient),
    ],
};
