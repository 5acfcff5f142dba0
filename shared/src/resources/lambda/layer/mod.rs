//! Who may use the layers of Lambda: RES-03.
//!
//! A version of a layer has a policy, of which calls add and remove one statement each; a version that is not shared has none. Every
//! statement allows `lambda:GetLayerVersion` to one account, to all accounts, or to those of an organization.
//! Sources: "AddLayerVersionPermission", "RemoveLayerVersionPermission", "GetLayerVersionPolicy" (Lambda API reference). The name of a record
//! carries the date of the API.

pub mod judge;
pub mod public;
pub mod state;
pub mod untrusted;

use super::LAMBDA;
use crate::engine::arn::arn_part;
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{NotWatched, guardrails};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::request::{Answer, Api, Request};
use crate::engine::resource_policy::{principal_of, with_condition};
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use crate::engine::unreadable::Unreadable;
use public::LambdaLayerPublic;
use serde_json::{Value, json};
use state::{ADD, Layer, LayerAction, Permit, REMOVE, Share};
use std::borrow::Cow;
use std::collections::BTreeSet;
use untrusted::LambdaLayerSharedWithUntrusted;

const GET: Permission = Permission::on("lambda:GetLayerVersionPolicy", state::ARNS);
const LIST: Permission = Permission::read("lambda:ListLayers");

/// The date of the API that layers came with.
const API_DATE: &str = "2018-10-31";

/// See [`About`](crate::engine::guardrail::About).
const TRIGGERS: &[&str] = &["AddLayerVersionPermission", "AddLayerVersionPermission20181031"];
const IDS: &[&str] = &["arn:%:lambda:%:%:layer:%:%"];
const NOT_WATCHED: &[NotWatched] = &[
    ("PublishLayerVersion20181031", "a new version is not shared until a statement is added"),
    ("RemoveLayerVersionPermission20181031", "it removes a statement: what is left was there before"),
];

/// The family of the permissions of layers.
#[derive(Clone, Copy, Debug, Default)]
pub struct LayerPermissions;

impl Family for LayerPermissions {
    /// The ARN of a layer's version.
    type Key = String;
    type State = Layer;
    type Action = LayerAction;

    fn kind(&self) -> &'static str {
        "lambda-layer"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[ADD]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Layer>]> {
        const FORMS: &[PlannedForm<Layer>] = &[
            PlannedForm::one("AWS::Lambda::LayerVersionPermission", |it| {
                planned(it, ["LayerVersionArn", "Principal", "OrganizationId"])
            }),
            PlannedForm::one("aws_lambda_layer_version_permission", |it| {
                planned(it, ["layer_name", "principal", "organization_id"])
            }),
        ];
        Cow::Borrowed(FORMS)
    }

    guardrails![LambdaLayerPublic, LambdaLayerSharedWithUntrusted];

    /// The response shows the statement that was added. What another account owns is that account's to judge.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of("lambda.amazonaws.com", TRIGGERS) {
            return Ok(Vec::new());
        }
        let unnamed = || Unlocatable::new(event, "the record names no version of a layer");
        let named = event.request.text(&["layerName"]).ok_or_else(unnamed)?;
        let version = event.request.at(&["versionNumber"]).ok_or_else(unnamed)?;
        let version = version.as_str().map_or_else(|| version.to_string(), str::to_owned);
        let layer = if named.starts_with("arn:") {
            named.to_owned()
        } else {
            format!("arn:{}:lambda:{}:{}:layer:{named}", event.partition(), event.region, event.account)
        };
        if arn_part(&layer, 4).is_some_and(|owner| owner != event.account) {
            return Ok(Vec::new());
        }
        let layer = format!("{layer}:{version}");
        let statement = event.response.text(&["statement"]).and_then(|text| serde_json::from_str::<Value>(text).ok());
        let share = statement.as_ref().and_then(Share::read);
        let sid = event.request.text(&["statementId"]).or_else(|| statement.as_ref()?["Sid"].as_str());
        let changed = sid.map(|sid| BTreeSet::from([sid.to_owned()]));
        let proven = share.map(|share| Layer { layer: layer.clone(), shares: vec![share], revision: None });
        Ok(vec![Target { key: layer, proven, changed }])
    }

    /// Only what the event added is in question.
    fn focus(&self, layer: &mut Layer, target: &TargetOf<Self>) {
        let Some(changed) = &target.changed else { return };
        for share in &mut layer.shares {
            share.in_question = changed.contains(&share.sid);
        }
    }

    /// What the policy says, and not which revision it is.
    fn content(&self, layer: &Layer) -> Value {
        layer.shares.iter().map(|share| share.statement.clone()).collect()
    }

    /// The statement that the call is about.
    fn part(&self, call: &LayerAction, layer: &Layer) -> (String, Value) {
        let found = layer.shares.iter().find(|share| share.sid == call.sid());
        (call.sid().to_owned(), found.map_or(Value::Null, |share| share.statement.clone()))
    }

    fn resource(&self, arn: &String, _: Option<&Layer>, _: &Place) -> Resource {
        let name = arn.split_once(":layer:").map_or(arn.as_str(), |(_, name)| name).to_owned();
        Resource { id: arn.clone(), kind: "AwsLambdaLayerVersion", name }
    }
}

