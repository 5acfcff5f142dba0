//! ACC-07: a policy of an organization is not deleted.

use super::state::{Now, Policy, View};
use super::weakened::worse;
use super::{DELETED, DETACHED, IDS};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{Plan, Step, Undo};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;
use crate::resources::organizations::PolicyAction;
use crate::resources::organizations::actions::{ATTACH, CREATE, TAG, UPDATE};

/// See the module. A policy cannot be asked once it is deleted: it is created as it was when it was last seen to be good.
pub struct OrganizationPolicyDeleted;

static ABOUT: About = About {
    name: "organization-policy-deleted",
    catalogue_id: "ACC-07",
    title: "A policy of the organization was deleted",
    description: "A policy of the organization, of whichever type, was deleted by a principal that is not among `allowed_principals`. One that was attached to nothing when it \
        was last seen to be good complies. A policy of the same name and type that is attached to all that the deleted one was attached to, and is \
        not weaker, stands in its place.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["CIS AWS Foundations 5.0.0/4.15"],
    technique: "T1562.001",
    triggers: &[DELETED],
    remediation: "Creates the policy again as it was last known to be good, with its tags, and then attaches it to all that it was attached to. It has another id \
        then, which AWS chooses. One of the same name that is weaker gets its content. If what it was is unknown, it only notifies.",
    actions: &[CREATE, TAG, ATTACH, UPDATE],
    ids: IDS,
    not_watched: &[(DETACHED, "a policy that is detached is another guardrail's")],
};

/// What the policy was attached to.
fn before(policy: &Policy) -> Option<(&View, impl Iterator<Item = &String>)> {
    let before = policy.policy.before.known()?;
    Some((before, before.targets.iter().flatten()))
}

/// What it is no longer attached to, where another one stands in its place.
fn missing<'a>(policy: &'a Policy, view: &'a View) -> Vec<&'a String> {
    let attached = |target: &&String| view.targets.as_ref().is_some_and(|targets| targets.contains(*target));
    before(policy).map(|(_, targets)| targets.filter(|target| !attached(target)).collect()).unwrap_or_default()
}

/// What the one in its place denies less, or allows more.
fn weaker(policy: &Policy, view: &View) -> Result<Vec<String>, String> {
    before(policy).map_or_else(|| Ok(Vec::new()), |(before, _)| worse(before, view, false))
}

impl Guardrail<Policy, PolicyAction> for OrganizationPolicyDeleted {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, policy: &Policy, terms: &Terms<'_>) -> Verdict {
        if policy.policy.call != DELETED || terms.settings(self).allow(&policy.policy.by) {
            return Verdict::Compliant;
        }
        let id = &policy.policy.id;
        let why = match (&policy.now, &policy.policy.before) {
            (Now::Stands(_), _) => return Verdict::Compliant,
            (_, Observed::Known(View { targets: Some(targets), .. })) if targets.is_empty() => {
                return Verdict::Compliant;
            }
            (Now::Anew { id: other, view }, _) => {
                let missing: Vec<&str> = missing(policy, view).into_iter().map(String::as_str).collect();
                let mut lacks = match weaker(policy, view) {
                    Ok(weaker) => weaker,
                    Err(why) => {
                        let why = format!(
                            "whether `{other}`, which has the name of policy `{id}`, is weaker is not known: {why}"
                        );
                        return Verdict::Undetermined { why };
                    }
                };
                if !missing.is_empty() {
                    lacks.push(format!("it is not attached to {}", missing.join(", ")));
                }
                if lacks.is_empty() {
                    return Verdict::Compliant;
                }
                let name = &view.name;
                format!("policy `{name}` ({id}) was deleted; `{other}` has its name: {}", lacks.join("; "))
            }
            (Now::Gone, Observed::Known(before)) => {
                let targets: Vec<&str> = before.targets.iter().flatten().map(String::as_str).collect();
                let (name, kind) = (&before.name, &before.kind);
                format!("policy `{name}` ({id}, {kind}) was deleted: it was attached to {}", targets.join(", "))
            }
            (Now::Gone, Observed::Absent) => {
                format!("policy `{id}` was deleted, and what it said is not known: it was not seen before")
            }
            (Now::Gone, Observed::Unknown { why }) => {
                format!("policy `{id}` was deleted, and what it said is not known: {why}")
            }
        };
        let evidence = vec![Evidence { element: "deleted".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    /// The id of what is created is the answer's: it is found by its name then, and attached.
    fn plan(&self, policy: &Policy, _: &Violation, _: &Terms<'_>) -> Plan<PolicyAction> {
        let Some((before, _)) = before(policy) else { return Plan::default() };
        match &policy.now {
            Now::Stands(_) => Plan::default(),
            Now::Anew { id, view } => {
                let step = |target: &String| Step {
                    apply: PolicyAction::Attach { policy: id.clone(), target: target.clone() },
                    undo: Undo::Apply(PolicyAction::Detach { policy: id.clone(), target: target.clone() }),
                };
                let write = |content: &String| PolicyAction::Update { policy: id.clone(), content: content.clone() };
                let rewrite = Step { apply: write(&before.content), undo: Undo::Apply(write(&view.content)) };
                let is_weaker = weaker(policy, view).is_ok_and(|weaker| !weaker.is_empty());
                let attach = missing(policy, view).into_iter().map(step);
                Plan { steps: is_weaker.then_some(rewrite).into_iter().chain(attach).collect() }
            }
            Now::Gone => {
                let create = PolicyAction::Create {
                    name: before.name.clone(),
                    description: before.description.clone(),
                    kind: before.kind.clone(),
                    content: before.content.clone(),
                    tags: before.own_tags(),
                };
                Plan::one(create, PolicyAction::Delete { name: before.name.clone(), kind: before.kind.clone() })
            }
        }
    }
}
