//! Access to the serial console.

use super::GET_SERIAL_CONSOLE_ACCESS_STATUS;
use super::SerialConsole;
use super::state::{ConsoleAccess, ConsoleAction, ConsoleRef};
use crate::aws::failure;
use crate::engine::family::{Glance, List, Observe, Page, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::ec2::client::{Ec2, id_of};

impl Observe<SerialConsole> for Ec2 {
    async fn observe(&self, _: &ConsoleRef, _: Glance) -> Result<Observed<ConsoleAccess>, ReadError> {
        let answer = match self.client.get_serial_console_access_status().send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET_SERIAL_CONSOLE_ACCESS_STATUS.action),
        };
        Ok(match answer.serial_console_access_enabled() {
            Some(is_enabled) => Observed::Known(ConsoleAccess { is_enabled }),
            None => Observed::Unknown { why: "EC2 does not tell whether the serial console can be reached".to_owned() },
        })
    }
}

impl Apply<ConsoleAction> for Ec2 {
    async fn apply(&self, action: &ConsoleAction) -> Result<Applied, ApplyError> {
        let request_id = match action {
            ConsoleAction::Disable => {
                let answer = self.client.disable_serial_console_access().send().await;
                answer.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
            }
            ConsoleAction::Enable => {
                let answer = self.client.enable_serial_console_access().send().await;
                answer.map(|answer| id_of(&answer)).map_err(|error| failure(&error))
            }
        };
        request_id
            .map(|request_id| Applied { request_id, ..Applied::default() })
            .map_err(|failure| failure.of_action(action.permission()))
    }
}

impl List<SerialConsole> for Ec2 {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<SerialConsole>>, ReadError> {
        let key = ConsoleRef {};
        let seen = Observe::<SerialConsole>::observe(self, &key, Glance::Full).await?;
        Ok(Observed::Known(Page { found: vec![(key, seen)], next: None }))
    }
}
