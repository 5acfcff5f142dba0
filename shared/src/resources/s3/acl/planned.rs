//! The planned lens: the ACL that a file gives a bucket.
//!
//! A public access block or ownership controls of another resource of the file may make it ineffective, and may go: only those that the bucket
//! itself carries count. Source: "AWS::S3::Bucket" in the CloudFormation user guide, `AccessControl`.

use super::record::of_canned;
use super::state::{BucketAcl, Grant, Grantee};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::s3::NAMES;
use std::collections::BTreeSet;

pub(super) const FORMS: &[PlannedForm<BucketAcl>] = &[
    PlannedForm::one("AWS::S3::Bucket", of_bucket),
    PlannedForm::one("aws_s3_bucket", of_old_bucket),
    PlannedForm::one("aws_s3_bucket_acl", of_acl),
];

type Planned = Result<Option<BucketAcl>, Unreadable>;

fn of_bucket(it: &PlannedResource<'_>) -> Planned {
    let Some(name) = it.text("AccessControl")? else { return Ok(None) };
    // `PublicReadWrite` is `public-read-write` everywhere else.
    let words = name.chars().flat_map(|c| c.is_ascii_uppercase().then_some('-').into_iter().chain([c]));
    let grants = canned(words.collect::<String>().to_ascii_lowercase().trim_start_matches('-'))?;
    let mut acl = acl(it, None, grants);
    if acl.grants.is_empty() {
        return Ok(Some(acl));
    }
    let known = |why: &str| Observed::Known(why.to_owned());
    if it.flag("PublicAccessBlockConfiguration.IgnorePublicAcls")? == Some(true) {
        acl.ignored = known("the public access block of the bucket ignores public ACLs");
    }
    if it.text("OwnershipControls.Rules.ObjectOwnership")?.as_deref() == Some("BucketOwnerEnforced") {
        acl.disabled = known("ACLs of the bucket are disabled");
    }
    Ok(Some(acl))
}

fn of_old_bucket(it: &PlannedResource<'_>) -> Planned {
    let mut grants = named(it)?;
    if !it.is_left_out("grant") {
        for grant in it.parts("grant")? {
            let grantee = grantee(&grant, "id", "uri", "email")?;
            let permissions = grant.texts("permissions")?;
            grants.extend(permissions.iter().map(|permission| Grant::new(grantee.clone(), permission)));
        }
    }
    Ok(Some(acl(it, None, grants)))
}

fn of_acl(it: &PlannedResource<'_>) -> Planned {
    let mut grants = named(it)?;
    let mut owner = None;
    if !it.is_left_out("access_control_policy") {
        owner = it.text("access_control_policy.owner.id")?;
        for grant in it.parts("access_control_policy.grant")? {
            let permission = grant.text("permission")?.ok_or("a grant names no permission")?;
            for grantee_of in grant.parts("grantee")? {
                grants.insert(Grant::new(grantee(&grantee_of, "id", "uri", "email_address")?, &permission));
            }
        }
    }
    Ok(Some(acl(it, owner, grants)))
}

/// The grants of the canned ACL that Terraform's `acl` names.
fn named(it: &PlannedResource<'_>) -> Result<BTreeSet<Grant>, Unreadable> {
    let name = if it.is_left_out("acl") { None } else { it.text("acl")? };
    name.map_or_else(|| Ok(BTreeSet::new()), |name| canned(&name))
}

fn canned(name: &str) -> Result<BTreeSet<Grant>, Unreadable> {
    // For Amazon EC2, which reads images there.
    if name == "aws-exec-read" {
        return Ok([Grant::new(Grantee::User("Amazon EC2".to_owned()), "READ")].into());
    }
    let grants = of_canned(name).ok_or_else(|| format!("the ACL `{name}` is not known here"))?;
    Ok(grants.into_iter().collect())
}

fn grantee(it: &PlannedResource<'_>, id: &str, uri: &str, email: &str) -> Result<Grantee, Unreadable> {
    // Only that of its kind is there; a provider computes the others.
    let said = |name: &str| if it.is_left_out(name) { Ok(None) } else { it.text(name) };
    if let Some(uri) = said(uri)? {
        return Ok(Grantee::Group(uri));
    }
    if let Some(id) = said(id)? {
        return Ok(Grantee::User(id));
    }
    let email = said(email)?.map(Grantee::Email);
    email.ok_or_else(|| "a grant names no grantee that is known before deployment".into())
}

fn acl(it: &PlannedResource<'_>, owner: Option<String>, grants: BTreeSet<Grant>) -> BucketAcl {
    BucketAcl { bucket: it.named(NAMES), owner, grants, ignored: Observed::Absent, disabled: Observed::Absent }
}
