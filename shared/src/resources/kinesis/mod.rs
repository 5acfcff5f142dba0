//! Amazon Kinesis Data Streams: streams and their consumers.

pub mod stream_policy;

pub use stream_policy::StreamPolicies;

use crate::engine::request::{Api, Means, Protocol};

/// "Amazon Kinesis Data Streams service API reference".
pub const KINESIS: Api = Api {
    signed_as: "kinesis",
    host: "kinesis",
    protocol: Protocol::Json { version: "1.1", target: "Kinesis_20131202" },
    errors: &[
        ("ResourceNotFoundException", Means::NotThere),
        ("ResourceInUseException", Means::NotYet),
        ("LimitExceededException", Means::Transient),
    ],
};
