//! LOG-09: Macie is not paused.

use super::{IDS, Session, SessionRef, SessionSetting, Sessions};
use crate::engine::setting::prelude::*;

const UPDATE: Permission = Permission::setting("macie2:UpdateMacieSession");

/// Whether Macie runs.
pub type MacieRunning = Sessions<Running>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Running;

impl SessionSetting for Running {
    const KIND: &'static str = "macie-pause";
    const ABOUT: &'static About = &About {
        name: "macie-paused",
        catalogue_id: "LOG-09",
        title: "Macie was paused",
        description: "Macie was paused in a region by a principal that is not among `allowed_principals`: it evaluates no bucket and looks for no sensitive data there.",
        severity: Severity::Medium,
        class: Class::R1,
        controls: &["Macie.1"],
        technique: "T1562.001",
        triggers: &["UpdateMacieSession"],
        remediation: "Lets Macie run again, with one call.",
        actions: &[UPDATE],
        ids: IDS,
        not_watched: &[
            ("DisableMacie", "Macie that is disabled is another guardrail's"),
            ("UpdateMacieSession of the frequency", "how often findings are published changes nothing that is found"),
        ],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(true, &["run"], UPDATE, "let Macie run", "aws macie2 update-macie-session --status ENABLED"),
        Call::new(false, &["pause"], UPDATE, "pause Macie", "aws macie2 update-macie-session --status PAUSED"),
    ];
    const UNDOES: &'static [Permission] = &[UPDATE];
    const WHY: &'static str = "paused";
    const PLANNED: &'static [PlannedForm<Session>] =
        &[PlannedForm::one("AWS::Macie::Session", planned), PlannedForm::one("aws_macie2_account", planned)];

    fn left_by(event: &Event) -> Result<Option<bool>, Unlocatable> {
        if event.request.value().is_none() {
            return Err(Unlocatable::new(event, "the record does not show the request"));
        }
        Ok(event.request.text(&["status"]).map(|status| status != "PAUSED"))
    }

    fn set(is_on: bool) -> Request {
        let status = if is_on { "ENABLED" } else { "PAUSED" };
        Request::rest("UpdateMacieSession", "PATCH", &["macie"]).member("status", Some(status))
    }
}

/// Macie runs unless it is said to be paused ("EnableMacie", Macie API reference).
fn planned(it: &PlannedResource<'_>) -> Result<Option<Session>, Unreadable> {
    let is_on = it.text(it.called("Status", "status"))?.as_deref() != Some("PAUSED");
    Ok(Some(Session { of: SessionRef::default(), is_on }))
}
