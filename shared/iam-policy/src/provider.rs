//! Identity providers in a trust policy: whose tokens open the role.
//!
//! What must hold: an issuer that signs tokens for strangers (a public forge, a social login) is the public until a
//! claim that the stranger cannot choose is pinned. `aud` is chosen by the caller that asks for the token; `sub` names the
//! tenant. A provider that signs for one tenant alone is as far inside as the account that registered it.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-wif>

use super::arn::{Arn, is_open_ended};
use super::audience::{Audience, Breadth, Outsider};
use super::context::Context;
use super::words::clip;

/// A federated principal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Provider {
    /// The name that its condition keys begin with, in lower case.
    pub(crate) name: String,
    /// Every principal that the provider vouches for, before any claim is looked at.
    pub(crate) audience: Audience,
    /// Every principal that is left when the tenant is pinned.
    pub(crate) pinned: Audience,
    /// The issuer signs for strangers.
    pub(crate) is_shared: bool,
}

/// An issuer that many tenants share, and how its claims name the tenant.
struct Issuer {
    name: &'static str,
    /// What must be literal at the start of `sub`: a word, then the tenant up to the delimiter.
    subjects: &'static [(&'static str, char)],
    /// Claims that name the tenant when they are fixed as a whole.
    claims: &'static [&'static str],
}

/// "Identity-provider controls for shared OIDC providers" lists most of them with the claim that IAM asks for:
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_oidc_secure-by-default.html>. How `sub` names
/// the tenant is on the issuers' own pages; where it is not known, only a whole `sub` without wildcards pins it.
const ISSUERS: &[Issuer] = &[
    Issuer {
        name: "token.actions.githubusercontent.com",
        // `repo:owner@id/name@id:...` is the immutable form: no name on GitHub holds an `@`, so the owner ends there, whatever
        // id follows ("About the immutable subject claim", GitHub Actions).
        subjects: &[
            ("repo:", '/'),
            ("repo:", '@'),
            ("repository:", '/'),
            ("repository:", '@'),
            ("repository_id:", ':'),
            ("repository_owner:", ':'),
            ("repository_owner:", '@'),
            ("repository_owner_id:", ':'),
        ],
        claims: &["repository", "repository_id", "repository_owner", "repository_owner_id", "enterprise_id"],
    },
    Issuer { name: "gitlab.com", subjects: &[("project_path:", '/')], claims: &["namespace_id", "project_id"] },
    Issuer { name: "app.terraform.io", subjects: &[("organization:", ':')], claims: &[] },
    Issuer { name: "agent.buildkite.com", subjects: &[("organization:", ':')], claims: &[] },
    Issuer { name: "oidc.codefresh.io", subjects: &[("account:", ':')], claims: &[] },
    Issuer { name: "oidc.vercel.com", subjects: &[("owner:", ':')], claims: &["aud"] },
    Issuer { name: "api.pulumi.com/oidc", subjects: &[], claims: &["aud"] },
    Issuer { name: "sandboxes.cloud", subjects: &[], claims: &["aud"] },
    Issuer { name: "studio.datachain.ai/api", subjects: &[], claims: &[] },
    Issuer { name: "scalr.io", subjects: &[], claims: &[] },
    Issuer { name: "tokens.cloud.shisho.dev", subjects: &[], claims: &[] },
    Issuer { name: "proidc.upbound.io", subjects: &[], claims: &[] },
    Issuer { name: "vstoken.actions.githubusercontent.com", subjects: &[("repo:", '/')], claims: &[] },
    Issuer { name: "oidc-configuration.audit-log.githubusercontent.com", subjects: &[], claims: &[] },
    // Social logins: everybody can sign in there; the application is what can be pinned. AWS's first example of a
    // public policy is a role for Facebook without one.
    Issuer { name: "accounts.google.com", subjects: &[], claims: &["aud", "oaud", "sub", "email"] },
    Issuer { name: "graph.facebook.com", subjects: &[], claims: &["app_id", "id", "sub"] },
    Issuer { name: "www.amazon.com", subjects: &[], claims: &["app_id", "user_id", "sub"] },
    Issuer { name: "cognito-identity.amazonaws.com", subjects: &[], claims: &["aud", "sub"] },
    Issuer { name: "appleid.apple.com", subjects: &[], claims: &["aud", "sub"] },
    Issuer { name: "login.microsoftonline.com/common", subjects: &[], claims: &["aud", "sub", "tid"] },
];

