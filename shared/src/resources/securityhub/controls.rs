//! LOG-07: Security Hub goes on evaluating its controls, taking findings in, and showing them to its administrator.
//!
//! Sources: "UpdateStandardsControl", "BatchUpdateStandardsControlAssociations", "DisableImportFindingsForProduct", "DisassociateFromAdministratorAccount" (Security Hub API
//! reference). Records of Security Hub begin members in upper or in lower case.

use super::{IDS, SOURCE, hub};
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;
use serde_json::Value;

/// What was switched off within Security Hub.
pub type NarrowedHubs = Notices<HubNarrowed>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HubNarrowed;

/// A member, in either case.
pub(super) fn member<'a>(value: &'a Value, name: &str) -> &'a Value {
    let small = name.get(..1).map(str::to_lowercase).zip(name.get(1..)).map(|(first, rest)| format!("{first}{rest}"));
    value.get(name).or_else(|| value.get(small?)).unwrap_or(&Value::Null)
}

fn off(control: String) -> (String, String) {
    let why = format!("control `{control}` of Security Hub is disabled");
    (control, why)
}

fn off_in(control: &str, standard: &str) -> (String, String) {
    let why = format!("control `{control}` of Security Hub is disabled in standard `{standard}`");
    (format!("{control} in {standard}"), why)
}

/// What a resource of a template or a plan leaves switched off.
fn planned(found: Vec<(String, String)>) -> Noticed {
    let sign = |seen: Noticed, (element, why): (String, String)| seen.sign(&element, Some(why));
    found.into_iter().fold(Noticed::planned("default"), sign)
}

const FORMS: &[PlannedForm<Noticed>] = &[
    PlannedForm::one("AWS::SecurityHub::Standard", |it| {
        let controls = it.parts("DisabledStandardsControls")?;
        Ok(Some(planned(controls.iter().map(|one| off(one.named(&["StandardsControlArn"]))).collect())))
    }),
    PlannedForm::one("aws_securityhub_standards_control", |it| {
        let is_off = it.text("control_status")?.as_deref() == Some("DISABLED");
        Ok(Some(planned(is_off.then(|| off(it.named(&["standards_control_arn"]))).into_iter().collect())))
    }),
    PlannedForm::one("aws_securityhub_standards_control_association", |it| {
        let is_off = it.text("association_status")?.as_deref() == Some("DISABLED");
        let found = || off_in(&it.named(&["security_control_id"]), &it.named(&["standards_arn"]));
        Ok(Some(planned(is_off.then(found).into_iter().collect())))
    }),
];

/// What the call has switched off: an element, and why it offends.
fn found(event: &Event) -> Option<Vec<(String, String)>> {
    let request = || event.request.value();
    let text = |value: &Value| value.as_str().unwrap_or("not shown").to_owned();
    Some(match event.name.as_str() {
        "UpdateStandardsControl" => {
            let request = request()?;
            let control = text(member(request, "StandardsControlArn"));
            let is_off = member(request, "ControlStatus").as_str() == Some("DISABLED");
            is_off.then(|| off(control)).into_iter().collect()
        }
        "BatchUpdateStandardsControlAssociations" => {
            let list = member(request()?, "StandardsControlAssociationUpdates").as_array()?;
            let disabled = list.iter().filter(|one| member(one, "AssociationStatus").as_str() == Some("DISABLED"));
            let one = |one: &Value| off_in(&text(member(one, "SecurityControlId")), &text(member(one, "StandardsArn")));
            disabled.map(one).collect()
        }
        "DisableImportFindingsForProduct" => {
            let product = text(member(request()?, "ProductSubscriptionArn"));
            let why = format!("Security Hub takes no findings in by `{product}` any more");
            vec![(product, why)]
        }
        _ => {
            let why = format!("account {} left its Security Hub administrator", event.account);
            vec![("left its administrator".to_owned(), why)]
        }
    })
}

impl Notice for HubNarrowed {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "security-hub-narrowed";
    const ABOUT: &'static About = &About {
        name: "security-hub-narrowed",
        catalogue_id: "LOG-07",
        title: "Security Hub was narrowed: controls, products or its administrator",
        description: "A principal that is not among `allowed_principals` disabled controls, stopped the findings of a product, or had an account leave its administrator.",
        severity: Severity::Medium,
        class: Class::R0,
        controls: &["CIS AWS Foundations 5.0.0/4.16"],
        technique: "T1562.001",
        triggers: &[
            "UpdateStandardsControl",
            "BatchUpdateStandardsControlAssociations",
            "DisableImportFindingsForProduct",
            "DisassociateFromAdministratorAccount",
            "DisassociateFromMasterAccount",
        ],
        remediation: "Notifies: controls are disabled with good reasons as a rule, a subscription does not show its product, and an account comes back only by its administrator.",
        actions: &[],
        ids: IDS,
        not_watched: &[
            (
                "BatchDisableStandards, DisableSecurityHub",
                "a standard or the service as a whole is another guardrail's",
            ),
            ("DisassociateMembers, DeleteMembers", "an administrator's members keep their own Security Hub"),
            ("UpdateSecurityControl", "it sets parameters of a control, which goes on being evaluated"),
        ],
    };

    const PLANNED: &'static [PlannedForm<Noticed>] = FORMS;

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let seen = Noticed::of(event, "default");
        let Some(found) = found(event) else {
            let unknown = Some("the record does not show what was disabled".to_owned());
            return Ok(Some(Noticed { unknown, ..seen }));
        };
        let sign = |seen: Noticed, (element, why): (String, String)| seen.sign(&element, Some(why));
        Ok(Some(found.into_iter().fold(seen, sign)))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(_: &str, place: &Place) -> Resource {
        hub(place)
    }
}
