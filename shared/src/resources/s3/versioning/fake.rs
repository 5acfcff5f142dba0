//! The versioning of a bucket. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::Value;
use shared::resources::s3::BucketVersionings;
use shared::resources::s3::versioning::{Status, Versioning};

holding!(BucketVersionings);

impl Fake for BucketVersionings {
    /// `GetBucketVersioning`
    fn answer(value: &Value) -> Versioning {
        let status = Status::read(value["Status"].as_str().unwrap_or_default()).unwrap();
        Versioning { status, mfa_delete: Some(value["MFADelete"] == "Enabled") }
    }

    fn line(versioning: &Versioning) -> String {
        let mfa = if versioning.mfa_delete == Some(true) { ", MFA delete" } else { "" };
        format!("versioning {}{mfa}", versioning.status.word().to_lowercase())
    }

    fn values() -> Vec<Versioning> {
        [Status::Enabled, Status::Suspended].map(|status| Versioning { status, mfa_delete: Some(false) }).into()
    }
}
