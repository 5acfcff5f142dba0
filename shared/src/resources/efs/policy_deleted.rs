//! DB-10: an EFS file system keeps a policy that it has.
//!
//! Without a policy, every client that reaches a mount target has full access, without IAM and without TLS ("Using IAM to control file system data
//! access", EFS user guide, "Default EFS file system policy"). Most file systems never have one: only the deletion is a sign.

use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;

/// Deletions of the policies of file systems.
pub type DeletedPolicies = Notices<DeletedPolicy>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeletedPolicy;

impl Notice for DeletedPolicy {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "efs-file-system-policy-deletion";
    const ABOUT: &'static About = &About {
        name: "efs-file-system-policy-deleted",
        catalogue_id: "DB-10",
        title: "The policy of an EFS file system was deleted",
        description: "The policy of a file system was deleted by a principal that is not among `allowed_principals`: every client that reaches a \
            mount target has full access from then on, without IAM and without TLS, whatever the policy required before.",
        severity: Severity::High,
        class: Class::R0,
        controls: &[],
        technique: "T1562.007",
        triggers: &["DeleteFileSystemPolicy"],
        remediation: "Notifies: the record does not show the policy that was deleted, and a policy of another content may cut off the clients.",
        actions: &[],
        ids: &["arn:%:elasticfilesystem:%:%:file-system/%"],
        not_watched: &[
            ("PutFileSystemPolicy", "what a policy allows is judged by the guardrails on it"),
            ("CreateFileSystem", "a new file system has no policy to lose"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of("elasticfilesystem.amazonaws.com", Self::ABOUT.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no file system");
        let named = event.request.text(&["fileSystemId"]).ok_or_else(unnamed)?;
        // By its id or by its ARN.
        let id = named.rsplit('/').next().unwrap_or(named);
        let why = format!("the policy of file system `{id}` was deleted: clients need neither IAM nor TLS any more");
        Ok(Some(Noticed::of(event, id).sign("no policy", Some(why))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(id: &str, Place { partition, account, region }: &Place) -> Resource {
        let arn = format!("arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{id}");
        Resource { id: arn, kind: "AwsEfsFileSystem", name: id.to_owned() }
    }
}
