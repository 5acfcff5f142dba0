//! A DynamoDB table. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::resources::database::protection::Protected;
use shared::resources::database::table::TableRef;
use shared::resources::database::{DynamodbTables, described};

living!(DynamodbTables);

impl Fake for DynamodbTables {
    fn put(state: &mut Protected<TableRef>, is_on: bool) {
        state.is_on = is_on;
    }

    fn answer(value: &Value) -> Protected<TableRef> {
        described::table(value).unwrap()
    }

    fn line(state: &Protected<TableRef>) -> String {
        format!("deletion protection {}", if state.is_on { "on" } else { "off" })
    }

    fn is_of(state: &Protected<TableRef>, key: &TableRef) -> bool {
        state.key == *key
    }

    fn subject() -> TableRef {
        TableRef { name: "orders".to_owned() }
    }
}
