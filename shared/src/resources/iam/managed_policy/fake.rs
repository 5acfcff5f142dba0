//! A managed policy and its versions. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::managed_policy::ManagedPolicies;
use shared::resources::iam::managed_policy::state::{
    ManagedPolicy, PolicyRef, Since, Version, VersionAction, number, uncounted,
};
use std::cell::RefCell;

thread_local! {
    /// The versions of the policy, which a state shows in part.
    static VERSIONS: RefCell<Vec<Version>> = const { RefCell::new(Vec::new()) };
}

impl Living for ManagedPolicies {
    fn change(live: &mut Observed<ManagedPolicy>, action: &VersionAction) -> Result<(), ApplyError> {
        let Observed::Known(policy) = live else { return Err(not_there("NoSuchEntity")) };
        let (VersionAction::SetDefault { arn, .. } | VersionAction::Create { arn, .. }) = action;
        assert_eq!(*arn, policy.arn, "a call about another policy");
        policy.default = match action {
            VersionAction::SetDefault { version: id, .. } => version(id).ok_or_else(|| not_there("NoSuchEntity"))?,
            VersionAction::Create { document, .. } => made(document),
        };
        policy.versions = Observed::Known(VERSIONS.with_borrow(|all| all.iter().map(|one| one.id.clone()).collect()));
        policy.others = others(&policy.default.id);
        Ok(())
    }

    fn read(live: &Observed<ManagedPolicy>, key: &PolicyRef) -> Observed<ManagedPolicy> {
        if let Observed::Known(policy) = live {
            assert_eq!(policy.arn, key.arn, "a look at another policy");
        }
        live.clone()
    }

    /// `Arn`, `AttachmentCount`, `DefaultVersionId`, and `Versions` as documents by their ids.
    fn live(value: &Value) -> Observed<ManagedPolicy> {
        let versions = value["Versions"].as_object().unwrap().iter();
        let versions = versions.map(|(id, document)| Version { id: id.clone(), document: document.to_string() });
        VERSIONS.set(versions.collect());
        let default = value["DefaultVersionId"].as_str().unwrap();
        let holders = value["AttachmentCount"].as_u64().and_then(|count| usize::try_from(count).ok());
        Observed::Known(ManagedPolicy {
            arn: value["Arn"].as_str().unwrap().to_owned(),
            default: version(default).unwrap(),
            holders: holders.map_or_else(uncounted, Observed::Known),
            before: Observed::Unknown { why: "a read does not show it".to_owned() },
            versions: Observed::Known(VERSIONS.with_borrow(|all| all.iter().map(|one| one.id.clone()).collect())),
            others: others(default),
            since: Since::Before,
        })
    }

    fn lines(live: &Observed<ManagedPolicy>) -> Vec<String> {
        live.known().map(|policy| format!("{} is the default", policy.default.id)).into_iter().collect()
    }

    fn samples() -> Vec<Value> {
        vec![
            json!({"arn": "arn:aws:iam::1:policy/work", "version": "v2"}),
            json!({"arn": "arn:aws:iam::1:policy/work", "document": "{}"}),
        ]
    }
}

/// The next number, whether or not the one before it is still there.
fn made(document: &str) -> Version {
    VERSIONS.with_borrow_mut(|all| {
        let next = all.iter().filter_map(|version| number(&version.id)).max().unwrap_or_default() + 1;
        let made = Version { id: format!("v{next}"), document: document.to_owned() };
        all.push(made.clone());
        made
    })
}

fn version(id: &str) -> Option<Version> {
    VERSIONS.with_borrow(|all| all.iter().find(|version| version.id == id).cloned())
}

/// The newest first.
fn others(id: &str) -> Observed<Vec<Version>> {
    let mut others: Vec<Version> = VERSIONS.with_borrow(|all| all.iter().filter(|one| one.id != id).cloned().collect());
    others.sort_by_key(|version| std::cmp::Reverse(number(&version.id)));
    Observed::Known(others)
}
