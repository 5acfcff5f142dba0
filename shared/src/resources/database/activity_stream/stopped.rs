//! DB-05: database activity streams are not stopped.

use super::state::{ActivityStream, START_ACTIVITY_STREAM, Status, StreamAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module.
pub struct DbActivityStreamStopped;

static ABOUT: About = About {
    name: "db-activity-stream-stopped",
    catalogue_id: "DB-05",
    title: "The activity stream of a database was stopped",
    description: "The database activity stream of an Aurora cluster, or of an instance of RDS for Oracle or SQL Server, was stopped: what \
        is done in the database is not recorded any more. A sweep finds the databases alone whose stream it has seen running.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1562.008",
    triggers: &["StartActivityStream", "StopActivityStream"],
    remediation: "Starts the stream again, in the mode and with the key of before; RDS needs some minutes to stop it first, and it is tried \
        again until then. Without a last known good state nothing is known of the mode, and it is notified only. Where the policy of the \
        key forbids it, RDS refuses, and that is notified. `StartActivityStream` is looked at so that it is known how streams are set up.",
    actions: &[START_ACTIVITY_STREAM],
    ids: &["arn:%:rds:%:%:cluster:%", "arn:%:rds:%:%:db:%"],
    not_watched: &[
        (
            "ModifyActivityStream",
            "it locks and unlocks the audit policy of a SQL Server or Oracle instance: the stream runs on",
        ),
        ("DeleteDBCluster, DeleteDBInstance", "the stream ends with its database"),
    ],
};

impl Guardrail<ActivityStream, StreamAction> for DbActivityStreamStopped {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, stream: &ActivityStream, _: &Terms<'_>) -> Verdict {
        match &stream.status {
            Observed::Known(Status::Stopped | Status::Stopping) => {}
            Observed::Known(Status::Started | Status::Starting) | Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => return Verdict::Undetermined { why: why.clone() },
        }
        let name = stream.name();
        let before = match &stream.before {
            Observed::Known(setup) => format!("it ran in mode {} with key {}", setup.mode, setup.key),
            Observed::Absent if !stream.was_stopped => return Verdict::Compliant,
            Observed::Absent => "how it was set up was never seen: it is not started".to_owned(),
            // A good state may have been kept, and this one must not take its place.
            Observed::Unknown { why } => {
                let why = format!("how it was set up is unknown: {why}");
                if !stream.was_stopped {
                    return Verdict::Undetermined { why: format!("the activity stream of {name} is stopped; {why}") };
                }
                why
            }
        };
        let why = format!("the activity stream of database {name} is stopped; {before}");
        let evidence = vec![Evidence { element: "activity stream stopped".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, stream: &ActivityStream, _: &Violation, _: &Terms<'_>) -> Plan<StreamAction> {
        let arn = || stream.arn.clone();
        match &stream.before {
            // What a sweep finds stopped may be another database of the name: a person decides.
            Observed::Known(setup) if stream.was_stopped => {
                Plan::one(StreamAction::Start { arn: arn(), setup: setup.clone() }, StreamAction::Stop(arn()))
            }
            Observed::Known(_) | Observed::Absent | Observed::Unknown { .. } => Plan::default(),
        }
    }
}
