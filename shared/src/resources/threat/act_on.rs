//! Which findings the operator wants more of than a notification.

use super::finding_types::is_caused_from_outside;
use super::report::Report;
use crate::engine::verdict::Severity;
use crate::policy::{Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which findings lead to a remediation. Any other is only notified.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ActOn {
    /// Types of findings (docs/finding-types.md), such as `UnauthorizedAccess:IAMUser/*`; `*` and `?` match as in IAM, but for types that
    /// a name or a file causes which any stranger may send to an instance (`…!DNS`): those have to be named in full. None without an entry.
    pub types: Vec<String>,
    /// The least severity: `low` from 1, `medium` from 4, `high` from 7, `critical` from 9.
    pub severity: Severity,
}

impl Default for ActOn {
    fn default() -> Self {
        Self { types: Vec::new(), severity: Severity::High }
    }
}

/// Types of findings in a list of the policy file.
pub(crate) const TYPES: Holds =
    Holds { shapes: &["*:*/*"], form: "the type of a finding, such as `CryptoCurrency:EC2/*`", everything: None };

impl ActOn {
    /// Why the finding is only notified; none where it leads to more.
    #[must_use]
    pub fn doubt(&self, report: &Report) -> Option<String> {
        let is_named = self.types.contains(&report.kind);
        if !is_named && !self.types.iter().any(|pattern| matches_pattern(pattern, &report.kind)) {
            return Some("its type is not among `act_on`".to_owned());
        }
        if !is_named && is_caused_from_outside(&report.kind) {
            return Some(
                "a name or a file that is sent to the instance can cause it: `act_on` has to name exactly this type"
                    .to_owned(),
            );
        }
        match report.severity {
            Some(severity) if severity >= self.severity => None,
            Some(severity) => Some(format!("its severity is {severity}, `act_on` begins at {}", self.severity)),
            None => Some("it does not say how severe it is".to_owned()),
        }
    }

    /// For [`crate::policy::GuardrailSettings::lists`].
    #[must_use]
    pub(crate) fn list(&self) -> List<'_> {
        List { name: "act_on", entries: &self.types, holds: TYPES }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_leads_to_more_where_type_and_severity_are_wanted() {
        let report = |kind: &str, severity| Report { kind: kind.to_owned(), severity, at: jiff::Timestamp::UNIX_EPOCH };
        let mining = |severity| report("CryptoCurrency:EC2/BitcoinTool.B", severity);
        assert!(ActOn::default().doubt(&mining(Some(Severity::Critical))).is_some(), "nothing without a word");
        let some = ActOn { types: vec!["CryptoCurrency:EC2/*".to_owned()], ..ActOn::default() };
        assert_eq!(some.doubt(&mining(Some(Severity::High))), None);
        assert!(some.doubt(&mining(Some(Severity::Medium))).is_some_and(|why| why.contains("medium")));
        assert!(some.doubt(&mining(None)).is_some());
        assert!(some.doubt(&report("Backdoor:EC2/Spambot", Some(Severity::Critical))).is_some());
        let looked_up = report("CryptoCurrency:EC2/BitcoinTool.B!DNS", Some(Severity::High));
        assert!(some.doubt(&looked_up).is_some_and(|why| why.contains("exactly this type")));
        assert_eq!(ActOn { types: vec![looked_up.kind.clone()], ..ActOn::default() }.doubt(&looked_up), None);
    }
}
