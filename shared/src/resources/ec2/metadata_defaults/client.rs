//! The defaults of instance metadata.

use super::GET_INSTANCE_METADATA_DEFAULTS;
use super::MetadataDefaults;
use super::state::{Defaults, DefaultsRef, Preference, SetDefaults};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::ec2::client::{Ec2, id_of};
use crate::resources::ec2::instance::state::Switch;
use aws_sdk_ec2::types::{
    DefaultHttpTokensEnforcedState, InstanceMetadataDefaultsResponse, MetadataDefaultHttpTokensState,
};

impl Observe<MetadataDefaults> for Ec2 {
    async fn observe(&self, _: &DefaultsRef, _: ReadDepth) -> Result<Observed<Defaults>, ReadError> {
        let answer = match self.client.get_instance_metadata_defaults().send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(GET_INSTANCE_METADATA_DEFAULTS.action),
        };
        Ok(match answer.account_level() {
            Some(level) => Observed::Known(defaults(level)),
            None => Observed::Unknown { why: "EC2 does not show the account's metadata defaults".to_owned() },
        })
    }
}

/// What the account has no default for is not in the answer.
fn defaults(level: &InstanceMetadataDefaultsResponse) -> Defaults {
    let tokens = level.http_tokens().map(|tokens| (Preference::of_tokens(tokens.as_str()), tokens.as_str()));
    let enforced = level.http_tokens_enforced().map(|state| (Preference::of_switch(state.as_str()), state.as_str()));
    Defaults {
        tokens: preference(tokens),
        enforced: preference(enforced),
        enforced_before: Observed::Absent,
        tokens_in_question: true,
        enforcement_in_question: true,
        by_event: false,
        hop_limit: level.http_put_response_hop_limit().map(i64::from),
        endpoint: level.http_endpoint().and_then(|endpoint| Switch::read(endpoint.as_str())),
        tags: level.instance_metadata_tags().and_then(|tags| Switch::read(tags.as_str())),
    }
}

fn preference<T>(shown: Option<(Option<Preference<T>>, &str)>) -> Observed<Preference<T>> {
    match shown {
        None => Observed::Known(Preference::None),
        Some((Some(preference), _)) => Observed::Known(preference),
        Some((None, word)) => Observed::Unknown { why: format!("`{word}` is no default that this version knows") },
    }
}

impl Apply<SetDefaults> for Ec2 {
    async fn apply(&self, action: &SetDefaults) -> Result<Applied, ApplyError> {
        let tokens = action.tokens.map(|tokens| MetadataDefaultHttpTokensState::from(tokens.word()));
        let enforced = action.enforced.map(|enforced| DefaultHttpTokensEnforcedState::from(enforced.word()));
        let call = self.client.modify_instance_metadata_defaults();
        match call.set_http_tokens(tokens).set_http_tokens_enforced(enforced).send().await {
            Ok(answer) => Ok(Applied { request_id: id_of(&answer), ..Applied::default() }),
            Err(error) => Err(failure(&error).of_action(action.permission())),
        }
    }
}

impl List<MetadataDefaults> for Ec2 {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<MetadataDefaults>>, ReadError> {
        let key = DefaultsRef { is_kept: true, enforced_before: Observed::Absent };
        let seen = Observe::<MetadataDefaults>::observe(self, &key, ReadDepth::Full).await?;
        Ok(Observed::Known(Page { found: vec![(key, seen)], next: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::ec2::instance::state::Tokens;
    use aws_sdk_ec2::types::{HttpTokensEnforcedState, HttpTokensState};

    #[test]
    fn what_is_not_there_is_no_preference() {
        let none = defaults(&InstanceMetadataDefaultsResponse::builder().build());
        assert_eq!(none.tokens, Observed::Known(Preference::None));
        assert_eq!(none.enforced, Observed::Known(Preference::None));
        let set = InstanceMetadataDefaultsResponse::builder().http_tokens(HttpTokensState::Required);
        let set = defaults(&set.http_tokens_enforced(HttpTokensEnforcedState::Enabled).build());
        assert_eq!(set.tokens, Observed::Known(Preference::Set(Tokens::Required)));
        assert_eq!(set.enforced, Observed::Known(Preference::Set(Switch::Enabled)));
    }

    #[test]
    fn a_word_of_the_future_is_unknown_not_none() {
        let level = InstanceMetadataDefaultsResponse::builder().http_tokens(HttpTokensState::from("sometimes")).build();
        assert!(matches!(defaults(&level).tokens, Observed::Unknown { why } if why.contains("`sometimes`")));
    }
}
