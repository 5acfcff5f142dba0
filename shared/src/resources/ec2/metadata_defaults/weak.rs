//! EC2-10: new instances require IMDSv2 by default.

use super::state::MODIFY_INSTANCE_METADATA_DEFAULTS;
use super::state::{Defaults, Preference, SetDefaults};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use crate::resources::ec2::instance::state::{Switch, Tokens};

/// See the module. Sources: "Order of precedence for instance metadata options" and "Enforce IMDSv2 at the account level" (EC2
/// user guide), "ModifyInstanceMetadataDefaults" (EC2 API reference).
pub struct InstanceMetadataDefaultsWeak;

static ABOUT: About = About {
    name: "instance-metadata-defaults-weak",
    catalogue_id: "EC2-10",
    title: "New instances allow IMDSv1",
    description: "The account's default of `HttpTokens` for instance metadata in a region, set to `optional` or removed \
        (`no-preference`): an instance that is launched without metadata options of its own allows IMDSv1, unless its image \
        says otherwise. Also `HttpTokensEnforced`, disabled where it was enabled when Parapet last saw it. The defaults for \
        endpoint, hop limit and tags are left alone.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &[],
    technique: "T1552.005",
    triggers: &["ModifyInstanceMetadataDefaults"],
    remediation: "Makes IMDSv2 (`HttpTokens` `required`) the default again, and enforces it where it was enforced. Existing \
        instances are not changed.",
    actions: &[MODIFY_INSTANCE_METADATA_DEFAULTS],
    ids: &["arn:%:ec2:%:%:instance-metadata-defaults"],
    not_watched: &[],
};

const TOKENS: &str = "default of tokens";
const ENFORCED: &str = "enforcement of tokens";
const REQUIRED: Preference<Tokens> = Preference::Set(Tokens::Required);
const ENABLED: Preference<Switch> = Preference::Set(Switch::Enabled);

/// What is said of one of the two defaults.
enum Part {
    Fine,
    Weak(Evidence),
    Unclear(String),
}

impl Guardrail<Defaults, SetDefaults> for InstanceMetadataDefaultsWeak {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, defaults: &Defaults, _: &Terms<'_>) -> Verdict {
        let (mut evidence, mut unclear) = (Vec::new(), None);
        for part in [tokens(defaults), enforcement(defaults)] {
            match part {
                Part::Fine => {}
                Part::Weak(found) => evidence.push(found),
                Part::Unclear(why) => unclear = unclear.or(Some(why)),
            }
        }
        match unclear {
            _ if !evidence.is_empty() => Verdict::Violation(Violation { severity: ABOUT.severity, evidence }),
            Some(why) => Verdict::Undetermined { why },
            None => Verdict::Compliant,
        }
    }

    fn plan(&self, defaults: &Defaults, violation: &Violation, _: &Terms<'_>) -> Plan<SetDefaults> {
        let offends = |element: &str| violation.evidence.iter().any(|evidence| evidence.element == element);
        let tokens = defaults.tokens.known().copied().filter(|_| offends(TOKENS));
        let enforced = defaults.enforced.known().copied().filter(|_| offends(ENFORCED));
        let apply = SetDefaults { tokens: tokens.map(|_| REQUIRED), enforced: enforced.map(|_| ENABLED) };
        if apply == SetDefaults::default() {
            return Plan::default();
        }
        Plan::one(apply, SetDefaults { tokens, enforced })
    }
}

fn tokens(defaults: &Defaults) -> Part {
    if !defaults.tokens_in_question {
        return Part::Fine;
    }
    let weak = match &defaults.tokens {
        Observed::Known(Preference::Set(Tokens::Required)) => return Part::Fine,
        Observed::Known(weak @ (Preference::Set(Tokens::Optional) | Preference::None)) => weak.word(),
        Observed::Absent => return Part::Unclear("EC2 does not show the default of tokens".to_owned()),
        Observed::Unknown { why } => return Part::Unclear(why.clone()),
    };
    Part::Weak(Evidence {
        element: TOKENS.to_owned(),
        why: format!("session tokens are `{weak}` by default for the metadata of new instances, not `required`"),
    })
}

/// Enforcing tokens is not required: only that it is not switched off where it was on.
fn enforcement(defaults: &Defaults) -> Part {
    if !defaults.enforcement_in_question {
        return Part::Fine;
    }
    let weak = match &defaults.enforced {
        Observed::Known(Preference::Set(Switch::Enabled)) => return Part::Fine,
        Observed::Known(weak @ (Preference::Set(Switch::Disabled) | Preference::None)) => weak.word(),
        Observed::Absent => return Part::Unclear("EC2 does not show whether tokens are enforced".to_owned()),
        Observed::Unknown { why } => return Part::Unclear(why.clone()),
    };
    let unclear = |why: &str| Part::Unclear(format!("enforcing tokens is `{weak}`; {why}"));
    match &defaults.enforced_before {
        Observed::Known(Preference::Set(Switch::Enabled)) => Part::Weak(Evidence {
            element: ENFORCED.to_owned(),
            why: format!("instances that need no session token may be launched: enforcing them is `{weak}`, it was on"),
        }),
        Observed::Known(Preference::Set(Switch::Disabled) | Preference::None) => Part::Fine,
        Observed::Absent if defaults.by_event => unclear("whether it was on before was not kept"),
        Observed::Absent => Part::Fine,
        // Not fine: a good state may have been kept, and this one must not take its place.
        Observed::Unknown { why } => unclear(&format!("whether it was on when last seen is unknown: {why}")),
    }
}
