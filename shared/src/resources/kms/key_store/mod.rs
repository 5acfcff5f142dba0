//! KMS-07: no custom key store is connected that policy does not name.
//!
//! Sources: "ConnectCustomKeyStore", "DisconnectCustomKeyStore" in the AWS KMS API reference; "Key stores" in its developer guide.

#[cfg(feature = "kms")]
pub(crate) mod client;

use super::record::KMS;
use crate::engine::setting::prelude::*;
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;

pub(crate) const DESCRIBE_STORES: Permission = Permission::read("kms:DescribeCustomKeyStores");
const CONNECT: Permission = Permission::setting("kms:ConnectCustomKeyStore");
const DISCONNECT: Permission = Permission::setting("kms:DisconnectCustomKeyStore");

/// Whether custom key stores are connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyStores;

/// A custom key store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyStore {
    /// `cks-...`
    pub id: String,
    /// Whether KMS uses it, or is about to.
    pub is_connected: Observed<bool>,
}

/// Which stores may be connected.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct KeyStoreSettings {
    /// Ids of the custom key stores that may be connected; `*` and `?` match as in IAM.
    pub allowed_stores: Vec<String>,
}

impl GuardrailSettings for KeyStoreSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_stores", entries: &self.allowed_stores, holds: STORES }]
    }
}

const STORES: Holds = Holds {
    shapes: &["cks-%"],
    form: "the id of a custom key store",
    everything: Some("allows every store: the guardrail finds nothing"),
};

impl Setting for KeyStores {
    type Key = String;
    type State = KeyStore;
    type Subject = String;
    type Value = bool;
    type Settings = KeyStoreSettings;

    const KIND: &'static str = "kms-key-store";
    const STRICTEST: bool = false;
    const READS: &'static [Permission] = &[DESCRIBE_STORES];
    const UNDOES: &'static [Permission] = &[CONNECT];
    const ABOUT: &'static About = &About {
        name: "kms-key-store-connected",
        catalogue_id: "KMS-07",
        title: "A custom key store was connected",
        description: "A custom key store (a CloudHSM cluster, or an external key manager behind a proxy) that is not among \
            `allowed_stores` was connected: from then on KMS keys can be made whose material is outside KMS, in the hands of the store's \
            operator.",
        severity: Severity::High,
        class: Class::R2,
        controls: &[],
        technique: "T1486",
        triggers: &["ConnectCustomKeyStore"],
        remediation: "Disconnects the store: its keys cannot be used until it is connected again, and stay. Needs `max_class: R2`.",
        actions: &[DISCONNECT],
        ids: &["arn:%:kms:%:%:custom-key-store/%"],
        not_watched: &[
            ("CreateCustomKeyStore", "a store that is not connected is used for nothing"),
            ("UpdateCustomKeyStore", "KMS asks for the store to be disconnected for almost all of it"),
        ],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            false,
            &["disconnect"],
            DISCONNECT,
            "disconnect custom key store {}",
            "aws kms disconnect-custom-key-store --custom-key-store-id {}",
        ),
        Call::new(
            true,
            &["connect"],
            CONNECT,
            "connect custom key store {}",
            "aws kms connect-custom-key-store --custom-key-store-id {}",
        ),
    ];

    /// A call that succeeded has begun to connect it.
    fn changed_by(event: &Event) -> Result<Vec<Target<String, KeyStore>>, Unlocatable> {
        if !event.is_one_of(KMS, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let unnamed = || Unlocatable::new(event, "the record names no custom key store");
        let id = event.request.text(&["customKeyStoreId"]).ok_or_else(unnamed)?.to_owned();
        let store = KeyStore { id: id.clone(), is_connected: Observed::Known(true) };
        Ok(vec![Target { key: id, proven: Some(store), changed: None }])
    }

    /// It has no ARN: one that looks like one, so that an exemption can name it.
    fn named(id: &String, Place { partition, account, region }: &Place) -> Resource {
        let arn = format!("arn:{partition}:kms:{region}:{account}:custom-key-store/{id}");
        Resource { id: arn, kind: "Other", name: id.clone() }
    }

    fn shown(store: &KeyStore) -> Shown<String, bool> {
        let (subject, value) = (store.id.clone(), store.is_connected.clone());
        Shown { subject, value, element: format!("{} connected", store.id), is_fixed: false }
    }

    fn is_in_question(store: &KeyStore, terms: &Terms<'_>) -> bool {
        let settings = Self::settings(terms);
        !settings.allowed_stores.iter().any(|pattern| matches_pattern(pattern, &store.id))
    }

    fn why(store: &KeyStore, _: &Terms<'_>) -> String {
        format!("custom key store `{}` is connected; it is not among `allowed_stores`", store.id)
    }
}
