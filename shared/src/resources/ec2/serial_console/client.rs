//! Access to the serial console.

use super::{ConsoleAccess, READ, SerialConsole};
use crate::aws::{done, failure};
use crate::engine::family::{Observe, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::engine::setting::{OfAccount, Set};
use crate::resources::ec2::client::Ec2;

impl Observe<SerialConsole> for Ec2 {
    async fn observe(&self, _: &OfAccount, _: ReadDepth) -> Result<Observed<ConsoleAccess>, ReadError> {
        let answer = match self.client.get_serial_console_access_status().send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(READ.action),
        };
        Ok(match answer.serial_console_access_enabled() {
            Some(is_enabled) => Observed::Known(ConsoleAccess { is_enabled }),
            None => Observed::Unknown { why: "EC2 does not say whether serial console access is enabled".to_owned() },
        })
    }
}

impl Apply<Set<SerialConsole>> for Ec2 {
    async fn apply(&self, action: &Set<SerialConsole>) -> Result<Applied, ApplyError> {
        if action.value() {
            done(self.client.enable_serial_console_access().send().await, action.permission())
        } else {
            done(self.client.disable_serial_console_access().send().await, action.permission())
        }
    }
}
