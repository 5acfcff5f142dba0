//! Identity providers of the account: IAM-14.
//!
//! "Identity providers and federation" in the IAM user guide. CloudTrail begins each name in small letters
//! (`sAMLProviderArn`, `openIDConnectProviderArn`); how far the capitals go on differs between SDKs, so they are not looked at.

#[cfg(feature = "iam")]
pub(crate) mod client;
pub mod not_allowed;
pub mod state;

use crate::engine::event::{Actor, Body, Event};
use crate::engine::family::{Family, Target, Unlocatable, Written};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use crate::resources::iam::planned;
use not_allowed::IdentityProviderNotAllowed;
use serde_json::Value;
use state::{CREATE_OIDC_PROVIDER, TAG_OIDC_PROVIDER};
use state::{Change, OidcParts, Protocol, Provider, ProviderAction, ProviderRef};
use std::borrow::Cow;

pub(crate) const GET_OIDC_PROVIDER: Permission =
    Permission::on("iam:GetOpenIDConnectProvider", &["iam::${Account}:oidc-provider/*"]);
pub(crate) const GET_SAML_PROVIDER: Permission =
    Permission::on("iam:GetSAMLProvider", &["iam::${Account}:saml-provider/*"]);
pub(crate) const LIST_OIDC_PROVIDERS: Permission = Permission::read("iam:ListOpenIDConnectProviders");
pub(crate) const LIST_SAML_PROVIDERS: Permission = Permission::read("iam:ListSAMLProviders");

/// The family of identity providers. Global.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdentityProviders;

/// Each trigger: the protocol, and what the call changes; none for one that makes a provider.
const CALLS: &[(&str, Protocol, Option<&str>)] = &[
    ("CreateSAMLProvider", Protocol::Saml, None),
    ("UpdateSAMLProvider", Protocol::Saml, Some("the metadata, which holds the keys that it signs with")),
    ("CreateOpenIDConnectProvider", Protocol::Oidc, None),
    ("AddClientIDToOpenIDConnectProvider", Protocol::Oidc, Some("the audiences whose tokens it vouches for")),
    ("UpdateOpenIDConnectProviderThumbprint", Protocol::Oidc, Some("the certificates that it is known by")),
];

impl Family for IdentityProviders {
    type Key = ProviderRef;
    type State = Provider;
    type Action = ProviderAction;

    fn is_global(&self) -> bool {
        true
    }

    fn kind(&self) -> &'static str {
        "identity-provider"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET_OIDC_PROVIDER, GET_SAML_PROVIDER]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_OIDC_PROVIDERS, LIST_SAML_PROVIDERS]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[
            CREATE_OIDC_PROVIDER,
            // For a provider that is made with its tags.
            TAG_OIDC_PROVIDER,
        ]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        Cow::Borrowed(FORMS)
    }

    guardrails![IdentityProviderNotAllowed];

    fn locate(&self, event: &Event) -> Result<Vec<Target<ProviderRef, Provider>>, Unlocatable> {
        let call = CALLS.iter().find(|(name, ..)| event.is_one_of("iam.amazonaws.com", &[name]));
        let Some((_, protocol, changed)) = call else { return Ok(Vec::new()) };
        let arn = arn(event, *protocol).ok_or_else(|| Unlocatable::new(event, "the record names no provider"))?;
        let provider = ProviderRef { arn, protocol: *protocol };
        let change = changed.map_or(Change::Created, |what| Change::Changed(what.to_owned()));
        let parts = parts(&event.request, &provider).filter(|_| change == Change::Created);
        let is_identity_center = is_identity_center(&event.actor);
        let state = Provider { provider: provider.clone(), change, is_identity_center, parts };
        Ok(vec![Target { key: provider, proven: Some(state), changed: None }])
    }

    fn focus(&self, provider: &mut Provider, target: &Target<ProviderRef, Provider>) {
        if let Some(proven) = &target.proven {
            provider.clone_from(proven);
        }
    }

    /// Nothing is recalled of it; when it was deleted is kept all the same.
    fn windows(&self, provider: &ProviderRef) -> Option<String> {
        Some(provider.arn.clone())
    }

    fn part(&self, _: &ProviderAction, provider: &Provider) -> (String, Value) {
        (String::new(), made_of(provider.parts.as_ref()))
    }

    fn writes(&self, call: &ProviderAction) -> Option<Value> {
        match call {
            ProviderAction::Delete(_) => Some(Value::Null),
            ProviderAction::Create(_) => None,
        }
    }

    /// A change of a provider that is being deleted, or made anew, is lost with it.
    fn written(&self, event: &Event, target: &Target<ProviderRef, Provider>) -> Option<Written<ProviderAction>> {
        let provider = target.proven.as_ref()?;
        let content = match (&provider.change, &provider.parts) {
            (Change::Created, Some(parts)) => made_of(Some(parts)),
            (Change::Created | Change::Standing, _) => return None,
            (Change::Changed(_), _) => event.request.value()?.clone(),
        };
        let again = provider.parts.clone().map(ProviderAction::Create);
        Some(Written { part: String::new(), content, again, anew: None })
    }

    fn resource(&self, provider: &ProviderRef, _: Option<&Provider>, _: &Place) -> Resource {
        Resource { id: provider.arn.clone(), kind: "Other", name: provider.name().to_owned() }
    }
}

