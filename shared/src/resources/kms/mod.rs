//! KMS keys: whether they can be used and are rotated, who may use them by a grant, and the stores outside KMS.

#[cfg(feature = "kms")]
pub mod client;
pub mod grant;
pub mod key;
pub mod key_rotation;
pub mod key_store;
mod record;

#[cfg(feature = "kms")]
pub use client::Kms;
pub use grant::KmsGrants;
pub use key::KmsKeys;
pub use key_rotation::KeyRotations;
pub use key_store::KeyStores;
