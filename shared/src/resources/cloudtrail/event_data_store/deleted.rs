//! LOG-05: an event data store is not deleted.

use super::{GET, IDS, SOURCE, STORES, Store, StoreRef};
use crate::engine::setting::prelude::*;
use crate::resources::callers::AllowedPrincipals;
use crate::resources::cloudtrail::CLOUDTRAIL;
use serde_json::json;

const RESTORE: Permission = Permission::on("cloudtrail:RestoreEventDataStore", STORES);
const DELETE: Permission = Permission::on("cloudtrail:DeleteEventDataStore", STORES);

/// Whether event data stores are to be deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StoreDeletions;

impl Setting for StoreDeletions {
    type Key = StoreRef;
    type State = Store;
    type Subject = String;
    type Value = bool;
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "event-data-store-deletion";
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[GET];
    const UNDOES: &'static [Permission] = &[DELETE];
    const ABOUT: &'static About = &About {
        name: "event-data-store-deleted",
        catalogue_id: "LOG-05",
        title: "An event data store of CloudTrail Lake was deleted",
        description: "An event data store was deleted by a principal that is not among `allowed_principals`: it takes in no more events, cannot be queried, and is gone \
            with everything in it after seven days.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1562.008",
        triggers: &["DeleteEventDataStore"],
        remediation: "Restores the store, with one call: within seven days that brings back everything in it. A federation with Lake Formation is not brought back. \
            The store of another account is only notified.",
        actions: &[RESTORE],
        ids: IDS,
        not_watched: &[(
            "UpdateEventDataStore",
            "what it makes of the selectors, the regions, the retention or the termination protection of a store is not judged: only that it stops or is deleted",
        )],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["restore"],
            RESTORE,
            "restore event data store {}",
            "aws cloudtrail restore-event-data-store --event-data-store {}",
        ),
        Call::new(
            false,
            &["delete"],
            DELETE,
            "delete event data store {}",
            "aws cloudtrail delete-event-data-store --event-data-store {}",
        ),
    ];

    /// A call that succeeded has deleted it.
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
        super::shown(store, "pending deletion")
    }

    fn is_in_question(store: &Store, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&store.store.by)
    }

    fn why(store: &Store, _: &Terms<'_>) -> String {
        format!("event data store `{}` was deleted: everything in it is gone after seven days", store.store.arn)
    }
}

impl SignedSetting for StoreDeletions {
    const API: &'static Api = &CLOUDTRAIL;

    fn get(store: &StoreRef) -> Request {
        super::get(store)
    }

    fn got(store: &StoreRef, answer: &Answer) -> Observed<Store> {
        let there = ["CREATED", "ENABLED", "STARTING_INGESTION", "STOPPING_INGESTION", "STOPPED_INGESTION"];
        super::got(store, answer, &there, &["PENDING_DELETION"])
    }

    fn set(arn: &String, is_there: bool) -> Request {
        let operation = if is_there { "RestoreEventDataStore" } else { "DeleteEventDataStore" };
        Request::named(operation, json!({ "EventDataStore": arn }))
    }

    /// Only the record of a deletion is one: nothing is listed.
    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }
}
