//! The lifecycle of a bucket's objects: S3-10.
//!
//! The call is `PutBucketLifecycleConfiguration`, its record says `PutBucketLifecycle`.

#[cfg(feature = "s3")]
pub(crate) mod client;
pub mod expires_soon;
mod planned;

use super::LIST_BUCKETS;
use super::record::{S3, bucket_name, bucket_resource, document, list, text};
use super::rules::{BucketRef, Rule, Ruled, Rules, Switch};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use expires_soon::S3BucketExpiresSoon;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::borrow::Cow;

pub(crate) const GET_LIFECYCLE: Permission = Permission::on("s3:GetLifecycleConfiguration", &["s3:::*"]);
pub(crate) const PUT_LIFECYCLE: Permission = Permission::on("s3:PutLifecycleConfiguration", &["s3:::*"]);

/// The family of the lifecycle configurations of buckets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BucketLifecycles;

/// What a rule deletes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expiry {
    /// When current versions expire.
    pub after: Option<After>,
    /// Whether it is about some of the objects alone: of a prefix, a tag or a size.
    pub is_filtered: bool,
}

/// When objects expire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum After {
    /// So many days after each was made.
    Days(i64),
    /// All of them on a date.
    Date,
}

impl Ruled for BucketLifecycles {
    const RULES: &'static str = "lifecycle rule";
    const PUT: Permission = PUT_LIFECYCLE;
    const READ: &'static str = "get-bucket-lifecycle-configuration";
    const WRITE: (&'static str, &'static str) = ("put-bucket-lifecycle-configuration", "--lifecycle-configuration");
    const QUERY: (&'static str, &'static str) = ("@.", "");
}

impl Family for BucketLifecycles {
    type Key = BucketRef;
    type State = Rules<Expiry>;
    type Action = Switch<Self>;

    fn kind(&self) -> &'static str {
        "s3-bucket-lifecycle"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_LIFECYCLE]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_BUCKETS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[PUT_LIFECYCLE]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Rules<Expiry>>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![S3BucketExpiresSoon];

    /// A request need not name its rules, by whose ids they are switched: they are read.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(S3, &["PutBucketLifecycle"]) {
            return Ok(Vec::new());
        }
        Ok(vec![Target { key: BucketRef { bucket: bucket_name(event)? }, proven: None, changed: None }])
    }

    fn claimed(&self, event: &Event, key: &BucketRef) -> Option<Rules<Expiry>> {
        let configuration = document(event, "LifecycleConfiguration")?;
        let rules = list(configuration, "Rule").into_iter().map(|rule| Rule {
            id: text(rule, "ID").unwrap_or("without an id").to_owned(),
            is_enabled: text(rule, "Status") == Some("Enabled"),
            says: expiry(rule),
        });
        Some(Rules { bucket: key.bucket.clone(), rules: rules.collect() })
    }

    fn focus(&self, _: &mut Rules<Expiry>, _: &TargetOf<Self>) {}

    fn resource(&self, key: &BucketRef, _: Option<&Rules<Expiry>>, place: &Place) -> Resource {
        bucket_resource(&key.bucket, place)
    }
}

/// What a rule says, as records and the AWS command line write it: numbers may be texts, and an empty filter is none.
#[must_use]
pub fn expiry(rule: &Value) -> Expiry {
    let expiration = rule.get("Expiration").unwrap_or(&Value::Null);
    let days = expiration.get("Days").and_then(|days| days.as_i64().or_else(|| days.as_str()?.parse().ok()));
    let date = expiration.get("Date").filter(|date| !date.is_null()).map(|_| After::Date);
    let filter = rule.get("Filter").and_then(Value::as_object);
    let is_about_some = |(key, value): (&String, &Value)| key != "Prefix" || value.as_str() != Some("");
    let is_filtered = filter.is_some_and(|filter| filter.iter().any(is_about_some)) || text(rule, "Prefix").is_some();
    Expiry { after: days.map(After::Days).or(date), is_filtered }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::all_objects(json!({"Expiration": {"Days": 1}, "Filter": {"Prefix": ""}}), Some(After::Days(1)), false)]
    #[case::days_as_a_text(json!({"Expiration": {"Days": "30"}, "Filter": ""}), Some(After::Days(30)), false)]
    #[case::a_prefix(json!({"Expiration": {"Days": 1}, "Filter": {"Prefix": "tmp/"}}), Some(After::Days(1)), true)]
    #[case::a_tag(json!({"Expiration": {"Days": 1}, "Filter": {"Tag": {"Key": "a"}}}), Some(After::Days(1)), true)]
    #[case::an_old_prefix(json!({"Expiration": {"Days": 1}, "Prefix": "tmp/"}), Some(After::Days(1)), true)]
    #[case::a_date(json!({"Expiration": {"Date": "2026-03-03T00:00:00Z"}}), Some(After::Date), false)]
    #[case::markers_alone(json!({"Expiration": {"ExpiredObjectDeleteMarker": true}}), None, false)]
    #[case::nothing(json!({"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}), None, false)]
    fn what_a_rule_says(#[case] rule: Value, #[case] after: Option<After>, #[case] is_filtered: bool) {
        assert_eq!(expiry(&rule), Expiry { after, is_filtered });
    }
}
