//! ACC-12: Identity Center trusts no issuer of tokens that was added unseen.
//!
//! Sources: "CreateTrustedTokenIssuer", "DeleteTrustedTokenIssuer", "DescribeTrustedTokenIssuer" (IAM Identity Center API reference); "Setting up a trusted token issuer"
//! (IAM Identity Center user guide): applications that are configured for it exchange its tokens for those of the users that the tokens name.

use super::{SOURCE, SSO};
use crate::resources::created::prelude::*;
use serde_json::json;

const ISSUERS: &[&str] = &["sso::${Account}:trustedTokenIssuer/*/*"];

/// Trusted issuers of tokens.
pub type TokenIssuers = Created<IssuerTrusted>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IssuerTrusted;

impl Creation for IssuerTrusted {
    const KIND: &'static str = "trusted-token-issuer";
    const ABOUT: &'static About = &About {
        name: "trusted-token-issuer-created",
        catalogue_id: "ACC-12",
        title: "Identity Center trusts another issuer of tokens",
        description: "A principal that is not among `allowed_principals` added a trusted token issuer: whoever signs its tokens can act as any user that they name, in the applications that \
            are configured for it.",
        severity: Severity::High,
        class: Class::R2,
        controls: &[],
        technique: "T1484.002",
        triggers: &["CreateTrustedTokenIssuer"],
        remediation: "Deletes the issuer, with one call: applications that are configured for it accept its tokens no longer. Needs `max_class: R2`.",
        actions: &[Self::REMOVES],
        ids: &["arn:%:sso::%:trustedTokenIssuer/%/%"],
        not_watched: &[
            (
                "UpdateTrustedTokenIssuer",
                "the URL of an issuer cannot be changed; which attribute names the user is not judged",
            ),
            ("PutApplicationGrant", "it takes an issuer that is trusted already"),
        ],
    };
    const API: &'static Api = &SSO;
    const READS: &'static [Permission] = &[Permission::on("sso:DescribeTrustedTokenIssuer", ISSUERS)];
    const REMOVES: Permission = Permission::on("sso:DeleteTrustedTokenIssuer", ISSUERS);
    const SAYS: &'static str = "delete trusted token issuer {}";
    const LINE: &'static str = "aws sso-admin delete-trusted-token-issuer --trusted-token-issuer-arn {}";
    const LOST: &'static str = "an issuer that is created again has another ARN, which applications do not know";

    fn made(event: &Event) -> Result<Option<(String, String)>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no trusted token issuer");
        let arn = event.response.text(&["trustedTokenIssuerArn"]).ok_or_else(unnamed)?.to_owned();
        let url = ["trustedTokenIssuerConfiguration", "oidcJwtConfiguration", "issuerUrl"];
        let url = event.request.text(&url).unwrap_or("an unknown URL");
        Ok(Some((arn, format!("tokens of the issuer `{url}` are trusted"))))
    }

    fn get(arn: &str) -> Request {
        Request::named("DescribeTrustedTokenIssuer", json!({ "TrustedTokenIssuerArn": arn }))
    }

    fn stands(answer: &Answer) -> Option<bool> {
        answer.text("TrustedTokenIssuerArn").map(|_| true)
    }

    fn remove(arn: &str) -> Request {
        Request::named("DeleteTrustedTokenIssuer", json!({ "TrustedTokenIssuerArn": arn }))
    }

    fn named(arn: &str, _: &Place) -> Resource {
        Resource { id: arn.to_owned(), kind: "Other", name: arn.rsplit('/').next().unwrap_or(arn).to_owned() }
    }
}
