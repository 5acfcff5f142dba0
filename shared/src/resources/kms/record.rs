//! The fields of KMS's records, and how findings name a key.
//!
//! A request names a key by its id or ARN, a response by its ARN; the calls that these guardrails look at take no alias ("Logging AWS
//! KMS API calls with AWS CloudTrail", KMS developer guide).

use crate::engine::event::{Body, Event};
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Place, Resource};

/// Where all of their calls are recorded.
pub(crate) const KMS: &str = "kms.amazonaws.com";

/// The id of the key that the call was about.
pub(crate) fn key_id(event: &Event) -> Result<String, Unlocatable> {
    let paths: [(&Body, &[&str]); 3] =
        [(&event.response, &["keyId"]), (&event.request, &["keyId"]), (&event.response, &["keyMetadata", "keyId"])];
    let named = paths.into_iter().find_map(|(body, path)| body.text(path).and_then(id_of));
    named.ok_or_else(|| Unlocatable::new(event, "neither the request nor the response names the key"))
}

/// The id in an id or ARN; none in an alias.
fn id_of(name: &str) -> Option<String> {
    let id = if name.starts_with("arn:") { name.split_once(":key/")?.1 } else { name };
    (!id.is_empty() && !id.contains('/')).then(|| id.to_owned())
}

/// How findings name a key.
pub(crate) fn named(id: &str, place: &Place) -> Resource {
    let Place { partition, account, region } = place;
    let arn = format!("arn:{partition}:kms:{region}:{account}:key/{id}");
    Resource { id: arn, kind: "AwsKmsKey", name: id.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::an_id("1234abcd-12ab-34cd-56ef-1234567890ab", Some("1234abcd-12ab-34cd-56ef-1234567890ab"))]
    #[case::of_several_regions("mrk-1234abcd12ab34cd56ef1234567890ab", Some("mrk-1234abcd12ab34cd56ef1234567890ab"))]
    #[case::an_arn("arn:aws:kms:eu-west-1:111122223333:key/1234abcd", Some("1234abcd"))]
    #[case::an_alias("alias/orders", None)]
    #[case::the_arn_of_an_alias("arn:aws:kms:eu-west-1:111122223333:alias/orders", None)]
    #[case::nothing("", None)]
    fn a_key_by_any_of_its_names(#[case] name: &str, #[case] expected: Option<&str>) {
        assert_eq!(id_of(name).as_deref(), expected);
    }
}
