//! An account's security contact. For tests (`shared/tests/all/world`).

use crate::world::document::{Fake, holding};
use serde_json::{Value, json};
use shared::engine::request::Answer;
use shared::engine::signed::SignedFamily;
use shared::resources::account::SecurityContacts;
use shared::resources::account::alternate_contact::domain;
use shared::resources::s3::document::Of;

holding!(SecurityContacts);

impl Fake for SecurityContacts {
    /// `GetAlternateContact`; without a contact it is an error.
    fn answer(value: &Value) -> Option<Value> {
        if value["AlternateContact"].is_null() {
            return None;
        }
        let answer = Answer { body: value.clone(), request_id: None };
        Self::got(&Of::default(), &answer).known().unwrap().now.clone()
    }

    fn line(contact: &Option<Value>) -> String {
        contact.as_ref().map_or("no contact".to_owned(), |contact| format!("an address of {}", domain(contact)))
    }

    fn values() -> Vec<Option<Value>> {
        let contact = json!({"EmailAddress": "security@example.com", "Name": "Security", "PhoneNumber": "+1 555 0100", "Title": "SOC"});
        vec![Some(contact), None]
    }

    fn name() -> &'static str {
        "security contact"
    }
}
