//! LOG-11: the actions of alarms stay enabled.
//!
//! Sources: "DisableAlarmActions", "EnableAlarmActions", "DescribeAlarms" (CloudWatch API reference): an alarm whose actions are disabled changes its state
//! and notifies no one; a call takes up to a hundred names.

use super::{AlarmSettings, CLOUDWATCH, IDS, SOURCE, hidden, named_by};
use crate::engine::setting::prelude::*;
use crate::resources::callers::callers;
use serde_json::{Value, json};

const ALARMS: &[&str] = &["cloudwatch:${Region}:${Account}:alarm:*"];
const DESCRIBE: Permission = Permission::on("cloudwatch:DescribeAlarms", ALARMS);
const ENABLE: Permission = Permission::on("cloudwatch:EnableAlarmActions", ALARMS);
const DISABLE: Permission = Permission::on("cloudwatch:DisableAlarmActions", ALARMS);

/// Whether the actions of alarms are enabled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AlarmSwitches;

/// How an alarm is found, and who called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmRef {
    /// Its name.
    pub alarm: String,
    /// See [`callers`].
    pub by: Vec<String>,
}

/// An alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// How it is found.
    pub of: AlarmRef,
    /// `ActionsEnabled`
    pub is_enabled: bool,
}

impl Setting for AlarmSwitches {
    type Key = AlarmRef;
    type State = Alarm;
    type Subject = String;
    type Value = bool;
    type Settings = AlarmSettings;

    const KIND: &'static str = "alarm-actions";
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[DESCRIBE];
    const UNDOES: &'static [Permission] = &[DISABLE];
    const ABOUT: &'static About = &About {
        name: "alarm-actions-disabled",
        catalogue_id: "LOG-11",
        title: "The actions of a CloudWatch alarm were disabled",
        description: "The actions of an alarm were disabled by a principal that is not among `allowed_principals`: the alarm goes on changing its state, and notifies \
            no one. Alarms whose name is among `ignored_alarms` are left alone, and so is one that was created with disabled actions.",
        severity: Severity::Medium,
        class: Class::R1,
        controls: &["CloudWatch.17"],
        technique: "T1562.006",
        triggers: &["DisableAlarmActions"],
        remediation: "Enables the actions again, with one call for each alarm.",
        actions: &[ENABLE],
        ids: IDS,
        not_watched: &[
            (
                "PutMetricAlarm, PutCompositeAlarm",
                "they write an alarm whole, also with its actions disabled: which part of it is meant to be weaker is not judged",
            ),
            ("SetAlarmState", "the state is that of the next evaluation again"),
        ],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["enable"],
            ENABLE,
            "enable the actions of alarm {}",
            "aws cloudwatch enable-alarm-actions --alarm-names {}",
        ),
        Call::new(
            false,
            &["disable"],
            DISABLE,
            "disable the actions of alarm {}",
            "aws cloudwatch disable-alarm-actions --alarm-names {}",
        ),
    ];

    const PLANNED: &'static [PlannedForm<Alarm>] = &[
        PlannedForm::one("AWS::CloudWatch::Alarm", planned),
        PlannedForm::one("AWS::CloudWatch::CompositeAlarm", planned),
        PlannedForm::one("aws_cloudwatch_metric_alarm", planned),
        PlannedForm::one("aws_cloudwatch_composite_alarm", planned),
    ];

    /// A call that succeeded has disabled them.
    fn changed_by(event: &Event) -> Result<Vec<Target<AlarmRef, Alarm>>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let target = |alarm: String| {
            let key = AlarmRef { alarm, by: callers(event) };
            Target { proven: Some(Alarm { of: key.clone(), is_enabled: false }), key, changed: None }
        };
        Ok(named_by(event)?.into_iter().map(target).collect())
    }

    fn narrow(alarm: &mut Alarm, target: &Target<AlarmRef, Alarm>) {
        alarm.of.clone_from(&target.key);
    }

    fn named(key: &AlarmRef, place: &Place) -> Resource {
        super::resource(&key.alarm, place)
    }

    fn shown(alarm: &Alarm) -> Shown<String, bool> {
        Shown::of(alarm.of.alarm.clone(), alarm.is_enabled, "actions disabled")
    }

    fn is_in_question(alarm: &Alarm, terms: &Terms<'_>) -> bool {
        Self::settings(terms).are_about(&alarm.of.alarm, &alarm.of.by)
    }

    fn why(alarm: &Alarm, _: &Terms<'_>) -> String {
        format!("the actions of alarm `{}` are disabled: it does not notify", alarm.of.alarm)
    }
}

/// The actions are enabled unless they are said not to be ("PutMetricAlarm", "PutCompositeAlarm", CloudWatch API reference).
fn planned(it: &PlannedResource<'_>) -> Result<Option<Alarm>, Unreadable> {
    let is_enabled = it.flag(it.called("ActionsEnabled", "actions_enabled"))?.unwrap_or(true);
    let of = AlarmRef { alarm: it.named(&["AlarmName", "alarm_name"]), by: Vec::new() };
    Ok(Some(Alarm { of, is_enabled }))
}

impl SignedSetting for AlarmSwitches {
    const API: &'static Api = &CLOUDWATCH;

    fn get(key: &AlarmRef) -> Request {
        let kinds = ["MetricAlarm", "CompositeAlarm"];
        Request::named("DescribeAlarms", json!({"AlarmNames": [key.alarm], "AlarmTypes": kinds}))
    }

    fn got(key: &AlarmRef, answer: &Answer) -> Observed<Alarm> {
        let lists = ["MetricAlarms", "CompositeAlarms"];
        if lists.iter().all(|list| answer.body.get(list).is_none()) {
            return hidden(&key.alarm);
        }
        let Some(found) = lists.into_iter().find_map(|list| answer.list(list).first()) else { return Observed::Absent };
        match found.get("ActionsEnabled").and_then(Value::as_bool) {
            Some(is_enabled) => Observed::Known(Alarm { of: key.clone(), is_enabled }),
            None => hidden(&key.alarm),
        }
    }

    fn set(alarm: &String, is_on: bool) -> Request {
        let operation = if is_on { "EnableAlarmActions" } else { "DisableAlarmActions" };
        Request::named(operation, json!({ "AlarmNames": [alarm] }))
    }

    /// Only the record of a call that disables them is one: nothing is listed.
    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }
}
