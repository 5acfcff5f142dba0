//! An instance and its metadata options. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::instance::InstanceMetadata;
use shared::resources::ec2::instance::state::{Instance, InstanceRef, SetTokens, Switch, Tokens};

impl Living for InstanceMetadata {
    /// What the call does not name stays as it is.
    fn change(live: &mut Observed<Instance>, action: &SetTokens) -> Result<(), ApplyError> {
        let Observed::Known(instance) = live else { return Err(not_there("InvalidInstanceID.NotFound")) };
        assert_eq!(action.instance, instance.id, "a call about another instance");
        instance.tokens = Observed::Known(action.tokens);
        Ok(())
    }

    fn read(live: &Observed<Instance>, key: &InstanceRef) -> Observed<Instance> {
        if let Observed::Known(instance) = live {
            assert_eq!(instance.id, key.id, "a look at another instance");
        }
        live.clone()
    }

    /// An instance as `DescribeInstances` writes it.
    fn live(value: &Value) -> Observed<Instance> {
        let options = &value["MetadataOptions"];
        let switch = |key: &str| options[key].as_str().and_then(Switch::read);
        let missing = |key: &str| format!("the response does not show `{key}`");
        let tokens = options["HttpTokens"].as_str().and_then(Tokens::read);
        Observed::Known(Instance {
            id: value["InstanceId"].as_str().unwrap().to_owned(),
            tokens: tokens.map_or_else(|| Observed::Unknown { why: missing("HttpTokens") }, Observed::Known),
            endpoint: switch("HttpEndpoint")
                .map_or_else(|| Observed::Unknown { why: missing("HttpEndpoint") }, Observed::Known),
            hop_limit: options["HttpPutResponseHopLimit"].as_i64(),
            ipv6: switch("HttpProtocolIpv6"),
            tags: switch("InstanceMetadataTags"),
            in_question: true,
            stack: None,
        })
    }

    fn lines(live: &Observed<Instance>) -> Vec<String> {
        let Observed::Known(instance) = live else { return Vec::new() };
        let word = |switch: &Option<Switch>| switch.map_or("unknown", Switch::word);
        vec![
            format!("tokens {}", instance.tokens.known().map_or("unknown", |tokens| tokens.word())),
            format!("endpoint {}", word(&instance.endpoint.known().copied())),
            format!("hop limit {}", instance.hop_limit.unwrap_or_default()),
            format!("ipv6 {}", word(&instance.ipv6)),
            format!("tags {}", word(&instance.tags)),
        ]
    }

    fn samples() -> Vec<Value> {
        ["required", "optional"].map(|tokens| json!({"instance": "i-1", "tokens": tokens})).into()
    }
}
