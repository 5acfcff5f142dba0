//! A region of an account. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, answered, living};
use serde_json::Value;
use shared::resources::account::EnabledRegions;
use shared::resources::account::region::{OptedIn, Region, RegionRef};

living!(EnabledRegions);

impl Fake for EnabledRegions {
    /// As minutes later.
    fn put(region: &mut OptedIn, is_enabled: bool) {
        region.status = if is_enabled { "ENABLED" } else { "DISABLED" }.to_owned();
    }

    /// `GetRegionOptStatus`
    fn answer(value: &Value) -> OptedIn {
        let name = value["RegionName"].as_str().unwrap().to_owned();
        OptedIn { of: RegionRef { subject: Region { name, member: None }, by: None }, ..answered::<Self>(value) }
    }

    fn line(region: &OptedIn) -> String {
        format!("{} {}", region.of.subject.name, region.status)
    }

    fn is_of(region: &OptedIn, key: &RegionRef) -> bool {
        region.of.subject.name == key.subject.name
    }

    fn subject() -> Region {
        Region { name: "eu-south-1".to_owned(), member: None }
    }
}
