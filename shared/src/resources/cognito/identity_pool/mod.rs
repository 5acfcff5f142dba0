//! Identity pools: RES-12.
//!
//! Sources: "CreateIdentityPool", "UpdateIdentityPool", "DescribeIdentityPool" (Amazon Cognito Federated Identities API reference): an update writes the
//! whole configuration, and what it does not name is gone.

pub mod unauthenticated;

use super::COGNITO;
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::request::{Answer, Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use crate::engine::unreadable::Unreadable;
use crate::resources::s3::document::{Document, Held, Of, Write, document_family};
use serde_json::{Map, Value, json};
use unauthenticated::CognitoUnauthenticatedIdentities;

const ARNS: &[&str] = &["cognito-identity:${Region}:${Account}:identitypool/*"];
const DESCRIBE: Permission = Permission::on("cognito-identity:DescribeIdentityPool", ARNS);
const LIST: Permission = Permission::read("cognito-identity:ListIdentityPools");
pub(crate) const UPDATE: Permission = Permission::on("cognito-identity:UpdateIdentityPool", ARNS);

/// The switch.
pub(crate) const GUESTS: &str = "AllowUnauthenticatedIdentities";

/// What else an update writes, with its option of the AWS command line.
const MEMBERS: &[(&str, &str)] = &[
    ("IdentityPoolName", "identity-pool-name"),
    (GUESTS, "allow-unauthenticated-identities"),
    ("AllowClassicFlow", "allow-classic-flow"),
    ("SupportedLoginProviders", "supported-login-providers"),
    ("DeveloperProviderName", "developer-provider-name"),
    ("OpenIdConnectProviderARNs", "open-id-connect-provider-arns"),
    ("CognitoIdentityProviders", "cognito-identity-providers"),
    ("SamlProviderARNs", "saml-provider-arns"),
    ("IdentityPoolTags", "identity-pool-tags"),
];

/// The family of identity pools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IdentityPools;

document_family!(
    IdentityPools,
    "cognito-identity-pool",
    reads: &[DESCRIBE],
    lists: &[LIST],
    undoes: &[UPDATE],
    CognitoUnauthenticatedIdentities,
);

impl Document for IdentityPools {
    /// The configuration, as an update takes it.
    type Value = Map<String, Value>;

    const SOURCE: &'static str = "cognito-identity.amazonaws.com";
    const TRIGGERS: &'static [&'static str] = &["CreateIdentityPool", "UpdateIdentityPool"];
    const PLANNED: &'static [PlannedForm<Held<Map<String, Value>>>] = &[
        PlannedForm::one("AWS::Cognito::IdentityPool", |it| planned(it, GUESTS)),
        PlannedForm::one("aws_cognito_identity_pool", |it| planned(it, "allow_unauthenticated_identities")),
    ];

    /// What is written whole is computed from a read: a record does not hold all of it in the form that a call takes.
    fn set_by(_: &Event) -> Option<Map<String, Value>> {
        None
    }

    fn requested(event: &Event) -> Option<Map<String, Value>> {
        let is_on = event.request.at(&["allowUnauthenticatedIdentities"])?.as_bool()?;
        Some(Map::from_iter([(GUESTS.to_owned(), json!(is_on))]))
    }

    fn subject(event: &Event) -> Result<String, Unlocatable> {
        let named = event.request.text(&["identityPoolId"]).or_else(|| event.response.text(&["identityPoolId"]));
        named.map(str::to_owned).ok_or_else(|| Unlocatable::new(event, "the record names no identity pool"))
    }

    fn named(id: &str, Place { partition, account, region }: &Place) -> Resource {
        let arn = format!("arn:{partition}:cognito-identity:{region}:{account}:identitypool/{id}");
        Resource { id: arn, kind: "Other", name: id.to_owned() }
    }

    /// It is a document: what else it says is the caller's.
    fn is_strictest(_: &Map<String, Value>) -> bool {
        false
    }

    fn permission(_: &Map<String, Value>) -> Permission {
        UPDATE
    }

    fn says(id: &str, pool: &Map<String, Value>) -> String {
        let verb = if pool.get(GUESTS) == Some(&Value::Bool(true)) { "allow" } else { "disallow" };
        format!("{verb} unauthenticated identities of identity pool {id}")
    }

    fn line(id: &str, pool: &Map<String, Value>) -> String {
        let mut line = format!("aws cognito-identity update-identity-pool --identity-pool-id {}", word(id));
        for (member, option) in MEMBERS {
            line += &match pool.get(*member) {
                None | Some(Value::Null) => continue,
                Some(Value::Bool(true)) => format!(" --{option}"),
                Some(Value::Bool(false)) => format!(" --no-{option}"),
                Some(Value::String(text)) => format!(" --{option} {}", word(text)),
                Some(Value::Array(list)) if list.is_empty() => continue,
                Some(Value::Array(list)) => {
                    let words = list.iter().map(|one| word(one.as_str().unwrap_or(&one.to_string())).to_string());
                    format!(" --{option} {}", words.collect::<Vec<_>>().join(" "))
                }
                Some(other) => format!(" --{option} {}", word(&other.to_string())),
            };
        }
        line
    }
}

/// There are none without the switch, which CloudFormation requires and Terraform leaves off.
fn planned(it: &PlannedResource<'_>, guests: &str) -> Result<Option<Held<Map<String, Value>>>, Unreadable> {
    let is_on = it.flag(guests)?.unwrap_or_default();
    Ok(Some(Held::planned(it.name.to_owned(), Map::from_iter([(GUESTS.to_owned(), json!(is_on))]))))
}

impl SignedFamily for IdentityPools {
    const API: &'static Api = &COGNITO;

    fn get(key: &Of<Map<String, Value>>) -> Request {
        Request::named("DescribeIdentityPool", json!({ "IdentityPoolId": key.name }))
    }

    fn got(key: &Of<Map<String, Value>>, answer: &Answer) -> Observed<Held<Map<String, Value>>> {
        let shown = |(member, _): &(&str, &str)| Some(((*member).to_owned(), answer.body.get(*member)?.clone()));
        let pool: Map<String, Value> = MEMBERS.iter().filter_map(shown).collect();
        if pool.get(GUESTS).and_then(Value::as_bool).is_none() {
            let why =
                format!("the answer does not show whether identity pool `{}` has unauthenticated identities", key.name);
            return Observed::Unknown { why };
        }
        Observed::Known(Held::of(key, pool))
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::named("ListIdentityPools", json!({ "MaxResults": 60 })).member("NextToken", from))
    }

    fn listed(answer: &Answer) -> Listing<Self> {
        let ids = answer.list("IdentityPools").iter().filter_map(|pool| pool["IdentityPoolId"].as_str());
        Listing::named(ids.map(|id| Of::new(id.to_owned(), false)), answer.text("NextToken"))
    }

    fn actions() -> Vec<Write<Self>> {
        let pool = json!({"IdentityPoolName": "app", GUESTS: false, "SamlProviderARNs": [], "IdentityPoolTags": {}});
        pool.as_object().map(|pool| Write::whole("eu-central-1:1", pool.clone())).into_iter().collect()
    }
}

impl SignedAction for Write<IdentityPools> {
    const API: &'static Api = &COGNITO;

    fn request(&self) -> Request {
        let call = Request::named("UpdateIdentityPool", Value::Object(self.value.clone()));
        call.member("IdentityPoolId", Some(self.name.as_str()))
    }
}
