//! Amazon Cognito: identity pools.

pub mod identity_pool;

pub use identity_pool::IdentityPools;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon Cognito Federated Identities API reference".
pub const COGNITO: Api = Api {
    signed_as: "cognito-identity",
    host: "cognito-identity",
    protocol: Protocol::Json { version: "1.1", target: "AWSCognitoIdentityService" },
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        ("ConcurrentModificationException", Means::Transient),
        ("InternalErrorException", Means::Transient),
    ],
};
