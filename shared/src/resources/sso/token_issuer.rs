//! ACC-12: Identity Center trusts no issuer of tokens that was added unseen.
//!
//! Sources: "CreateTrustedTokenIssuer", "DeleteTrustedTokenIssuer" (IAM Identity Center API reference); "Setting up a trusted token issuer" (IAM Identity Center user
//! guide): applications that are configured for it exchange its tokens for those of the users that the tokens name. An issuer that is created again has another ARN,
//! which applications do not know: it is not deleted here, because that could not be undone, and it is of use only once an application is configured for it.

use super::SOURCE;
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;

/// Trusted issuers of tokens.
pub type TokenIssuers = Notices<IssuerTrusted>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IssuerTrusted;

impl Notice for IssuerTrusted {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "trusted-token-issuer";
    const ABOUT: &'static About = &About {
        name: "trusted-token-issuer-created",
        catalogue_id: "ACC-12",
        title: "Identity Center trusts another issuer of tokens",
        description: "A principal that is not among `allowed_principals` added a trusted token issuer. Applications that are configured for it accept its tokens, so the \
            owner of its signing key can act in them as any user.",
        severity: Severity::High,
        class: Class::R0,
        controls: &[],
        technique: "T1484.002",
        triggers: &["CreateTrustedTokenIssuer"],
        remediation: "Notifies: an issuer that is created again has another ARN, which no application knows. Delete it with `sso:DeleteTrustedTokenIssuer` if it is not yours.",
        actions: &[],
        ids: &["arn:%:sso::%:trustedTokenIssuer/%/%"],
        not_watched: &[
            (
                "UpdateTrustedTokenIssuer",
                "the URL of an issuer cannot be changed; which attribute names the user is not judged",
            ),
            ("PutApplicationGrant", "it takes an issuer that is trusted already"),
        ],
    };

    const PLANNED: &'static [PlannedForm<Noticed>] = &[PlannedForm::one("aws_ssoadmin_trusted_token_issuer", |it| {
        let url = it.text("trusted_token_issuer_configuration.oidc_jwt_configuration.issuer_url")?;
        Ok(url.map(|url| trusted(Noticed::planned(&it.named(&["name"])), &url)))
    })];

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no trusted token issuer");
        let arn = event.response.text(&["trustedTokenIssuerArn"]).ok_or_else(unnamed)?;
        let url = ["trustedTokenIssuerConfiguration", "oidcJwtConfiguration", "issuerUrl"];
        let url = event.request.text(&url).unwrap_or("an unknown URL");
        Ok(Some(trusted(Noticed::of(event, arn), url)))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(arn: &str, _: &Place) -> Resource {
        Resource { id: arn.to_owned(), kind: "Other", name: arn.rsplit('/').next().unwrap_or(arn).to_owned() }
    }
}

fn trusted(seen: Noticed, url: &str) -> Noticed {
    let element = seen.name.clone();
    seen.sign(&element, Some(format!("tokens of the issuer `{url}` are trusted")))
}
