//! The defaults of instance metadata: EC2-10.

#[cfg(feature = "ec2")]
pub(crate) mod client;
mod planned;
pub mod state;
pub mod weak;

use super::instance::state::{Switch, Tokens};
use super::setting::{EC2, setting};
use super::setting_wire;
use crate::engine::event::{Body, Event};
use crate::engine::family::{Family, Target, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use state::MODIFY_INSTANCE_METADATA_DEFAULTS;
use state::{Defaults, DefaultsRef, Preference, SetDefaults};
use std::borrow::Cow;
use std::collections::BTreeSet;
use weak::InstanceMetadataDefaultsWeak;

pub(crate) const GET_INSTANCE_METADATA_DEFAULTS: Permission = Permission::read("ec2:GetInstanceMetadataDefaults");

/// The family of the setting.
///
/// That tokens are no longer the default is proven by the request. Whether enforcing them was on before is in no record: it
/// is the last known good state's, which is asked for only when the call names it.
#[derive(Clone, Copy, Debug, Default)]
pub struct MetadataDefaults;

const TOKENS: &str = "HttpTokens";
const ENFORCED: &str = "HttpTokensEnforced";

impl Family for MetadataDefaults {
    type Key = DefaultsRef;
    type State = Defaults;
    type Action = SetDefaults;

    fn kind(&self) -> &'static str {
        "instance-metadata-defaults"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_INSTANCE_METADATA_DEFAULTS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[MODIFY_INSTANCE_METADATA_DEFAULTS]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Defaults>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![InstanceMetadataDefaultsWeak];

    fn locate(&self, event: &Event) -> Result<Vec<Target<DefaultsRef, Defaults>>, Unlocatable> {
        if !event.is_one_of(EC2, &["ModifyInstanceMetadataDefaults"]) {
            return Ok(Vec::new());
        }
        let changed = matches!(event.request, Body::Present(_)).then(|| {
            let named = [TOKENS, ENFORCED].into_iter().filter(|name| setting_wire::asked(event, name).is_some());
            named.map(str::to_owned).collect::<BTreeSet<String>>()
        });
        let asked = asked(event);
        let is_weak = matches!(asked.tokens, Observed::Known(Preference::Set(Tokens::Optional) | Preference::None));
        let is_lax = matches!(asked.enforced, Observed::Known(Preference::Set(Switch::Disabled) | Preference::None));
        let key = DefaultsRef { is_kept: !is_weak || asked.enforcement_in_question, enforced_before: Observed::Absent };
        Ok(vec![Target { key, proven: (is_weak || is_lax).then_some(asked), changed }])
    }

    fn focus(&self, defaults: &mut Defaults, target: &Target<DefaultsRef, Defaults>) {
        let names = |name: &str| target.changed.as_ref().is_none_or(|changed| changed.contains(name));
        defaults.tokens_in_question = names(TOKENS);
        defaults.enforcement_in_question = names(ENFORCED);
        defaults.by_event = target.changed.is_some();
        defaults.enforced_before = target.key.enforced_before.clone();
    }

    fn memory(&self, key: &DefaultsRef) -> Option<String> {
        key.is_kept.then(|| "setting".to_owned())
    }

    fn recall(&self, target: &mut Target<DefaultsRef, Defaults>, kept: Observed<Defaults>) {
        let before = match kept {
            Observed::Known(state) => state.enforced,
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.enforced_before = before.clone();
        }
        target.key.enforced_before = before;
    }

    fn resource(&self, _: &DefaultsRef, _: Option<&Defaults>, place: &Place) -> Resource {
        setting("instance-metadata-defaults", place)
    }
}

/// What the request sets holds since; what it does not name, it does not show.
fn asked(event: &Event) -> Defaults {
    let word = |name: &str| setting_wire::text(setting_wire::asked(event, name));
    let switch = |name: &str| word(name).and_then(Switch::read);
    let is_named = |name: &str| setting_wire::asked(event, name).is_some();
    let unknown = |name: &str| format!("the record does not show `{name}`");
    Defaults {
        tokens: word(TOKENS)
            .and_then(Preference::of_tokens)
            .map_or_else(|| Observed::Unknown { why: unknown(TOKENS) }, Observed::Known),
        enforced: word(ENFORCED)
            .and_then(Preference::of_switch)
            .map_or_else(|| Observed::Unknown { why: unknown(ENFORCED) }, Observed::Known),
        enforced_before: Observed::Absent,
        tokens_in_question: is_named(TOKENS),
        enforcement_in_question: is_named(ENFORCED),
        by_event: true,
        hop_limit: setting_wire::number(setting_wire::asked(event, "HttpPutResponseHopLimit")).filter(|hops| *hops > 0),
        endpoint: switch("HttpEndpoint"),
        tags: switch("InstanceMetadataTags"),
    }
}
