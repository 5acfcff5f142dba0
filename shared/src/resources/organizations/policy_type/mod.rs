//! ACC-07: types of policies stay enabled in an organization.
//!
//! Source: "DisablePolicyType", "EnablePolicyType" (AWS Organizations API reference): all policies of the type are detached from everything in the root, without
//! records of their own; they stay there themselves. "If you reenable the policy type later, AWS Organizations attaches only the default
//! `FullAWSAccess` SCP": what was attached before is attached one by one, as far as it was seen.

use super::actions::{ATTACH, DETACH, DISABLE, ENABLE};
use super::reads::{self, DESCRIBE_ORGANIZATION, LIST_POLICIES, LIST_ROOTS, LIST_TARGETS};
use super::{ORGANIZATIONS, PolicyAction, SOURCE};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{About, Class, Guardrail, Terms, guardrails};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::request::{Answer, Api, Asks, Request};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::{AllowedPrincipals, callers};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const DISABLED: &str = "DisablePolicyType";

/// What each policy of a type is attached to.
pub type Attached = BTreeMap<String, BTreeSet<String>>;

/// How to find a type of policies, what is known of it from before, and who called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeRef {
    /// The root: `r-…`.
    pub root: String,
    /// The type, such as `SERVICE_CONTROL_POLICY`.
    pub kind: String,
    /// The call that an event is about; empty in a sweep.
    #[serde(default)]
    pub call: String,
    /// See [`callers`].
    #[serde(default)]
    pub by: Vec<String>,
    /// What was attached when it was last seen to be enabled.
    pub before: Observed<Attached>,
}

impl TypeRef {
    /// A type of which nothing was recalled yet.
    #[must_use]
    pub fn new(root: &str, kind: &str) -> Self {
        let before = Observed::Unknown { why: "its last known good state was not read".to_owned() };
        Self { root: root.to_owned(), kind: kind.to_owned(), call: String::new(), by: Vec::new(), before }
    }

    /// The type, as it is now.
    #[must_use]
    pub fn state(&self, enabled: Option<bool>, attached: Option<Attached>) -> TypeOfPolicies {
        TypeOfPolicies { of: self.clone(), enabled, attached }
    }
}

/// What is known of a type of policies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypeOfPolicies {
    /// How it is found, with what it was before.
    pub of: TypeRef,
    /// Whether it is enabled.
    pub enabled: Option<bool>,
    /// What is attached. A record shows nothing of it.
    pub attached: Option<Attached>,
}

impl TypeOfPolicies {
    /// The attachments that are gone, as far as both are known: each a policy and its target.
    fn missing(&self) -> Vec<(&String, &String)> {
        let (Some(before), Some(now)) = (self.of.before.known(), &self.attached) else { return Vec::new() };
        let all = before.iter().flat_map(|(policy, targets)| targets.iter().map(move |target| (policy, target)));
        // A policy that is gone cannot be attached: its deletion is another guardrail's.
        all.filter(|(policy, target)| now.get(*policy).is_some_and(|targets| !targets.contains(*target))).collect()
    }
}

/// The family of the types of policies.
#[derive(Clone, Copy, Debug, Default)]
pub struct PolicyTypes;

impl Family for PolicyTypes {
    type Key = TypeRef;
    type State = TypeOfPolicies;
    type Action = PolicyAction;

    fn kind(&self) -> &'static str {
        "organization-policy-type"
    }

    fn reads(&self) -> &'static [Permission] {
        &[LIST_ROOTS, LIST_POLICIES, LIST_TARGETS]
    }

    fn lists(&self) -> &'static [Permission] {
        &[DESCRIBE_ORGANIZATION]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[DISABLE, DETACH]
    }

    guardrails![OrganizationPolicyTypeDisabled];

    /// A call that succeeded has disabled it.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(SOURCE, &[DISABLED]) {
            return Ok(Vec::new());
        }
        let named = |member: &str| {
            let unnamed = || Unlocatable::new(event, "the record names no root or no type of policies");
            event.request.text(&[member]).ok_or_else(unnamed)
        };
        let of = TypeRef::new(named("rootId")?, named("policyType")?);
        let key = TypeRef { call: event.name.clone(), by: callers(event), ..of };
        let proven = Some(key.state(Some(false), None));
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn focus(&self, state: &mut TypeOfPolicies, target: &TargetOf<Self>) {
        state.of.clone_from(&target.key);
    }

    fn memory(&self, key: &TypeRef) -> Option<String> {
        Some(format!("{} {}", key.root, key.kind))
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<TypeOfPolicies>) {
        let before = match kept {
            Observed::Known(TypeOfPolicies { enabled: Some(true), attached: Some(attached), .. }) => {
                Observed::Known(attached)
            }
            Observed::Known(_) | Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.of.before = before.clone();
        }
        target.key.before = before;
    }

    /// What it is now, and not what it was.
    fn content(&self, state: &TypeOfPolicies) -> Value {
        json!([state.enabled, state.attached])
    }

    fn resource(&self, key: &TypeRef, _: Option<&TypeOfPolicies>, place: &Place) -> Resource {
        let Place { partition, account, .. } = place;
        let id = format!("arn:{partition}:organizations::{account}:root/{}/{}", key.root, key.kind);
        Resource { id, kind: "Other", name: key.kind.clone() }
    }
}

