//! LOG-11: alarms are not deleted.
//!
//! Source: "DeleteAlarms" (CloudWatch API reference): a call takes up to a hundred names, and an alarm that is deleted cannot be asked any more.

use super::{AlarmSettings, IDS, SOURCE, named_by};
use crate::engine::notice::prelude::*;

/// Deletions of alarms.
pub type DeletedAlarms = Notices<DeletedAlarm>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DeletedAlarm;

impl Notice for DeletedAlarm {
    type Settings = AlarmSettings;

    const KIND: &'static str = "alarm-deletion";
    const ABOUT: &'static About = &About {
        name: "alarm-deleted",
        catalogue_id: "LOG-11",
        title: "A CloudWatch alarm was deleted",
        description: "An alarm was deleted by a principal that is not among `allowed_principals`: what it watched for is not notified any more. Alarms whose name is \
            among `ignored_alarms` are left out.",
        severity: Severity::Medium,
        class: Class::R0,
        controls: &[],
        technique: "T1562.006",
        triggers: &["DeleteAlarms"],
        remediation: "Notifies, for each alarm: what it watched for is in no record, and most alarms are deleted together with what they watch.",
        actions: &[],
        ids: IDS,
        not_watched: &[("PutMetricAlarm, PutCompositeAlarm", "an alarm that is written over is still there")],
    };

    /// See [`Notice::all_noticed`].
    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        Ok(Self::all_noticed(event)?.into_iter().next())
    }

    fn all_noticed(event: &Event) -> Result<Vec<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let one = |alarm: String| {
            let why = format!("alarm `{alarm}` was deleted");
            Noticed::of(event, &alarm).sign("deleted", Some(why))
        };
        Ok(named_by(event)?.into_iter().map(one).collect())
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        Self::settings(terms).are_about(&seen.name, &seen.by)
    }

    fn named(alarm: &str, place: &Place) -> Resource {
        super::resource(alarm, place)
    }
}
