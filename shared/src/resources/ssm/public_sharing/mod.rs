//! RES-10: public sharing of Systems Manager documents stays blocked in an account and region.
//!
//! Sources: "Blocking public sharing for SSM documents" (Systems Manager user guide); "UpdateServiceSetting", "ResetServiceSetting" (API
//! reference): a setting that is reset has its default again, which allows sharing.

use super::{SOURCE, SSM};
use crate::engine::setting::prelude::*;

/// The setting: `Enable` allows public sharing.
const ID: &str = "/ssm/documents/console/public-sharing-permission";
const ARNS: &[&str] = &["ssm:${Region}:${Account}:servicesetting/ssm/documents/console/public-sharing-permission"];
const GET: Permission = Permission::on("ssm:GetServiceSetting", ARNS);
const UPDATE: Permission = Permission::on("ssm:UpdateServiceSetting", ARNS);

/// The block of public sharing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublicSharing;

/// Whether documents may be shared with everyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharingSetting {
    /// `SettingValue` is `Enable`.
    pub is_allowed: Observed<bool>,
}

fn is_allowed(value: Option<&str>) -> Observed<bool> {
    match value {
        Some("Enable") => Observed::Known(true),
        Some("Disable") => Observed::Known(false),
        Some(other) => Observed::Unknown { why: format!("the setting has a value that is not known: `{other}`") },
        None => Observed::Unknown { why: "the value of the setting is not shown".to_owned() },
    }
}

impl Setting for PublicSharing {
    type Key = OfAccount;
    type State = SharingSetting;
    type Subject = ();
    type Value = bool;
    type Settings = NoSettings;

    const KIND: &'static str = "ssm-public-sharing";
    const STRICTEST: bool = false;
    const READS: &'static [Permission] = &[GET];
    const UNDOES: &'static [Permission] = &[UPDATE];
    const ABOUT: &'static About = &About {
        name: "ssm-public-sharing-allowed",
        catalogue_id: "RES-10",
        title: "Public sharing of Systems Manager documents is allowed",
        description: "The block of public sharing for Systems Manager documents was switched off, or reset to its default, which allows it: from then on \
            a document of the account can be shared with everyone in the region. Documents hold scripts, and often names of hosts and secrets. An \
            account that publishes documents is a case for an exemption.",
        severity: Severity::High,
        class: Class::R1,
        controls: &["SSM.7"],
        technique: "T1562",
        triggers: &["UpdateServiceSetting", "ResetServiceSetting"],
        remediation: "Sets `/ssm/documents/console/public-sharing-permission` to `Disable`. A document that is public already stays so: its own \
            sharing is another call.",
        actions: &[UPDATE],
        ids: &["arn:%:ssm:%:%:servicesetting/ssm/documents/console/public-sharing-permission"],
        not_watched: &[("UpdateServiceSetting of other settings", "they say nothing about sharing")],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            false,
            &["block"],
            UPDATE,
            "block public sharing of Systems Manager documents",
            "aws ssm update-service-setting --setting-id /ssm/documents/console/public-sharing-permission --setting-value Disable",
        ),
        Call::new(
            true,
            &["allow"],
            UPDATE,
            "allow public sharing of Systems Manager documents",
            "aws ssm update-service-setting --setting-id /ssm/documents/console/public-sharing-permission --setting-value Enable",
        ),
    ];

    const PLANNED: &'static [PlannedForm<SharingSetting>] = &[PlannedForm::one("aws_ssm_service_setting", |it| {
        let is_it = it.text("setting_id")?.is_some_and(|id| id.ends_with(ID));
        if !is_it {
            return Ok(None);
        }
        let is_allowed = is_allowed(it.text("setting_value")?.as_deref());
        Ok(Some(SharingSetting { is_allowed }))
    })];

    /// The setting is named by its id or its ARN. What a reset leaves shows in its response alone.
    fn changed_by(event: &Event) -> Result<Vec<Target<OfAccount, SharingSetting>>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let unnamed = || Unlocatable::new(event, "the record names no service setting");
        if !event.request.text(&["settingId"]).ok_or_else(unnamed)?.ends_with(ID) {
            return Ok(Vec::new());
        }
        let value = match event.name.as_str() {
            "UpdateServiceSetting" => event.request.text(&["settingValue"]),
            _ => event.response.text(&["serviceSetting", "settingValue"]),
        };
        let is_allowed = is_allowed(value);
        let proven = is_allowed.known().is_some().then_some(SharingSetting { is_allowed });
        Ok(vec![Target { key: OfAccount {}, proven, changed: None }])
    }

    fn named(_: &OfAccount, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:ssm:{region}:{account}:servicesetting{ID}");
        Resource { id, kind: "Other", name: "public sharing of documents".to_owned() }
    }

    fn shown(setting: &SharingSetting) -> Shown<(), bool> {
        Shown { subject: (), value: setting.is_allowed.clone(), element: "public sharing".to_owned(), is_fixed: false }
    }

    fn why(_: &SharingSetting, _: &Terms<'_>) -> String {
        "documents of Systems Manager may be shared with everyone in this account and region".to_owned()
    }
}

impl SignedSetting for PublicSharing {
    const API: &'static Api = &SSM;

    fn get(_: &OfAccount) -> Request {
        Request::named("GetServiceSetting", serde_json::json!({ "SettingId": ID }))
    }

    fn got(_: &OfAccount, answer: &Answer) -> Observed<SharingSetting> {
        let value = answer.body.pointer("/ServiceSetting/SettingValue").and_then(|value| value.as_str());
        Observed::Known(SharingSetting { is_allowed: is_allowed(value) })
    }

    fn set((): &(), is_allowed: bool) -> Request {
        let value = if is_allowed { "Enable" } else { "Disable" };
        Request::named("UpdateServiceSetting", serde_json::json!({"SettingId": ID, "SettingValue": value}))
    }

    fn listed(_: &Answer) -> Listing<Self> {
        Listing::one(OfAccount {})
    }
}
