//! SEC-02: the policies of secrets.
//!
//! The record has the document as text in `resourcePolicy`, and the secret by whatever the caller named it: its name, its ARN, or its ARN
//! without the six characters at its end. The response has the ARN.
//! Sources: "PutResourcePolicy" (Secrets Manager API reference), "Resource-based policies" (user guide).

#[cfg(feature = "secretsmanager")]
mod client;

use crate::engine::resource_policy::prelude::*;
use crate::resources::secretsmanager::record::{self, SECRETS_MANAGER, secret_id};

const ON: &[&str] = &["secretsmanager:${Region}:${Account}:secret:*"];
const GET: Permission = Permission::on("secretsmanager:GetResourcePolicy", ON);
const LIST: Permission = Permission::read("secretsmanager:ListSecrets");
const PUT: Permission = Permission::on("secretsmanager:PutResourcePolicy", ON);
const DELETE: Permission = Permission::on("secretsmanager:DeleteResourcePolicy", ON);

/// The policies of secrets.
pub type SecretPolicies = Policies<Secrets>;

/// Secrets, each by its ARN where that is known, else by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Secrets;

impl ResourcePolicy for Secrets {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "secret-policy";
    const NOUN: &'static str = "secret";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "secret",
        public: "secret-policy-public" is "SEC-02" at Critical,
        untrusted: "secret-policy-untrusted" is "SEC-02",
        class: R1,
        controls: &["IAM Access Analyzer AWS::SecretsManager::Secret"],
        untrusted_controls: &["IAM Access Analyzer AWS::SecretsManager::Secret"],
        technique: "T1555.006",
        triggers: &["PutResourcePolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:secretsmanager:%:%:secret:*"],
        not_watched: &[
            ("DeleteResourcePolicy", "without a policy, only the account's own principals may use the secret"),
            ("CreateSecret, UpdateSecret", "neither carries a policy"),
            ("ReplicateSecretToRegions", "a replica has the policy of its primary secret, which is evaluated where it is written"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the secret to its own account.",
        beside: "A caller of another account also needs the key of the secret; that is the key policy's to say.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[
        ("AWS::SecretsManager::ResourcePolicy", "ResourcePolicy"),
        ("aws_secretsmanager_secret", "policy"),
        ("aws_secretsmanager_secret_policy", "policy"),
    ];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of(SECRETS_MANAGER, Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        Ok(Some(Change::of(secret_id(event)?, event.request.at(&["resourcePolicy"]))))
    }

    fn named(secret: &String, place: &Place) -> Resource {
        record::named(secret, place)
    }

    fn owner(secret: &String) -> Option<&str> {
        arn_part(secret, 4)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(secret: &str, document: &str) -> String {
        let document = argument(document);
        format!("aws secretsmanager put-resource-policy --secret-id {secret} --resource-policy {document}")
    }

    fn delete_line(secret: &str) -> String {
        format!("aws secretsmanager delete-resource-policy --secret-id {secret}")
    }
}
