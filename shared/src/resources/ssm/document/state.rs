//! With whom a document is shared.

use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, Plan, Step, Undo, in_region};
use crate::engine::shell::word;
use crate::engine::verdict::Violation;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

pub(crate) const ARNS: &[&str] = &["ssm:${Region}:${Account}:document/*"];
pub(crate) const MODIFY: Permission = Permission::on("ssm:ModifyDocumentPermission", ARNS);

/// What Systems Manager calls everyone.
pub(crate) const ALL: &str = "all";
/// So many accounts go into one call ("ModifyDocumentPermission").
const MOST: usize = 20;

/// What is known of the sharing of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Its name.
    pub name: String,
    /// With whom. A record names those that it added.
    pub shares: Vec<Share>,
    /// Whether these are all.
    pub is_whole: bool,
}

/// With one account, or everyone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Twelve digits, or `all`.
    pub account: String,
    /// The version that is shared; the default one, without it.
    pub version: Option<String>,
    /// Whether a judge should ask about it: the event added it, or there is no event.
    pub in_question: bool,
}

impl Share {
    /// `All` is written in either case. None for an empty text.
    #[must_use]
    pub fn of(account: &str, version: Option<String>) -> Option<Self> {
        let account = if account.eq_ignore_ascii_case(ALL) { ALL } else { account }.to_owned();
        let version = version.filter(|version| !version.is_empty());
        (!account.is_empty()).then_some(Self { account, version, in_question: true })
    }
}

/// The calls that change it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentAction {
    /// It is shared with these no more.
    Unshare(Accounts),
    /// It is shared with these again.
    Share(Accounts),
}

/// Accounts with which one version of a document is shared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accounts {
    /// The document's name.
    pub name: String,
    /// Twelve digits each, or `all`.
    pub accounts: Vec<String>,
    /// The version; the default one, without it.
    pub version: Option<String>,
}

impl DocumentAction {
    /// Of either call.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        match self {
            Self::Unshare(accounts) | Self::Share(accounts) => accounts,
        }
    }
}

impl fmt::Display for DocumentAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Accounts { name, accounts, version } = self.accounts();
        let accounts = accounts.join(", ");
        match (self, version) {
            (Self::Unshare(_), _) => write!(f, "stop sharing document {name} with {accounts}"),
            (Self::Share(_), Some(version)) => write!(f, "share version {version} of document {name} with {accounts}"),
            (Self::Share(_), None) => write!(f, "share document {name} with {accounts}"),
        }
    }
}

impl Action for DocumentAction {
    fn permission(&self) -> &'static str {
        MODIFY.action
    }

    fn command(&self, region: &str) -> String {
        let Accounts { name, accounts, version } = self.accounts();
        let accounts = accounts.iter().map(|account| word(account).into_owned()).collect::<Vec<_>>().join(" ");
        let mut line = format!("aws ssm modify-document-permission --permission-type Share --name {}", word(name));
        line += &match (self, version) {
            (Self::Unshare(_), _) => format!(" --account-ids-to-remove {accounts}"),
            (Self::Share(_), Some(version)) => {
                format!(" --account-ids-to-add {accounts} --shared-document-version {}", word(version))
            }
            (Self::Share(_), None) => format!(" --account-ids-to-add {accounts}"),
        };
        in_region(&line, region)
    }

    fn absorb(&mut self, other: &Self) -> bool {
        let (mine, theirs) = match (&mut *self, other) {
            (Self::Unshare(mine), Self::Unshare(theirs)) | (Self::Share(mine), Self::Share(theirs)) => (mine, theirs),
            (Self::Unshare(_), Self::Share(_)) | (Self::Share(_), Self::Unshare(_)) => return false,
        };
        let new: Vec<&String> = theirs.accounts.iter().filter(|account| !mine.accounts.contains(account)).collect();
        let is_one = (&mine.name, &mine.version) == (&theirs.name, &theirs.version);
        let fits = is_one && mine.accounts.len() + new.len() <= MOST;
        if fits {
            let new: Vec<String> = new.into_iter().cloned().collect();
            mine.accounts.extend(new);
        }
        fits
    }

    /// An account's share is one element, and cannot deny.
    fn effect(&self) -> Effect {
        match self {
            Self::Unshare(_) => Effect::Removing,
            Self::Share(_) => Effect::Overwriting,
        }
    }

    fn elements(&self) -> usize {
        self.accounts().accounts.len()
    }
}

/// Calls that remove exactly the shares that the evidence names, and those that write them again, version by version.
pub(super) fn unshare(document: &Document, violation: &Violation) -> Plan<DocumentAction> {
    let is_named = |share: &&Share| violation.evidence.iter().any(|evidence| evidence.element == share.account);
    let mut by_version: BTreeMap<&Option<String>, Vec<String>> = BTreeMap::new();
    for share in document.shares.iter().filter(is_named) {
        by_version.entry(&share.version).or_default().push(share.account.clone());
    }
    let pieces = by_version.iter().flat_map(|(version, all)| all.chunks(MOST).map(move |some| (*version, some)));
    let step = |(version, some): (&Option<String>, &[String])| {
        let accounts = Accounts { name: document.name.clone(), accounts: some.to_vec(), version: version.clone() };
        let undo = Undo::Apply(DocumentAction::Share(accounts.clone()));
        Step { apply: DocumentAction::Unshare(accounts), undo }
    };
    Plan { steps: pieces.map(step).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_names_twenty_accounts_at_most_and_one_version() {
        let of = |from: u64, count: u64, version: &str| {
            let accounts = (from..from + count).map(|id| format!("{id:012}")).collect();
            DocumentAction::Unshare(Accounts { name: "d".to_owned(), accounts, version: Some(version.to_owned()) })
        };
        let mut call = of(0, 15, "1");
        assert!(call.absorb(&of(10, 10, "1")), "five are new");
        assert_eq!(call.elements(), 20);
        assert!(!call.absorb(&of(30, 1, "1")));
        assert!(!of(0, 1, "1").absorb(&of(1, 1, "2")));
    }
}
