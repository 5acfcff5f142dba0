//! ACC-08: a resource share that was for the organization alone is not opened to accounts outside it.
//!
//! Sources: "UpdateResourceShare", "GetResourceShares" (AWS RAM API reference). Allowing external principals shares nothing by itself: each principal that is
//! associated then is another guardrail's. A new share allows them unless the call says otherwise, which is how most shares are made.

use super::{IDS, RAM, SHARES, SOURCE, name};
use crate::engine::arn::arn_part;
use crate::engine::setting::prelude::*;
use crate::resources::callers::{AllowedPrincipals, callers};
use serde_json::{Value, json};

const READ: Permission = Permission::read("ram:GetResourceShares");
const UPDATE: Permission = Permission::on("ram:UpdateResourceShare", SHARES);

/// Whether shares are for the organization alone.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ExternalSwitches;

/// How a share is found, and who called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareRef {
    /// Its ARN.
    pub arn: String,
    /// See [`callers`].
    pub by: Vec<String>,
}

/// A share, as far as this guardrail is about it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Switch {
    /// How it is found.
    pub share: ShareRef,
    /// Whether it is for the organization alone.
    pub is_internal: bool,
}

impl Setting for ExternalSwitches {
    type Key = ShareRef;
    type State = Switch;
    type Subject = String;
    type Value = bool;
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "resource-share-external-principals";
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[READ];
    const UNDOES: &'static [Permission] = &[UPDATE];
    const ABOUT: &'static About = &About {
        name: "resource-share-allows-external-principals",
        catalogue_id: "ACC-08",
        title: "A resource share was opened to accounts outside the organization",
        description: "A principal that is not among `allowed_principals` set a resource share of AWS RAM to allow principals outside the organization. A share that was created like that is \
            left alone: it is the default, and each principal is judged when it is associated.",
        severity: Severity::Medium,
        class: Class::R2,
        controls: &[],
        technique: "T1537",
        triggers: &["UpdateResourceShare"],
        remediation: "Sets the share to be for the organization alone again, with one call. An account outside that the share had before may lose it, so this needs `max_class: R2`.",
        actions: &[UPDATE],
        ids: IDS,
        not_watched: &[
            (
                "CreateResourceShare",
                "to allow external principals is the default of a new share: whom it is shared with is another guardrail's",
            ),
            (
                "PromoteResourceShareCreatedFromPolicy",
                "the principals stay those of the resource's policy, which other guardrails judge",
            ),
        ],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["internal"],
            UPDATE,
            "set resource share {} to be for the organization alone",
            "aws ram update-resource-share --resource-share-arn {} --no-allow-external-principals",
        ),
        Call::new(
            false,
            &["external"],
            UPDATE,
            "set resource share {} to allow external principals",
            "aws ram update-resource-share --resource-share-arn {} --allow-external-principals",
        ),
    ];

    /// Only a call that names the switch sets it.
    fn changed_by(event: &Event) -> Result<Vec<Target<ShareRef, Switch>>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let unnamed = || Unlocatable::new(event, "the record names no resource share");
        let arn = event.request.text(&["resourceShareArn"]).ok_or_else(unnamed)?.to_owned();
        let is_external = event.request.at(&["allowExternalPrincipals"]).map(|value| match value {
            Value::Bool(is_external) => Some(*is_external),
            Value::String(text) => text.parse().ok(),
            Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        });
        let is_elsewhere = arn_part(&arn, 4).is_some_and(|owner| owner != event.account);
        let Some(is_external) = is_external.filter(|_| !is_elsewhere) else { return Ok(Vec::new()) };
        let key = ShareRef { arn, by: callers(event) };
        let proven = is_external.map(|is_external| Switch { share: key.clone(), is_internal: !is_external });
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn narrow(switch: &mut Switch, target: &Target<ShareRef, Switch>) {
        switch.share.clone_from(&target.key);
    }

    fn named(share: &ShareRef, _: &Place) -> Resource {
        Resource { id: share.arn.clone(), kind: "Other", name: name(&share.arn).to_owned() }
    }

    fn shown(switch: &Switch) -> Shown<String, bool> {
        Shown::of(switch.share.arn.clone(), switch.is_internal, "external principals")
    }

    fn is_in_question(switch: &Switch, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&switch.share.by)
    }

    fn why(switch: &Switch, _: &Terms<'_>) -> String {
        format!("resource share `{}` was set to allow principals outside the organization", switch.share.arn)
    }
}

impl SignedSetting for ExternalSwitches {
    const API: &'static Api = &RAM;

    fn get(share: &ShareRef) -> Request {
        Request::rest("GetResourceShares", "POST", &["getresourceshares"])
            .member("resourceOwner", Some("SELF"))
            .member("resourceShareArns", Some(json!([share.arn])))
    }

    fn got(share: &ShareRef, answer: &Answer) -> Observed<Switch> {
        let Some(list) = answer.body.get("resourceShares").and_then(Value::as_array) else {
            return Observed::Unknown { why: "the answer shows no list of resource shares".to_owned() };
        };
        let found = list.iter().find(|one| one["resourceShareArn"].as_str() == Some(&share.arn));
        let Some(found) = found.filter(|one| one["status"] != "DELETED" && one["status"] != "DELETING") else {
            return Observed::Absent;
        };
        match found["allowExternalPrincipals"].as_bool() {
            Some(is_external) => Observed::Known(Switch { share: share.clone(), is_internal: !is_external }),
            None => {
                Observed::Unknown { why: "the answer does not show whether external principals are allowed".to_owned() }
            }
        }
    }

    fn set(arn: &String, is_internal: bool) -> Request {
        Request::rest("UpdateResourceShare", "POST", &["updateresourceshare"])
            .member("resourceShareArn", Some(arn.as_str()))
            .member("allowExternalPrincipals", Some(!is_internal))
    }

    /// What was opened before is the owner's: nothing is listed.
    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }
}
