//! Access to the serial console.

use super::{Living, not_there};
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::serial_console::SerialConsole;
use shared::resources::ec2::serial_console::state::{ConsoleAccess, ConsoleAction, ConsoleRef};

impl Living for SerialConsole {
    fn change(live: &mut Observed<ConsoleAccess>, action: &ConsoleAction) -> Result<(), ApplyError> {
        let Observed::Known(access) = live else { return Err(not_there("nothing lives here")) };
        access.is_enabled = *action == ConsoleAction::Enable;
        Ok(())
    }

    fn read(live: &Observed<ConsoleAccess>, _: &ConsoleRef) -> Observed<ConsoleAccess> {
        live.clone()
    }

    /// `GetSerialConsoleAccessStatus`
    fn live(value: &Value) -> Observed<ConsoleAccess> {
        Observed::Known(ConsoleAccess { is_enabled: value["SerialConsoleAccessEnabled"].as_bool().unwrap() })
    }

    fn lines(live: &Observed<ConsoleAccess>) -> Vec<String> {
        let line = |access: &ConsoleAccess| format!("serial console access {}", access.is_enabled);
        live.known().map(line).into_iter().collect()
    }
}
