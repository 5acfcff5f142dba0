//! Instances, and the settings of an account and region that what is launched later begins with: EC2-07, EC2-08, EC2-09,
//! EC2-10. One function serves these families. Regional: it runs in every region.

use crate::engine::observed::{Place, Resource};

/// Where all of their calls are recorded.
pub(crate) const EC2: &str = "ec2.amazonaws.com";

/// A setting of the account in the region. It has no ARN: one that looks like one, so that an exemption can name it.
pub(crate) fn setting(name: &str, place: &Place) -> Resource {
    let Place { partition, account, region } = place;
    let id = format!("arn:{partition}:ec2:{region}:{account}:{name}");
    Resource { id, kind: "Other", name: name.to_owned() }
}
