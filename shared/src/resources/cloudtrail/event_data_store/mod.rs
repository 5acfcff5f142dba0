//! Event data stores of CloudTrail Lake: LOG-05.
//!
//! Sources: "StopEventDataStoreIngestion", "StartEventDataStoreIngestion", "DeleteEventDataStore", "RestoreEventDataStore" (CloudTrail API reference): a deleted
//! store can be restored within seven days; calls name it by its ARN or by the id at its end. Like a trail, a store of several regions is changed
//! in its home region, which its ARN has.

pub mod deleted;
pub mod ingestion_stopped;

use super::SOURCE;
use crate::engine::arn::arn_part;
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Request};
use crate::engine::setting::Shown;
use crate::resources::callers::callers;
use serde::{Deserialize, Serialize};
use serde_json::json;

pub(super) const STORES: &[&str] = &["cloudtrail:${Region}:${Account}:eventdatastore/*"];
pub(super) const GET: Permission = Permission::on("cloudtrail:GetEventDataStore", STORES);
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

/// Its state, by its `Status`.
fn got(store: &StoreRef, answer: &Answer, good: &[&str], bad: &[&str]) -> Observed<Store> {
    let is_good = match answer.text("Status") {
        Some(status) if good.contains(&status) => Observed::Known(true),
        Some(status) if bad.contains(&status) => Observed::Known(false),
        Some(
            "CREATED" | "ENABLED" | "STARTING_INGESTION" | "STOPPING_INGESTION" | "STOPPED_INGESTION"
            | "PENDING_DELETION",
        ) => Observed::Absent,
        Some(other) => Observed::Unknown { why: format!("the store's status is not known: `{other}`") },
        None => return Observed::Unknown { why: format!("the answer does not show the status of `{}`", store.arn) },
    };
    Observed::Known(Store { store: store.clone(), is_good })
}

fn get(store: &StoreRef) -> Request {
    Request::named("GetEventDataStore", json!({ "EventDataStore": store.arn }))
}

fn resource(store: &StoreRef, _: &Place) -> Resource {
    let name = store.arn.split_once(":eventdatastore/").map_or(store.arn.as_str(), |(_, id)| id);
    Resource { id: store.arn.clone(), kind: "Other", name: name.to_owned() }
}

fn shown(store: &Store, element: &str) -> Shown<String, bool> {
    let (subject, is_fixed) = (store.store.arn.clone(), store.store.is_foreign);
    Shown { subject, value: store.is_good.clone(), element: element.to_owned(), is_fixed }
}
