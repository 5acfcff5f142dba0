//! Amazon CloudFront: distributions, as records show them.
//!
//! CloudFront's API is XML, and a change writes the whole configuration and is rolled out for minutes. Nothing here is read or written: each guardrail notifies of
//! what the record of a change shows.

pub mod logging;
pub mod origin_access;
pub mod plain_http;
mod record;
pub mod web_acl;

pub use logging::LoggingChanges;
pub use origin_access::OriginAccesses;
pub use plain_http::ViewerProtocols;
pub use record::DistributionSettings;
pub use web_acl::WebAcls;
