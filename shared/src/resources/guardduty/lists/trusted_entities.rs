//! LOG-08: GuardDuty trusts no list of entities unless policy names who set it.

use super::{ListSetting, ListState, Lists, planned};
use crate::engine::setting::prelude::*;

const ARNS: &[&str] = &["guardduty:${Region}:${Account}:detector/*/trustedentityset/*"];
const UPDATE: Permission = Permission::on("guardduty:UpdateTrustedEntitySet", ARNS);

/// The family of these lists.
pub type TrustedEntityLists = Lists<TrustedEntities>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrustedEntities;

impl ListSetting for TrustedEntities {
    const KIND: &'static str = "guardduty-trusted-entity-list";
    const GET: Permission = Permission::on("guardduty:GetTrustedEntitySet", ARNS);
    const UNDOES: &'static [Permission] = &[UPDATE];
    const ABOUT: &'static About = &About {
        name: "guardduty-trusted-entity-list-activated",
        catalogue_id: "LOG-08",
        title: "A trusted entity list of GuardDuty was activated",
        description: "A principal that is not among `allowed_principals` activated a trusted entity list of a detector, or gave an active one another file: GuardDuty makes no findings for what these addresses and domains do.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1562.001",
        triggers: &["CreateTrustedEntitySet", "UpdateTrustedEntitySet"],
        remediation: "Deactivates the list; its file and its name stay. An undo is refused by AWS unless the role that runs it may read the file.",
        actions: &[UPDATE],
        ids: &["arn:%:guardduty:%:%:detector/%/trustedentityset/%"],
        not_watched: &[("DeleteTrustedEntitySet", "without the list, GuardDuty makes more findings")],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["activate"],
            UPDATE,
            "activate trusted entity list {} of GuardDuty",
            "aws guardduty update-trusted-entity-set --activate",
        ),
        Call::new(
            false,
            &["deactivate"],
            UPDATE,
            "deactivate trusted entity list {} of GuardDuty",
            "aws guardduty update-trusted-entity-set --no-activate",
        ),
    ];
    const ACTIVE: bool = false;
    const OPERATIONS: [&'static str; 2] = ["GetTrustedEntitySet", "UpdateTrustedEntitySet"];
    const PATH: &'static str = "trustedentityset";
    const ID: &'static str = "trustedEntitySetId";
    const OPTION: &'static str = "--trusted-entity-set-id";
    const WHY: &'static str =
        "is a trusted entity list and active: GuardDuty makes no findings for the addresses and domains on it";
    const PLANNED: &'static [PlannedForm<ListState>] = &[PlannedForm::one("AWS::GuardDuty::TrustedEntitySet", planned)];
}