/// See the module.
pub struct OrganizationPolicyTypeDisabled;

static ABOUT: About = About {
    name: "organization-policy-type-disabled",
    catalogue_id: "ACC-07",
    title: "A type of policies was disabled in the organization",
    description: "A type of policies (service control policies, resource control policies, backup policies, ...) was disabled in a root by a principal that is not among \
        `allowed_principals`: all policies of the type were detached from everything at once. What was attached is known from when the type was \
        last seen to be enabled.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &["CIS AWS Foundations 5.0.0/4.15"],
    technique: "T1562.001",
    triggers: &[DISABLED],
    remediation: "Enables the type again, with one call, then attaches each policy to what it was attached to when that was last seen. Attachments that were never seen, and \
        policies that were deleted since, are not brought back: the finding names how many were known.",
    actions: &[ENABLE, ATTACH],
    ids: &["arn:%:organizations::%:root/%/%"],
    not_watched: &[("EnablePolicyType", "enabling a type permits nothing that was not permitted before")],
};

impl Guardrail<TypeOfPolicies, PolicyAction> for OrganizationPolicyTypeDisabled {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, state: &TypeOfPolicies, terms: &Terms<'_>) -> Verdict {
        if state.of.call != DISABLED || terms.settings(self).allow(&state.of.by) {
            return Verdict::Compliant;
        }
        let (kind, root) = (&state.of.kind, &state.of.root);
        let mut evidence = Vec::new();
        match state.enabled {
            Some(true) => {}
            Some(false) => {
                let known = match &state.of.before {
                    Observed::Known(before) => {
                        format!("{} attachments of it are known", before.values().map(BTreeSet::len).sum::<usize>())
                    }
                    Observed::Absent => "what was attached is not known: it was not seen before".to_owned(),
                    Observed::Unknown { why } => format!("what was attached is not known: {why}"),
                };
                let why =
                    format!("policies of type {kind} were disabled in `{root}`, and all of them detached; {known}");
                evidence.push(Evidence { element: "disabled".to_owned(), why });
            }
            None => {
                return Verdict::Undetermined { why: format!("whether {kind} is enabled in `{root}` is not shown") };
            }
        }
        evidence.extend(state.missing().into_iter().map(|(policy, target)| Evidence {
            element: format!("{policy} {target}"),
            why: format!("policy `{policy}` is no longer attached to `{target}`: its type was disabled"),
        }));
        if evidence.is_empty() {
            return Verdict::Compliant;
        }
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    /// First the type: nothing can be attached before it is enabled.
    fn plan(&self, state: &TypeOfPolicies, _: &Violation, _: &Terms<'_>) -> Plan<PolicyAction> {
        let (root, kind) = (state.of.root.clone(), state.of.kind.clone());
        if state.enabled == Some(false) {
            return Plan::one(
                PolicyAction::Enable { root: root.clone(), kind: kind.clone() },
                PolicyAction::Disable { root, kind },
            );
        }
        let step = |(policy, target): (&String, &String)| Step {
            apply: PolicyAction::Attach { policy: policy.clone(), target: target.clone() },
            undo: Undo::Apply(PolicyAction::Detach { policy: policy.clone(), target: target.clone() }),
        };
        Plan { steps: state.missing().into_iter().map(step).collect() }
    }
}

impl Asks for PolicyTypes {
    fn asks() -> Vec<(&'static Api, Request)> {
        let from = Some("2");
        let reads = [
            reads::roots(from),
            reads::policies("TAG_POLICY", from),
            reads::targets("p-examplepolicy1", from),
            reads::organization(),
        ];
        let is_of_documents = |action: &PolicyAction| {
            matches!(action, PolicyAction::Update { .. } | PolicyAction::Create { .. } | PolicyAction::Delete { .. })
        };
        let calls =
            PolicyAction::each().into_iter().filter(|action| !is_of_documents(action)).map(|action| action.request(""));
        reads.into_iter().chain(calls).map(|request| (&ORGANIZATIONS, request)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        match reads::enabled(&answers("ListRoots")) {
            Ok(roots) if roots.is_empty() => vec!["no root is found in an answer to ListRoots".to_owned()],
            Ok(_) => Vec::new(),
            Err(why) => vec![why],
        }
    }
}
