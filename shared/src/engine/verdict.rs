//! What a guardrail says about a state.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The answer of a judge. Undetermined is never folded into one of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The state is as it should be.
    Compliant,
    /// It is not, and here is what proves it.
    Violation(Violation),
    /// This lens does not show it.
    Undetermined {
        /// What is missing, for a person.
        why: String,
    },
}

impl Verdict {
    /// Which of the three it is.
    #[must_use]
    pub fn kind(&self) -> VerdictKind {
        match self {
            Self::Compliant => VerdictKind::Compliant,
            Self::Violation(_) => VerdictKind::Violation,
            Self::Undetermined { .. } => VerdictKind::Undetermined,
        }
    }

    /// The sentences of the report.
    #[must_use]
    pub fn reasons(&self) -> Vec<String> {
        match self {
            Self::Compliant => Vec::new(),
            Self::Violation(violation) => violation.evidence.iter().map(|evidence| evidence.why.clone()).collect(),
            Self::Undetermined { why } => vec![why.clone()],
        }
    }
}

/// A verdict without its evidence, as findings and reports carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerdictKind {
    /// The state is as it should be.
    Compliant,
    /// It is not.
    Violation,
    /// It is unknown whether it is.
    Undetermined,
}

impl VerdictKind {
    /// The word of the report.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Compliant => "compliant",
            Self::Violation => "violation",
            Self::Undetermined => "undetermined",
        }
    }
}

impl fmt::Display for VerdictKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What is wrong, element by element.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// How bad it is: the guardrail's own level unless the state says otherwise.
    pub severity: Severity,
    /// Never empty.
    pub evidence: Vec<Evidence>,
}

/// One offending element (a rule, a key, a statement) and why it offends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The element by its content, equal whenever the same element is seen again.
    pub element: String,
    /// One sentence.
    pub why: String,
}

/// The five levels of the AWS Security Finding Format (`Severity.Label`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// No issue was found.
    Informational,
    /// No action needed by itself.
    Low,
    /// To be looked at, not urgently.
    Medium,
    /// To be looked at with priority.
    High,
    /// To be looked at now.
    Critical,
}

impl Severity {
    /// One level up, for a finding that could not be closed.
    #[must_use]
    pub fn raised(self) -> Self {
        match self {
            Self::Informational => Self::Low,
            Self::Low => Self::Medium,
            Self::Medium => Self::High,
            Self::High | Self::Critical => Self::Critical,
        }
    }

    /// The level's word in lower case.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Informational => "informational",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
