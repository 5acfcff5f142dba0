//! Event data stores of CloudTrail Lake: LOG-05.
//!
//! Sources: "StopEventDataStoreIngestion", "StartEventDataStoreIngestion", "DeleteEventDataStore", "RestoreEventDataStore" (CloudTrail API reference): a deleted
//! store can be restored within seven days; calls name it by its ARN or by the id at its end. Like a trail, a store of several regions is changed
//! in its home region, which its ARN has.
//!
//! Each guardrail is a description, [`StoreSetting`]: what the store should be, and which statuses say so.

pub mod deleted;
pub mod ingestion_stopped;

use super::{CLOUDTRAIL, SOURCE};
use crate::engine::arn::arn_part;
use crate::engine::setting::prelude::*;
use crate::resources::callers::{AllowedPrincipals, callers};
use serde_json::json;
use std::fmt::Debug;
use std::marker::PhantomData;

/// `Status`
const STATUSES: [&str; 6] =
    ["CREATED", "ENABLED", "STARTING_INGESTION", "STOPPING_INGESTION", "STOPPED_INGESTION", "PENDING_DELETION"];

pub(super) const STORES: &[&str] = &["cloudtrail:${Region}:${Account}:eventdatastore/*"];
const GET: Permission = Permission::on("cloudtrail:GetEventDataStore", STORES);
pub(super) const IDS: &[&str] = &["arn:%:cloudtrail:%:%:eventdatastore/%"];

/// How a store is found, and who called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoreRef {
    /// Its ARN.
    pub arn: String,
    /// See [`callers`].
    pub by: Vec<String>,
    /// Whether it is another account's: an organization's, changed by a delegated administrator.
    pub is_foreign: bool,
}

/// A store, as far as one of its guardrails is about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// How it is found.
    pub store: StoreRef,
    /// Whether it is as it should be; `Absent` where this guardrail is not about what became of it.
    pub is_good: Observed<bool>,
}

/// What a store should be: a switch, which one event throws.
pub trait StoreSetting: Copy + Debug + Default + PartialEq + Send + Sync + 'static {
    /// See [`Setting::KIND`].
    const KIND: &'static str;
    /// See [`Setting::ABOUT`].
    const ABOUT: &'static About;
    /// The call that puts it right, and the one that does the opposite.
    const CALLS: &'static [Call<bool>];
    /// See [`Setting::UNDOES`].
    const UNDOES: &'static [Permission];
    /// The operations of these two calls.
    const OPERATIONS: [&'static str; 2];
    /// See [`Shown::element`].
    const ELEMENT: &'static str;
    /// What became of it, for a person.
    const WHY: &'static str;
    /// The statuses that are as they should be.
    const GOOD: &'static [&'static str];
    /// The statuses that are not.
    const BAD: &'static [&'static str];
    /// See [`Setting::PLANNED`].
    const PLANNED: &'static [PlannedForm<Store>] = &[];
}

/// The family of such a setting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stores<S>(PhantomData<S>);

impl<S: StoreSetting> Setting for Stores<S> {
    type Key = StoreRef;
    type State = Store;
    type Subject = String;
    type Value = bool;
    type Settings = AllowedPrincipals;

    const KIND: &'static str = S::KIND;
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[GET];
    const UNDOES: &'static [Permission] = S::UNDOES;
    const ABOUT: &'static About = S::ABOUT;
    const CALLS: &'static [Call<bool>] = S::CALLS;
    const PLANNED: &'static [PlannedForm<Store>] = S::PLANNED;

    /// A call that succeeded has done it.
    fn changed_by(event: &Event) -> Result<Vec<Target<StoreRef, Store>>, Unlocatable> {
        if !event.is_one_of(SOURCE, S::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let target = |key: StoreRef| {
            let proven = Some(Store { store: key.clone(), is_good: Observed::Known(false) });
            Target { key, proven, changed: None }
        };
        Ok(named_by(event)?.map(target).into_iter().collect())
    }

    fn narrow(store: &mut Store, target: &Target<StoreRef, Store>) {
        store.store.clone_from(&target.key);
    }

    fn named(store: &StoreRef, _: &Place) -> Resource {
        let name = store.arn.split_once(":eventdatastore/").map_or(store.arn.as_str(), |(_, id)| id);
        Resource { id: store.arn.clone(), kind: "Other", name: name.to_owned() }
    }

    fn shown(store: &Store) -> Shown<String, bool> {
        let (subject, is_fixed) = (store.store.arn.clone(), store.store.is_foreign);
        Shown { subject, value: store.is_good.clone(), element: S::ELEMENT.to_owned(), is_fixed }
    }

    fn is_in_question(store: &Store, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&store.store.by)
    }

    fn why(store: &Store, _: &Terms<'_>) -> String {
        format!("event data store `{}` {}", store.store.arn, S::WHY)
    }
}

impl<S: StoreSetting> SignedSetting for Stores<S> {
    const API: &'static Api = &CLOUDTRAIL;

    fn get(store: &StoreRef) -> Request {
        Request::named("GetEventDataStore", json!({ "EventDataStore": store.arn }))
    }

    fn got(store: &StoreRef, answer: &Answer) -> Observed<Store> {
        let is_good = match answer.text("Status") {
            Some(status) if S::GOOD.contains(&status) => Observed::Known(true),
            Some(status) if S::BAD.contains(&status) => Observed::Known(false),
            Some(status) if STATUSES.contains(&status) => Observed::Absent,
            Some(other) => Observed::Unknown { why: format!("the store's status is not known: `{other}`") },
            None => {
                return Observed::Unknown { why: format!("the answer does not show the status of `{}`", store.arn) };
            }
        };
        Observed::Known(Store { store: store.clone(), is_good })
    }

    fn set(arn: &String, is_good: bool) -> Request {
        let [rights, opposite] = S::OPERATIONS;
        Request::named(if is_good { rights } else { opposite }, json!({ "EventDataStore": arn }))
    }

    /// Only the record of such a call is one: nothing is listed.
    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }
}

/// The store that a call names; none where it is another region's.
fn named_by(event: &Event) -> Result<Option<StoreRef>, Unlocatable> {
    let unnamed = || Unlocatable::new(event, "the record names no event data store");
    let named = event.request.text(&["eventDataStore"]).ok_or_else(unnamed)?;
    let arn = if named.starts_with("arn:") {
        named.to_owned()
    } else {
        format!("arn:{}:cloudtrail:{}:{}:eventdatastore/{named}", event.partition(), event.region, event.account)
    };
    let is_foreign = arn_part(&arn, 4).is_some_and(|owner| owner != event.account);
    let is_here = arn_part(&arn, 3).is_none_or(|home| home == event.region);
    Ok(is_here.then(|| StoreRef { arn, by: callers(event), is_foreign }))
}
