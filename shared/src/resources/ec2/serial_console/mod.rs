//! Access to the serial console: EC2-08.

pub mod access_enabled;
#[cfg(feature = "ec2")]
pub(crate) mod client;
pub mod state;

use super::setting::{EC2, setting};
use super::setting_wire;
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::Guardrail;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use access_enabled::SerialConsoleAccessEnabled;
use state::ENABLE_SERIAL_CONSOLE_ACCESS;
use state::{ConsoleAccess, ConsoleAction, ConsoleRef};

pub(crate) const GET_SERIAL_CONSOLE_ACCESS_STATUS: Permission = Permission::read("ec2:GetSerialConsoleAccessStatus");

/// The family of the one setting.
#[derive(Clone, Copy, Debug, Default)]
pub struct SerialConsole;

impl Family for SerialConsole {
    type Key = ConsoleRef;
    type State = ConsoleAccess;
    type Action = ConsoleAction;

    fn kind(&self) -> &'static str {
        "serial-console"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_SERIAL_CONSOLE_ACCESS_STATUS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[ENABLE_SERIAL_CONSOLE_ACCESS]
    }

    fn guardrails(&self) -> &'static [&'static dyn Guardrail<ConsoleAccess, ConsoleAction>] {
        &[&SerialConsoleAccessEnabled]
    }

    /// The response says what holds from then on; without it, only a read tells.
    fn locate(&self, event: &Event) -> Result<Vec<Target<ConsoleRef, ConsoleAccess>>, Unlocatable> {
        if !event.is_one_of(EC2, &["EnableSerialConsoleAccess"]) {
            return Ok(Vec::new());
        }
        let is_enabled = setting_wire::flag(setting_wire::answered(event, "SerialConsoleAccessEnabled"));
        let proven = is_enabled.filter(|is| *is).map(|is_enabled| ConsoleAccess { is_enabled });
        Ok(vec![Target { key: ConsoleRef {}, proven, changed: None }])
    }

    /// A call that succeeded has enabled it: it can do nothing else.
    fn claimed(&self, event: &Event, _: &ConsoleRef) -> Option<ConsoleAccess> {
        event.is_one_of(EC2, &["EnableSerialConsoleAccess"]).then_some(ConsoleAccess { is_enabled: true })
    }

    fn focus(&self, _: &mut ConsoleAccess, _: &Target<ConsoleRef, ConsoleAccess>) {}

    fn resource(&self, _: &ConsoleRef, _: Option<&ConsoleAccess>, place: &Place) -> Resource {
        setting("serial-console-access", place)
    }
}
