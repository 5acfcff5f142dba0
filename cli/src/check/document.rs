//! Bare policy documents, through the analyser.

use crate::template::{Node, Position};
use iam_policy::{Access, Context, Document, Kind, Tier, power, reach};
use shared::engine::verdict::Severity;
use shared::policy::Policy;

/// A question that is asked of policy documents; they belong to no family's function yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) name: &'static str,
    pub(super) title: &'static str,
    pub(super) severity: Severity,
}

pub(super) const PUBLIC: Question = Question {
    name: "policy-document-public",
    title: "Policy document allows every principal",
    severity: Severity::Critical,
};
pub(super) const EXTERNAL: Question = Question {
    name: "policy-document-external",
    title: "Policy document allows an account that is not trusted",
    severity: Severity::High,
};
pub(super) const ADMINISTRATOR: Question = Question {
    name: "policy-document-administrator",
    title: "Policy document makes its holder an administrator",
    severity: Severity::High,
};
pub(super) const ESCALATION: Question = Question {
    name: "policy-document-escalation",
    title: "Policy document lets its holder become an administrator",
    severity: Severity::High,
};

/// What is said of a document.
pub(super) struct Answer {
    pub(super) question: Question,
    /// Otherwise it is unknown.
    pub(super) is_violation: bool,
    pub(super) reasons: Vec<String>,
    pub(super) at: Position,
}

/// True for a document with statements.
pub(super) fn is_policy(document: &Node) -> bool {
    document.get("Statement").is_some()
}

/// Judges a document: by its principals where it has some, by its power where it has none.
pub(super) fn judge(node: &Node, account: Option<&str>, policy: &Policy) -> Vec<Answer> {
    let document = Document::from_value(&node.to_value());
    let statements = node.get("Statement");
    let at = statements.map_or(node.at, |statements| statements.at);
    let each = match statements.map(Node::items) {
        Some([]) | None => statements.into_iter().collect::<Vec<_>>(),
        Some(items) => items.iter().collect(),
    };
    let has_principals = each.iter().any(|one| one.get("Principal").is_some() || one.get("NotPrincipal").is_some());
    if has_principals {
        return by_reach(&document, &each, at, account, policy).into_iter().collect();
    }
    by_power(document, at)
}

fn by_reach(
    document: &Document,
    each: &[&Node],
    at: Position,
    account: Option<&str>,
    policy: &Policy,
) -> Option<Answer> {
    let is_trust = |statement: &&Node| {
        let actions = statement.get("Action").map(Node::to_value).map(|value| value.to_string()).unwrap_or_default();
        actions.to_ascii_lowercase().contains("sts:")
    };
    let kind = if each.iter().all(is_trust) { Kind::Trust } else { Kind::Resource };
    let context = Context {
        kind,
        owner: account.map(str::to_owned),
        accounts: policy.trusted_accounts.iter().map(|account| account.as_str().to_owned()).collect(),
        organizations: policy.trusted_organizations.clone(),
        vpcs: Vec::new(),
        endpoints: Vec::new(),
        networks: Vec::new(),
    };
    let reached = reach(document, &context);
    let (question, is_violation) = match reached.access {
        Access::Public => (PUBLIC, true),
        Access::External => (EXTERNAL, true),
        Access::Undetermined => (PUBLIC, false),
        Access::Internal | Access::None => return None,
    };
    Some(Answer { question, is_violation, reasons: reached.reasons(), at })
}

fn by_power(document: Document, at: Position) -> Vec<Answer> {
    let power = power(&[document], None);
    let mut reasons = power.reasons();
    if power.admin.is_some() {
        // Who is an administrator already needs none of the ways to become one.
        reasons.truncate(1);
        return vec![Answer { question: ADMINISTRATOR, is_violation: true, reasons, at }];
    }
    let ways: Vec<String> = power.up_to(Tier::PassRole).map(|way| way.method.name()).collect();
    if !ways.is_empty() {
        return vec![Answer { question: ESCALATION, is_violation: true, reasons, at }];
    }
    if !power.problems.is_empty() {
        return vec![Answer { question: ADMINISTRATOR, is_violation: false, reasons, at }];
    }
    Vec::new()
}
