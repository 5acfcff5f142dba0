//! Members of a detector. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::request::Answer;
use shared::engine::setting::SignedSetting;
use shared::resources::guardduty::MonitoredMembers;
use shared::resources::guardduty::members::monitored::{Members, MembersRef, Monitored};

living!(MonitoredMembers);

impl Fake for MonitoredMembers {
    fn put(members: &mut Monitored, is_on: bool) {
        members.is_on = Observed::Known(is_on);
    }

    /// `GetMembers`
    fn answer(value: &Value) -> Monitored {
        let key = MembersRef { of: Self::subject(), by: Vec::new() };
        Self::got(&key, &Answer { body: value.clone(), request_id: None }).known().unwrap().clone()
    }

    fn line(members: &Monitored) -> String {
        format!("monitored: {}", members.is_on == Observed::Known(true))
    }

    fn subject() -> Members {
        let accounts = vec!["444455556666".to_owned()];
        Members { detector: "12abc34d567e8fa901bc2d34e56789f0".to_owned(), accounts }
    }

    fn is_of(members: &Monitored, key: &MembersRef) -> bool {
        members.of.of.detector == key.of.detector
    }
}
