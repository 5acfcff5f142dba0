//! The account's own managed policies and their default versions: IAM-09.

#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod grants_admin;
pub mod grants_escalation;
pub(crate) mod judge;
mod planned;
pub mod state;

use super::inline_policy::document;
use super::record::SOURCE;
use super::record::{GET_POLICY, GET_POLICY_VERSION};
use crate::engine::event::Event;
use crate::engine::family::{Family, ReadDepth, Target, Unlocatable};
use crate::engine::guardrail::{NotWatched, guardrails};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::PlannedForm;
use crate::engine::span::Span;
use grants_admin::ManagedPolicyAdmin;
use grants_escalation::ManagedPolicyEscalation;
use iam_policy::json;
use serde_json::Value;
use state::SET_DEFAULT_POLICY_VERSION;
use state::{ManagedPolicy, PolicyRef, Since, Version, VersionAction, uncounted, unread};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// See [`About::ids`](crate::engine::guardrail::About::ids).
const IDS: &[&str] = &["arn:%:iam::%:policy/*"];

/// See [`About::not_watched`](crate::engine::guardrail::About::not_watched).
const NOT_WATCHED: &[NotWatched] = &[
    ("DeletePolicyVersion", "the default version cannot be deleted, and any other grants nothing"),
    ("DeletePolicy", "a policy that is attached cannot be deleted"),
];

pub(crate) const LIST_POLICY_VERSIONS: Permission =
    Permission::on("iam:ListPolicyVersions", &["iam::${Account}:policy/*"]);

/// The family of managed policies. Global: IAM's records arrive in one region of the partition only.
#[derive(Clone, Copy, Debug, Default)]
pub struct ManagedPolicies;

type PolicyTarget = Target<PolicyRef, ManagedPolicy>;

impl Family for ManagedPolicies {
    type Key = PolicyRef;
    type State = ManagedPolicy;
    type Action = VersionAction;

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "managed-policy"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_POLICY, GET_POLICY_VERSION, LIST_POLICY_VERSIONS]
    }

    fn lists(&self) -> &'static [Permission] {
        super::record::LISTS
    }

    fn undoes(&self) -> &'static [Permission] {
        &[SET_DEFAULT_POLICY_VERSION]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![ManagedPolicyAdmin, ManagedPolicyEscalation];

    fn locate(&self, event: &Event) -> Result<Vec<PolicyTarget>, Unlocatable> {
        if event.source != SOURCE {
            return Ok(Vec::new());
        }
        let found = match event.name.as_str() {
            "CreatePolicy" => made(event),
            // A version that is not the default grants nothing.
            "CreatePolicyVersion" if is_default(event) => version_made(event),
            "SetDefaultPolicyVersion" => version_chosen(event),
            _ => return Ok(Vec::new()),
        };
        // Of a request that is left out, `spans` looks for what it wrote.
        if found.is_err() && is_left_out(event) && event.name != "SetDefaultPolicyVersion" {
            return Ok(Vec::new());
        }
        found.map(|target| vec![target]).map_err(|why| Unlocatable::new(event, why))
    }

    /// A request that is left out of its record wrote something that no record could carry: which policy has such a version is
    /// looked for.
    fn spans(&self, event: &Event) -> Result<Vec<Span>, Unlocatable> {
        let is_ours = event.is_one_of(SOURCE, &["CreatePolicy", "CreatePolicyVersion"]);
        let is_unshown = is_ours && is_left_out(event) && self.locate(event).is_ok_and(|found| found.is_empty());
        Ok(is_unshown.then_some(Span::Unshown { what: "policy" }).into_iter().collect())
    }

    fn focus(&self, policy: &mut ManagedPolicy, target: &PolicyTarget) {
        // Only what the event made or chose is in question; by now another version may hold.
        let is_the_event_s = target.key.version.as_ref().is_none_or(|version| *version == policy.default.id);
        policy.since = if is_the_event_s { target.key.since } else { Since::Before };
        policy.before = target.key.before.clone();
    }

    fn memory(&self, key: &PolicyRef) -> Option<String> {
        Some(key.arn.clone())
    }

    /// Where nothing was kept, only the policy's other versions say what there is to go back to.
    fn looks_ahead(&self, target: &PolicyTarget, depth: ReadDepth) -> Option<ReadDepth> {
        match target.key.since {
            Since::MadeByTheEvent | Since::ChosenByTheEvent => Some(ReadDepth::Full),
            Since::MadeWithThePolicy | Since::Before => target.proven.is_none().then_some(depth),
        }
    }

    fn recall(&self, target: &mut PolicyTarget, kept: Observed<ManagedPolicy>) {
        let before = match kept {
            Observed::Known(state) => Observed::Known(state.default),
            Observed::Absent => Observed::Unknown { why: "it was not recorded before".to_owned() },
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.before = before.clone();
        }
        target.key.before = before;
    }

    /// What a version says never changes: which of them holds is all there is to compare.
    fn content(&self, policy: &ManagedPolicy) -> Value {
        policy.default.id.clone().into()
    }

    /// The id of a version that is made stands in the answer: no other has it.
    fn writes(&self, call: &VersionAction) -> Option<Value> {
        match call {
            VersionAction::SetDefault { version, .. } => Some(version.clone().into()),
            VersionAction::Create { .. } | VersionAction::Replace { .. } => Some(Value::Null),
        }
    }

    /// The principals that held the policy may have lost it for what it said before. Of a version that was chosen, the record has the id alone.
    fn says(&self, _: &Event, target: &PolicyTarget) -> Option<Value> {
        let document = target.proven.as_ref().map(|policy| json::content(&policy.default.document));
        document.or_else(|| target.key.version.clone().map(Value::from))
    }

    fn rewrites(&self, policy: &ManagedPolicy) -> Option<VersionAction> {
        Some(VersionAction::SetDefault { arn: policy.arn.clone(), version: policy.default.id.clone() })
    }

    fn resource(&self, key: &PolicyRef, _: Option<&ManagedPolicy>, _: &Place) -> Resource {
        let name = key.arn.rsplit('/').next().unwrap_or_default().to_owned();
        Resource { id: key.arn.clone(), kind: "AwsIamPolicy", name }
    }
}

