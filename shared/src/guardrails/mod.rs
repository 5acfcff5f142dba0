//! The guardrails: one file each, which says what must hold, judges a state, and plans the smallest way back to it.

pub mod access_key_not_allowed;
mod attached_policy;
pub mod attached_policy_admin;
pub mod attached_policy_escalation;
pub mod console_password_set_by_another;
pub mod console_sign_in_without_mfa;
pub mod console_user_without_mfa;
pub mod db_instance_public;
pub mod db_snapshot_public;
pub mod db_snapshot_shared;
pub mod deletion_protection;
pub mod ebs_default_key_changed;
pub mod ebs_encryption_default_off;
pub mod flow_log_deleted;
mod granted;
pub mod identity_provider_not_allowed;
pub mod image_block_public_access_off;
pub mod image_public;
pub mod image_shared;
mod inline_policy;
pub mod inline_policy_admin;
pub mod inline_policy_escalation;
pub mod instance_metadata_defaults_weak;
pub mod instance_metadata_v1_allowed;
mod managed_policy;
pub mod managed_policy_admin;
pub mod managed_policy_escalation;
pub mod network_acl_admin_port;
pub mod not_watched;
mod own;
pub mod password_policy_weak;
pub mod permissions_boundary_changed;
pub mod ports;
mod protected;
pub mod quarantined_user_has_active_keys;
mod released;
pub mod role_trust_open;
pub mod root_access_key;
pub mod root_api_call;
pub mod root_console_sign_in;
pub mod security_group_admin_port;
pub mod security_group_all_traffic;
pub mod security_group_default;
pub mod security_group_near_world;
pub mod serial_console_access_enabled;
pub mod session_cut_expired;
mod sharing;
pub mod snapshot_block_public_access_off;
pub mod snapshot_public;
pub mod snapshot_shared;
mod standing;
pub mod subnet_assigns_public_address;
pub mod transit_gateway_accepts_by_itself;

pub use own::Own;

use crate::model::Place;
use crate::plan::Plan;
use crate::policy::Policy;
use crate::verdict::{Severity, Verdict, Violation};
use serde::Serialize;

/// How much a remediation may be felt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Class {
    /// Notify only: nothing that this function may do closes it.
    R0,
    /// Reversible, exact, no side effect.
    R1,
    /// Reversible, but somebody may notice.
    R2,
    /// Loses something: never by itself.
    R3,
}

/// The trigger of a guardrail that is about who calls, and not what: the beginning of every name.
pub const ANY_CALL_BY_ROOT: &str = "";

/// What a person should know of a guardrail; the catalogue page is generated from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct About {
    /// The name in the policy file: a state that should not be.
    pub name: &'static str,
    /// The row of the catalogue, such as `NET-01`.
    pub catalogue_id: &'static str,
    /// One line for a person.
    pub title: &'static str,
    /// What it looks for, what it leaves alone, and why: a paragraph.
    pub description: &'static str,
    /// The level of a finding unless the state says otherwise.
    pub severity: Severity,
    /// The class of its remediation.
    pub class: Class,
    /// Security Hub and CIS controls that it maps to.
    pub controls: &'static [&'static str],
    /// MITRE ATT&CK technique.
    pub technique: &'static str,
    /// The event names that lead to it, or how they begin.
    pub triggers: &'static [&'static str],
    /// What it does when enforced, in one sentence.
    pub remediation: &'static str,
    /// The IAM actions that its plans need.
    pub actions: &'static [&'static str],
}

/// What a judge may ask beside the state: what the operator has decided, and where the resource is.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    /// The policy file.
    pub policy: &'a Policy,
    /// The resource's account and region. The account is empty where a plan is judged that names none.
    pub place: &'a Place,
    /// The ARNs of the roles that Parapet itself runs under, and the name of the one that it assumes elsewhere.
    pub own: Own<'a>,
}

impl Terms<'_> {
    /// Whether something may be shared with `account`: it is the resource's own, or policy trusts it.
    #[must_use]
    pub fn trusts(&self, account: &str) -> bool {
        account == self.place.account || self.policy.trusted_accounts.iter().any(|trusted| trusted.as_str() == account)
    }

    /// Whether policy trusts the organisation `o-…`.
    #[must_use]
    pub fn trusts_organization(&self, id: &str) -> bool {
        self.policy.trusted_organizations.iter().any(|trusted| trusted == id)
    }
}

/// A rule about the states `S`, closed by actions `A`. Pure: time, environment and network are not its business.
pub trait Guardrail<S, A>: Send + Sync {
    /// What a person should know of it.
    fn about(&self) -> &'static About;

    /// Judges a state, through whichever lens it was seen. A lens that does not show enough is undetermined.
    fn judge(&self, state: &S, terms: &Terms<'_>) -> Verdict;

    /// The smallest change that takes away the elements of the violation, and nothing else. Empty where nothing that
    /// the function may do closes it.
    fn plan(&self, state: &S, violation: &Violation, terms: &Terms<'_>) -> Plan<A>;

    /// What the latest look at a violating resource shows beside the verdict that a person should know: what happened
    /// while it was open, what closing it means. One sentence each.
    fn remarks(&self, state: &S) -> Vec<String> {
        let _ = state;
        Vec::new()
    }
}
