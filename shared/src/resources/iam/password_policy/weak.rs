//! IAM-16: the account's password policy is at least as strict as the baseline, and as it was.

use super::state::UPDATE_ACCOUNT_PASSWORD_POLICY;
use super::state::{PasswordPolicy, PasswordPolicyAction, PasswordRules};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{AtMost, GuardrailSettings};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct PasswordPolicyWeak;

/// The minimum that the account's password policy must require. The defaults are those of CIS AWS Foundations 5.0.0 (1.7,
/// 1.8) and, for the kinds of characters, of Security Hub's IAM.7.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PasswordPolicySettings {
    /// The minimum length of a password; AWS accepts 6 to 128.
    pub min_length: AtMost<128>,
    /// How many earlier passwords may not be used again; AWS remembers 24 at most.
    pub reuse_prevention: AtMost<24>,
    /// The maximum age of a password in days (AWS accepts 1 to 1095). Without it, passwords need not expire.
    pub max_age_days: Option<AtMost<1095>>,
    /// Whether a symbol is required.
    pub require_symbols: bool,
    /// Whether a digit is required.
    pub require_numbers: bool,
    /// Whether an upper-case letter is required.
    pub require_uppercase: bool,
    /// Whether a lower-case letter is required.
    pub require_lowercase: bool,
    /// Whether a policy that was stricter must stay so: the ledger stores the last known good state. `false` allows it to go
    /// down to this baseline.
    pub keep_stricter: bool,
}

impl Default for PasswordPolicySettings {
    fn default() -> Self {
        Self {
            min_length: AtMost(14),
            reuse_prevention: AtMost(24),
            max_age_days: None,
            require_symbols: true,
            require_numbers: true,
            require_uppercase: true,
            require_lowercase: true,
            keep_stricter: true,
        }
    }
}

impl GuardrailSettings for PasswordPolicySettings {}

static ABOUT: About = About {
    name: "password-policy-weak",
    catalogue_id: "IAM-16",
    title: "Account password policy weakened",
    description: "The account's password policy was deleted, or is weaker than the baseline (by default the 14 characters and 24 \
        remembered passwords of CIS, and the four character types of Security Hub's IAM.7) or weaker than when it was last seen \
        compliant. Whether users may change their own passwords and whether an expired one locks them out (`HardExpiry`) is \
        neither stricter nor weaker and left alone.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &[
        "IAM.7",
        "IAM.10",
        "IAM.15",
        "IAM.16",
        "CIS AWS Foundations 5.0.0/1.7",
        "CIS AWS Foundations 5.0.0/1.8",
    ],
    technique: "T1556",
    triggers: &["DeleteAccountPasswordPolicy", "UpdateAccountPasswordPolicy"],
    remediation: "Sets the whole policy, each part to the strictest of the current value, the previous value and the \
        baseline; never enables hard expiry.",
    actions: &[UPDATE_ACCOUNT_PASSWORD_POLICY],
    ids: &["arn:%:iam::%:password-policy"],
    not_watched: &[],
};

impl Guardrail<PasswordPolicy, PasswordPolicyAction> for PasswordPolicyWeak {
    type Settings = PasswordPolicySettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, policy: &PasswordPolicy, terms: &Terms<'_>) -> Verdict {
        let settings = &terms.settings(self);
        let least = least(policy, settings);
        let evidence = match &policy.rules {
            None => vec![Evidence {
                element: "no password policy".to_owned(),
                why: format!("the account has no password policy of its own{}", not_known(policy, settings)),
            }],
            Some(rules) => {
                let weaknesses = rules.weaker_than(&least).into_iter();
                let why = |is: &str, should: &str| format!("{is}, should be {should}{}", not_known(policy, settings));
                weaknesses.map(|(is, should)| Evidence { why: why(&is, &should), element: is }).collect()
            }
        };
        if !evidence.is_empty() {
            return Verdict::Violation(Violation { severity: ABOUT.severity, evidence });
        }
        match &policy.before {
            Observed::Unknown { why } if settings.keep_stricter => Verdict::Undetermined {
                why: format!("no less than the baseline, but whether it asks less than it did is unknown: {why}"),
            },
            Observed::Known(_) | Observed::Absent | Observed::Unknown { .. } => Verdict::Compliant,
        }
    }

    fn plan(&self, policy: &PasswordPolicy, _: &Violation, terms: &Terms<'_>) -> Plan<PasswordPolicyAction> {
        let settings = &terms.settings(self);
        let before = policy.before.known();
        let now = policy.rules.clone().unwrap_or_else(|| PasswordRules {
            // Nothing says it now: as it was.
            users_may_change: before.is_some_and(|before| before.users_may_change),
            ..PasswordRules::default()
        });
        let mut rules = now.stricter(&least(policy, settings));
        // Passwords that expire sooner than they did, together with hard expiry, lock out everybody whose password is old:
        // only where just that stood before.
        if rules.max_age != now.max_age {
            rules.hard_expiry &= before.is_some_and(|before| before.hard_expiry && before.max_age == rules.max_age);
        }
        let undo = policy.rules.clone().map_or(PasswordPolicyAction::Delete, PasswordPolicyAction::Set);
        Plan::one(PasswordPolicyAction::Set(rules), undo)
    }
}

