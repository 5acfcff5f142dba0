//! Lists of a detector. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::request::Answer;
use shared::engine::setting::SignedSetting;
use shared::resources::guardduty::lists::{ListId, ListRef, ListSetting, ListState, Lists};
use shared::resources::guardduty::{ThreatLists, TrustedEntityLists, TrustedLists};

living!(TrustedLists, TrustedEntityLists, ThreatLists);

impl<L: ListSetting> Fake for Lists<L> {
    fn put(list: &mut ListState, is_active: bool) {
        list.is_active = Observed::Known(is_active);
    }

    /// `GetIPSet`, or its like
    fn answer(value: &Value) -> ListState {
        let key = ListRef { of: Self::subject(), by: Vec::new() };
        Self::got(&key, &Answer { body: value.clone(), request_id: None }).known().unwrap().clone()
    }

    fn line(list: &ListState) -> String {
        format!("active: {}", list.is_active == Observed::Known(true))
    }

    fn subject() -> ListId {
        let list = "0cb0141ab9fbde177613ab9436212e90".to_owned();
        ListId { detector: "12abc34d567e8fa901bc2d34e56789f0".to_owned(), list }
    }

    fn is_of(list: &ListState, key: &ListRef) -> bool {
        list.of.of == key.of
    }
}
