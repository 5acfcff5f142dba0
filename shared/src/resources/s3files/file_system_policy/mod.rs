//! RES-09: the policies of S3 Files' file systems.
//!
//! What a client may do is allowed by its identity or by the policy of the file system. Where no statement is left, the account's own principals keep
//! what they have by IAM, and no other principal has access: a policy is never deleted by a remediation.
//! Sources: "PutFileSystemPolicy", "ListFileSystems" (S3 Files API reference), "How S3 Files works with IAM", "Creating file system policies" (S3 user guide).

use super::S3FILES;
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &["s3files:${Region}:${Account}:file-system/*"];
const GET: Permission = Permission::on("s3files:GetFileSystemPolicy", ON);
const LIST: Permission = Permission::read("s3files:ListFileSystems");
const PUT: Permission = Permission::on("s3files:PutFileSystemPolicy", ON);
const DELETE: Permission = Permission::on("s3files:DeleteFileSystemPolicy", ON);

/// The policies of file systems.
pub type S3FilesPolicies = Policies<S3FileSystems>;

/// File systems, each by its id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct S3FileSystems;

impl ResourcePolicy for S3FileSystems {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "s3files-file-system-policy";
    const NOUN: &'static str = "S3 file system";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "S3 file system",
        public: "s3files-file-system-policy-public" is "RES-09" at High,
        untrusted: "s3files-file-system-policy-untrusted" is "RES-09",
        class: R2,
        controls: &[],
        technique: "T1530",
        triggers: &["PutFileSystemPolicy"],
        actions: &[PUT],
        ids: &["arn:%:s3files:%:%:file-system/%"],
        not_watched: &[
            ("DeleteFileSystemPolicy", "without a policy only identities that IAM allows it use the file system"),
            ("CreateFileSystem", "a file system is made without a policy"),
        ],
        default: "If nothing is left, the policy allows the account's own principals by IAM.",
        beside: "Clients that are let in by a statement for everyone alone lose access with it.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::S3Files::FileSystemPolicy", "Policy"), ("aws_s3files_file_system_policy", "policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    /// For a policy that its owner deletes while a write is under way: it is deleted again.
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("s3files.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no file system");
        let named = event.request.text(&["fileSystemId"]).ok_or_else(unnamed)?;
        // A file system of another account is that account's to judge.
        if arn_part(named, 4).is_some_and(|owner| owner != event.account) {
            return Ok(None);
        }
        let id = named.rsplit_once('/').map_or(named, |(_, id)| id);
        Ok(Some(Change::of(id.to_owned(), event.request.at(&["policy"]))))
    }

    fn named(id: &String, Place { partition, account, region }: &Place) -> Resource {
        let arn = format!("arn:{partition}:s3files:{region}:{account}:file-system/{id}");
        Resource { id: arn, kind: "Other", name: id.clone() }
    }

    /// What the account's principals may do by their own policies, they still may.
    fn when_nothing_is_left(_: &String, Place { partition, account, .. }: &Place) -> Nothing {
        let statement = json!({
            "Sid": "AccountByIam",
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:{partition}:iam::{account}:root")},
            "Action": ["s3files:ClientMount", "s3files:ClientWrite", "s3files:ClientRootAccess"],
            "Resource": "*",
        });
        Nothing::Own(json!({"Version": "2012-10-17", "Statement": [statement]}).to_string())
    }

    fn put_line(id: &str, document: &str) -> String {
        format!("aws s3files put-file-system-policy --file-system-id {id} --policy {}", argument(document))
    }

    fn delete_line(id: &str) -> String {
        format!("aws s3files delete-file-system-policy --file-system-id {id}")
    }
}

fn policy_of(operation: &'static str, method: &'static str, id: &str) -> Request {
    Request::rest(operation, method, &["file-systems", id, "policy"])
}

impl SignedPolicy for S3FileSystems {
    const API: &'static Api = &S3FILES;
    /// It says so of a file system without a policy as well as of one that is not there: neither lets anyone in.
    const NO_POLICY: &'static [&'static str] = &["ResourceNotFoundException"];

    fn get(id: &String) -> Request {
        policy_of("GetFileSystemPolicy", "GET", id)
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        Read::shown(answer, "policy", None)
    }

    fn put(id: &String, document: &str, _: Option<&str>) -> Request {
        policy_of("PutFileSystemPolicy", "PUT", id).member("policy", Some(document))
    }

    fn delete(id: &String, _: Option<&str>) -> Request {
        policy_of("DeleteFileSystemPolicy", "DELETE", id)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::rest("ListFileSystems", "GET", &["file-systems"]).query("nextToken", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        Listed { found: answer.texts("fileSystems", "fileSystemId"), next: answer.text("nextToken").map(str::to_owned) }
    }
}
