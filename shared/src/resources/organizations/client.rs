//! The calls that read policies and their types.
//!
//! A sweep looks in the management account, in the region of the endpoint: a member account may list nothing, and a delegated administrator's view is the
//! same organization's.

use super::policy::state::{Now, Policy, PolicyRef, View};
use super::policy_type::{Attached, TypeOfPolicies, TypeRef};
use super::reads::{self, DESCRIBE_ORGANIZATION, DESCRIBE_POLICY, LIST_POLICIES, LIST_ROOTS, LIST_TAGS, LIST_TARGETS};
use super::{ORGANIZATIONS, OrganizationPolicies, PolicyAction, PolicyTypes};
use crate::aws::signed::Signed;
use crate::engine::family::{Family, List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use std::collections::{BTreeMap, BTreeSet};

/// The regions that have the endpoint, one in each partition ("AWS Organizations endpoints and quotas").
const HOMES: &[&str] = &["us-east-1", "us-gov-west-1", "cn-northwest-1"];

/// What is known is used; what is not ends the read.
macro_rules! known {
    ($read:expr, $absent:expr) => {
        match $read {
            Observed::Known(value) => value,
            Observed::Absent => return Ok($absent),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        }
    };
}

/// What an answer shows; that it does not ends the read.
macro_rules! shown {
    ($read:expr) => {
        match $read {
            Ok(value) => value,
            Err(why) => return Ok(Observed::Unknown { why }),
        }
    };
}

impl Observe<OrganizationPolicies> for Signed {
    /// The policy and what it is attached to. What was deleted may have been made again under its name.
    async fn observe(&self, key: &PolicyRef, _: ReadDepth) -> Result<Observed<Policy>, ReadError> {
        let now = match self.policy_view(&key.id).await? {
            Observed::Known(view) => Now::Stands(Box::new(view)),
            Observed::Absent => match key.before.known() {
                Some(before) => known!(self.policy_of_name(before).await?, Observed::Absent),
                None => Now::Gone,
            },
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        Ok(Observed::Known(key.state(now)))
    }
}

impl List<OrganizationPolicies> for Signed {
    /// One type of policies is a page: `from` names it.
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<OrganizationPolicies>>, ReadError> {
        let types: Vec<String> = known!(self.policy_types().await?, nothing()).into_values().flatten().collect();
        let kind = match from {
            Some(from) => types.iter().find(|kind| kind.as_str() >= from),
            None => types.first(),
        };
        let Some(kind) = kind else { return Ok(nothing()) };
        let mut found = Vec::new();
        for id in known!(self.policies_of(kind).await?, nothing()) {
            let key = PolicyRef::new(&id);
            let state = match self.policy_view(&id).await? {
                Observed::Known(view) => Observed::Known(key.state(Now::Stands(Box::new(view)))),
                // It was deleted since the list was made.
                Observed::Absent => continue,
                Observed::Unknown { why } => Observed::Unknown { why },
            };
            found.push((key, state));
        }
        Ok(Observed::Known(Page { found, next: types.iter().find(|other| *other > kind).cloned() }))
    }
}

impl Observe<PolicyTypes> for Signed {
    async fn observe(&self, key: &TypeRef, _: ReadDepth) -> Result<Observed<TypeOfPolicies>, ReadError> {
        let roots = known!(self.policy_roots().await?, Observed::Absent);
        let Some(types) = roots.get(&key.root) else { return Ok(Observed::Absent) };
        let attached = match types.contains(&key.kind) {
            true => Some(known!(self.attachments_of(&key.kind).await?, Observed::Absent)),
            false => None,
        };
        Ok(Observed::Known(key.state(Some(types.contains(&key.kind)), attached)))
    }
}

impl List<PolicyTypes> for Signed {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<PolicyTypes>>, ReadError> {
        let mut found = Vec::new();
        for (root, types) in known!(self.policy_types().await?, nothing()) {
            for kind in types {
                let key = TypeRef::new(&root, &kind);
                let attached = known!(self.attachments_of(&kind).await?, nothing());
                let state = Observed::Known(key.state(Some(true), Some(attached)));
                found.push((key, state));
            }
        }
        Ok(Observed::Known(Page { found, next: None }))
    }
}

impl Apply<PolicyAction> for Signed {
    async fn apply(&self, action: &PolicyAction) -> Result<Applied, ApplyError> {
        let id = match action {
            PolicyAction::Delete { name, kind } => {
                let found = self.policy_id(name, kind).await.map_err(|error| refused(&error.to_string()))?;
                match found {
                    Observed::Known(id) => id,
                    Observed::Absent => {
                        return Err(ApplyError::NotThere { code: "PolicyNotFoundException".to_owned() });
                    }
                    Observed::Unknown { why } => return Err(refused(&why)),
                }
            }
            PolicyAction::Attach { .. }
            | PolicyAction::Detach { .. }
            | PolicyAction::Update { .. }
            | PolicyAction::Create { .. }
            | PolicyAction::Enable { .. }
            | PolicyAction::Disable { .. } => String::new(),
        };
        self.change(&ORGANIZATIONS, action.request(&id), action.permission()).await
    }
}

fn refused(why: &str) -> ApplyError {
    ApplyError::Refused { code: "Unread".to_owned(), message: why.to_owned() }
}

fn nothing<F: Family>() -> Observed<Page<F>> {
    Observed::Known(Page { found: Vec::new(), next: None })
}

impl Signed {
    async fn policy_view(&self, policy: &str) -> Result<Observed<View>, ReadError> {
        let described = self.pages(&ORGANIZATIONS, |_| reads::describe(policy), DESCRIBE_POLICY.action).await?;
        let answer = known!(described, Observed::Absent).into_iter().next().unwrap_or_default();
        let hidden = || format!("the answer does not show the type or the content of policy `{policy}`");
        let view = shown!(answer.body.get("Policy").and_then(reads::view).ok_or_else(hidden));
        let targets = self.pages(&ORGANIZATIONS, |from| reads::targets(policy, from), LIST_TARGETS.action).await?;
        let targets = known!(targets, Observed::Absent);
        let tags = self.pages(&ORGANIZATIONS, |from| reads::tags(policy, from), LIST_TAGS.action).await?;
        let tags = known!(tags, Observed::Absent);
        Ok(Observed::Known(shown!(reads::whole(view, &targets, &tags))))
    }

    /// The ids of an organization's own policies of a type: AWS's are the same everywhere, and no role of ours may read them.
    async fn policies_of(&self, kind: &str) -> Result<Observed<Vec<String>>, ReadError> {
        let pages = self.pages(&ORGANIZATIONS, |from| reads::policies(kind, from), LIST_POLICIES.action).await?;
        let mut ids = Vec::new();
        for page in known!(pages, Observed::Absent) {
            ids.extend(shown!(reads::own(&page)));
        }
        Ok(Observed::Known(ids))
    }

    /// A policy of this name and type, which stands in place of one that is gone.
    async fn policy_of_name(&self, before: &View) -> Result<Observed<Now>, ReadError> {
        let gone = Observed::Known(Now::Gone);
        let id = known!(self.policy_id(&before.name, &before.kind).await?, gone);
        let view = Box::new(known!(self.policy_view(&id).await?, gone));
        Ok(Observed::Known(Now::Anew { id, view }))
    }

    /// The id of the policy of this name and type: no two have the same.
    async fn policy_id(&self, name: &str, kind: &str) -> Result<Observed<String>, ReadError> {
        let pages = self.pages(&ORGANIZATIONS, |from| reads::policies(kind, from), LIST_POLICIES.action).await?;
        for page in known!(pages, Observed::Absent) {
            let found = shown!(reads::listed(&page, "Policies")).iter().find(|one| one["Name"].as_str() == Some(name));
            if let Some(id) = found.and_then(|one| one["Id"].as_str()) {
                return Ok(Observed::Known(id.to_owned()));
            }
        }
        Ok(Observed::Absent)
    }

    /// What the policies of a type are attached to.
    async fn attachments_of(&self, kind: &str) -> Result<Observed<Attached>, ReadError> {
        let mut attached = BTreeMap::new();
        for id in known!(self.policies_of(kind).await?, Observed::Absent) {
            let pages = self.pages(&ORGANIZATIONS, |from| reads::targets(&id, from), LIST_TARGETS.action).await?;
            let mut targets = BTreeSet::new();
            for page in known!(pages, Observed::Absent) {
                targets.extend(shown!(reads::texts(&page, "Targets", "TargetId")));
            }
            attached.insert(id, targets);
        }
        Ok(Observed::Known(attached))
    }

    async fn policy_roots(&self) -> Result<Observed<BTreeMap<String, BTreeSet<String>>>, ReadError> {
        let mut roots = BTreeMap::new();
        for page in known!(self.pages(&ORGANIZATIONS, reads::roots, LIST_ROOTS.action).await?, Observed::Absent) {
            roots.extend(shown!(reads::enabled(&page)));
        }
        Ok(Observed::Known(roots))
    }

    /// The same for a sweep: none but in the management account, at the endpoint's region.
    async fn policy_types(&self) -> Result<Observed<BTreeMap<String, BTreeSet<String>>>, ReadError> {
        if !self.region().is_some_and(|region| HOMES.contains(&region)) {
            return Ok(Observed::Absent);
        }
        let of = self.pages(&ORGANIZATIONS, |_| reads::organization(), DESCRIBE_ORGANIZATION.action).await?;
        known!(of, Observed::Absent);
        // A member may ask which organization it is in, and nothing else of it. The role has the permission by its template, and no control policy holds in the
        // management account: what is refused there is refused to a member.
        Ok(match self.policy_roots().await? {
            Observed::Unknown { .. } => Observed::Absent,
            roots => roots,
        })
    }
}
