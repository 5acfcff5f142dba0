//! An event source mapping. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, answered, living};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::resources::lambda::EventSources;
use shared::resources::lambda::event_source::EventSource;

living!(EventSources);

impl Fake for EventSources {
    fn put(mapping: &mut EventSource, is_enabled: bool) {
        mapping.is_enabled = Observed::Known(is_enabled);
    }

    /// `GetEventSourceMapping`
    fn answer(value: &Value) -> EventSource {
        answered::<Self>(value)
    }

    fn line(mapping: &EventSource) -> String {
        format!("{} enabled: {}", mapping.id, mapping.is_enabled == Observed::Known(true))
    }

    fn is_of(mapping: &EventSource, id: &String) -> bool {
        mapping.id == *id
    }

    fn subject() -> String {
        "0f8d5a4c-1c7e-4d4b-9a39-3f6a2c1d7e55".to_owned()
    }
}