/// What the policy must ask: the baseline, and what it asked before where that has to stay.
fn least(policy: &PasswordPolicy, settings: &PasswordPolicySettings) -> PasswordRules {
    let baseline = PasswordRules {
        min_length: settings.min_length.get().max(PasswordRules::default().min_length),
        symbols: settings.require_symbols,
        numbers: settings.require_numbers,
        uppercase: settings.require_uppercase,
        lowercase: settings.require_lowercase,
        max_age: settings.max_age_days.map(crate::policy::AtMost::get).filter(|days| *days > 0),
        reuse_prevention: Some(settings.reuse_prevention.get()).filter(|barred| *barred > 0),
        ..PasswordRules::default()
    };
    match &policy.before {
        Observed::Known(before) if settings.keep_stricter => baseline.stricter(before),
        Observed::Known(_) | Observed::Absent | Observed::Unknown { .. } => baseline,
    }
}

/// Says that the baseline alone decides, where what stood before was not kept.
fn not_known(policy: &PasswordPolicy, settings: &PasswordPolicySettings) -> String {
    match &policy.before {
        _ if !settings.keep_stricter => String::new(),
        Observed::Known(_) => String::new(),
        Observed::Absent => " (by the baseline: what stood before was not kept)".to_owned(),
        Observed::Unknown { why } => format!(" (by the baseline: what stood before is not known: {why})"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::observed::Place;
    use crate::engine::own::Own;
    use crate::policy::Policy;

    fn good() -> PasswordRules {
        PasswordRules {
            min_length: 14,
            symbols: true,
            numbers: true,
            uppercase: true,
            lowercase: true,
            reuse_prevention: Some(24),
            users_may_change: true,
            ..PasswordRules::default()
        }
    }

    fn planned(policy: &PasswordPolicy, settings: &str) -> (PasswordRules, PasswordPolicyAction) {
        let place = Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: String::new() };
        let rules =
            Policy::parse(&format!("version: 1\nguardrails: {{password-policy-weak: {{settings: {settings}}}}}\n"));
        let terms = Terms { policy: &rules.unwrap(), place: &place, own: Own::default() };
        let Verdict::Violation(violation) = PasswordPolicyWeak.judge(policy, &terms) else { panic!("{policy:?}") };
        let plan = PasswordPolicyWeak.plan(policy, &violation, &terms);
        let [step] = plan.steps.as_slice() else { panic!("{plan:?}") };
        let crate::engine::plan::Undo::Apply(undo) = step.undo.clone() else { panic!("{step:?}") };
        let PasswordPolicyAction::Set(rules) = step.apply.clone() else { panic!("{step:?}") };
        (rules, undo)
    }

    #[test]
    fn hard_expiry_is_never_switched_on_and_never_made_to_bite() {
        // Deleted, and it was hard before: restored without.
        let before = PasswordRules { hard_expiry: true, max_age: Some(90), ..good() };
        let deleted = PasswordPolicy { rules: None, before: Observed::Known(before.clone()) };
        let (set, undo) = planned(&deleted, "{}");
        assert_eq!(set, PasswordRules { hard_expiry: false, ..before.clone() });
        assert_eq!(undo, PasswordPolicyAction::Delete);
        // On now without an age, and an age comes by the baseline: it would bite at once.
        let armed = PasswordRules { hard_expiry: true, ..good() };
        let now = PasswordPolicy { rules: Some(armed.clone()), before: Observed::Absent };
        let (set, undo) = planned(&now, "{max_age_days: 90}");
        assert_eq!((set.max_age, set.hard_expiry), (Some(90), false));
        assert_eq!(undo, PasswordPolicyAction::Set(armed.clone()), "exactly what was there");
        // As it was: on, and with that age.
        let now = PasswordPolicy { rules: Some(armed), before: Observed::Known(before) };
        let (set, _) = planned(&now, "{}");
        assert_eq!((set.max_age, set.hard_expiry), (Some(90), true));
    }

    #[test]
    fn what_is_stricter_now_stays() {
        let now = PasswordRules { min_length: 30, reuse_prevention: Some(3), ..good() };
        let (set, _) = planned(&PasswordPolicy { rules: Some(now), before: Observed::Known(good()) }, "{}");
        assert_eq!((set.min_length, set.reuse_prevention), (30, Some(24)));
    }
}
