//! Whether the serial console of an account's instances can be reached in a region ("EC2 Serial Console for instances",
//! EC2 user guide).

use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, in_region};
use serde::{Deserialize, Serialize};
use std::fmt;

pub(crate) const DISABLE_SERIAL_CONSOLE_ACCESS: Permission = Permission::setting("ec2:DisableSerialConsoleAccess");
pub(crate) const ENABLE_SERIAL_CONSOLE_ACCESS: Permission = Permission::setting("ec2:EnableSerialConsoleAccess");

/// The one setting of an account and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleRef {}

/// What is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleAccess {
    /// Whether the console can be reached.
    pub is_enabled: bool,
}

/// The calls that change it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsoleAction {
    /// Nobody reaches a console.
    Disable,
    /// Whoever may push a key reaches the consoles.
    Enable,
}

impl fmt::Display for ConsoleAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Disable => "disable access to the EC2 serial console",
            Self::Enable => "enable access to the EC2 serial console",
        })
    }
}

impl Action for ConsoleAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Disable => DISABLE_SERIAL_CONSOLE_ACCESS.action,
            Self::Enable => ENABLE_SERIAL_CONSOLE_ACCESS.action,
        }
    }

    fn command(&self, region: &str) -> String {
        in_region(
            match self {
                Self::Disable => "aws ec2 disable-serial-console-access",
                Self::Enable => "aws ec2 enable-serial-console-access",
            },
            region,
        )
    }

    fn absorb(&mut self, other: &Self) -> bool {
        self == other
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Disable => Effect::Restoring,
            Self::Enable => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        1
    }
}
