//! DB-10: the policies of EFS file systems.
//!
//! A file system without a policy has the default one: every client that reaches a mount target has full access, without IAM. So deleting
//! a policy can open what it kept closed, and is never done: where no statement is left, the account's own principals keep what they have by IAM,
//! and no other principal has access. A client that mounts without IAM loses access by that, as by the removal of a statement for everyone: class R2. EFS's
//! own check against locking the caller out is never bypassed.
//! What EFS calls public is narrower than `*`: a statement for mount targets alone (`elasticfilesystem:AccessedViaMountTarget`), as its console
//! writes it, is not.
//! Sources: "Using IAM to control access to file systems", "Blocking public access to EFS file systems" (EFS user guide), "PutFileSystemPolicy" (API reference).

use super::EFS;
use crate::engine::resource_policy::prelude::*;

/// The date of the API.
const API_DATE: &str = "2015-02-01";

const ON: &[&str] = &["elasticfilesystem:${Region}:${Account}:file-system/*"];
const GET: Permission = Permission::on("elasticfilesystem:DescribeFileSystemPolicy", ON);
const LIST: Permission = Permission::on("elasticfilesystem:DescribeFileSystems", ON);
const PUT: Permission = Permission::on("elasticfilesystem:PutFileSystemPolicy", ON);
const DELETE: Permission = Permission::on("elasticfilesystem:DeleteFileSystemPolicy", ON);

/// The policies of file systems.
pub type FileSystemPolicies = Policies<FileSystems>;

/// File systems, each by its id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileSystems;

impl ResourcePolicy for FileSystems {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "efs-file-system-policy";
    const NOUN: &'static str = "EFS file system";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "EFS file system",
        public: "efs-file-system-policy-public" is "DB-10" at High,
        untrusted: "efs-file-system-policy-untrusted" is "DB-10",
        class: R2,
        controls: &["IAM Access Analyzer AWS::EFS::FileSystem"],
        untrusted_controls: &["IAM Access Analyzer AWS::EFS::FileSystem"],
        technique: "T1530",
        triggers: &["PutFileSystemPolicy"],
        actions: &[PUT],
        ids: &["arn:%:elasticfilesystem:%:%:file-system/%"],
        not_watched: &[("DeleteFileSystemPolicy", "a guardrail of its own notifies of it")],
        default: "If nothing is left, the policy allows the account's own principals by IAM: without a policy, every client that reaches \
            a mount target would have full access.",
        beside: "A statement for mount targets alone (`elasticfilesystem:AccessedViaMountTarget`) is not public. Clients that mount without IAM are \
            let in by statements for everyone alone.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::EFS::FileSystem", "FileSystemPolicy"), ("aws_efs_file_system_policy", "policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    /// For a policy that its owner deletes while a write is under way: it is deleted again.
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("elasticfilesystem.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no file system");
        let named = event.request.text(&["fileSystemId"]).ok_or_else(unnamed)?;
        // A file system of another account is that account's to judge.
        if arn_part(named, 4).is_some_and(|owner| owner != event.account) {
            return Ok(None);
        }
        let id = named.rsplit_once('/').map_or(named, |(_, id)| id);
        let policy = event.request.at(&["policy"]).or_else(|| event.response.at(&["policy"]));
        Ok(Some(Change::of(id.to_owned(), policy)))
    }

    fn named(id: &String, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let arn = format!("arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{id}");
        Resource { id: arn, kind: "AwsEfsFileSystem", name: id.clone() }
    }

    /// What the account's principals may do by their own policies, they still may.
    fn when_nothing_is_left(_: &String, place: &Place) -> Nothing {
        let Place { partition, account, .. } = place;
        let statement = json!({
            "Sid": "AccountByIam",
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:{partition}:iam::{account}:root")},
            "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite", "elasticfilesystem:ClientRootAccess"],
        });
        Nothing::Own(json!({"Version": "2012-10-17", "Statement": [statement]}).to_string())
    }

    fn put_line(id: &str, document: &str) -> String {
        format!("aws efs put-file-system-policy --file-system-id {id} --policy {}", argument(document))
    }

    fn delete_line(id: &str) -> String {
        format!("aws efs delete-file-system-policy --file-system-id {id}")
    }
}

fn policy_of(operation: &'static str, method: &'static str, id: &str) -> Request {
    Request::rest(operation, method, &[API_DATE, "file-systems", id, "policy"])
}

impl SignedPolicy for FileSystems {
    const API: &'static Api = &EFS;
    const NO_POLICY: &'static [&'static str] = &["PolicyNotFound"];

    fn get(id: &String) -> Request {
        policy_of("DescribeFileSystemPolicy", "GET", id)
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        Read::shown(answer, "Policy", None)
    }

    fn put(id: &String, document: &str, _: Option<&str>) -> Request {
        policy_of("PutFileSystemPolicy", "PUT", id).member("Policy", Some(document))
    }

    fn delete(id: &String, _: Option<&str>) -> Request {
        policy_of("DeleteFileSystemPolicy", "DELETE", id)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::rest("DescribeFileSystems", "GET", &[API_DATE, "file-systems"]).query("Marker", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        Listed {
            found: answer.texts("FileSystems", "FileSystemId"),
            next: answer.text("NextMarker").map(str::to_owned),
        }
    }
}