const FORMS: &[PlannedForm<Provider>] = &[
    PlannedForm::one("AWS::IAM::OIDCProvider", |it| oidc(it, "Url")),
    PlannedForm::one("AWS::IAM::SAMLProvider", |it| saml(it, "Name")),
    PlannedForm::one("aws_iam_openid_connect_provider", |it| oidc(it, "url")),
    PlannedForm::one("aws_iam_saml_provider", |it| saml(it, "name")),
];

/// IAM makes the ARN of the URL.
fn oidc(it: &PlannedResource<'_>, url: &str) -> Result<Option<Provider>, Unreadable> {
    let url = it.text(url)?;
    let issuer = url.as_deref().map(|url| url.trim_start_matches("https://"));
    Ok(issuer.map(|issuer| made(Protocol::Oidc, &format!("oidc-provider/{issuer}"))))
}

/// Without a name, CloudFormation makes one.
fn saml(it: &PlannedResource<'_>, name: &str) -> Result<Option<Provider>, Unreadable> {
    let name = it.text(name)?.unwrap_or_else(|| it.name.to_owned());
    Ok(Some(made(Protocol::Saml, &format!("saml-provider/{name}"))))
}

fn made(protocol: Protocol, resource: &str) -> Provider {
    let provider = ProviderRef { arn: planned::arn(resource), protocol };
    Provider { provider, change: Change::Created, is_identity_center: false, parts: None }
}

/// All that it is made of, to be compared.
fn made_of(parts: Option<&OidcParts>) -> Value {
    serde_json::to_value(parts).unwrap_or_default()
}

/// The member whose name differs in capitals at most.
fn member<'a>(body: &'a Body, name: &str) -> Option<&'a Value> {
    let members = body.value()?.as_object()?;
    members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

fn text<'a>(body: &'a Body, name: &str) -> Option<&'a str> {
    member(body, name)?.as_str().filter(|text| !text.is_empty())
}

/// The provider's ARN: as it is written, else as IAM makes it of the name.
fn arn(event: &Event, protocol: Protocol) -> Option<String> {
    let (field, kind) = match protocol {
        Protocol::Saml => ("samlProviderArn", "saml-provider"),
        Protocol::Oidc => ("openIdConnectProviderArn", "oidc-provider"),
    };
    let written = text(&event.response, field).or_else(|| text(&event.request, field));
    written.map(str::to_owned).or_else(|| {
        let name = match protocol {
            Protocol::Saml => text(&event.request, "name")?,
            Protocol::Oidc => text(&event.request, "url")?.trim_start_matches("https://"),
        };
        Some(format!("arn:{}:iam::{}:{kind}/{name}", event.partition(), event.account))
    })
}

/// What the request of `CreateOpenIDConnectProvider` asks for, when it can be read as a whole.
fn parts(request: &Body, provider: &ProviderRef) -> Option<OidcParts> {
    let url = text(request, "url")?.to_owned();
    let texts = |name: &str| match member(request, name) {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(list) => list.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>(),
    };
    let tag = |tag: &Value| Some((tag.get("key")?.as_str()?.to_owned(), tag.get("value")?.as_str()?.to_owned()));
    let tags = match member(request, "tags") {
        None | Some(Value::Null) => Vec::new(),
        Some(list) => list.as_array()?.iter().map(tag).collect::<Option<Vec<_>>>()?,
    };
    let (clients, thumbprints) = (texts("clientIdList")?, texts("thumbprintList")?);
    Some(OidcParts { provider: provider.clone(), url, clients, thumbprints, tags })
}

/// Identity Center keeps a SAML provider in each account by its service-linked role: AWS alone can act as either.
fn is_identity_center(actor: &Actor) -> bool {
    let is_role = |role: &String| role.contains(":role/aws-service-role/sso.amazonaws.com/");
    actor.invoked_by.as_deref() == Some("sso.amazonaws.com") || actor.role.as_ref().is_some_and(is_role)
}
