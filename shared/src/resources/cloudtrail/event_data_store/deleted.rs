//! LOG-05: an event data store is not deleted.

use super::{IDS, STORES, StoreSetting, Stores};
use crate::engine::setting::prelude::*;

const RESTORE: Permission = Permission::on("cloudtrail:RestoreEventDataStore", STORES);
const DELETE: Permission = Permission::on("cloudtrail:DeleteEventDataStore", STORES);

/// Whether event data stores are to be deleted.
pub type StoreDeletions = Stores<NotDeleted>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NotDeleted;

impl StoreSetting for NotDeleted {
    const KIND: &'static str = "event-data-store-deletion";
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
    const OPERATIONS: [&'static str; 2] = ["RestoreEventDataStore", "DeleteEventDataStore"];
    const ELEMENT: &'static str = "pending deletion";
    const WHY: &'static str = "was deleted: everything in it is gone after seven days";
    const GOOD: &'static [&'static str] =
        &["CREATED", "ENABLED", "STARTING_INGESTION", "STOPPING_INGESTION", "STOPPED_INGESTION"];
    const BAD: &'static [&'static str] = &["PENDING_DELETION"];
}
