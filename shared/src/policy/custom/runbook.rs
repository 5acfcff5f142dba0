//! The runbook of a guardrail: an Automation document of AWS Systems Manager, in one version, with parameters that are ids.

use super::form::Expression;
use super::kind::IdKind;
use crate::policy::{AccountId, BadValue};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// A runbook. What is started is what stands here: nothing of a record but the ids of its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Runbook {
    /// The Automation document: a name (`AWS-StopEC2Instance`), or of another account's the ARN. `runbook_owners` names who may own it.
    pub document: Document,
    /// Its version, a number: `$DEFAULT` and `$LATEST` change without a word.
    pub version: DocumentVersion,
    /// Its parameters by name. `AutomationAssumeRole` is the stack's parameter `RunbookRole`.
    #[serde(default)]
    pub parameters: BTreeMap<ParameterName, Parameter>,
}

/// A parameter of a runbook.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// What the value is; a value of another form is refused.
    pub kind: IdKind,
    /// Where the record has it: an expression whose value is an id, or a list of at most 50.
    pub value: Expression,
}

/// The parameter by which every runbook gets its role.
pub(crate) const ROLE: &str = "AutomationAssumeRole";

/// The name of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^[A-Za-z0-9]{1,64}$"))]
pub struct ParameterName(String);

impl TryFrom<String> for ParameterName {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        let is_name = (1..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match text {
            text if text == ROLE => Err(BadValue::Form {
                text,
                expected: "a parameter that a policy file sets: the role of all runbooks is the stack's parameter `RunbookRole`",
            }),
            text if is_name => Ok(Self(text)),
            text => Err(BadValue::Form { text, expected: "the name of a document's parameter: letters and digits" }),
        }
    }
}

impl From<ParameterName> for String {
    fn from(name: ParameterName) -> Self {
        name.0
    }
}

impl ParameterName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The version of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "u32", extend("minimum" = 1))]
pub struct DocumentVersion(u32);

impl TryFrom<String> for DocumentVersion {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        let number = text.parse().ok().filter(|number| *number > 0);
        number.map(Self).ok_or(BadValue::Form {
            text,
            expected: "the number of a version, such as 1: `$DEFAULT` and `$LATEST` change without a word (`aws ssm list-document-versions --name NAME` lists them)",
        })
    }
}

impl From<DocumentVersion> for String {
    fn from(version: DocumentVersion) -> Self {
        version.to_string()
    }
}

impl fmt::Display for DocumentVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// An Automation document: its name, or its ARN.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^(arn:[a-z-]+:ssm:[a-z0-9-]+:[0-9]{12}:document/)?[A-Za-z0-9_.-]{3,128}$"))]
pub struct Document(String);

/// How the names of AWS's own documents begin: "The following strings are reserved" (`CreateDocument`, Systems Manager API reference).
const OF_AMAZON: [&str; 3] = ["aws", "amazon", "amzn"];

impl TryFrom<String> for Document {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        let is_name = |name: &str| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-');
            (3..=128).contains(&name.len()) && name.bytes().all(is_plain)
        };
        let is_arn = |(place, name): (&str, &str)| {
            let parts: Vec<&str> = place.split(':').collect();
            let is_account = |text: &str| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
            matches!(parts.as_slice(), ["arn", _, "ssm", region, account] if !region.is_empty() && is_account(account))
                && is_name(name)
        };
        match is_name(&text) || text.split_once(":document/").is_some_and(is_arn) {
            true => Ok(Self(text)),
            false => Err(BadValue::Form {
                text,
                expected: "an Automation document: its name, such as `AWS-StopEC2Instance`, or of another account's the ARN",
            }),
        }
    }
}

impl From<Document> for String {
    fn from(document: Document) -> Self {
        document.0
    }
}

impl Document {
    /// The name or ARN.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Who owns it, which its name says.
    #[must_use]
    pub fn owner(&self) -> Owner {
        if let Some((place, _)) = self.0.split_once(":document/") {
            let account = place.rsplit(':').next().unwrap_or_default();
            return AccountId::try_from(account.to_owned()).map_or(Owner::Own, Owner::Account);
        }
        let small = self.0.to_ascii_lowercase();
        if OF_AMAZON.iter().any(|prefix| small.starts_with(prefix)) { Owner::Amazon } else { Owner::Own }
    }
}

/// Who owns a document.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String", extend("pattern" = "^(amazon|self|[0-9]{12})$"))]
pub enum Owner {
    /// `amazon`: AWS, whose documents have reserved names.
    Amazon,
    /// `self`: the account in which the runbook is started.
    Own,
    /// Another account, of which a document is shared.
    Account(AccountId),
}

impl TryFrom<String> for Owner {
    type Error = BadValue;

    fn try_from(text: String) -> Result<Self, BadValue> {
        match text.as_str() {
            "amazon" => Ok(Self::Amazon),
            "self" => Ok(Self::Own),
            _ => AccountId::try_from(text.clone()).map(Self::Account).map_err(|_| BadValue::Form {
                text,
                expected: "an owner of runbooks: `amazon`, `self` or an account id of twelve digits in quotes",
            }),
        }
    }
}

impl From<Owner> for String {
    fn from(owner: Owner) -> Self {
        owner.to_string()
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Amazon => f.write_str("amazon"),
            Self::Own => f.write_str("self"),
            Self::Account(account) => f.write_str(account.as_str()),
        }
    }
}
