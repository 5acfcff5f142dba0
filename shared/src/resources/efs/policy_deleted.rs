//! DB-10: an EFS file system keeps a policy that it has.
//!
//! Without a policy, every client that reaches a mount target has full access, without IAM and without TLS ("Using IAM to control file system data
//! access", EFS user guide, "Default EFS file system policy"). Most file systems never have one: only the deletion is a sign.

use crate::engine::notice::prelude::*;
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Deletions of the policies of file systems.
pub type DeletedPolicies = Notices<DeletedPolicy>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeletedPolicy;

/// Which deletions are wanted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeletedPolicySettings {
    /// ARNs of the principals (or of the roles behind their sessions) that may delete the policies of file systems; `*` and `?` match as in IAM.
    pub allowed_principals: Vec<String>,
}

impl GuardrailSettings for DeletedPolicySettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_principals", entries: &self.allowed_principals, holds: PRINCIPALS }]
    }
}

const PRINCIPALS: Holds = Holds {
    shapes: Holds::CALLERS,
    form: "the ARN of a user or a role",
    everything: Some("allows every principal: the guardrail finds nothing"),
};

impl Notice for DeletedPolicy {
    type Settings = DeletedPolicySettings;

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
        let allowed = &Self::settings(terms).allowed_principals;
        !seen.by.iter().any(|arn| allowed.iter().any(|pattern| matches_pattern(pattern, arn)))
    }

    fn named(id: &str, Place { partition, account, region }: &Place) -> Resource {
        let arn = format!("arn:{partition}:elasticfilesystem:{region}:{account}:file-system/{id}");
        Resource { id: arn, kind: "AwsEfsFileSystem", name: id.to_owned() }
    }
}
