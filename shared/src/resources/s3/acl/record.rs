//! How a record shows an ACL: by the name of a canned one, by grants in headers, or as a document.
//!
//! A header may be a text or a list of texts (`"x-amz-acl": ["public-read"]`). Sources: "Canned ACL", "Specifying an ACL" in "Access control list
//! (ACL) overview", S3 user guide.

use super::state::{Grant, Grantee};
use crate::engine::event::Event;
use crate::resources::s3::record::{document, list, text};
use serde_json::Value;
use std::collections::BTreeSet;

const ALL: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

const HEADERS: [(&str, &str); 5] = [
    ("x-amz-grant-full-control", "FULL_CONTROL"),
    ("x-amz-grant-read", "READ"),
    ("x-amz-grant-read-acp", "READ_ACP"),
    ("x-amz-grant-write", "WRITE"),
    ("x-amz-grant-write-acp", "WRITE_ACP"),
];

/// What a request says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Shown {
    /// The canonical user that owns the bucket.
    pub owner: Option<String>,
    /// What is granted, beside what the owner may do without.
    pub grants: BTreeSet<Grant>,
}

/// What the call has set; none where the record does not show all of it.
pub(crate) fn set_by(event: &Event) -> Option<Shown> {
    let request = event.request.value()?;
    let canned = list(request, "x-amz-acl");
    let headers: Vec<(&Value, &str)> = HEADERS
        .iter()
        .flat_map(|(header, permission)| list(request, header).into_iter().map(move |value| (value, *permission)))
        .collect();
    let policy = document(event, "AccessControlPolicy");
    // A bucket that is made without an ACL is private.
    if canned.is_empty() && headers.is_empty() && policy.is_none() && event.name != "CreateBucket" {
        return None;
    }
    let mut shown = Shown::default();
    for name in canned {
        shown.grants.extend(of_canned(name.as_str()?)?);
    }
    for (value, permission) in headers {
        shown.grants.extend(of_header(value.as_str()?, permission)?);
    }
    if let Some(policy) = policy {
        shown.owner = policy.get("Owner").and_then(|owner| text(owner, "ID")).map(str::to_owned);
        shown.grants.extend(of_policy(policy)?);
    }
    Some(shown)
}

/// None for one that is not documented, and for the one whose grantee is not.
pub(super) fn of_canned(name: &str) -> Option<Vec<Grant>> {
    let of = |uri: &str, permissions: &[&str]| {
        let grant = |permission: &&str| Grant::new(Grantee::Group(uri.to_owned()), permission);
        Some(permissions.iter().map(grant).collect())
    };
    match name {
        "public-read" => of(ALL, &["READ"]),
        "public-read-write" => of(ALL, &["READ", "WRITE"]),
        "authenticated-read" => of(AUTHENTICATED, &["READ"]),
        "log-delivery-write" => of(LOG_DELIVERY, &["WRITE", "READ_ACP"]),
        // The last two are about objects; for a bucket, S3 ignores them.
        "private" | "bucket-owner-read" | "bucket-owner-full-control" => Some(Vec::new()),
        _ => None,
    }
}

/// `uri="http://…", id="7009…"`
fn of_header(value: &str, permission: &str) -> Option<Vec<Grant>> {
    let grantee = |one: &str| {
        let (kind, name) = one.trim().split_once('=')?;
        let name = name.trim().trim_matches('"').to_owned();
        match kind.trim().to_ascii_lowercase().as_str() {
            "uri" => Some(Grantee::Group(name)),
            "id" => Some(Grantee::User(name)),
            "emailaddress" => Some(Grantee::Email(name)),
            _ => None,
        }
    };
    value.split(',').map(|one| Some(Grant::new(grantee(one)?, permission))).collect()
}

/// `AccessControlList.Grant` is an object for one grant and a list of several; the list is a text where there is none.
fn of_policy(policy: &Value) -> Option<Vec<Grant>> {
    let grants = policy.get("AccessControlList").map(|of| list(of, "Grant")).unwrap_or_default();
    let grant = |grant: &Value| {
        let grantee = grant.get("Grantee")?;
        let of = |key: &str| text(grantee, key).map(str::to_owned);
        let group = of("URI").map(Grantee::Group);
        let grantee =
            group.or_else(|| of("ID").map(Grantee::User)).or_else(|| of("EmailAddress").map(Grantee::Email))?;
        Some(Grant::new(grantee, text(grant, "Permission")?))
    };
    grants.into_iter().map(grant).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::a_group(r#"uri="http://acs.amazonaws.com/groups/global/AllUsers""#, Some(vec!["READ to AllUsers"]))]
    #[case::without_quotes("uri=http://acs.amazonaws.com/groups/global/AllUsers", Some(vec!["READ to AllUsers"]))]
    #[case::two(r#"id="7009", emailAddress="ops@example.com""#, Some(vec!["READ to 7009", "READ to ops@example.com"]))]
    #[case::something_else("everybody", None)]
    #[case::another_kind("team=ops", None)]
    fn a_header_is_read(#[case] value: &str, #[case] grants: Option<Vec<&str>>) {
        let read = of_header(value, "READ").map(|grants| grants.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(read, grants.map(|grants| grants.into_iter().map(str::to_owned).collect()));
    }

    #[test]
    fn a_canned_acl_that_is_not_known_shows_nothing() {
        assert_eq!(of_canned("private"), Some(Vec::new()));
        assert_eq!(of_canned("aws-exec-read"), None);
        assert_eq!(of_canned("public-read-write").map(|grants| grants.len()), Some(2));
    }

    #[test]
    fn a_document_is_read_or_not_at_all() {
        let grant = json!({"Grantee": {"xsi:type": "CanonicalUser", "ID": "7009"}, "Permission": "READ"});
        let of = |grants: Value| of_policy(&json!({"AccessControlList": grants})).map(|grants| grants.len());
        assert_eq!(of(json!({"Grant": grant})), Some(1));
        assert_eq!(of(json!({"Grant": [grant, grant]})), Some(2));
        assert_eq!(of(json!("")), Some(0));
        assert_eq!(of(json!({"Grant": [grant, {"Permission": "READ"}]})), None);
    }
}
