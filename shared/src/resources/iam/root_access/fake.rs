//! The features of IAM for an organization. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, living};
use serde_json::Value;
use shared::resources::iam::root_access::{Feature, RootFeature, RootFeatures};
use shared::resources::iam::{RootCredentials, RootSessions};

living!(RootCredentials, RootSessions);

impl<F: RootFeature> Fake for RootFeatures<F> {
    fn put(feature: &mut Feature, is_enabled: bool) {
        feature.is_enabled = is_enabled;
    }

    /// `ListOrganizationsFeatures`
    fn answer(value: &Value) -> Feature {
        let is_enabled = value["EnabledFeatures"].as_array().unwrap().iter().any(|one| one == F::NAME);
        Feature { by: Vec::new(), is_enabled }
    }

    fn line(feature: &Feature) -> String {
        format!("{} enabled: {}", F::NAME, feature.is_enabled)
    }

    fn subject() {}
}
