//! IAM: principals, their policies and their credentials.

pub mod access_key;
#[cfg(feature = "iam")]
pub mod client;
pub mod compromised_user;
pub mod deny_policy;
pub(crate) mod granted;
pub mod identity_provider;
pub mod inline_policy;
pub mod login_profile;
pub mod managed_policy;
pub mod mfa_device;
pub mod password_policy;
pub mod permissions_boundary;
pub(crate) mod planned;
pub mod policy_attachment;
pub(crate) mod protected;
pub(crate) mod record;
pub(crate) mod released;
pub(crate) mod remaining;
pub mod reported_role;
pub mod reported_user;
pub mod role_trust;
pub mod root_access;
pub mod session_cut;
mod together;
pub mod ways;

pub use access_key::IamUsers;
#[cfg(feature = "iam")]
pub use client::Iam;
pub use compromised_user::CompromisedUsers;
pub use identity_provider::IdentityProviders;
pub use inline_policy::InlinePolicies;
pub use login_profile::LoginProfiles;
pub use managed_policy::ManagedPolicies;
pub use mfa_device::MfaDevices;
pub use password_policy::PasswordPolicies;
pub use permissions_boundary::PermissionsBoundaries;
pub use policy_attachment::PolicyAttachments;
pub use reported_role::ReportedRoles;
pub use reported_user::ReportedUsers;
pub use role_trust::RoleTrusts;
pub use root_access::credentials::RootCredentials;
pub use root_access::sessions::RootSessions;
pub use session_cut::SessionCuts;
pub use together::JUDGED_WITH;
