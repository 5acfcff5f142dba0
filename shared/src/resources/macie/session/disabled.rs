//! LOG-09: Macie stays enabled.

use super::{IDS, SessionSetting, Sessions};
use crate::engine::setting::prelude::*;

const ENABLE: Permission = Permission::setting("macie2:EnableMacie");
const DISABLE: Permission = Permission::setting("macie2:DisableMacie");

/// Whether Macie is enabled.
pub type MacieEnabled = Sessions<IsEnabled>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct IsEnabled;

impl SessionSetting for IsEnabled {
    const KIND: &'static str = "macie";
    const ABOUT: &'static About = &About {
        name: "macie-disabled",
        catalogue_id: "LOG-09",
        title: "Macie was disabled",
        description: "Macie was disabled in a region by a principal that is not among `allowed_principals`: it looks for no sensitive data there, and its findings, jobs and settings are \
            gone.",
        severity: Severity::Medium,
        class: Class::R1,
        controls: &["Macie.1"],
        technique: "T1562.001",
        triggers: &["DisableMacie"],
        remediation: "Enables Macie again, with one call. Findings, jobs, allow lists and custom identifiers are not brought back; an organization's administrator adds the account again.",
        actions: &[ENABLE],
        ids: IDS,
        not_watched: &[
            ("UpdateMacieSession", "Macie that is paused is another guardrail's"),
            ("DisassociateFromAdministratorAccount", "the account goes on looking for sensitive data by itself"),
        ],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(true, &["enable"], ENABLE, "enable Macie", "aws macie2 enable-macie"),
        Call::new(false, &["disable"], DISABLE, "disable Macie", "aws macie2 disable-macie"),
    ];
    const UNDOES: &'static [Permission] = &[DISABLE];
    const WHY: &'static str = "disabled";

    /// A call that succeeded has disabled it.
    fn left_by(_: &Event) -> Result<Option<bool>, Unlocatable> {
        Ok(Some(false))
    }

    fn set(is_on: bool) -> Request {
        let (operation, method) = if is_on { ("EnableMacie", "POST") } else { ("DisableMacie", "DELETE") };
        Request::rest(operation, method, &["macie"])
    }
}
