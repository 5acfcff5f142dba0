//! RES-18: the monthly limit of what text messages may cost is not raised.

use super::{SET, SpendLimits};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::GuardrailSettings;
use crate::resources::s3::document::{Held, Write, put};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct SmsSpendLimitRaised;

/// How much text messages may cost.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SpendLimitSettings {
    /// The highest limit in US dollars a month. The last known good one, without it.
    pub max_monthly_limit: Option<u32>,
}

impl GuardrailSettings for SpendLimitSettings {}

static ABOUT: About = About {
    name: "sms-spend-limit-raised",
    catalogue_id: "RES-18",
    title: "The monthly limit for text messages was raised",
    description: "The limit of what text messages may cost in a month was raised above the last known good one, or above `max_monthly_limit` where that is \
        set. Text messages to numbers that the sender has a share in are how stolen credentials become money. Where no limit was seen before and no \
        `max_monthly_limit` is set, it is unknown whether it was raised.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &[],
    technique: "T1496.003",
    triggers: &["DeleteTextMessageSpendLimitOverride", "SetTextMessageSpendLimitOverride"],
    remediation: "Sets `max_monthly_limit`, or the last known good limit where that is less; without that setting it only notifies. What was sent is sent; where more than that was spent in the month already, \
        no text message goes out until it ends.",
    actions: &[SET],
    ids: &["arn:%:sms-voice:%:%:spend-limit/text-messages"],
    not_watched: &[
        (
            "SetVoiceMessageSpendLimitOverride, SetMediaMessageSpendLimitOverride",
            "voice and media have limits of their own",
        ),
        ("SetSMSAttributes", "SNS has a limit of its own for what is sent through it"),
    ],
};

impl Guardrail<Held<i64>, Write<SpendLimits>> for SmsSpendLimitRaised {
    type Settings = SpendLimitSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<i64>, terms: &Terms<'_>) -> Verdict {
        let (now, most) = (held.now, self.most(terms));
        let why = match (most, &held.before) {
            (Some(most), _) if now > most => format!("it is above `max_monthly_limit` ({most})"),
            (Some(_), _) => return Verdict::Compliant,
            (None, Observed::Known(before)) if now > *before => format!("it was {before}"),
            (None, Observed::Known(_)) => return Verdict::Compliant,
            (None, Observed::Absent) if !held.by_event => return Verdict::Compliant,
            (None, Observed::Absent) => {
                let why = format!("the limit is {now} US dollars a month; which one it was before was never seen");
                return Verdict::Undetermined { why };
            }
            (None, Observed::Unknown { why }) => {
                let why = format!("the limit is {now} US dollars a month; which one it was before is unknown: {why}");
                return Verdict::Undetermined { why };
            }
        };
        let why = format!("the limit for text messages is {now} US dollars a month; {why}");
        let evidence = vec![Evidence { element: "limit for text messages".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<i64>, _: &Violation, terms: &Terms<'_>) -> Plan<Write<SpendLimits>> {
        // Without the operator's word, a limit that was lowered once would be enforced for good.
        let Some(most) = self.most(terms) else { return Plan::default() };
        let limit = held.before.known().map_or(most, |before| most.min(*before));
        put(held, limit, &[])
    }
}

impl SmsSpendLimitRaised {
    fn most(&self, terms: &Terms<'_>) -> Option<i64> {
        terms.settings(self).max_monthly_limit.map(i64::from)
    }
}
