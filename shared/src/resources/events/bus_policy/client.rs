//! Policies of event buses.

use super::{Buses, DESCRIBE, LIST};
use crate::aws::{done, failure};
use crate::engine::family::{ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, ApplyError};
use crate::engine::resource_policy::{Listed, PolicyClient, Read, serves_policies};
use crate::resources::events::client::Events;

serves_policies!(Events: Buses);

impl PolicyClient<Buses> for Events {
    async fn read(&self, bus: &String, _: ReadDepth) -> Result<Observed<Read>, ReadError> {
        match self.client.describe_event_bus().name(bus).send().await {
            Ok(answer) => Ok(Observed::Known(Read::of(answer.policy))),
            Err(error) => failure(&error).of_read(DESCRIBE.action),
        }
    }

    async fn write(
        &self,
        bus: &String,
        document: Option<&str>,
        _: Option<&str>,
        permission: &'static str,
    ) -> Result<Applied, ApplyError> {
        match document {
            Some(document) => {
                let answer = self.client.put_permission().event_bus_name(bus).policy(document).send().await;
                done(answer, permission)
            }
            None => {
                let call = self.client.remove_permission().event_bus_name(bus);
                let answer = call.remove_all_permissions(true).send().await;
                done(answer, permission)
            }
        }
    }

    async fn list(&self, from: Option<&str>) -> Result<Observed<Listed<String>>, ReadError> {
        let answer = match self.client.list_event_buses().set_next_token(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(LIST.action),
        };
        let found = answer.event_buses().iter().filter_map(|bus| bus.name().map(str::to_owned)).collect();
        Ok(Observed::Known(Listed { found, next: answer.next_token }))
    }
}
