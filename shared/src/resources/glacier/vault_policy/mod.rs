//! DB-10: the access policies of S3 Glacier vaults.
//!
//! A vault's lock is another policy, which only denies as a rule and cannot be changed once it is complete; it is not evaluated.
//! Sources: "Set Vault Access Policy", "Vault access policies" (S3 Glacier developer guide).

use super::GLACIER;
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &["glacier:${Region}:${Account}:vaults/*"];
const GET: Permission = Permission::on("glacier:GetVaultAccessPolicy", ON);
const LIST: Permission = Permission::read("glacier:ListVaults");
const SET: Permission = Permission::on("glacier:SetVaultAccessPolicy", ON);
const DELETE: Permission = Permission::on("glacier:DeleteVaultAccessPolicy", ON);

/// The account that calls, where a path names an account.
const OWN: &str = "-";

/// The policies of vaults.
pub type GlacierVaultPolicies = Policies<Vaults>;

/// Vaults, each by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Vaults;

impl ResourcePolicy for Vaults {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "glacier-vault-policy";
    const NOUN: &'static str = "Glacier vault";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "Glacier vault",
        public: "glacier-vault-policy-public" is "DB-10" at Critical,
        untrusted: "glacier-vault-policy-untrusted" is "DB-10",
        class: R1,
        controls: &[],
        technique: "T1530",
        triggers: &["SetVaultAccessPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:glacier:%:%:vaults/%"],
        not_watched: &[
            ("DeleteVaultAccessPolicy", "without a policy only the account's own principals may use the vault"),
            ("InitiateVaultLock", "a lock is a policy of its own that denies as a rule, and is refused to most callers"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the vault to its own account.",
        beside: "A vault's lock is another policy and not evaluated.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[("aws_glacier_vault", "access_policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = SET;
    const DELETE: Option<Permission> = Some(DELETE);

    /// The account is `-` or the twelve digits of the caller's, or of another that lets the caller in.
    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("glacier.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let owner = event.request.text(&["accountId"]).filter(|account| *account != OWN);
        if owner.is_some_and(|owner| owner.replace('-', "") != event.account) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no vault");
        let name = event.request.text(&["vaultName"]).ok_or_else(unnamed)?;
        let policy = event.request.at(&["policy", "policy"]).or_else(|| event.request.at(&["policy"]));
        Ok(Some(Change::of(name.to_owned(), policy)))
    }

    fn named(name: &String, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:glacier:{region}:{account}:vaults/{name}");
        Resource { id, kind: "Other", name: name.clone() }
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(name: &str, document: &str) -> String {
        let policy = argument(&json!({"Policy": document}).to_string());
        format!("aws glacier set-vault-access-policy --account-id - --vault-name {name} --policy {policy}")
    }

    fn delete_line(name: &str) -> String {
        format!("aws glacier delete-vault-access-policy --account-id - --vault-name {name}")
    }
}

/// Every request says which version of the API it is for ("Common request headers").
fn versioned(request: Request) -> Request {
    request.header("x-amz-glacier-version", "2012-06-01")
}

fn policy_of(operation: &'static str, method: &'static str, name: &str) -> Request {
    versioned(Request::rest(operation, method, &[OWN, "vaults", name, "access-policy"]))
}

impl SignedPolicy for Vaults {
    const API: &'static Api = &GLACIER;
    /// It says so of a vault without a policy as well as of one that is not there: neither lets anyone in.
    const NO_POLICY: &'static [&'static str] = &["ResourceNotFoundException"];

    fn get(name: &String) -> Request {
        policy_of("GetVaultAccessPolicy", "GET", name)
    }

    /// The policy is the body.
    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        Read::shown(answer, "Policy", None)
    }

    fn put(name: &String, document: &str, _: Option<&str>) -> Request {
        policy_of("SetVaultAccessPolicy", "PUT", name).member("Policy", Some(document))
    }

    fn delete(name: &String, _: Option<&str>) -> Request {
        policy_of("DeleteVaultAccessPolicy", "DELETE", name)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(versioned(Request::rest("ListVaults", "GET", &[OWN, "vaults"])).query("marker", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        Listed { found: answer.texts("VaultList", "VaultName"), next: answer.text("Marker").map(str::to_owned) }
    }
}
