//! A filter. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::request::Answer;
use shared::engine::setting::SignedSetting;
use shared::resources::guardduty::Filters;
use shared::resources::guardduty::filter::{Filter, FilterId, FilterRef};

living!(Filters);

impl Fake for Filters {
    fn put(filter: &mut Filter, is_harmless: bool) {
        filter.is_harmless = Observed::Known(is_harmless);
    }

    /// `GetFilter`
    fn answer(value: &Value) -> Filter {
        let key = FilterRef { of: Self::subject(), by: Vec::new() };
        Self::got(&key, &Answer { body: value.clone(), request_id: None }).known().unwrap().clone()
    }

    fn line(filter: &Filter) -> String {
        format!("archives nothing: {}", filter.is_harmless == Observed::Known(true))
    }

    fn subject() -> FilterId {
        FilterId { detector: "12abc34d567e8fa901bc2d34e56789f0".to_owned(), filter: "quiet".to_owned() }
    }

    fn is_of(filter: &Filter, key: &FilterRef) -> bool {
        filter.of.of == key.of
    }
}
