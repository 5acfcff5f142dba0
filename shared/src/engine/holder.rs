//! Who holds policies: IAM users, roles and groups.

use crate::engine::observed::Observed;
use crate::engine::shell::word;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What kind of principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HolderKind {
    /// An IAM user.
    User,
    /// An IAM role.
    Role,
    /// An IAM group: its members hold what it holds.
    Group,
}

impl HolderKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::User, Self::Role, Self::Group];

    /// The word that IAM's ARNs and command lines have for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
            Self::Group => "group",
        }
    }

    /// The word within the names of IAM's calls, such as `AttachUserPolicy`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Role => "Role",
            Self::Group => "Group",
        }
    }

    /// The resource type of the AWS Security Finding Format.
    #[must_use]
    pub fn finding_kind(self) -> &'static str {
        match self {
            Self::User => "AwsIamUser",
            Self::Role => "AwsIamRole",
            Self::Group => "AwsIamGroup",
        }
    }
}

/// A principal by its name: within an account and a kind, names are unique whatever their path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Holder {
    /// User, role or group.
    pub kind: HolderKind,
    /// Its name, without a path.
    pub name: String,
}

impl Holder {
    /// Whether its name is one that AWS gives to roles of its own. Only the path shows it: any caller may choose such a name.
    #[must_use]
    pub fn is_named_like_a_role_of_aws(&self) -> bool {
        self.kind == HolderKind::Role
            && ["AWSServiceRoleFor", "AWSReservedSSO_"].iter().any(|p| self.name.starts_with(p))
    }

    /// The option of the AWS command line that names it.
    #[must_use]
    pub fn option(&self) -> String {
        format!("--{}-name {}", self.kind.word(), word(&self.name))
    }
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.word(), self.name)
    }
}

/// What a read of a role shows beside its policies: which role it is, since when, and who may assume it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleSeen {
    /// Its unique id, `AROA…`: another role of the same name has another one.
    pub id: String,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// Its trust policy.
    pub trust: Observed<String>,
    /// When it was looked at.
    pub seen: Timestamp,
}

/// Why a role is not known yet.
#[must_use]
pub fn unseen() -> Observed<RoleSeen> {
    Observed::Unknown { why: "the role was not read".to_owned() }
}

/// What a principal holds beside the policy in question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// The documents: attached and inline, and those of a user's groups.
    pub documents: Vec<String>,
    /// The document of its permissions boundary.
    pub boundary: Option<String>,
}

/// A document as one argument of a shell, on one line.
#[must_use]
pub(crate) fn document_argument(document: &str) -> String {
    let (mut line, mut in_string, mut is_escaped) = (String::with_capacity(document.len()), false, false);
    for letter in document.chars() {
        if !in_string && letter.is_ascii_whitespace() {
            continue;
        }
        in_string ^= letter == '"' && !is_escaped;
        is_escaped = letter == '\\' && !is_escaped;
        line.push(letter);
    }
    word(&line).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_one_argument_on_one_line() {
        let document = "{\n  \"Sid\": \"a b \\\" cd\",\n \"x\" : [1, 2]\n}";
        assert_eq!(shlex::split(&document_argument(document)).unwrap(), [r#"{"Sid":"a b \" cd","x":[1,2]}"#]);
    }

    #[test]
    fn a_name_is_a_claim() {
        let role = |name: &str| Holder { kind: HolderKind::Role, name: name.to_owned() };
        assert!(role("AWSReservedSSO_Admin_0123456789abcdef").is_named_like_a_role_of_aws());
        assert!(role("AWSServiceRoleForSupport").is_named_like_a_role_of_aws());
        assert!(!role("deploy").is_named_like_a_role_of_aws());
        let user = Holder { kind: HolderKind::User, name: "AWSReservedSSO_x".to_owned() };
        assert!(!user.is_named_like_a_role_of_aws());
    }
}
