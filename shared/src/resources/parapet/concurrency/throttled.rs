//! LOG-13: a function of Parapet runs as often at once as the stack says.

use super::{ConcurrencyLimits, DELETE, PUT};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::parapet::manifest::MANIFEST;
use crate::resources::parapet::{may_be_deployed, part, stack_here};
use crate::resources::s3::document::{Document, Held, Write, put};

/// See the module.
pub struct ParapetFunctionThrottled;

static ABOUT: About = About {
    name: "parapet-function-throttled",
    catalogue_id: "LOG-13",
    title: "The reserved concurrency of a function of Parapet was changed",
    description: "A function of Parapet's stack reserves another number of concurrent executions than the stack's parameter `ReservedConcurrency` says. A \
        reservation is also a ceiling: with 0 the function handles no event, with 1 a sweep keeps events waiting. Functions are recognised by the \
        names that CloudFormation gives them.",
    severity: Severity::Critical,
    class: Class::R1,
    controls: &[],
    technique: "T1562.001",
    triggers: ConcurrencyLimits::TRIGGERS,
    remediation: "Removes the reservation, or sets that of the stack's parameter. That of this function itself is noticed by the throttles alarm and the \
        heartbeat: a function that may not run changes nothing. What a deployment has set is only notified.",
    actions: &[PUT, DELETE],
    ids: &["arn:%:lambda:%:%:function:%"],
    not_watched: &[
        ("PutProvisionedConcurrencyConfig", "it keeps executions ready, and is no ceiling"),
        ("UpdateFunctionConfiguration", "what else a function is, is another guardrail's"),
    ],
};

impl Guardrail<Held<Option<u64>>, Write<ConcurrencyLimits>> for ParapetFunctionThrottled {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<u64>>, terms: &Terms<'_>) -> Verdict {
        let is_function = |id: &str| MANIFEST.parts.get(id).is_some_and(|kind| kind == "AWS::Serverless::Function");
        let stack = stack_here(terms).filter(|_| part(&held.name, terms).is_some_and(is_function));
        let Some(stack) = stack.filter(|stack| stack.reserved != held.now) else { return Verdict::Compliant };
        let say = |reserved: Option<u64>| reserved.map_or("nothing".to_owned(), |reserved| reserved.to_string());
        let (name, now, should) = (&held.name, say(held.now), say(stack.reserved));
        let why = format!(
            "function `{name}` reserves {now} of concurrent executions, not {should}: that is the most that run at once"
        );
        let evidence = vec![Evidence { element: "reserved concurrency".to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Option<u64>>, _: &Violation, terms: &Terms<'_>) -> Plan<Write<ConcurrencyLimits>> {
        // The parameter was changed: the function that judges this has the old one.
        let stack = stack_here(terms).filter(|_| !may_be_deployed(&held.by, terms));
        stack.map(|stack| put(held, stack.reserved, &[])).unwrap_or_default()
    }
}
