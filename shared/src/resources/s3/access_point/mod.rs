//! S3-06: the policies of access points.
//!
//! A request through an access point is decided by its policy and by the bucket's, and by three public access blocks: the access point's own, which
//! is chosen as it is made and never changes, the bucket's and the account's. Each of them can neutralise a public policy, and so does the VPC
//! that an access point may be limited to. Parapet switches none of them on: the first cannot be, the others are guardrails of their own.
//! Sources: "Managing public access to access points for general purpose buckets", "Configuring IAM policies for using access points" in the
//! S3 user guide; "PutAccessPointPolicy", "GetAccessPoint" in the API reference of S3 Control, whose calls are recorded by `s3.amazonaws.com`.

#[cfg(feature = "s3control")]
mod client;

use super::access_point_block::{self, PointBlock};
use super::account_block::GET_ACCOUNT_BLOCK;
use super::bucket_block::GET_BLOCK;
use super::record::S3;
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &["s3:${Region}:${Account}:accesspoint/*"];
const GET: Permission = Permission::on("s3:GetAccessPointPolicy", ON);
const PUT: Permission = Permission::on("s3:PutAccessPointPolicy", ON);
const DELETE: Permission = Permission::on("s3:DeleteAccessPointPolicy", ON);
pub(crate) const GET_POINT: Permission = Permission::read("s3:GetAccessPoint");
pub(crate) const LIST_POINTS: Permission = Permission::read("s3:ListAccessPoints");

/// The policies of access points.
pub type AccessPointPolicies = Policies<AccessPoints>;

/// Access points of general purpose buckets, each by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AccessPoints;

/// The ARN of the access point that the request of a call names. The names that S3 takes stand in an ARN, and in a command line, as they are.
pub(crate) fn arn_in(event: &Event) -> Result<String, Unlocatable> {
    let named = ["name", "Name", "accessPointName"].iter().find_map(|key| event.request.text(&[key]));
    let is_name = |name: &&str| {
        !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    let unnamed = || Unlocatable::new(event, "the record does not name the access point");
    let name = named.filter(is_name).ok_or_else(unnamed)?;
    let (partition, region, account) = (event.partition(), &event.region, &event.account);
    Ok(format!("arn:{partition}:s3:{region}:{account}:accesspoint/{name}"))
}

/// The account and the name in the ARN of an access point.
pub(crate) fn parts(arn: &str) -> (&str, &str) {
    let name = arn.rsplit('/').next().unwrap_or(arn);
    (arn_part(arn, 4).unwrap_or_default(), name)
}

/// How findings name one.
pub(crate) fn point_resource(arn: &str) -> Resource {
    Resource { id: arn.to_owned(), kind: "AwsS3AccessPoint", name: parts(arn).1.to_owned() }
}

impl ResourcePolicy for AccessPoints {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "s3-access-point-policy";
    const NOUN: &'static str = "S3 access point";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "S3 access point",
        public: "s3-access-point-policy-public" is "S3-06" at High,
        untrusted: "s3-access-point-policy-untrusted" is "S3-06",
        class: R1,
        controls: &["S3.19"],
        technique: "T1530",
        triggers: &["PutAccessPointPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:s3:%:%:accesspoint/%"],
        not_watched: &[
            ("CreateAccessPoint", "an access point is made without a policy; whether its block is on is a guardrail of its own"),
            ("DeleteAccessPointPolicy", "without a policy, an access point allows no other account"),
            (
                "PutBucketPolicy, PutBucketPublicAccessBlock, DeleteBucketPublicAccessBlock",
                "the bucket's policy and block are guardrails of their own",
            ),
            (
                "PutAccessPointPolicyForObjectLambda, PutMultiRegionAccessPointPolicy",
                "Object Lambda and Multi-Region access points are other resources than those of a bucket",
            ),
        ],
        default: "If nothing is left, the policy is deleted.",
        beside: "Other accounts get in only where the bucket's policy lets them, too, as one that delegates to its access points does. An access \
            point complies with a public policy where its own public access block, its bucket's or its account's restricts public buckets, \
            and where it is limited to a VPC.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[
        ("AWS::S3::AccessPoint", "Policy"),
        ("aws_s3_access_point", "policy"),
        ("aws_s3control_access_point_policy", "policy"),
    ];
    const READS: &'static [Permission] = &[GET, GET_POINT, GET_BLOCK, GET_ACCOUNT_BLOCK];
    const LISTS: &'static [Permission] = &[LIST_POINTS];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);
    const IS_SHIELDED: bool = true;

    /// Its own block never changes, nor the VPC that it is limited to.
    fn planned_shield(resource: &PlannedResource<'_>) -> Result<Observed<String>, Unreadable> {
        if resource.kind == "aws_s3control_access_point_policy" {
            return Ok(Observed::Absent);
        }
        let point = access_point_block::planned(resource)?;
        Ok(match point {
            Some(point) if point.block.restricts => {
                Observed::Known("the public access block of the access point restricts public buckets".to_owned())
            }
            Some(PointBlock { vpc: Some(_), .. }) => Observed::Known("the access point is limited to a VPC".to_owned()),
            Some(_) | None => Observed::Absent,
        })
    }

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of(S3, Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let request = &event.request;
        let document = request.at(&["PutAccessPointPolicyRequest", "Policy"]).or_else(|| request.at(&["Policy"]));
        Ok(Some(Change::of(arn_in(event)?, document)))
    }

    fn named(arn: &String, _: &Place) -> Resource {
        point_resource(arn)
    }

    fn owner(arn: &String) -> Option<&str> {
        arn_part(arn, 4)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(arn: &str, document: &str) -> String {
        let ((account, name), document) = (parts(arn), argument(document));
        format!("aws s3control put-access-point-policy --account-id {account} --name {name} --policy {document}")
    }

    fn delete_line(arn: &str) -> String {
        let (account, name) = parts(arn);
        format!("aws s3control delete-access-point-policy --account-id {account} --name {name}")
    }
}
