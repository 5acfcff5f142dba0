//! The defaults of instance metadata. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::instance::state::Switch;
use shared::resources::ec2::metadata_defaults::MetadataDefaults;
use shared::resources::ec2::metadata_defaults::state::{Defaults, DefaultsRef, Preference, SetDefaults};

const NONE: &str = "no-preference";

impl Living for MetadataDefaults {
    /// What the call does not name stays as it is.
    fn change(live: &mut Observed<Defaults>, action: &SetDefaults) -> Result<(), ApplyError> {
        let Observed::Known(defaults) = live else { return Err(not_there("nothing lives here")) };
        if let Some(tokens) = action.tokens {
            defaults.tokens = Observed::Known(tokens);
        }
        if let Some(enforced) = action.enforced {
            defaults.enforced = Observed::Known(enforced);
        }
        Ok(())
    }

    fn read(live: &Observed<Defaults>, _: &DefaultsRef) -> Observed<Defaults> {
        live.clone()
    }

    /// `AccountLevel` of `GetInstanceMetadataDefaults`: what has no default is not there.
    fn live(value: &Value) -> Observed<Defaults> {
        let word = |key: &str| value[key].as_str();
        Observed::Known(Defaults {
            tokens: Observed::Known(Preference::of_tokens(word("HttpTokens").unwrap_or(NONE)).unwrap()),
            enforced: Observed::Known(Preference::of_switch(word("HttpTokensEnforced").unwrap_or(NONE)).unwrap()),
            enforced_before: Observed::Absent,
            tokens_in_question: true,
            enforcement_in_question: true,
            by_event: false,
            hop_limit: value["HttpPutResponseHopLimit"].as_i64(),
            endpoint: word("HttpEndpoint").and_then(Switch::read),
            tags: word("InstanceMetadataTags").and_then(Switch::read),
        })
    }

    fn lines(live: &Observed<Defaults>) -> Vec<String> {
        let Observed::Known(defaults) = live else { return Vec::new() };
        let word = |switch: Option<Switch>| switch.map_or(NONE, Switch::word);
        vec![
            format!("tokens {}", defaults.tokens.known().map_or("unknown", |tokens| tokens.word())),
            format!("enforced {}", defaults.enforced.known().map_or("unknown", |enforced| enforced.word())),
            format!("hop limit {}", defaults.hop_limit.unwrap_or(-1)),
            format!("endpoint {}", word(defaults.endpoint)),
            format!("tags {}", word(defaults.tags)),
        ]
    }

    fn samples() -> Vec<Value> {
        vec![
            json!({"tokens": {"set": "required"}, "enforced": {"set": "enabled"}}),
            json!({"tokens": {"set": "optional"}, "enforced": null}),
            json!({"tokens": {"set": "required"}, "enforced": "none"}),
        ]
    }
}
