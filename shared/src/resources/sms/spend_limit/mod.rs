//! The monthly limit of what text messages may cost: RES-18.
//!
//! Sources: "SetTextMessageSpendLimitOverride", "DeleteTextMessageSpendLimitOverride", "DescribeSpendLimits" (AWS End User Messaging SMS API reference):
//! without an override, the limit is the one that AWS gave to the account.

pub mod raised;

use super::SMS;
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Api, Request};
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use crate::resources::s3::document::{Document, Held, Of, Write, document_family};
use raised::SmsSpendLimitRaised;
use serde_json::{Value, json};

const DESCRIBE: Permission = Permission::read("sms-voice:DescribeSpendLimits");
pub(crate) const SET: Permission = Permission::setting("sms-voice:SetTextMessageSpendLimitOverride");

/// There is one.
const NAME: &str = "text messages";

/// The family of the monthly limit for text messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SpendLimits;

document_family!(
    SpendLimits,
    "sms-spend-limit",
    reads: &[DESCRIBE],
    lists: &[],
    undoes: &[SET],
    SmsSpendLimitRaised,
);

impl Document for SpendLimits {
    /// US dollars a month.
    type Value = i64;

    const SOURCE: &'static str = "sms-voice.amazonaws.com";
    const TRIGGERS: &'static [&'static str] =
        &["DeleteTextMessageSpendLimitOverride", "SetTextMessageSpendLimitOverride"];

    /// Which limit an account has without an override shows in the response.
    fn set_by(event: &Event) -> Option<i64> {
        let limit = event.response.at(&["monthlyLimit"]);
        let asked = || event.request.at(&["monthlyLimit"]).filter(|_| event.name.starts_with("Set"));
        limit.or_else(asked).and_then(Value::as_i64)
    }

    fn subject(_: &Event) -> Result<String, Unlocatable> {
        Ok(NAME.to_owned())
    }

    fn named(name: &str, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:sms-voice:{region}:{account}:spend-limit/text-messages");
        Resource { id, kind: "Other", name: name.to_owned() }
    }

    /// A lower limit may be wanted, and stays.
    fn is_strictest(_: &i64) -> bool {
        false
    }

    fn permission(_: &i64) -> Permission {
        SET
    }

    fn says(_: &str, limit: &i64) -> String {
        format!("limit text messages to {limit} US dollars a month")
    }

    fn line(_: &str, limit: &i64) -> String {
        format!("aws pinpoint-sms-voice-v2 set-text-message-spend-limit-override --monthly-limit {limit}")
    }
}

impl SignedFamily for SpendLimits {
    const API: &'static Api = &SMS;

    fn get(_: &Of<i64>) -> Request {
        Request::named("DescribeSpendLimits", json!({}))
    }

    fn got(key: &Of<i64>, answer: &Answer) -> Observed<Held<i64>> {
        let is_text = |limit: &&Value| limit["Name"] == "TEXT_MESSAGE_MONTHLY_SPEND_LIMIT";
        let found = answer.list("SpendLimits").iter().find(is_text);
        match found.and_then(|limit| limit["EnforcedLimit"].as_i64()) {
            Some(limit) => Observed::Known(Held::of(key, limit)),
            None => Observed::Unknown { why: "the answer shows no limit for text messages".to_owned() },
        }
    }

    fn list(_: Option<&str>) -> Option<Request> {
        None
    }

    fn listed(_: &Answer) -> Listing<Self> {
        Listing::one(Of::new(NAME.to_owned(), false))
    }

    fn actions() -> Vec<Write<Self>> {
        vec![Write::whole(NAME, 5)]
    }
}

impl SignedAction for Write<SpendLimits> {
    const API: &'static Api = &SMS;

    fn request(&self) -> Request {
        Request::named("SetTextMessageSpendLimitOverride", json!({ "MonthlyLimit": self.value }))
    }
}
