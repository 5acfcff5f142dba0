//! S3-16: the policies of vector buckets, which hold for all indexes in them.
//!
//! A call names a bucket by its name or its ARN.
//! Sources: "PutVectorBucketPolicy" (S3 Vectors API reference), "Identity and access management in S3 Vectors" (S3 user guide).

use super::S3VECTORS;
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &["s3vectors:${Region}:${Account}:bucket/*"];
const GET: Permission = Permission::on("s3vectors:GetVectorBucketPolicy", ON);
const LIST: Permission = Permission::read("s3vectors:ListVectorBuckets");
const PUT: Permission = Permission::on("s3vectors:PutVectorBucketPolicy", ON);
const DELETE: Permission = Permission::on("s3vectors:DeleteVectorBucketPolicy", ON);

/// The policies of vector buckets.
pub type VectorBucketPolicies = Policies<VectorBuckets>;

/// Vector buckets, each by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VectorBuckets;

impl ResourcePolicy for VectorBuckets {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "s3-vector-bucket-policy";
    const NOUN: &'static str = "vector bucket";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "vector bucket",
        public: "s3-vector-bucket-policy-public" is "S3-16" at Critical,
        untrusted: "s3-vector-bucket-policy-untrusted" is "S3-16",
        class: R1,
        controls: &[],
        technique: "T1530",
        triggers: &["PutVectorBucketPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:s3vectors:%:%:bucket/%"],
        not_watched: &[
            ("DeleteVectorBucketPolicy", "without a policy only the account's own principals may use the bucket"),
            ("CreateVectorBucket", "a vector bucket is made without a policy"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the bucket to its own account.",
        beside: "It holds for all indexes of the bucket.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::S3Vectors::VectorBucketPolicy", "Policy"), ("aws_s3vectors_vector_bucket_policy", "policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("s3vectors.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let by_name = |name: &str| {
            let (partition, region, account) = (event.partition(), &event.region, &event.account);
            format!("arn:{partition}:s3vectors:{region}:{account}:bucket/{name}")
        };
        let arn = event.request.text(&["vectorBucketArn"]).map(str::to_owned);
        let arn = arn.or_else(|| event.request.text(&["vectorBucketName"]).map(by_name));
        let arn = arn.ok_or_else(|| Unlocatable::new(event, "the record names no vector bucket"))?;
        Ok(Some(Change::of(arn, event.request.at(&["policy"]))))
    }

    fn named(arn: &String, _: &Place) -> Resource {
        let name = arn.rsplit_once('/').map_or(arn.as_str(), |(_, name)| name).to_owned();
        Resource { id: arn.clone(), kind: "Other", name }
    }

    fn owner(arn: &String) -> Option<&str> {
        arn_part(arn, 4)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(bucket: &str, document: &str) -> String {
        format!("aws s3vectors put-vector-bucket-policy --vector-bucket-arn {bucket} --policy {}", argument(document))
    }

    fn delete_line(bucket: &str) -> String {
        format!("aws s3vectors delete-vector-bucket-policy --vector-bucket-arn {bucket}")
    }
}

fn call(operation: &'static str, arn: &str) -> Request {
    Request::rest(operation, "POST", &[operation]).member("vectorBucketArn", Some(arn))
}

impl SignedPolicy for VectorBuckets {
    const API: &'static Api = &S3VECTORS;
    /// It says so of a bucket without a policy as well as of one that is not there: neither lets anyone in.
    const NO_POLICY: &'static [&'static str] = &["NotFoundException"];

    fn get(arn: &String) -> Request {
        call("GetVectorBucketPolicy", arn)
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        Read::shown(answer, "policy", None)
    }

    fn put(arn: &String, document: &str, _: Option<&str>) -> Request {
        call("PutVectorBucketPolicy", arn).member("policy", Some(document))
    }

    fn delete(arn: &String, _: Option<&str>) -> Request {
        call("DeleteVectorBucketPolicy", arn)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        let call = Request { body: json!({}), ..Request::rest("ListVectorBuckets", "POST", &["ListVectorBuckets"]) };
        Some(call.member("nextToken", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        let found = answer.texts("vectorBuckets", "vectorBucketArn");
        Listed { found, next: answer.text("nextToken").map(str::to_owned) }
    }
}
