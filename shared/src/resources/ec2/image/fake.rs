//! An AMI, and with whom it is shared. For tests (`shared/tests/all/world`).

use crate::world::Living;
use crate::world::both;
use crate::world::fakes::ec2_sharing::{change, lines, read, shared};
use serde_json::Value;
use serde_json::json;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::image::Images;
use shared::resources::ec2::sharing::{Shareable, Shared, SharedRef, SharingAction};

impl Living for Images {
    fn change(live: &mut Observed<Shared>, action: &SharingAction) -> Result<(), ApplyError> {
        change(live, action, "InvalidAMIID.NotFound")
    }

    fn read(live: &Observed<Shared>, key: &SharedRef) -> Observed<Shared> {
        read(live, key)
    }

    /// `DescribeImageAttribute`.
    fn live(value: &Value) -> Observed<Shared> {
        shared(value, Shareable::Image, "ImageId", "LaunchPermissions")
    }

    fn lines(live: &Observed<Shared>) -> Vec<String> {
        lines(live)
    }

    fn samples() -> Vec<Value> {
        both("unshare", "share", &json!({"what": "image", "id": "ami-1", "grantees": ["everyone"]}))
    }
}