/// The providers that may stand as a name, without an ARN.
const BUILT_IN: &[&str] =
    &["cognito-identity.amazonaws.com", "www.amazon.com", "graph.facebook.com", "accounts.google.com"];

impl Provider {
    /// `None` when the text is no provider.
    pub(crate) fn read(text: &str, context: &Context) -> Option<Self> {
        if context.accounts.iter().any(|known| known.eq_ignore_ascii_case(text)) {
            let name = text.rsplit_once("-provider/").map_or(text, |(_, name)| name).to_ascii_lowercase();
            return Some(Self { name, audience: Audience::INSIDE, pinned: Audience::INSIDE, is_shared: false });
        }
        let (name, owner) = match Arn::read(text) {
            Some(arn) if arn.service == "iam" => {
                let (kind, name) = arn.resource.split_once('/')?;
                let owner = context.account(arn.account)?;
                match kind {
                    "saml-provider" => ("saml", owner),
                    "oidc-provider" => (name, owner),
                    _ => return None,
                }
            }
            Some(_) => return None,
            None => {
                let name = BUILT_IN.iter().find(|name| name.eq_ignore_ascii_case(text))?;
                (*name, Audience::foreign(Outsider::Provider((*name).to_owned())))
            }
        };
        let name = name.to_ascii_lowercase();
        let is_shared = issuer(&name).is_some();
        let audience = if is_shared { Audience::EVERYONE } else { owner.clone() };
        let pinned = if owner.breadth == Breadth::Foreign {
            Audience::foreign(Outsider::Provider(text.to_owned()))
        } else {
            owner
        };
        let audience = if audience.breadth == Breadth::Foreign { pinned.clone() } else { audience };
        Some(Self { name, audience, pinned, is_shared })
    }

    /// Whom a condition on one of the provider's claims leaves; `None` when the key is no claim of the provider.
    pub(crate) fn claim(&self, key: &str, values: &[String], wildcards: bool) -> Option<(Audience, String)> {
        let claim = key.strip_prefix(self.name.as_str())?.strip_prefix(':')?;
        let Some(issuer) = issuer(&self.name) else {
            return Some((self.audience.clone(), "the provider signs for one tenant".to_owned()));
        };
        if !issuer.claims.contains(&claim) && claim != "sub" {
            return Some((Audience::EVERYONE, format!("a stranger can ask for any `{}`", clip(claim))));
        }
        for value in values {
            if !issuer.is_pinned(claim, value, wildcards) {
                return Some((Audience::EVERYONE, format!("`{}` does not fix the owner", clip(value))));
            }
        }
        Some((self.pinned.clone(), "the owner is fixed".to_owned()))
    }

    /// Tokens always carry these, so that an operator which forgives their absence forgives nothing.
    pub(crate) fn is_always_present(&self, key: &str) -> bool {
        key.strip_prefix(self.name.as_str()).is_some_and(|claim| matches!(claim, ":sub" | ":aud"))
    }
}

impl Issuer {
    fn is_pinned(&self, claim: &str, value: &str, wildcards: bool) -> bool {
        if value.contains("${") || (!wildcards && is_open_ended(value)) {
            return false;
        }
        if !is_open_ended(value) {
            // A subject of a shared forge that names no owner (`repo:`, empty) is no pin.
            return !value.is_empty();
        }
        claim == "sub"
            && self.subjects.iter().any(|(word, delimiter)| {
                value
                    .strip_prefix(word)
                    .and_then(|rest| rest.split_once(*delimiter))
                    .is_some_and(|(tenant, _)| !tenant.is_empty() && !is_open_ended(tenant))
            })
    }
}

