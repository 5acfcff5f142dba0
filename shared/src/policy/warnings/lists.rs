//! Lists of names and patterns: entries that can match nothing, and entries that match everything.

use crate::policy::Policy;
use crate::policy::warnings::shape::{is_everything, meets};
use crate::policy::warnings::{Entry, Found};

/// What a list holds.
#[derive(Clone, Copy, Debug)]
struct Holds {
    /// What an entry has to look like to match anything.
    shapes: &'static [&'static str],
    /// How an entry is written, for a person.
    form: &'static str,
    /// What an entry that matches everything does; nothing where it does no harm.
    everything: Option<&'static str>,
}

/// Names of IAM have neither slashes nor colons; paths are not part of them.
const NAME: &[&str] = &["%"];
/// Who calls: of a session, its role; the session's name is its caller's choice and is not matched.
pub(super) const CALLERS: &[&str] = &["arn:%:iam::%:*", "arn:%:sts::%:assumed-role/%/", "arn:%:sts::%:federated-user/"];
const PRINCIPALS: Holds = Holds {
    shapes: &["user/%", "role/%", "group/%"],
    form: "`user/NAME`, `role/NAME` or `group/NAME`, without a path",
    everything: Some("protects every principal: no guardrail removes a permission any more"),
};
const PROTECTED_USERS: Holds = Holds {
    shapes: NAME,
    form: "the name of a user, without a path",
    everything: Some("protects every user: nothing is remediated"),
};
const ALLOWED_USERS: Holds = Holds {
    shapes: NAME,
    form: "the name of a user, without a path",
    everything: Some("allows every user: the guardrail finds nothing"),
};
const SETTERS: Holds = Holds {
    shapes: CALLERS,
    form: "the ARN of a user or a role",
    everything: Some("allows every principal: the guardrail finds nothing"),
};
const SIGNALS: Holds = Holds { shapes: CALLERS, form: "the ARN of a user or a role", everything: None };
const BOUNDARIES: Holds = Holds {
    shapes: &["arn:%:iam::%:policy/*"],
    form: "the ARN of a managed policy",
    everything: Some("allows every policy as a boundary, also one that allows everything"),
};
const POLICIES: Holds = Holds {
    shapes: &["arn:%:iam::%:policy/*"],
    form: "the ARN of a managed policy",
    everything: Some("allows every policy: the guardrail finds nothing"),
};
const PROVIDERS: Holds = Holds {
    shapes: &["%", "%/*", "arn:%:iam::%:saml-provider/*", "arn:%:iam::%:oidc-provider/*"],
    form: "the name of a SAML provider, the issuer of an OIDC provider without `https://`, or an ARN",
    everything: Some("allows every provider: the guardrail finds nothing"),
};
const SERVICES: Holds = Holds {
    shapes: &["%.amazonaws.com", "%.amazonaws.com.cn"],
    form: "a service such as `scheduler.amazonaws.com`",
    everything: None,
};
const CALLS: Holds = Holds {
    shapes: &["%:%"],
    form: "a service and an event name such as `s3:DeleteBucketPolicy`",
    everything: Some("allows every call: the guardrail finds nothing"),
};
const KMS_KEYS: Holds = Holds {
    shapes: &["arn:%:kms:%:%:key/%", "arn:%:kms:%:%:alias/*", "alias/aws/ebs"],
    form: "the ARN of a key, or `alias/aws/ebs`",
    everything: Some("allows every key: the guardrail finds nothing"),
};
const RESOURCES: Holds = Holds { shapes: NAME, form: "the name of a resource, not its ARN", everything: None };

