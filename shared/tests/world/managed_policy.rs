//! A managed policy and its versions.

use super::{Living, not_there};
use serde_json::Value;
use shared::families::managed_policy::ManagedPolicies;
use shared::model::Observed;
use shared::model::managed_policy::{ManagedPolicy, PolicyRef, SetDefault, Since, Version, number, uncounted};
use shared::plan::ApplyError;
use std::cell::RefCell;

thread_local! {
    /// The versions of the policy, which a state shows in part.
    static VERSIONS: RefCell<Vec<Version>> = const { RefCell::new(Vec::new()) };
}

impl Living for ManagedPolicies {
    fn change(live: &mut Observed<ManagedPolicy>, action: &SetDefault) -> Result<(), ApplyError> {
        let Observed::Known(policy) = live else { return Err(not_there("NoSuchEntity")) };
        assert_eq!(action.arn, policy.arn, "a call about another policy");
        let version = version(&action.version).ok_or_else(|| not_there("NoSuchEntity"))?;
        policy.default = version;
        policy.predecessor = predecessor(&policy.default.id);
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
            before: Observed::Unknown { why: "a read does not tell".to_owned() },
            versions: Observed::Known(VERSIONS.with_borrow(|all| all.iter().map(|one| one.id.clone()).collect())),
            predecessor: predecessor(default),
            since: Since::Before,
        })
    }

    fn lines(live: &Observed<ManagedPolicy>) -> Vec<String> {
        live.known().map(|policy| format!("{} is the default", policy.default.id)).into_iter().collect()
    }
}

fn version(id: &str) -> Option<Version> {
    VERSIONS.with_borrow(|all| all.iter().find(|version| version.id == id).cloned())
}

fn predecessor(id: &str) -> Observed<Version> {
    let older = |version: &&Version| number(&version.id) < number(id);
    let newest = |all: &Vec<Version>| all.iter().filter(older).max_by_key(|version| number(&version.id)).cloned();
    VERSIONS.with_borrow(newest).map_or(Observed::Absent, Observed::Known)
}
