//! KMS keys: whether they can be used, and whether their material is rotated.

#[cfg(feature = "kms")]
pub mod client;
pub mod key;
pub mod key_rotation;
mod record;

#[cfg(feature = "kms")]
pub use client::Kms;
pub use key::KmsKeys;
pub use key_rotation::KeyRotations;
