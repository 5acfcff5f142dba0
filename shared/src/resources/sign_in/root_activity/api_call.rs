//! ACC-02: root does no work.

use crate::engine::guardrail::{ANY_CALL_BY_ROOT, About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{NoAction, Plan};
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::sign_in::state::RootCall;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct RootApiCall;

/// What root may do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RootCallSettings {
    /// Calls that root may make, as service and event name such as `s3:DeleteBucketPolicy`; `*` and `?` match as in IAM. For
    /// calls that AWS allows root only.
    pub allowed_calls: Vec<String>,
}

impl GuardrailSettings for RootCallSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_calls", entries: &self.allowed_calls, holds: CALLS }]
    }
}

const CALLS: Holds = Holds {
    shapes: &["%:%"],
    form: "a service and an event name such as `s3:DeleteBucketPolicy`",
    everything: Some("allows every call: the guardrail finds nothing"),
};

static ABOUT: About = About {
    name: "root-api-call",
    catalogue_id: "ACC-02",
    title: "Root made an API call",
    description: "Root, or a privileged session that the management account opened as root (`sts:AssumeRoot`), made \
        a call in any region, from the console or with an access key. Calls that a service makes for root, service \
        events and the sign-in itself comply, and so do `allowed_calls`. EventBridge delivers read-only calls only \
        if the rule's state is `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`; then they are notified as well. \
        Every call is a finding of its own.",
    severity: Severity::High,
    class: Class::R0,
    controls: &["CIS AWS Foundations 5.0.0/1.6", "CIS AWS Foundations 5.0.0/4.3"],
    technique: "T1078.004",
    triggers: &[ANY_CALL_BY_ROOT],
    remediation: "Notifies at once: nothing in the account can restrict root. Other guardrails may remediate what \
        the call changed.",
    actions: &[],
    ids: &["arn:%:iam::%:root"],
    not_watched: &[("CheckMfa, ConsoleLogin", "parts of a sign-in, which is evaluated separately")],
};

impl Guardrail<RootCall, NoAction> for RootApiCall {
    type Settings = RootCallSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, call: &RootCall, terms: &Terms<'_>) -> Verdict {
        match &call.account {
            // Another account's root on what is shared with it: also recorded here, and not ours.
            Observed::Known(account) if *account != terms.place.account => return Verdict::Compliant,
            Observed::Known(_) => {}
            Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => return Verdict::Undetermined { why: why.clone() },
        }
        let settings = terms.settings(self);
        let allowed = &settings.allowed_calls;
        if allowed.iter().any(|pattern| matches_pattern(pattern, &call.call)) {
            return Verdict::Compliant;
        }
        let why = format!("root called `{}` in {}", call.call, call.region);
        let evidence = vec![Evidence { element: call.call.clone(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, _: &RootCall, _: &Violation, _: &Terms<'_>) -> Plan<NoAction> {
        Plan::default()
    }
}
