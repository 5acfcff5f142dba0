//! An alarm. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::request::Answer;
use shared::engine::setting::SignedSetting;
use shared::resources::cloudwatch::AlarmSwitches;
use shared::resources::cloudwatch::alarm_actions::{Alarm, AlarmRef};

living!(AlarmSwitches);

impl Fake for AlarmSwitches {
    fn put(alarm: &mut Alarm, is_enabled: bool) {
        alarm.is_enabled = is_enabled;
    }

    /// `DescribeAlarms`
    fn answer(value: &Value) -> Alarm {
        let name = ["MetricAlarms", "CompositeAlarms"].iter().find_map(|list| value[list][0]["AlarmName"].as_str());
        let key = AlarmRef { alarm: name.unwrap().to_owned(), ..AlarmRef::default() };
        match Self::got(&key, &Answer { body: value.clone(), request_id: None }) {
            Observed::Known(alarm) => alarm,
            other => panic!("no alarm: {other:?}"),
        }
    }

    fn line(alarm: &Alarm) -> String {
        format!("{} notifies: {}", alarm.of.alarm, alarm.is_enabled)
    }

    fn subject() -> String {
        "root-used".to_owned()
    }

    fn is_of(alarm: &Alarm, key: &AlarmRef) -> bool {
        alarm.of.alarm == key.alarm
    }
}
