//! The session of Macie. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, answered, living};
use serde_json::Value;
use shared::resources::macie::session::{Session, SessionSetting, Sessions};
use shared::resources::macie::{MacieEnabled, MacieRunning};

living!(MacieEnabled, MacieRunning);

impl<S: SessionSetting> Fake for Sessions<S> {
    fn put(session: &mut Session, is_on: bool) {
        session.is_on = is_on;
    }

    /// `GetMacieSession`
    fn answer(value: &Value) -> Session {
        answered::<Self>(value)
    }

    fn line(session: &Session) -> String {
        format!("runs: {}", session.is_on)
    }

    fn subject() {}
}
