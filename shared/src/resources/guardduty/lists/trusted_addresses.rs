//! LOG-08: GuardDuty trusts no list of addresses unless policy names who set it.

use super::{DELETE_ROLE_POLICY, ListSetting, ListState, Lists, PUT_ROLE_POLICY, planned};
use crate::engine::setting::prelude::*;

const ARNS: &[&str] = &["guardduty:${Region}:${Account}:detector/*/ipset/*"];
const UPDATE: Permission = Permission::on("guardduty:UpdateIPSet", ARNS);

/// The family of these lists.
pub type TrustedLists = Lists<TrustedAddresses>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrustedAddresses;

impl ListSetting for TrustedAddresses {
    const KIND: &'static str = "guardduty-trusted-ip-list";
    const GET: Permission = Permission::on("guardduty:GetIPSet", ARNS);
    const UNDOES: &'static [Permission] = &[UPDATE, PUT_ROLE_POLICY, DELETE_ROLE_POLICY];
    const ABOUT: &'static About = &About {
        name: "guardduty-trusted-ip-list-activated",
        catalogue_id: "LOG-08",
        title: "A trusted IP list of GuardDuty was activated",
        description: "A principal that is not among `allowed_principals` activated a trusted IP list of a detector, or gave an active one another file: GuardDuty makes no findings for what these addresses do.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1562.001",
        triggers: &["CreateIPSet", "UpdateIPSet"],
        remediation: "Deactivates the list; its file and its name stay. AWS lets a detector have one such list.",
        actions: &[UPDATE, PUT_ROLE_POLICY, DELETE_ROLE_POLICY],
        ids: &["arn:%:guardduty:%:%:detector/%/ipset/%"],
        not_watched: &[("DeleteIPSet", "without the list, GuardDuty makes more findings")],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["activate"],
            UPDATE,
            "activate trusted IP list {} of GuardDuty",
            "aws guardduty update-ip-set --activate",
        ),
        Call::new(
            false,
            &["deactivate"],
            UPDATE,
            "deactivate trusted IP list {} of GuardDuty",
            "aws guardduty update-ip-set --no-activate",
        ),
    ];
    const ACTIVE: bool = false;
    const OPERATIONS: [&'static str; 2] = ["GetIPSet", "UpdateIPSet"];
    const PATH: &'static str = "ipset";
    const ID: &'static str = "ipSetId";
    const OPTION: &'static str = "--ip-set-id";
    const WHY: &'static str = "is a trusted IP list and active: GuardDuty makes no findings for the addresses on it";
    const PLANNED: &'static [PlannedForm<ListState>] =
        &[PlannedForm::one("AWS::GuardDuty::IPSet", planned), PlannedForm::one("aws_guardduty_ipset", planned)];
}
