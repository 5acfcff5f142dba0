//! Instances and their metadata options.

use super::DESCRIBE_INSTANCES;
use super::InstanceMetadata;
use super::state::{Instance, InstanceRef, SetTokens, Switch, Tokens};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::ec2::client::{Ec2, id_of, stack};
use aws_sdk_ec2::types::{Filter, HttpTokensState, Instance as Described, InstanceStateName};

const READ: &str = DESCRIBE_INSTANCES.action;

impl Observe<InstanceMetadata> for Ec2 {
    async fn observe(&self, key: &InstanceRef, _: ReadDepth) -> Result<Observed<Instance>, ReadError> {
        let answer = match self.client.describe_instances().instance_ids(&key.id).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(READ),
        };
        let mut described = answer.reservations().iter().flat_map(|reservation| reservation.instances());
        Ok(match described.find(|instance| instance.instance_id() == Some(key.id.as_str())) {
            Some(described) if !is_ending(described) => Observed::Known(instance(&key.id, described)),
            Some(_) | None => Observed::Absent,
        })
    }
}

/// A terminated instance is shown for an hour, and nothing about it can be changed.
pub(crate) fn is_ending(instance: &Described) -> bool {
    let state = instance.state().and_then(|state| state.name());
    matches!(state, Some(InstanceStateName::ShuttingDown | InstanceStateName::Terminated))
}

fn instance(id: &str, described: &Described) -> Instance {
    let options = described.metadata_options();
    let tokens = options.and_then(|options| options.http_tokens()).map(|tokens| tokens.as_str());
    let endpoint = options.and_then(|options| options.http_endpoint()).map(|endpoint| endpoint.as_str());
    Instance {
        id: id.to_owned(),
        tokens: shown("HttpTokens", tokens, Tokens::read),
        endpoint: shown("HttpEndpoint", endpoint, Switch::read),
        hop_limit: options.and_then(|options| options.http_put_response_hop_limit()).map(i64::from),
        ipv6: options.and_then(|options| options.http_protocol_ipv6()).and_then(|ipv6| Switch::read(ipv6.as_str())),
        tags: options.and_then(|options| options.instance_metadata_tags()).and_then(|tags| Switch::read(tags.as_str())),
        in_question: true,
        stack: stack(described.tags()),
    }
}

fn shown<T>(name: &str, word: Option<&str>, read: impl Fn(&str) -> Option<T>) -> Observed<T> {
    match word.map(|word| (read(word), word)) {
        Some((Some(value), _)) => Observed::Known(value),
        Some((None, word)) => {
            Observed::Unknown { why: format!("`{name}` is `{word}`, which this version does not support") }
        }
        None => Observed::Unknown { why: format!("the response does not show `{name}`") },
    }
}

impl Apply<SetTokens> for Ec2 {
    /// Names tokens alone: what the call does not name stays as it is.
    async fn apply(&self, action: &SetTokens) -> Result<Applied, ApplyError> {
        let tokens = HttpTokensState::from(action.tokens.word());
        let call = self.client.modify_instance_metadata_options().instance_id(&action.instance).http_tokens(tokens);
        match call.send().await {
            Ok(answer) => Ok(Applied { request_id: id_of(&answer), ..Applied::default() }),
            Err(error) => Err(failure(&error).of_action(action.permission())),
        }
    }
}

impl List<InstanceMetadata> for Ec2 {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<InstanceMetadata>>, ReadError> {
        const PAGE: i32 = 1000;
        let there = ["pending", "running", "stopping", "stopped"].map(str::to_owned).to_vec();
        let there = Filter::builder().name("instance-state-name").set_values(Some(there)).build();
        let call = self.client.describe_instances().filters(there).max_results(PAGE);
        let answer = match call.set_next_token(from.map(str::to_owned)).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(READ),
        };
        let described = answer.reservations().iter().flat_map(|reservation| reservation.instances());
        let listed = |described: &Described| {
            let id = described.instance_id()?;
            Some((InstanceRef { id: id.to_owned() }, Observed::Known(instance(id, described))))
        };
        let next = answer.next_token().filter(|token| !token.is_empty()).map(str::to_owned);
        Ok(Observed::Known(Page { found: described.filter_map(listed).collect(), next }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{
        HttpTokensState, InstanceMetadataEndpointState, InstanceMetadataOptionsResponse, InstanceState, Tag,
    };

    #[test]
    fn every_option_is_read() {
        let options = InstanceMetadataOptionsResponse::builder().http_tokens(HttpTokensState::Optional);
        let options = options.http_endpoint(InstanceMetadataEndpointState::Disabled).http_put_response_hop_limit(2);
        let tag = Tag::builder().key("aws:cloudformation:stack-id").value("arn:aws:cloudformation:::stack/web").build();
        let described = Described::builder().metadata_options(options.build()).tags(tag).build();
        let read = instance("i-1", &described);
        assert_eq!(read.tokens, Observed::Known(Tokens::Optional));
        assert_eq!(read.endpoint, Observed::Known(Switch::Disabled));
        assert_eq!((read.hop_limit, read.ipv6, read.tags), (Some(2), None, None));
        assert_eq!(read.stack.as_deref(), Some("arn:aws:cloudformation:::stack/web"));
    }

    #[test]
    fn what_the_answer_leaves_out_is_unknown() {
        let read = instance("i-1", &Described::builder().build());
        assert!(matches!(read.tokens, Observed::Unknown { .. }));
        let options =
            InstanceMetadataOptionsResponse::builder().http_tokens(HttpTokensState::from("sometimes")).build();
        let read = instance("i-1", &Described::builder().metadata_options(options).build());
        assert!(matches!(read.tokens, Observed::Unknown { why } if why.contains("`sometimes`")));
    }

    #[test]
    fn a_terminated_instance_is_not_there() {
        let in_state =
            |name| is_ending(&Described::builder().state(InstanceState::builder().name(name).build()).build());
        assert!(in_state(InstanceStateName::Terminated) && in_state(InstanceStateName::ShuttingDown));
        assert!(!in_state(InstanceStateName::Stopped) && !in_state(InstanceStateName::Pending));
    }
}
