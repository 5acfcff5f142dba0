//! Settings of an account in a region: they have no ARN.

use crate::engine::observed::{Place, Resource};

/// Where all of their calls are recorded.
pub(crate) const EC2: &str = "ec2.amazonaws.com";

/// A setting of the account in the region. It has no ARN: one that looks like one, so that an exemption can name it.
pub(crate) fn setting(name: &str, place: &Place) -> Resource {
    let Place { partition, account, region } = place;
    let id = format!("arn:{partition}:ec2:{region}:{account}:{name}");
    Resource { id, kind: "Other", name: name.to_owned() }
}

/// The same, where findings have always said that the account is the resource.
pub(crate) fn account_setting(name: &str, place: &Place) -> Resource {
    Resource { kind: "AwsAccount", ..setting(name, place) }
}
