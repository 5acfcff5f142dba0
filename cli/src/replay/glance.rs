//! What the bytes of an object show before they are parsed.

use memchr::memmem::{self, Finder};
use serde::Deserialize;
use std::borrow::Cow;

/// See the module.
pub(super) struct Glance {
    source: Finder<'static>,
    name: Finder<'static>,
    lower_name: Finder<'static>,
}

impl Default for Glance {
    fn default() -> Self {
        Self {
            source: Finder::new(".amazonaws.com"),
            name: Finder::new("eventName"),
            lower_name: Finder::new("eventname"),
        }
    }
}

impl Glance {
    /// Whether there are records in the object, as far as its text shows: inside of texts too, but not packed ones.
    pub(super) fn shows_records(&self, object: &[u8]) -> bool {
        self.source.find(object).is_some()
            && (self.name.find(object).is_some() || self.lower_name.find(object).is_some())
    }

    /// How many: one, but for an object that wraps several.
    pub(super) fn records(&self, object: &[u8]) -> u64 {
        // As CloudTrail begins a record.
        if object.starts_with(b"{\"eventVersion\"") {
            return 1;
        }
        let versions =
            memmem::find_iter(object, "eventVersion").count().max(memmem::find_iter(object, "eventversion").count());
        versions.max(1) as u64
    }

    /// Whether the object itself is a record, as [`super::nested`] would say.
    pub(super) fn is_record(object: &[u8]) -> bool {
        #[derive(Deserialize)]
        struct Probe<'a> {
            #[serde(borrow, rename = "eventName")]
            _name: Cow<'a, str>,
            #[serde(borrow, rename = "eventSource")]
            source: Cow<'a, str>,
            #[serde(borrow, rename = "eventType", default)]
            kind: Option<Cow<'a, str>>,
        }
        let probe = serde_json::from_slice::<Probe<'_>>(object);
        probe.is_ok_and(|probe| {
            probe.source.contains(".amazonaws.com") && probe.kind.as_deref() != Some("AwsCloudTrailInsight")
        })
    }
}
