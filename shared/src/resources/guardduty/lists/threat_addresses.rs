//! LOG-08: threat IP lists of GuardDuty stay active.

use super::{DELETE_ROLE_POLICY, ListSetting, ListState, Lists, PUT_ROLE_POLICY, planned};
use crate::engine::setting::prelude::*;

const ARNS: &[&str] = &["guardduty:${Region}:${Account}:detector/*/threatintelset/*"];
const UPDATE: Permission = Permission::on("guardduty:UpdateThreatIntelSet", ARNS);

/// The family of these lists.
pub type ThreatLists = Lists<ThreatAddresses>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThreatAddresses;

impl ListSetting for ThreatAddresses {
    const KIND: &'static str = "guardduty-threat-ip-list";
    const GET: Permission = Permission::on("guardduty:GetThreatIntelSet", ARNS);
    const UNDOES: &'static [Permission] = &[UPDATE, PUT_ROLE_POLICY, DELETE_ROLE_POLICY];
    const ABOUT: &'static About = &About {
        name: "guardduty-threat-ip-list-deactivated",
        catalogue_id: "LOG-08",
        title: "A threat IP list of GuardDuty was deactivated",
        description: "A principal that is not among `allowed_principals` deactivated a threat IP list of a detector: GuardDuty makes no findings any more for what its addresses do.",
        severity: Severity::Medium,
        class: Class::R1,
        controls: &[],
        technique: "T1562.001",
        triggers: &["UpdateThreatIntelSet"],
        remediation: "Activates the list again.",
        actions: &[UPDATE, PUT_ROLE_POLICY, DELETE_ROLE_POLICY],
        ids: &["arn:%:guardduty:%:%:detector/%/threatintelset/%"],
        not_watched: &[
            (
                "DeleteThreatIntelSet",
                "what was on the list is in no record, and its file is the owner's: another guardrail notifies",
            ),
            ("UpdateThreatIntelSet of another file", "whether the file still names the same is not read"),
        ],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["activate"],
            UPDATE,
            "activate threat IP list {} of GuardDuty",
            "aws guardduty update-threat-intel-set --activate",
        ),
        Call::new(
            false,
            &["deactivate"],
            UPDATE,
            "deactivate threat IP list {} of GuardDuty",
            "aws guardduty update-threat-intel-set --no-activate",
        ),
    ];
    const ACTIVE: bool = true;
    const OPERATIONS: [&'static str; 2] = ["GetThreatIntelSet", "UpdateThreatIntelSet"];
    const PATH: &'static str = "threatintelset";
    const ID: &'static str = "threatIntelSetId";
    const OPTION: &'static str = "--threat-intel-set-id";
    const WHY: &'static str = "is a threat IP list and inactive: GuardDuty makes no findings for the addresses on it";
    const PLANNED: &'static [PlannedForm<ListState>] = &[
        PlannedForm::one("AWS::GuardDuty::ThreatIntelSet", planned),
        PlannedForm::one("aws_guardduty_threatintelset", planned),
    ];
}
