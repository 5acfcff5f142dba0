//! AWS End User Messaging: text messages.

pub mod spend_limit;

pub use spend_limit::SpendLimits;

use crate::engine::request::{Api, Means, Protocol};

/// "AWS End User Messaging SMS API reference".
pub const SMS: Api = Api {
    signed_as: "sms-voice",
    host: "sms-voice",
    protocol: Protocol::Json { version: "1.0", target: "PinpointSMSVoiceV2" },
    errors: &[("InternalServerException", Means::Transient)],
};