fn is_left_out(event: &Event) -> bool {
    event.request.value().is_none()
}

/// `setAsDefault` is a boolean; some exports write it as text. What was made says it, too.
fn is_default(event: &Event) -> bool {
    let says = |value: Option<&Value>| match value {
        Some(Value::Bool(is)) => *is,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true"),
        Some(Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_)) | None => false,
    };
    // Without a request it is unknown: then it is looked at.
    event.request.value().is_none()
        || says(event.request.at(&["setAsDefault"]))
        || says(event.response.at(&["policyVersion", "isDefaultVersion"]))
}

fn version_made(event: &Event) -> Result<PolicyTarget, &'static str> {
    let arn = event.request.text(&["policyArn"]).ok_or("the request names no policy")?;
    let version = event.response.text(&["policyVersion", "versionId"]).map(str::to_owned);
    Ok(target(event, arn, version, Since::MadeByTheEvent, uncounted()))
}

fn version_chosen(event: &Event) -> Result<PolicyTarget, &'static str> {
    let arn = event.request.text(&["policyArn"]).ok_or("the request names no policy")?;
    let version = event.request.text(&["versionId"]).map(str::to_owned);
    Ok(target(event, arn, version, Since::ChosenByTheEvent, uncounted()))
}

/// A new policy is attached to no principal.
fn made(event: &Event) -> Result<PolicyTarget, &'static str> {
    let arn = event.response.text(&["policy", "arn"]).ok_or("the response names no policy")?;
    let version = event.response.text(&["policy", "defaultVersionId"]).unwrap_or("v1").to_owned();
    Ok(target(event, arn, Some(version), Since::MadeWithThePolicy, Observed::Known(0)))
}

fn target(event: &Event, arn: &str, version: Option<String>, since: Since, holders: Observed<usize>) -> PolicyTarget {
    let nothing = || "a record shows one version only".to_owned();
    let before = Observed::Unknown { why: "nothing was recalled".to_owned() };
    let document = event.request.at(&["policyDocument"]).and_then(document);
    let proven = version.clone().zip(document).map(|(id, document)| ManagedPolicy {
        arn: arn.to_owned(),
        default: Version { id, document },
        holders,
        before: before.clone(),
        versions: Observed::Unknown { why: nothing() },
        others: unread(),
        since,
    });
    let changed = Some(version.iter().cloned().collect::<BTreeSet<String>>());
    Target { key: PolicyRef { arn: arn.to_owned(), version, since, before }, proven, changed }
}