/// Tenants of these issuers have a path or a host of their own where the name goes on.
fn issuer(name: &str) -> Option<&'static Issuer> {
    let name = name.trim_end_matches('/');
    ISSUERS.iter().find(|issuer| issuer.name == name)
}

#[cfg(test)]
mod tests {
    use super::Provider;
    use crate::audience::Breadth;
    use crate::context::Context;

    fn own(name: &str) -> Provider {
        let arn = format!("arn:aws:iam::111122223333:oidc-provider/{name}");
        Provider::read(&arn, &Context::trust("111122223333")).unwrap()
    }

    fn github(claim: &str, value: &str) -> Breadth {
        let provider = own("token.actions.githubusercontent.com");
        let key = format!("token.actions.githubusercontent.com:{claim}");
        provider.claim(&key, &[value.to_owned()], true).unwrap().0.breadth
    }

    #[test]
    fn a_shared_issuer_needs_a_fixed_owner() {
        assert!(own("token.actions.githubusercontent.com").audience.is_everyone());
        assert_eq!(github("sub", "repo:my-org/my-repo:*"), Breadth::Inside);
        assert_eq!(github("sub", "repo:my-org/*"), Breadth::Inside);
        assert_eq!(github("sub", "repo:my-org/my-repo:ref:refs/heads/main"), Breadth::Inside);
        assert_eq!(github("repository_owner", "my-org"), Breadth::Inside);
        assert_eq!(github("sub", "repo:my-org@*/app@*:*"), Breadth::Inside);
        assert_eq!(github("sub", "repo:my-org@1234/app@*:environment:prod"), Breadth::Inside);
        assert_eq!(github("sub", "repo:my-org@*"), Breadth::Inside);
        for open in ["repo:*@1234/app@*:*", "repo:my-org*@*/app:*", "repo:@*/app@*:*", "repo:my-or?@*/app@*:*"] {
            assert_eq!(github("sub", open), Breadth::Everyone, "{open}");
        }
        for open in ["repo:*", "repo:my-org*", "*", "repo:*/my-repo:*", "repo:${aws:username}/x:*", "repo:my-org?/x"] {
            assert_eq!(github("sub", open), Breadth::Everyone, "{open}");
        }
        assert_eq!(github("aud", "sts.amazonaws.com"), Breadth::Everyone);
        assert_eq!(github("job_workflow_ref", "my-org/x/.github/workflows/a.yml@main"), Breadth::Everyone);
    }

    #[test]
    fn an_issuer_of_one_tenant_is_as_near_as_its_account() {
        let cluster = "oidc.eks.eu-west-1.amazonaws.com/id/ABCDEF0123456789";
        assert_eq!(own(cluster).audience.breadth, Breadth::Inside);
        let foreign = format!("arn:aws:iam::999988887777:oidc-provider/{cluster}");
        let foreign = Provider::read(&foreign, &Context::trust("111122223333")).unwrap();
        assert_eq!(foreign.audience.breadth, Breadth::Foreign);
        let saml = Provider::read("arn:aws:iam::111122223333:saml-provider/corp", &Context::trust("111122223333"));
        assert_eq!(saml.unwrap().audience.breadth, Breadth::Inside);
    }

    #[test]
    fn a_social_login_needs_its_application() {
        let facebook = Provider::read("graph.facebook.com", &Context::trust("111122223333")).unwrap();
        assert!(facebook.audience.is_everyone());
        let pinned = facebook.claim("graph.facebook.com:app_id", &["1234".to_owned()], false).unwrap();
        assert_eq!(pinned.0.breadth, Breadth::Foreign);
        assert!(Provider::read("idp.example.com", &Context::default()).is_none());
    }
}
