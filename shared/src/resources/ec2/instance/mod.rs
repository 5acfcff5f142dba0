//! How instances give their metadata: EC2-09.
//!
//! What counts is what the response says: what a launch leaves out comes from the account's defaults and the image.

#[cfg(feature = "ec2")]
pub(crate) mod client;
pub mod metadata_v1_allowed;
mod planned;
pub mod state;

use super::setting::EC2;
use super::setting_wire;
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use metadata_v1_allowed::InstanceMetadataV1Allowed;
use serde_json::Value;
use state::MODIFY_INSTANCE_METADATA_OPTIONS;
use state::{Instance, InstanceRef, SetTokens, Switch, Tokens};
use std::borrow::Cow;
use std::collections::BTreeSet;

pub(crate) const DESCRIBE_INSTANCES: Permission = Permission::read("ec2:DescribeInstances");

/// The family of instances.
///
/// Known gap: `CreateFleet` launches instances without an event of `RunInstances`; the sweep finds them.
#[derive(Clone, Copy, Debug, Default)]
pub struct InstanceMetadata;

type InstanceTarget = Target<InstanceRef, Instance>;

/// The options whose change is in question.
const DECIDING: [&str; 2] = ["HttpTokens", "HttpEndpoint"];

impl Family for InstanceMetadata {
    type Key = InstanceRef;
    type State = Instance;
    type Action = SetTokens;

    fn kind(&self) -> &'static str {
        "instance-metadata"
    }

    fn reads(&self) -> &'static [Permission] {
        &[DESCRIBE_INSTANCES]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_INSTANCE_METADATA_OPTIONS]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Instance>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![InstanceMetadataV1Allowed];

    fn locate(&self, event: &Event) -> Result<Vec<InstanceTarget>, Unlocatable> {
        if event.source != EC2 {
            return Ok(Vec::new());
        }
        let targets = match event.name.as_str() {
            "RunInstances" => launched(event),
            "ModifyInstanceMetadataOptions" => modified(event).map(|target| vec![target]),
            _ => return Ok(Vec::new()),
        };
        targets.map_err(|why| Unlocatable::new(event, why))
    }

    /// The options that the request names hold, where the response is silent.
    fn claimed(&self, event: &Event, key: &InstanceRef) -> Option<Instance> {
        let options = match event.name.as_str() {
            "RunInstances" => event.request.at(&["metadataOptions"])?,
            "ModifyInstanceMetadataOptions" => {
                let request = event.request.value()?;
                setting_wire::member(request, "ModifyInstanceMetadataOptionsRequest").unwrap_or(request)
            }
            _ => return None,
        };
        let claimed = read(&key.id, options);
        claimed.tokens.known()?;
        Some(claimed)
    }

    fn focus(&self, instance: &mut Instance, target: &InstanceTarget) {
        let changed = target.changed.as_ref();
        instance.in_question = changed.is_none_or(|changed| DECIDING.iter().any(|option| changed.contains(*option)));
    }

    fn stack(&self, instance: &Instance) -> Option<String> {
        instance.stack.clone()
    }

    fn resource(&self, key: &InstanceRef, _: Option<&Instance>, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:ec2:{region}:{account}:instance/{}", key.id);
        Resource { id, kind: "AwsEc2Instance", name: key.id.clone() }
    }
}

/// One target for each instance that the response lists.
fn launched(event: &Event) -> Result<Vec<InstanceTarget>, &'static str> {
    let set = match &event.response {
        Body::Omitted => return Err("the record leaves its response out because it is too large"),
        Body::Null => return Err("the record carries no response"),
        Body::Present(response) => response.get("instancesSet").ok_or("the response lists no instances")?,
    };
    let mut targets = Vec::new();
    for item in setting_wire::items(set) {
        let id = setting_wire::text(setting_wire::member(item, "InstanceId"))
            .ok_or("the response lists an instance without its id")?;
        let stack = || {
            let tags = setting_wire::items(item.get("tagSet")?);
            let tag = tags.into_iter().find(|tag| tag["key"] == "aws:cloudformation:stack-id")?;
            setting_wire::text(tag.get("value")).map(str::to_owned)
        };
        let seen = setting_wire::member(item, "MetadataOptions")
            .map(|options| Instance { stack: stack(), ..read(id, options) });
        targets.push(Target { key: InstanceRef { id: id.to_owned() }, proven: seen.filter(is_proof), changed: None });
    }
    if targets.is_empty() { Err("the response lists no instances") } else { Ok(targets) }
}

fn modified(event: &Event) -> Result<InstanceTarget, &'static str> {
    let id = setting_wire::text(setting_wire::asked(event, "InstanceId"))
        .or_else(|| setting_wire::text(setting_wire::answered(event, "InstanceId")));
    let id = id.ok_or("neither the request nor the response names the instance")?;
    let changed = matches!(event.request, Body::Present(_)).then(|| {
        let named = DECIDING.into_iter().filter(|option| setting_wire::asked(event, option).is_some());
        named.map(str::to_owned).collect::<BTreeSet<String>>()
    });
    let seen = setting_wire::answered(event, "InstanceMetadataOptions").map(|options| read(id, options));
    let in_question = changed.as_ref().is_none_or(|changed| !changed.is_empty());
    let proven = seen.filter(is_proof).map(|seen| Instance { in_question, ..seen });
    Ok(Target { key: InstanceRef { id: id.to_owned() }, proven, changed })
}

/// Both options that are decided on are there.
fn is_proof(instance: &Instance) -> bool {
    instance.tokens.known().is_some() && instance.endpoint.known().is_some()
}

fn read(id: &str, options: &Value) -> Instance {
    let word = |name: &str| setting_wire::text(setting_wire::member(options, name));
    let not_shown = |name: &str| format!("the record does not show `{name}`");
    Instance {
        id: id.to_owned(),
        tokens: word("HttpTokens")
            .and_then(Tokens::read)
            .map_or_else(|| Observed::Unknown { why: not_shown("httpTokens") }, Observed::Known),
        endpoint: word("HttpEndpoint")
            .and_then(Switch::read)
            .map_or_else(|| Observed::Unknown { why: not_shown("httpEndpoint") }, Observed::Known),
        hop_limit: setting_wire::number(setting_wire::member(options, "HttpPutResponseHopLimit")),
        ipv6: word("HttpProtocolIpv6").and_then(Switch::read),
        tags: word("InstanceMetadataTags").and_then(Switch::read),
        in_question: true,
        stack: None,
    }
}