/// The statement that Lambda makes of a permission.
fn planned(it: &PlannedResource<'_>, [layer, principal, organization]: [&str; 3]) -> Result<Option<Layer>, Unreadable> {
    let principal = it.text(principal)?.ok_or("the permission names no principal")?;
    let sid = it.named(&["statement_id"]);
    let conditions = it.text(organization)?.map(|id| json!({"StringEquals": {"aws:PrincipalOrgID": id}}));
    let statement = json!({"Sid": sid, "Effect": "Allow", "Principal": principal_of(&principal), "Action": state::USE, "Resource": "*"});
    let statement = with_condition(statement, conditions);
    let share = Share { sid, statement, in_question: true };
    Ok(Some(Layer { layer: it.named(&[layer]), shares: vec![share], revision: None }))
}

/// The ARN of the layer, and its version.
fn parts(arn: &str) -> (&str, &str) {
    arn.rsplit_once(':').unwrap_or((arn, ""))
}

fn policy_of<'a>(arn: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let (layer, version) = parts(arn);
    [&[API_DATE, "layers", layer, "versions", version, "policy"], more].concat()
}

impl SignedFamily for LayerPermissions {
    const API: &'static Api = &LAMBDA;

    fn get(arn: &String) -> Request {
        Request::rest("GetLayerVersionPolicy", "GET", &policy_of(arn, &[]))
    }

    fn got(arn: &String, answer: &Answer) -> Observed<Layer> {
        let document = answer.text("Policy").and_then(|text| serde_json::from_str::<Value>(text).ok());
        let statements = document.as_ref().and_then(|document| document["Statement"].as_array());
        match statements.and_then(|list| list.iter().map(Share::read).collect()) {
            Some(shares) => {
                let revision = answer.text("RevisionId").map(str::to_owned);
                Observed::Known(Layer { layer: arn.clone(), shares, revision })
            }
            None => Observed::Unknown { why: format!("the answer does not show the policy of `{arn}`") },
        }
    }

    /// The latest version of each layer; an older one is found when it is shared.
    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::rest("ListLayers", "GET", &[API_DATE, "layers"]).query("Marker", from))
    }

    fn listed(answer: &Answer) -> Listing<Self> {
        let latest =
            |layer: &Value| Some(layer.pointer("/LatestMatchingVersion/LayerVersionArn")?.as_str()?.to_owned());
        Listing::named(answer.list("Layers").iter().filter_map(latest), answer.text("NextMarker"))
    }

    fn actions() -> Vec<LayerAction> {
        let (layer, sid) = ("arn:aws:lambda:eu-central-1:111122223333:layer:helper:3".to_owned(), "all".to_owned());
        let permit = Permit { principal: "*".to_owned(), organization: Some("o-1".to_owned()) };
        vec![
            LayerAction::Remove { layer: layer.clone(), sid: sid.clone(), revision: Some("1".to_owned()) },
            LayerAction::Add { layer, sid, permit },
        ]
    }
}

impl SignedAction for LayerAction {
    const API: &'static Api = &LAMBDA;

    fn request(&self) -> Request {
        match self {
            Self::Remove { layer, sid, revision } => {
                let call = Request::rest("RemoveLayerVersionPermission", "DELETE", &policy_of(layer, &[sid]));
                call.query("RevisionId", revision.as_deref())
            }
            Self::Add { layer, sid, permit } => {
                Request::rest("AddLayerVersionPermission", "POST", &policy_of(layer, &[]))
                    .member("StatementId", Some(sid.as_str()))
                    .member("Action", Some(state::USE))
                    .member("Principal", Some(permit.principal.as_str()))
                    .member("OrganizationId", permit.organization.as_deref())
            }
        }
    }
}

/// For the roles: what removing needs is the guardrails'.
pub(crate) const REMOVES: &[Permission] = &[REMOVE];
