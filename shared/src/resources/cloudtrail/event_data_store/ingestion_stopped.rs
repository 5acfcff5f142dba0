//! LOG-05: an event data store goes on taking in events.

use super::{IDS, STORES, Store, StoreRef, StoreSetting, Stores};
use crate::engine::setting::prelude::*;

const START: Permission = Permission::on("cloudtrail:StartEventDataStoreIngestion", STORES);
const STOP: Permission = Permission::on("cloudtrail:StopEventDataStoreIngestion", STORES);

/// Whether event data stores take in events.
pub type StoreIngestions = Stores<TakesIn>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TakesIn;

impl StoreSetting for TakesIn {
    const KIND: &'static str = "event-data-store-ingestion";
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
    const OPERATIONS: [&'static str; 2] = ["StartEventDataStoreIngestion", "StopEventDataStoreIngestion"];
    const ELEMENT: &'static str = "ingestion stopped";
    const WHY: &'static str = "takes in no more events: its ingestion was stopped";
    const GOOD: &'static [&'static str] = &["ENABLED", "STARTING_INGESTION"];
    const BAD: &'static [&'static str] = &["STOPPED_INGESTION", "STOPPING_INGESTION"];
    const PLANNED: &'static [PlannedForm<Store>] = &[
        PlannedForm::one("AWS::CloudTrail::EventDataStore", |it| planned(it, it.flag("IngestionEnabled")?)),
        PlannedForm::one("aws_cloudtrail_event_data_store", |it| {
            planned(it, it.flag("suspend")?.map(|is_off| !is_off))
        }),
    ];
}

/// A store takes events in from its creation, unless it is said not to ("CreateEventDataStore", CloudTrail API reference).
fn planned(it: &PlannedResource<'_>, takes_in: Option<bool>) -> Result<Option<Store>, Unreadable> {
    let store = StoreRef { arn: it.name.to_owned(), ..StoreRef::default() };
    Ok(Some(Store { store, is_good: Observed::Known(takes_in.unwrap_or(true)) }))
}
