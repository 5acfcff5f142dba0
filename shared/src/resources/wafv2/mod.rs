//! AWS WAF: what web ACLs protect, what they say and whether they log. LOG-14.
//!
//! Sources: AWS WAFV2 API reference; "Logging API calls with AWS CloudTrail" (AWS WAF developer guide). A distribution of CloudFront has its web ACL in its own
//! configuration: `cloudfront/web_acl.rs` is about that. AWS WAF Classic has reached its end of life (September 2025) and is not watched.

pub mod association;
#[cfg(feature = "sdk")]
mod client;
pub mod logging;
pub mod web_acl;

pub use association::WebAclAssociations;
pub use logging::WebAclLogging;
pub use web_acl::WebAclRules;

use crate::engine::arn::arn_part;
use crate::engine::observed::Resource;
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Api, Means, Protocol, Request};
use serde_json::{Value, json};

/// "AWS WAFV2 API reference".
pub const WAFV2: Api = Api {
    signed_as: "wafv2",
    host: "wafv2",
    protocol: Protocol::Json { version: "1.1", target: "AWSWAF_20190729" },
    errors: &[
        ("WAFNonexistentItemException", Means::NotThere),
        ("WAFInternalErrorException", Means::Transient),
        ("WAFOptimisticLockException", Means::Changed),
        // "WAF couldn't retrieve a resource that you specified": what was just made takes a few minutes to be known everywhere.
        ("WAFUnavailableEntityException", Means::NotYet),
    ],
};

/// The service's name in records.
pub(crate) const SOURCE: &str = "wafv2.amazonaws.com";

/// Web ACLs of a region, and those of CloudFront, which are called `global` and live in us-east-1.
pub(crate) const ACLS: &[&str] = &["wafv2:${Region}:${Account}:*/webacl/*/*"];
pub(crate) const IDS: &[&str] = &["arn:%:wafv2:%:%:%/webacl/%/%"];
pub(crate) const LIST_ACLS: Permission = Permission::read("wafv2:ListWebACLs");

/// A web ACL, by what its ARN says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Named<'a> {
    pub(crate) scope: &'static str,
    pub(crate) name: &'a str,
    pub(crate) id: &'a str,
}

/// `arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/shop/3f0c...`
pub(crate) fn named(arn: &str) -> Option<Named<'_>> {
    let mut parts = arn_part(arn, 5)?.split('/');
    let scope = scope(parts.next()?)?;
    let is_acl = parts.next()? == "webacl";
    let (name, id) = (parts.next()?, parts.next()?);
    is_acl.then_some(Named { scope, name, id })
}

/// How a call names what an ARN names otherwise.
fn scope(word: &str) -> Option<&'static str> {
    match word {
        "regional" => Some("REGIONAL"),
        "global" => Some("CLOUDFRONT"),
        _ => None,
    }
}

/// A web ACL in findings.
pub(crate) fn resource(arn: &str) -> Resource {
    let name = named(arn).map_or(arn, |named| named.name).to_owned();
    Resource { id: arn.to_owned(), kind: "AwsWafv2WebAcl", name }
}

/// A page of a list in one scope.
pub(crate) fn page(operation: &'static str, scope: &str, from: Option<&str>) -> Request {
    Request::named(operation, json!({"Scope": scope, "Limit": 100})).member("NextMarker", from)
}

/// What is missed in answers to lists of which each has this member.
pub(crate) fn unlisted(answers: &dyn Fn(&'static str) -> Answer, lists: &[(&'static str, &str)]) -> Vec<String> {
    let is_bare = |(operation, member): &&(&'static str, &str)| answers(operation).list(member).is_empty();
    lists
        .iter()
        .filter(is_bare)
        .map(|(operation, _)| format!("nothing is listed of an answer to {operation}"))
        .collect()
}

/// The ARN of a web ACL that a request names, as it has been read from the record.
pub(crate) fn text<'a>(value: &'a Value, names: &[&str]) -> Option<&'a str> {
    names.iter().find_map(|name| value.get(*name)?.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_says_how_calls_name_a_web_acl() {
        let shop = named("arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/shop/3f0c").unwrap();
        assert_eq!((shop.scope, shop.name, shop.id), ("REGIONAL", "shop", "3f0c"));
        let site = named("arn:aws:wafv2:us-east-1:111122223333:global/webacl/site/3f0c").unwrap();
        assert_eq!(site.scope, "CLOUDFRONT");
        for other in [
            "shop",
            "arn:aws:wafv2:eu-central-1:1:regional/ipset/bad/3f0c",
            "arn:aws:wafv2:eu-central-1:1:regional/webacl/shop",
        ] {
            assert_eq!(named(other), None, "{other}");
        }
    }
}
