//! Amazon API Gateway: REST APIs.

pub mod api_policy;

pub use api_policy::ApiPolicies;