pub(super) fn warnings(policy: &Policy) -> Vec<Found> {
    let all = &policy.guardrails;
    let setting = Entry::setting;
    let lists: [(Entry, &[String], Holds); 18] = [
        (Entry::of(["protected_principals"]), policy.protected_principals.as_deref().unwrap_or_default(), PRINCIPALS),
        (
            setting("access-key-not-allowed", "allowed_users"),
            &all.access_key_not_allowed.settings.allowed_users,
            ALLOWED_USERS,
        ),
        (
            setting("console-password-set-by-another", "allowed_setters"),
            &all.console_password_set_by_another.settings.allowed_setters,
            SETTERS,
        ),
        (
            setting("console-password-set-by-another", "protected_users"),
            &all.console_password_set_by_another.settings.protected_users,
            PROTECTED_USERS,
        ),
        (
            setting("console-user-without-mfa", "protected_users"),
            &all.console_user_without_mfa.settings.protected_users,
            PROTECTED_USERS,
        ),
        (
            setting("quarantined-user-has-active-keys", "protected_users"),
            &all.quarantined_user_has_active_keys.settings.protected_users,
            PROTECTED_USERS,
        ),
        (
            setting("quarantined-user-has-active-keys", "accepted_from"),
            &all.quarantined_user_has_active_keys.settings.accepted_from,
            SIGNALS,
        ),
        (
            setting("permissions-boundary-changed", "allowed_boundaries"),
            &all.permissions_boundary_changed.settings.allowed_boundaries,
            BOUNDARIES,
        ),
        (
            setting("attached-policy-grants-admin", "allowed_policies"),
            &all.attached_policy_grants_admin.settings.allowed_policies,
            POLICIES,
        ),
        (
            setting("attached-policy-grants-escalation", "allowed_policies"),
            &all.attached_policy_grants_escalation.settings.allowed_policies,
            POLICIES,
        ),
        (
            setting("identity-provider-not-allowed", "allowed_providers"),
            &all.identity_provider_not_allowed.settings.allowed_providers,
            PROVIDERS,
        ),
        (setting("role-trust-open", "pinned_services"), &all.role_trust_open.settings.pinned_services, SERVICES),
        (setting("root-api-call", "allowed_calls"), &all.root_api_call.settings.allowed_calls, CALLS),
        (
            setting("ebs-default-key-changed", "allowed_kms_keys"),
            &all.ebs_default_key_changed.settings.allowed_kms_keys,
            KMS_KEYS,
        ),
        (
            setting("db-instance-deletion-protection-off", "only"),
            &all.db_instance_deletion_protection_off.settings.only,
            RESOURCES,
        ),
        (
            setting("db-cluster-deletion-protection-off", "only"),
            &all.db_cluster_deletion_protection_off.settings.only,
            RESOURCES,
        ),
        (
            setting("dynamodb-table-deletion-protection-off", "only"),
            &all.dynamodb_table_deletion_protection_off.settings.only,
            RESOURCES,
        ),
        (
            setting("load-balancer-deletion-protection-off", "only"),
            &all.load_balancer_deletion_protection_off.settings.only,
            RESOURCES,
        ),
    ];
    let of_lists = lists.into_iter().flat_map(|(entry, list, holds)| {
        list.iter()
            .enumerate()
            .filter_map(move |(at, value)| Some((entry.item(at), warning(value, holds)?)))
            .collect::<Vec<_>>()
    });
    of_lists.chain(organizations(policy)).collect()
}

fn warning(value: &str, holds: Holds) -> Option<String> {
    let Holds { shapes, form, everything } = holds;
    if let Some(harm) = everything.filter(|_| matches_all(value, shapes)) {
        return Some(format!("`{value}` {harm}"));
    }
    let matches_nothing = value.is_empty() || !shapes.iter().any(|shape| meets(value, shape));
    let is_arn = if value.starts_with("arn:") { "is an ARN and " } else { "" };
    matches_nothing.then(|| format!("`{value}` {is_arn}matches nothing: {form} is expected here"))
}

/// `*`, or `role/*` where the kind stands before the name.
fn matches_all(value: &str, shapes: &[&str]) -> bool {
    let kinds = shapes.iter().filter_map(|shape| shape.strip_suffix("/%"));
    let rest = kinds.into_iter().find_map(|kind| value.strip_prefix(kind)?.strip_prefix('/'));
    is_everything(rest.unwrap_or(value))
}

/// Organizations are compared whole: "The regex pattern for an organization ID", AWS Organizations API reference.
fn organizations(policy: &Policy) -> Vec<Found> {
    let is_id = |id: &str| {
        let letters = id.strip_prefix("o-").unwrap_or_default();
        (10..=32).contains(&letters.len()) && letters.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    let wrong = policy.trusted_organizations.iter().enumerate().filter(|(_, id)| !is_id(id));
    let entry = Entry::of(["trusted_organizations"]);
    wrong
        .map(|(at, id)| {
            let says = "is not the id of an organization and matches nothing: `o-` and 10 to 32 lower-case letters or digits are expected";
            (entry.item(at), format!("`{id}` {says}"))
        })
        .collect()
}
