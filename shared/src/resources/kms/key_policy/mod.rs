//! KMS-03: the policies of customer managed keys.
//!
//! Every key has one. `PutKeyPolicy` carries the whole document as text, as does `CreateKey` where the caller gives one; the replica of a
//! multi-Region key is recorded as `CreateKey` in its region. The statement for the account (`root`) stays, and KMS's own check against locking
//! everyone out is never bypassed: where KMS refuses a document for that reason, the refusal is notified.
//! Sources: "Key policies in AWS KMS", "CreateKey" among the log entries (KMS developer guide), "PutKeyPolicy" (API reference).

#[cfg(feature = "kms")]
mod client;

use super::key::LIST_KEYS;
use super::record::{KMS, key_id, named};
use crate::engine::resource_policy::prelude::*;
use serde_json::json;

const ON: &[&str] = &["kms:${Region}:${Account}:key/*"];
const GET: Permission = Permission::on("kms:GetKeyPolicy", ON);
const LAST_USAGE: Permission = Permission::on("kms:GetKeyLastUsage", ON);
const PUT: Permission = Permission::on("kms:PutKeyPolicy", ON);

/// The policies of keys.
pub type KeyPolicies = Policies<Keys>;

/// KMS keys, each by its id.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Keys;

impl ResourcePolicy for Keys {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "kms-key-policy";
    const NOUN: &'static str = "KMS key";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "KMS key",
        public: "kms-key-policy-public" is "KMS-03" at Critical,
        untrusted: "kms-key-policy-untrusted" is "KMS-03",
        class: R2,
        controls: &["KMS.5", "IAM Access Analyzer AWS::KMS::Key"],
        untrusted_controls: &["IAM Access Analyzer AWS::KMS::Key"],
        technique: "T1098",
        triggers: &["PutKeyPolicy", "CreateKey"],
        actions: Self::WRITES,
        ids: &["arn:%:kms:%:%:key/%"],
        not_watched: &[
            ("ReplicateKey", "the replica is recorded as `CreateKey` in its own region, and evaluated there"),
            ("CreateGrant", "a grant stands beside the policy and is evaluated for itself"),
        ],
        default: "If nothing is left, the key gets the statement that KMS gives to a key without a policy: its account decides by IAM.",
        beside: "`kms:ViaService` and `kms:CallerAccount` are taken into account. The key's policy is its only door: what is removed here \
            is removed for everyone who came in by it.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[
        ("AWS::KMS::Key", "KeyPolicy"),
        ("AWS::KMS::ReplicaKey", "KeyPolicy"),
        ("aws_kms_key", "policy"),
        ("aws_kms_key_policy", "policy"),
        ("aws_kms_replica_key", "policy"),
        ("aws_kms_external_key", "policy"),
    ];
    const READS: &'static [Permission] = &[GET, LAST_USAGE];
    const LISTS: &'static [Permission] = &[LIST_KEYS];
    const PUT: Permission = PUT;

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of(KMS, Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let policy = event.request.at(&["policy"]);
        // Without one, KMS writes its default, which leaves the key to its account.
        let is_default = event.name == "CreateKey" && policy.is_none() && event.request.value().is_some();
        // A key of another account is that account's to judge.
        let owner = event.request.text(&["keyId"]).and_then(|named| arn_part(named, 4));
        if (is_default && !is_replica(event)) || owner.is_some_and(|owner| owner != event.account) {
            return Ok(None);
        }
        Ok(Some(Change::of(key_id(event)?, policy)))
    }

    fn named(id: &String, place: &Place) -> Resource {
        named(id, place)
    }

    /// The default key policy of KMS: the account decides by IAM.
    fn when_nothing_is_left(_: &String, place: &Place) -> Nothing {
        let Place { partition, account, .. } = place;
        let statement = json!({
            "Sid": "Enable IAM User Permissions",
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:{partition}:iam::{account}:root")},
            "Action": "kms:*",
            "Resource": "*",
        });
        Nothing::Write(json!({"Version": "2012-10-17", "Id": "key-default-1", "Statement": [statement]}).to_string())
    }

    fn put_line(id: &str, document: &str) -> String {
        format!("aws kms put-key-policy --key-id {id} --policy-name default --policy {}", argument(document))
    }
}

/// Whether the key is a replica: its policy is that of `ReplicateKey`, in another region's record.
fn is_replica(event: &Event) -> bool {
    let kind = event.response.text(&["keyMetadata", "multiRegionConfiguration", "multiRegionKeyType"]);
    kind.is_some_and(|kind| kind.eq_ignore_ascii_case("REPLICA"))
}
