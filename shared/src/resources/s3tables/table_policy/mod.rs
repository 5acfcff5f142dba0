//! S3-16: the policies of single tables.
//!
//! A call names a table by its bucket, its namespace and its name.
//! Sources: "PutTablePolicy" (S3 Tables API reference), "Resource-based policies for S3 Tables" (S3 user guide).

use super::{LIST_BUCKETS, S3TABLES, list_buckets};
use crate::engine::resource_policy::prelude::*;

const BUCKETS: &[&str] = &["s3tables:${Region}:${Account}:bucket/*"];
/// A table's ARN ends with an id that no record shows.
const TABLES: &[&str] = &["s3tables:${Region}:${Account}:bucket/*/table/*"];
const GET: Permission = Permission::on("s3tables:GetTablePolicy", TABLES);
const LIST: Permission = Permission::on("s3tables:ListTables", BUCKETS);
const PUT: Permission = Permission::on("s3tables:PutTablePolicy", TABLES);
const DELETE: Permission = Permission::on("s3tables:DeleteTablePolicy", TABLES);

/// The policies of tables.
pub type TablePolicies = Policies<Tables>;

/// Tables, each by the ARN of its bucket, its namespace and its name: `arn:aws:s3tables:eu-west-1:111122223333:bucket/sales/europe/orders`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tables;

impl ResourcePolicy for Tables {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "s3-table-policy";
    const NOUN: &'static str = "S3 table";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "S3 table",
        public: "s3-table-policy-public" is "S3-16" at Critical,
        untrusted: "s3-table-policy-untrusted" is "S3-16",
        class: R1,
        controls: &[],
        technique: "T1530",
        triggers: &["PutTablePolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:s3tables:%:%:bucket/%/%/%"],
        not_watched: &[
            ("DeleteTablePolicy", "without a policy only the account's own principals and those of the bucket's policy may use the table"),
            ("CreateTable", "a table is made without a policy"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the table to its own account and the policy of its bucket.",
        beside: "A finding names a table by its bucket, its namespace and its name: no record shows the id at the end of its ARN.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::S3Tables::TablePolicy", "ResourcePolicy"), ("aws_s3tables_table_policy", "resource_policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST_BUCKETS, LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("s3tables.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let text = |name: &str| event.request.text(&[name]);
        let unnamed = || Unlocatable::new(event, "the record names no table");
        let bucket = text("tableBucketARN").ok_or_else(unnamed)?;
        let namespace = text("namespace").ok_or_else(unnamed)?;
        let name = text("name").ok_or_else(unnamed)?;
        Ok(Some(Change::of(format!("{bucket}/{namespace}/{name}"), event.request.at(&["resourcePolicy"]))))
    }

    fn named(subject: &String, _: &Place) -> Resource {
        let [_, namespace, name] = parts(subject);
        Resource { id: subject.clone(), kind: "Other", name: format!("{namespace}.{name}") }
    }

    fn owner(subject: &String) -> Option<&str> {
        arn_part(subject, 4)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn words(subject: &String) -> String {
        let [bucket, namespace, name] = parts(subject).map(word);
        format!("--table-bucket-arn {bucket} --namespace {namespace} --name {name}")
    }

    fn put_line(words: &str, document: &str) -> String {
        format!("aws s3tables put-table-policy {words} --resource-policy {}", argument(document))
    }

    fn delete_line(words: &str) -> String {
        format!("aws s3tables delete-table-policy {words}")
    }
}

/// The ARN of the bucket, the namespace and the name: neither of these holds a slash.
fn parts(subject: &str) -> [&str; 3] {
    let (rest, name) = subject.rsplit_once('/').unwrap_or_default();
    let (bucket, namespace) = rest.rsplit_once('/').unwrap_or_default();
    [bucket, namespace, name]
}

fn policy_of(operation: &'static str, method: &'static str, subject: &str) -> Request {
    let [bucket, namespace, name] = parts(subject);
    Request::rest(operation, method, &["tables", bucket, namespace, name, "policy"])
}

impl SignedPolicy for Tables {
    const API: &'static Api = &S3TABLES;
    /// It says so of a table without a policy as well as of one that is not there: neither lets anyone in.
    const NO_POLICY: &'static [&'static str] = &["NotFoundException"];

    fn get(subject: &String) -> Request {
        policy_of("GetTablePolicy", "GET", subject)
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        Read::shown(answer, "resourcePolicy", None)
    }

    fn put(subject: &String, document: &str, _: Option<&str>) -> Request {
        policy_of("PutTablePolicy", "PUT", subject).member("resourcePolicy", Some(document))
    }

    fn delete(subject: &String, _: Option<&str>) -> Request {
        policy_of("DeleteTablePolicy", "DELETE", subject)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(list_buckets(from))
    }

    /// Buckets: their tables are listed inside.
    fn listed(answer: &Answer) -> Listed<String> {
        Listed { found: answer.texts("tableBuckets", "arn"), next: answer.text("continuationToken").map(str::to_owned) }
    }

    fn inside(bucket: &String, from: Option<&str>) -> Option<Request> {
        Some(Request::rest("ListTables", "GET", &["tables", bucket]).query("continuationToken", from))
    }

    fn listed_inside(bucket: &String, answer: &Answer) -> Listed<String> {
        let subject = |table: &serde_json::Value| {
            let namespace = table.get("namespace")?.as_array()?.first()?.as_str()?;
            let name = table.get("name")?.as_str()?;
            Some(format!("{bucket}/{namespace}/{name}"))
        };
        let found = answer.list("tables").iter().filter_map(subject).collect();
        Listed { found, next: answer.text("continuationToken").map(str::to_owned) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_named_alike_by_records_and_lists() {
        let bucket = "arn:aws:s3tables:eu-central-1:111122223333:bucket/sales".to_owned();
        let tables = json!({"tables": [{"namespace": ["europe"], "name": "orders"}], "continuationToken": "2"});
        let listed = Tables::listed_inside(&bucket, &Answer { body: tables, request_id: None });
        assert_eq!(
            (listed.found.as_slice(), listed.next.as_deref()),
            (&[format!("{bucket}/europe/orders")][..], Some("2"))
        );
        assert_eq!(parts(&listed.found[0]), [bucket.as_str(), "europe", "orders"]);
        let words = format!("--table-bucket-arn {bucket} --namespace europe --name orders");
        assert_eq!(Tables::words(&listed.found[0]), words);
    }
}
