//! LOG-05: an event data store goes on taking in events.

use super::{GET, IDS, SOURCE, STORES, Store, StoreRef};
use crate::engine::setting::prelude::*;
use crate::resources::callers::AllowedPrincipals;
use crate::resources::cloudtrail::CLOUDTRAIL;
use serde_json::json;

const START: Permission = Permission::on("cloudtrail:StartEventDataStoreIngestion", STORES);
const STOP: Permission = Permission::on("cloudtrail:StopEventDataStoreIngestion", STORES);

/// Whether event data stores take in events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreIngestions;

impl Setting for StoreIngestions {
    type Key = StoreRef;
    type State = Store;
    type Subject = String;
    type Value = bool;
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "event-data-store-ingestion";
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[GET];
    const UNDOES: &'static [Permission] = &[STOP];
    const ABOUT: &'static About = &About {
        name: "event-data-store-ingestion-stopped",
        catalogue_id: "LOG-05",
        title: "An event data store of CloudTrail Lake takes in no more events",
        description: "Ingestion of an event data store was stopped by a principal that is not among `allowed_principals`: what happens from then on is not in it. A \
            store that was stopped before Parapet read its record is left alone: whether it is meant to be is not known.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1562.008",
        triggers: &["StopEventDataStoreIngestion"],
        remediation: "Starts ingestion again, with one call. The store of another account is only notified.",
        actions: &[START],
        ids: IDS,
        not_watched: &[("DeleteEventDataStore", "a store that is deleted is another guardrail's")],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["start"],
            START,
            "start ingestion of event data store {}",
            "aws cloudtrail start-event-data-store-ingestion --event-data-store {}",
        ),
        Call::new(
            false,
            &["stop"],
            STOP,
            "stop ingestion of event data store {}",
            "aws cloudtrail stop-event-data-store-ingestion --event-data-store {}",
        ),
    ];

    /// A call that succeeded has stopped it.
    fn changed_by(event: &Event) -> Result<Vec<Target<StoreRef, Store>>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let target = |key: StoreRef| {
            let proven = Some(Store { store: key.clone(), is_good: Observed::Known(false) });
            Target { key, proven, changed: None }
        };
        Ok(super::named_by(event)?.map(target).into_iter().collect())
    }

    fn narrow(store: &mut Store, target: &Target<StoreRef, Store>) {
        store.store.clone_from(&target.key);
    }

    fn named(store: &StoreRef, place: &Place) -> Resource {
        super::resource(store, place)
    }

    fn shown(store: &Store) -> Shown<String, bool> {
        super::shown(store, "ingestion stopped")
    }

    fn is_in_question(store: &Store, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&store.store.by)
    }

    fn why(store: &Store, _: &Terms<'_>) -> String {
        format!("event data store `{}` takes in no more events: its ingestion was stopped", store.store.arn)
    }
}

impl SignedSetting for StoreIngestions {
    const API: &'static Api = &CLOUDTRAIL;

    fn get(store: &StoreRef) -> Request {
        super::get(store)
    }

    fn got(store: &StoreRef, answer: &Answer) -> Observed<Store> {
        super::got(store, answer, &["ENABLED", "STARTING_INGESTION"], &["STOPPED_INGESTION", "STOPPING_INGESTION"])
    }

    fn set(arn: &String, is_on: bool) -> Request {
        let operation = if is_on { "StartEventDataStoreIngestion" } else { "StopEventDataStoreIngestion" };
        Request::named(operation, json!({ "EventDataStore": arn }))
    }

    /// Only the record of a stop is one: nothing is listed.
    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }
}
