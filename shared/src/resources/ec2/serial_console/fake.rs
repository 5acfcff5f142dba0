//! Serial console access of an account. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::resources::ec2::SerialConsole;
use shared::resources::ec2::serial_console::ConsoleAccess;

living!(SerialConsole);

impl Fake for SerialConsole {
    fn put(access: &mut ConsoleAccess, is_enabled: bool) {
        access.is_enabled = is_enabled;
    }

    /// `GetSerialConsoleAccessStatus`
    fn answer(value: &Value) -> ConsoleAccess {
        ConsoleAccess { is_enabled: value["SerialConsoleAccessEnabled"].as_bool().unwrap() }
    }

    fn line(access: &ConsoleAccess) -> String {
        format!("serial console access {}", access.is_enabled)
    }

    fn subject() {}
}
