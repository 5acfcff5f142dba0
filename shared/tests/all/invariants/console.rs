//! Access to the serial console of an account's instances: one setting, switched off again.

use crate::invariants::account::Writer;
use crate::invariants::random::Random;
use crate::invariants::sets::record;
use crate::invariants::story::{Change, Story};
use serde_json::json;
use shared::engine::observed::Observed;
use shared::resources::ec2::serial_console::SerialConsole;
use shared::resources::ec2::serial_console::state::{ConsoleAccess, ConsoleRef};

const ENABLED: &str = "serial console access";

impl Story for SerialConsole {
    const GUARDRAIL: &'static str = "serial-console-access-enabled";

    fn start(_: &mut Random) -> Observed<ConsoleAccess> {
        Observed::Known(ConsoleAccess { is_enabled: false })
    }

    fn change_by(by: Writer, random: &mut Random, state: &Observed<ConsoleAccess>) -> Option<Change<ConsoleAccess>> {
        let is_enabled = by != Writer::Owner;
        if state.known()?.is_enabled == is_enabled {
            return None;
        }
        let name = if is_enabled { "EnableSerialConsoleAccess" } else { "DisableSerialConsoleAccess" };
        let response = json!({"EnableSerialConsoleAccessResponse": {"serialConsoleAccessEnabled": is_enabled}});
        let response = if random.chance(60) { response } else { json!(null) };
        Some(Change {
            says: name.to_owned(),
            state: Observed::Known(ConsoleAccess { is_enabled }),
            record: Some(record("ec2", name, json!({}), response)),
            made: if is_enabled { vec![ENABLED.to_owned()] } else { Vec::new() },
        })
    }

    fn open(state: &Observed<ConsoleAccess>) -> Vec<String> {
        state.known().filter(|access| access.is_enabled).map(|_| ENABLED.to_owned()).into_iter().collect()
    }

    fn allows(state: &Observed<ConsoleAccess>) -> Vec<String> {
        Self::open(state)
    }

    fn key() -> ConsoleRef {
        ConsoleRef {}
    }
}
