//! LOG-08: a GuardDuty administrator goes on enabling GuardDuty for the organization's accounts.
//!
//! Sources: "UpdateOrganizationConfiguration", "UpdateMemberDetectors" (GuardDuty API reference).

use super::detector::state::Plans;
use super::{SOURCE, accounts_of, detector_of};
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;
use serde_json::Value;

/// Changes to what an administrator sets for others.
pub type OrganizationChanges = Notices<OrganizationWeakened>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrganizationWeakened;

const FORMS: &[PlannedForm<Noticed>] = &[
    PlannedForm::one("aws_guardduty_organization_configuration", |it| {
        let auto = it.text("auto_enable_organization_members")?;
        let is_off = auto.as_deref() == Some("NONE") || (auto.is_none() && it.flag("auto_enable")? == Some(false));
        let mut found: Found = is_off.then(whole).into_iter().collect();
        for (plan, path) in DATA_SOURCES {
            found.extend((it.flag(path)? == Some(false)).then(|| not_for_new(plan)));
        }
        Ok(Some(planned(it, found)))
    }),
    PlannedForm::one("aws_guardduty_organization_configuration_feature", |it| {
        let off = off(it, |one| Ok(one.text("auto_enable")?.as_deref() == Some("NONE")))?;
        Ok(Some(planned(it, off.iter().map(|plan| not_for_new(plan)).collect())))
    }),
    PlannedForm::one("aws_guardduty_member_detector_feature", |it| {
        let off = off(it, |one| Ok(one.text("status")?.as_deref() == Some("DISABLED")))?;
        let account = it.named(&["account_id"]);
        Ok(Some(planned(it, off.iter().map(|plan| not_for_members(plan, &account)).collect())))
    }),
];

/// The plans that Terraform's older configuration names by where they stand.
const DATA_SOURCES: [(&str, &str); 3] = [
    ("S3_DATA_EVENTS", "datasources.s3_logs.auto_enable"),
    ("EKS_AUDIT_LOGS", "datasources.kubernetes.audit_logs.enable"),
    (
        "EBS_MALWARE_PROTECTION",
        "datasources.malware_protection.scan_ec2_instance_with_findings.ebs_volumes.auto_enable",
    ),
];

fn planned(it: &PlannedResource<'_>, found: Found) -> Noticed {
    let seen = Noticed::planned(&it.named(&["detector_id"]));
    found.into_iter().fold(seen, |seen, (element, why)| seen.sign(&element, Some(why)))
}

/// Of a feature and what it has beside it, what is off.
fn off(
    it: &PlannedResource<'_>,
    is_off: fn(&PlannedResource<'_>) -> Result<bool, Unreadable>,
) -> Result<Vec<String>, Unreadable> {
    let name = it.named(&["name"]);
    let mut plans: Vec<String> = is_off(it)?.then(|| name.clone()).into_iter().collect();
    for beside in it.parts("additional_configuration")? {
        plans.extend(is_off(&beside)?.then(|| format!("{name}/{}", beside.named(&["name"]))));
    }
    Ok(plans)
}

impl Notice for OrganizationWeakened {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "guardduty-organization";
    const ABOUT: &'static About = &About {
        name: "guardduty-organization-weakened",
        catalogue_id: "LOG-08",
        title: "GuardDuty is switched off for an organization's accounts",
        description: "An administrator's principal that is not among `allowed_principals` set the organization's configuration so that GuardDuty, or a protection plan, is not enabled \
            by itself for accounts, or switched protection plans of members off.",
        severity: Severity::High,
        class: Class::R0,
        controls: &[],
        technique: "T1562.001",
        triggers: &["UpdateOrganizationConfiguration", "UpdateMemberDetectors"],
        remediation: "Notifies: which plans were on before is in no record, and differs by member.",
        actions: &[],
        ids: &["arn:%:guardduty:%:%:detector/%"],
        not_watched: &[
            ("UpdateDetector", "what an account switches off for itself is another guardrail's"),
            (
                "DisableOrganizationAdminAccount",
                "the members keep their detectors, and the management account alone can call it",
            ),
        ],
    };

    const PLANNED: &'static [PlannedForm<Noticed>] = FORMS;

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let id = detector_of(event)?;
        let seen = Noticed::of(event, &id);
        let Some(request) = event.request.value() else { return Ok(Some(seen)) };
        let sign = |seen: Noticed, (element, why): (String, String)| seen.sign(&element, Some(why));
        let found = match event.name.as_str() {
            "UpdateMemberDetectors" => off_for_members(request, &accounts_of(event)),
            _ => off_for_new_accounts(request),
        };
        Ok(Some(found.into_iter().fold(seen, sign)))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(id: &str, Place { partition, account, region }: &Place) -> Resource {
        let arn = format!("arn:{partition}:guardduty:{region}:{account}:detector/{id}");
        Resource { id: arn, kind: "AwsGuardDutyDetector", name: id.to_owned() }
    }
}

/// An element, and why it offends.
type Found = Vec<(String, String)>;

fn off_for_members(request: &Value, accounts: &[String]) -> Found {
    let off = Plans::asked(request).features.into_iter().filter(|(_, is_on)| !is_on).map(|(plan, _)| plan);
    let accounts = accounts.join(", ");
    if accounts.is_empty() { Vec::new() } else { off.map(|plan| not_for_members(&plan, &accounts)).collect() }
}

fn not_for_members(plan: &str, accounts: &str) -> (String, String) {
    let why = format!("GuardDuty's protection plan `{plan}` is switched off for the member accounts {accounts}");
    (plan.to_owned(), why)
}

fn not_for_new(plan: &str) -> (String, String) {
    let why = format!("GuardDuty's protection plan `{plan}` is not enabled by itself for accounts of the organization");
    (plan.to_owned(), why)
}

fn whole() -> (String, String) {
    ("not enabled".to_owned(), "GuardDuty is not enabled by itself for accounts of the organization".to_owned())
}

/// The three data sources of older calls by where they stand, and the plans that features name.
fn off_for_new_accounts(request: &Value) -> Found {
    const SOURCES: [(&str, &str); 3] = [
        ("S3_DATA_EVENTS", "/dataSources/s3Logs/autoEnable"),
        ("EKS_AUDIT_LOGS", "/dataSources/kubernetes/auditLogs/autoEnable"),
        ("EBS_MALWARE_PROTECTION", "/dataSources/malwareProtection/scanEc2InstanceWithFindings/ebsVolumes/autoEnable"),
    ];
    let is_none = |one: &Value| one["autoEnable"].as_str() == Some("NONE");
    let named = |one: &Value| one["name"].as_str().unwrap_or_default().to_owned();
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let mut plans: Vec<String> = Vec::new();
    for feature in list(&request["features"]) {
        plans.extend(is_none(&feature).then(|| named(&feature)));
        let beside = feature.get("additionalConfiguration").map(list).unwrap_or_default();
        plans.extend(beside.iter().filter(|one| is_none(one)).map(|one| format!("{}/{}", named(&feature), named(one))));
    }
    let off = |path: &str| request.pointer(path).and_then(Value::as_bool) == Some(false);
    plans.extend(SOURCES.into_iter().filter(|(_, path)| off(path)).map(|(plan, _)| plan.to_owned()));
    let is_off = request["autoEnable"].as_bool() == Some(false)
        || request["autoEnableOrganizationMembers"].as_str() == Some("NONE");
    is_off.then(whole).into_iter().chain(plans.iter().map(|plan| not_for_new(plan))).collect()
}
