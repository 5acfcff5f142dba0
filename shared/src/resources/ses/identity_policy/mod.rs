//! RES-09: the sending authorization policies of SES identities: who else may send mail in the name of a domain or address.
//!
//! An identity has up to twenty, each with a name. `PutIdentityPolicy` of the older API writes one, and so do `CreateEmailIdentityPolicy` and
//! `UpdateEmailIdentityPolicy`; the newer API makes a policy by another call than it changes one by.
//! Sources: "Using sending authorization with Amazon SES" (SES developer guide), "PutIdentityPolicy" (SES API v1 reference),
//! "CreateEmailIdentityPolicy" (SES API v2 reference).

use super::SES;
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &["ses:${Region}:${Account}:identity/*"];
const GET: Permission = Permission::on("ses:GetEmailIdentityPolicies", ON);
const LIST: Permission = Permission::read("ses:ListEmailIdentities");
const UPDATE: Permission = Permission::on("ses:UpdateEmailIdentityPolicy", ON);
const CREATE: Permission = Permission::on("ses:CreateEmailIdentityPolicy", ON);
const DELETE: Permission = Permission::on("ses:DeleteEmailIdentityPolicy", ON);

/// The policies of identities.
pub type IdentityPolicies = Policies<Identities>;

/// Policies of identities, each by the identity and its own name: `example.com/partner`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Identities;

impl ResourcePolicy for Identities {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "ses-identity-policy";
    const NOUN: &'static str = "SES identity";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "SES identity",
        public: "ses-identity-policy-public" is "RES-09" at High,
        untrusted: "ses-identity-policy-untrusted" is "RES-09",
        class: R1,
        controls: &[],
        technique: "T1496.004",
        triggers: &["PutIdentityPolicy", "CreateEmailIdentityPolicy", "UpdateEmailIdentityPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:ses:%:%:identity/*"],
        not_watched: &[
            ("DeleteIdentityPolicy, DeleteEmailIdentityPolicy", "without a policy only the account itself sends for the identity"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the identity to its own account.",
        beside: "Delegate senders are named by their account (`trusted_accounts`, `allowed_accounts`).",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("aws_ses_identity_policy", "policy"), ("aws_sesv2_email_identity_policy", "policy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST, GET];
    const PUT: Permission = UPDATE;
    const DELETE: Option<Permission> = Some(DELETE);
    const WRITES: &'static [Permission] = &[UPDATE, CREATE, DELETE];

    /// An identity is named by its domain or address, or by its ARN.
    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("ses.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let text = |name: &str| event.request.text(&[name]);
        let unnamed = || Unlocatable::new(event, "the record names no identity and policy");
        let identity = text("emailIdentity").or_else(|| text("identity")).ok_or_else(unnamed)?;
        let policy = text("policyName").ok_or_else(unnamed)?;
        if arn_part(identity, 4).is_some_and(|owner| owner != event.account) {
            return Ok(None);
        }
        let identity = identity.split_once(":identity/").map_or(identity, |(_, name)| name);
        Ok(Some(Change::of(format!("{identity}/{policy}"), event.request.at(&["policy"]))))
    }

    /// An exemption covers an identity with all its policies.
    fn named(subject: &String, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:ses:{region}:{account}:identity/{}", parts(subject).0);
        Resource { id, kind: "Other", name: subject.clone() }
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn words(subject: &String) -> String {
        let (identity, policy) = parts(subject);
        format!("--email-identity {} --policy-name {}", word(identity), word(policy))
    }

    fn put_line(words: &str, document: &str) -> String {
        format!("aws sesv2 update-email-identity-policy {words} --policy {}", argument(document))
    }

    fn delete_line(words: &str) -> String {
        format!("aws sesv2 delete-email-identity-policy {words}")
    }
}

/// The identity, and the name of the policy: that holds no slash.
fn parts(subject: &str) -> (&str, &str) {
    subject.rsplit_once('/').unwrap_or((subject, ""))
}

fn policies_of(operation: &'static str, method: &'static str, identity: &str) -> Request {
    Request::rest(operation, method, &["v2", "email", "identities", identity, "policies"])
}

fn policy_of(operation: &'static str, method: &'static str, subject: &str) -> Request {
    let (identity, policy) = parts(subject);
    let mut call = policies_of(operation, method, identity);
    call.path.push(policy.to_owned());
    call
}

impl SignedPolicy for Identities {
    const API: &'static Api = &SES;

    fn get(subject: &String) -> Request {
        policies_of("GetEmailIdentityPolicies", "GET", parts(subject).0)
    }

    fn got(subject: &String, answer: &Answer) -> Observed<Read> {
        let policy = answer.at(&["Policies", parts(subject).1]).and_then(serde_json::Value::as_str);
        Observed::Known(Read::of(policy.map(str::to_owned)))
    }

    fn put(subject: &String, document: &str, _: Option<&str>) -> Request {
        policy_of("UpdateEmailIdentityPolicy", "PUT", subject).member("Policy", Some(document))
    }

    fn create(subject: &String, document: &str) -> Option<Request> {
        Some(policy_of("CreateEmailIdentityPolicy", "POST", subject).member("Policy", Some(document)))
    }

    fn delete(subject: &String, _: Option<&str>) -> Request {
        policy_of("DeleteEmailIdentityPolicy", "DELETE", subject)
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(
            Request::rest("ListEmailIdentities", "POST", &["v2", "email", "list-identities"]).member("NextToken", from),
        )
    }

    /// Identities: their policies are listed inside.
    fn listed(answer: &Answer) -> Listed<String> {
        let found = answer.texts("EmailIdentities", "IdentityName");
        Listed { found, next: answer.text("NextToken").map(str::to_owned) }
    }

    fn inside(identity: &String, _: Option<&str>) -> Option<Request> {
        Some(policies_of("GetEmailIdentityPolicies", "GET", identity))
    }

    fn listed_inside(identity: &String, answer: &Answer) -> Listed<String> {
        let policies = answer.at(&["Policies"]).and_then(serde_json::Value::as_object);
        let names = policies.into_iter().flat_map(|policies| policies.keys());
        Listed { found: names.map(|name| format!("{identity}/{name}")).collect(), next: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_found_in_its_identity() {
        let answer = Answer { body: json!({"Policies": {"partner": "{}"}}), request_id: None };
        let identity = "a/b@example.com".to_owned();
        let listed = Identities::listed_inside(&identity, &answer).found;
        assert_eq!(listed, ["a/b@example.com/partner"]);
        for (subject, document) in [(&listed[0], Some("{}".to_owned())), (&format!("{identity}/other"), None)] {
            assert_eq!(Identities::got(subject, &answer), Observed::Known(Read::of(document)));
        }
        assert_eq!(Identities::words(&listed[0]), "--email-identity a/b@example.com --policy-name partner");
    }
}
