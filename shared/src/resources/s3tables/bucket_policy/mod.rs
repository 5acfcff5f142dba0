//! S3-16: the policies of table buckets, which hold for all tables in them.
//!
//! Sources: "PutTableBucketPolicy" (S3 Tables API reference), "Resource-based policies for S3 Tables" (S3 user guide).

use super::{LIST_BUCKETS, S3TABLES, list_buckets};
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &["s3tables:${Region}:${Account}:bucket/*"];
const GET: Permission = Permission::on("s3tables:GetTableBucketPolicy", ON);
const PUT: Permission = Permission::on("s3tables:PutTableBucketPolicy", ON);
const DELETE: Permission = Permission::on("s3tables:DeleteTableBucketPolicy", ON);

/// The policies of table buckets.
pub type TableBucketPolicies = Policies<TableBuckets>;

/// Table buckets, each by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableBuckets;

impl ResourcePolicy for TableBuckets {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "s3-table-bucket-policy";
    const NOUN: &'static str = "table bucket";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "table bucket",
        public: "s3-table-bucket-policy-public" is "S3-16" at Critical,
        untrusted: "s3-table-bucket-policy-untrusted" is "S3-16",
        class: R1,
        controls: &[],
        technique: "T1530",
        triggers: &["PutTableBucketPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:s3tables:%:%:bucket/%"],
        not_watched: &[
            ("DeleteTableBucketPolicy", "without a policy only the account's own principals may use the bucket"),
            ("CreateTableBucket", "a table bucket is made without a policy"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the bucket to its own account.",
        beside: "It holds for all tables of the bucket; a table can have a policy of its own as well.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[
        ("AWS::S3Tables::TableBucketPolicy", "ResourcePolicy"),
        ("aws_s3tables_table_bucket_policy", "resource_policy"),
    ];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST_BUCKETS];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("s3tables.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no table bucket");
        let arn = event.request.text(&["tableBucketARN"]).ok_or_else(unnamed)?;
        Ok(Some(Change::of(arn.to_owned(), event.request.at(&["resourcePolicy"]))))
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
        let document = argument(document);
        format!("aws s3tables put-table-bucket-policy --table-bucket-arn {bucket} --resource-policy {document}")
    }

    fn delete_line(bucket: &str) -> String {
        format!("aws s3tables delete-table-bucket-policy --table-bucket-arn {bucket}")
    }
}

fn policy_of(operation: &'static str, method: &'static str, arn: &str) -> Request {
    Request::rest(operation, method, &["buckets", arn, "policy"])
}

impl SignedPolicy for TableBuckets {
    const API: &'static Api = &S3TABLES;
    /// It says so of a bucket without a policy as well as of one that is not there: neither lets anyone in.
    const NO_POLICY: &'static [&'static str] = &["NotFoundException"];

    fn get(arn: &String) -> Request {
        policy_of("GetTableBucketPolicy", "GET", arn)
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        Read::shown(answer, "resourcePolicy", None)
    }

    fn put(arn: &String, document: &str, _: Option<&str>) -> Request {
        policy_of("PutTableBucketPolicy", "PUT", arn).member("resourcePolicy", Some(document))
    }

    fn delete(arn: &String, _: Option<&str>) -> Request {
        policy_of("DeleteTableBucketPolicy", "DELETE", arn)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(list_buckets(from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        Listed { found: answer.texts("tableBuckets", "arn"), next: answer.text("continuationToken").map(str::to_owned) }
    }
}
