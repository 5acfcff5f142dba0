//! LOG-08: the export of GuardDuty findings and its threat lists are not deleted.
//!
//! Sources: "DeletePublishingDestination", "UpdatePublishingDestination", "DeleteThreatIntelSet", "DeleteThreatEntitySet", "UpdateThreatEntitySet" (GuardDuty API reference): AWS reads the file of an entity list
//! with the caller's permissions when it is activated, which Parapet does not have.

use super::{SOURCE, detector_of};
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;

/// Parts of a detector that were deleted.
pub type DeletedExports = Notices<ExportDeleted>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportDeleted;

impl Notice for ExportDeleted {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "guardduty-export";
    const ABOUT: &'static About = &About {
        name: "guardduty-export-deleted",
        catalogue_id: "LOG-08",
        title: "GuardDuty's export of findings or a threat list was deleted or changed",
        description: "A principal that is not among `allowed_principals` deleted the destination that a detector exports its findings to, set another bucket or key for it, or deleted a \
            threat list, or deactivated a threat entity list.",
        severity: Severity::Medium,
        class: Class::R0,
        controls: &[],
        technique: "T1562.001",
        triggers: &[
            "DeletePublishingDestination",
            "UpdatePublishingDestination",
            "DeleteThreatIntelSet",
            "DeleteThreatEntitySet",
            "UpdateThreatEntitySet",
        ],
        remediation: "Notifies: where the findings went, and what a deleted list named, is in no record; activating an entity list takes the permission to read its file.",
        actions: &[],
        ids: &["arn:%:guardduty:%:%:detector/%"],
        not_watched: &[
            ("UpdateThreatIntelSet", "a threat IP list that is deactivated is another guardrail's"),
            ("CreatePublishingDestination", "a detector has one destination of a type: a new one takes nothing away"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let id = detector_of(event)?;
        let part = |member: &str| event.request.text(&[member]).unwrap_or("of an unknown id").to_owned();
        let is_off = event.request.at(&["activate"]).and_then(|active| active.as_bool()) == Some(false);
        if event.name == "UpdateThreatEntitySet" && !is_off {
            return Ok(Some(Noticed::of(event, &id)));
        }
        let why = match event.name.as_str() {
            "UpdateThreatEntitySet" => {
                format!(
                    "threat entity list `{}` of GuardDuty detector `{id}` is deactivated",
                    part("threatEntitySetId")
                )
            }
            "DeletePublishingDestination" => {
                format!(
                    "GuardDuty detector `{id}` exports no findings to destination `{}` any more",
                    part("destinationId")
                )
            }
            "UpdatePublishingDestination" => {
                let to = event.request.text(&["destinationProperties", "destinationArn"]);
                let to = to.map(|arn| format!(", to `{arn}`")).unwrap_or_default();
                let destination = part("destinationId");
                format!("GuardDuty detector `{id}` exports findings by destination `{destination}` in another way{to}")
            }
            "DeleteThreatIntelSet" => {
                format!("threat list `{}` of GuardDuty detector `{id}` is deleted", part("threatIntelSetId"))
            }
            _ => format!("threat list `{}` of GuardDuty detector `{id}` is deleted", part("threatEntitySetId")),
        };
        let element = if event.name.starts_with("Update") { "changed" } else { "deleted" };
        Ok(Some(Noticed::of(event, &id).sign(element, Some(why))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(id: &str, Place { partition, account, region }: &Place) -> Resource {
        let arn = format!("arn:{partition}:guardduty:{region}:{account}:detector/{id}");
        Resource { id: arn, kind: "AwsGuardDutyDetector", name: id.to_owned() }
    }
}
