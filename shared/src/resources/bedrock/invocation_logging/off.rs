//! LOG-15: the logging of model invocations goes on as it was.

use super::{InvocationLogging, PASS_ROLE, PUT, parts};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::AllowedPrincipals;
use crate::resources::s3::document::{Held, Write, put};
use serde_json::Value;

/// See the module.
pub struct InvocationLoggingOff;

static ABOUT: About = About {
    name: "bedrock-invocation-logging-off",
    catalogue_id: "LOG-15",
    title: "The logging of Bedrock's model invocations was switched off or weakened",
    description: "A principal that is not among `allowed_principals` deleted the configuration of the region's model invocation logging, or put one that logs to another log \
        group or bucket, or leaves out kinds of data that were logged: prompts and answers are not recorded any more, which attackers look for before they use models on \
        the account's bill. A region that never logged is left alone.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1562.008",
    triggers: &["DeleteModelInvocationLoggingConfiguration", "PutModelInvocationLoggingConfiguration"],
    remediation: "Puts the last known good configuration back. If it is unknown, it only notifies.",
    actions: &[PUT, PASS_ROLE],
    ids: &["arn:%:bedrock:%:%:model-invocation-logging"],
    not_watched: &[("DeleteLogGroup, DeleteBucket", "the destination is another resource")],
};

impl Guardrail<Held<Option<Value>>, Write<InvocationLogging>> for InvocationLoggingOff {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<Value>>, terms: &Terms<'_>) -> Verdict {
        if terms.settings(self).allow(&held.by) {
            return Verdict::Compliant;
        }
        let evidence = |element: &str, why: String| Evidence { element: element.to_owned(), why };
        let evidence: Vec<Evidence> = match (&held.now, &held.before) {
            (Some(now), Observed::Known(Some(before))) => {
                let now = parts(now);
                let lost = parts(before).into_iter().filter(|part| !now.contains(part));
                let lost = lost.map(|(of, what)| match of {
                    "data" => format!("{what} of model invocations are not logged any more"),
                    place => format!("model invocations are not logged to {place} `{what}` any more"),
                });
                lost.map(|why| evidence("logs less", why)).collect()
            }
            (Some(_), Observed::Unknown { why }) if held.by_event => {
                return Verdict::Undetermined {
                    why: format!("what of model invocations was logged before is not known: {why}"),
                };
            }
            (Some(_), _) => Vec::new(),
            (None, _) => match held.taken_away() {
                Ok(Some(_)) => vec![evidence("logging off", "model invocations are not logged any more".to_owned())],
                Ok(None) => Vec::new(),
                Err(why) => return Verdict::Undetermined { why: format!("model invocations are not logged: {why}") },
            },
        };
        if evidence.is_empty() {
            return Verdict::Compliant;
        }
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Option<Value>>, _: &Violation, _: &Terms<'_>) -> Plan<Write<InvocationLogging>> {
        match &held.before {
            Observed::Known(before @ Some(_)) => put(held, before.clone(), &[]),
            Observed::Known(None) | Observed::Absent | Observed::Unknown { .. } => Plan::default(),
        }
    }
}
