//! IAM-12: a role trusts its own account, the accounts and organisations that policy names, and no other.
//!
//! Judged by the policy analyser (`iam_policy`, docs/analyser.md), with the readings that it has taken: `sts:ExternalId` does
//! not identify a caller, an issuer that signs for strangers needs a `sub` that fixes the owner, deleted principals grant
//! nothing. "IAM JSON policy elements: Principal", "The confused deputy problem" and "Configuring a role for GitHub OIDC
//! identity provider" in the IAM user guide.

use super::state::UPDATE_ASSUME_ROLE_POLICY;
use super::state::{RoleTrust, Trust, TrustAction, role};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action as _, Plan};
use crate::engine::planned::document::judged;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::iam::protected::{Named, named, owned};
use crate::resources::iam::remaining::{allows_something, is_part, remaining};
use iam_policy::{Access, Context, Document, Grant, Reach, Remedy, reach, repair_reach, without_deleted};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module.
pub struct RoleTrustOpen;

/// A document may name thousands; a person reads a few.
const MOST_EVIDENCE: usize = 50;

/// What a trust policy must say of services.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RoleTrustSettings {
    /// Services whose access must be restricted to a source (`aws:SourceAccount`, `aws:SourceArn`, `aws:SourceOrgID`), such as
    /// `scheduler.amazonaws.com`; `*` and `?` match as in IAM. No service, if the list is empty: most services only assume
    /// roles that were passed to them in the same account, and some do not send these keys.
    pub pinned_services: Vec<String>,
}

impl GuardrailSettings for RoleTrustSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "pinned_services", entries: &self.pinned_services, holds: SERVICES }]
    }
}

const SERVICES: Holds = Holds {
    shapes: &["%.amazonaws.com", "%.amazonaws.com.cn"],
    form: "a service such as `scheduler.amazonaws.com`",
    everything: None,
};

static ABOUT: About = About {
    name: "role-trust-open",
    catalogue_id: "IAM-12",
    title: "Role trust allows untrusted principal",
    description: "The trust policy of a role allows every principal (critical), an account or organisation that is \
        neither the owner nor trusted (`trusted_accounts`, `trusted_organizations`), a foreign identity provider, or \
        a provider that also signs tokens for strangers (GitHub, GitLab, social logins) without a condition that \
        fixes the subject of the token. `sts:ExternalId` does not make `*` safe. AWS services comply, except those \
        in `pinned_services`, which must be restricted to an account, resource or organisation (`aws:SourceAccount`, \
        `aws:SourceArn`, ...), and `*`, which any service may use. A role created with the name of a protected \
        principal, and not by AWS, is evaluated like any other and marked as suspicious.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["IAM Access Analyzer AWS::IAM::Role"],
    technique: "T1098",
    triggers: &["CreateRole", "UpdateAssumeRolePolicy"],
    remediation: "Restores the last known good trust policy, without the parts that had been removed since, unless \
        none of it was left. If none is known, removes the condition values, principals or statements that allow too \
        much. If the statement is the only one, it becomes a Deny, because a role needs a trust policy. For roles \
        that AWS owns and Parapet's own it only notifies; `protected_principals` only get a known good policy \
        restored. A service that is not restricted is remediated only by restoring, because Parapet cannot know the \
        right source.",
    actions: &[UPDATE_ASSUME_ROLE_POLICY],
    ids: &["arn:%:iam::%:role/%"],
    not_watched: &[
        ("UpdateRole", "it changes the description and the session duration, not who may assume the role"),
        ("CreateServiceLinkedRole", "AWS writes the trust policy of such a role, and it cannot be changed"),
        (
            "CreateTrustAnchor, CreateProfile",
            "IAM Roles Anywhere: the role's trust policy must allow it, and is evaluated",
        ),
    ],
};

impl Guardrail<RoleTrust, TrustAction> for RoleTrustOpen {
    type Settings = RoleTrustSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, trust: &RoleTrust, terms: &Terms<'_>) -> Verdict {
        match &trust.document {
            Observed::Known(text) => judged(text, |text| judge(text, trust, terms)),
            Observed::Absent => Verdict::Compliant,
            Observed::Unknown { why } => Verdict::Undetermined { why: why.clone() },
        }
    }

    fn plan(&self, trust: &RoleTrust, _: &Violation, terms: &Terms<'_>) -> Plan<TrustAction> {
        let (Some(name), Observed::Known(document)) = (&trust.name, &trust.document) else { return Plan::default() };
        if !matches!(kept(trust, terms), Kept::No(_)) {
            return Plan::default();
        }
        let of = |document: String| Trust { role: name.clone(), document };
        let restored =
            trust.before.known().filter(|before| is_good(before, terms)).and_then(|text| without_deleted(text));
        let standing = restored.as_ref().and_then(|before| remaining(before, document));
        // A protected principal is not reduced by guess.
        let is_named = matches!(named(&role(name), &trust.role, terms), Named::Protected(_) | Named::Unread(_));
        let is_protected = is_named && !trust.is_new;
        let other = || {
            let is_left = |left: &str| allows_something(left) && is_good(left, terms);
            reduced(document, terms).filter(|(left, _)| !is_protected && is_left(left))
        };
        let reduce = |(left, edits)| TrustAction::Reduce { trust: of(left), edits };
        let apply = match (restored, standing) {
            (Some(before), Some(left)) if left != before => {
                reduce((left, vec!["keep what was in the last known good one, too".to_owned()]))
            }
            (Some(before), Some(_)) => TrustAction::Restore(of(before)),
            (Some(before), None) => other().map_or_else(|| TrustAction::Restore(of(before)), reduce),
            (None, _) => match reduced(document, terms) {
                Some(left) => reduce(left),
                None => return Plan::default(),
            },
        };
        Plan::one(apply, TrustAction::PutBack(of(document.clone())))
    }

    fn remarks(&self, trust: &RoleTrust) -> Vec<String> {
        let (Some(name), Observed::Known(before), Observed::Known(document)) =
            (&trust.name, &trust.before, &trust.document)
        else {
            return Vec::new();
        };
        if !is_part(before, document) {
            return Vec::new();
        }
        let whole = TrustAction::PutBack(Trust { role: name.clone(), document: before.clone() });
        vec![format!(
            "the trust policy that was last known to be good lets in more; parts that had been removed since were \
             not restored, as their removal may have been intended. To restore them: {}",
            whole.command("")
        )]
    }
}

/// What it says of a document.
fn judge(text: &str, trust: &RoleTrust, terms: &Terms<'_>) -> Verdict {
    let found = reach(&Document::parse(text), &context(terms));
    let faults: Vec<(&Grant, Severity)> =
        found.grants.iter().filter_map(|grant| Some((grant, fault(grant, terms)?))).collect();
    let Some(severity) = faults.iter().map(|(_, severity)| *severity).max() else {
        return unless_unread(&found);
    };
    let tail = match kept(trust, terms) {
        Kept::Unread(why) => return Verdict::Undetermined { why },
        Kept::For(why) => format!("; only notified, as {why}"),
        Kept::No(Some(odd)) => format!("; suspicious: {odd}"),
        Kept::No(None) => String::new(),
    };
    let evidence = faults.iter().take(MOST_EVIDENCE).map(|(grant, _)| Evidence {
        element: format!("{} by {}", grant.principal, grant.actions.join(", ")),
        why: format!("{grant}{tail}"),
    });
    Verdict::Violation(Violation { severity, evidence: evidence.collect() })
}

/// Whether the trust policy stays as it is.
enum Kept {
    /// It does not; what is odd about its role.
    No(Option<String>),
    /// It does; the reason.
    For(String),
    /// Only a read shows it.
    Unread(String),
}

/// A protected role loses nothing that it had: it goes back to a policy that is known to be good, and is not reduced by guess. One
/// that appeared under its name after the fact had nothing, but where AWS made it.
fn kept(trust: &RoleTrust, terms: &Terms<'_>) -> Kept {
    let Some(role) = trust.name.as_deref().map(role) else { return Kept::No(None) };
    if let Some(why) = owned(&role, &trust.path, terms) {
        return Kept::For(why);
    }
    let named = named(&role, &trust.role, terms);
    if named == Named::No {
        return Kept::No(None);
    }
    if trust.is_new {
        return match &trust.by_service {
            Some(service) => Kept::For(format!("`{service}` made the role on AWS's own behalf")),
            None => Kept::No(Some(format!("{role} was made under the name of a protected principal"))),
        };
    }
    let is_restored = trust.before.known().is_some_and(|before| is_good(before, terms));
    match named {
        Named::No => Kept::No(None),
        Named::Protected(_) | Named::Unread(_) if is_restored => Kept::No(None),
        Named::Protected(why) => Kept::For(why),
        Named::Suspicious(odd) => Kept::No(Some(odd)),
        Named::Unread(why) => Kept::Unread(why),
    }
}

/// Whom the operator trusts.
fn context(terms: &Terms<'_>) -> Context {
    let owner = Some(terms.place.account.clone()).filter(|account| !account.is_empty());
    let accounts = terms.policy.trusted_accounts.iter().map(|account| account.as_str().to_owned()).collect();
    let organizations = terms.policy.trusted_organizations.clone();
    Context { owner, accounts, organizations, ..Context::trust(String::new()) }
}

/// How bad a grant is; none for one that is as it should be.
fn fault(grant: &Grant, terms: &Terms<'_>) -> Option<Severity> {
    match grant.access {
        Access::Public => return Some(Severity::Critical),
        Access::External => return Some(ABOUT.severity),
        Access::None | Access::Internal | Access::Undetermined => {}
    }
    let settings = terms.settings(&RoleTrustOpen);
    let pinned = &settings.pinned_services;
    let is_any = grant.principal == "*";
    let must_be_pinned = is_any || pinned.iter().any(|pattern| matches_pattern(pattern, &grant.principal));
    (grant.confused_deputy && must_be_pinned).then_some(if is_any { ABOUT.severity } else { Severity::Medium })
}

/// Nothing is wrong with what can be read.
fn unless_unread(found: &Reach) -> Verdict {
    if found.access == Access::Undetermined {
        let why = found.reasons().into_iter().next().unwrap_or_default();
        return Verdict::Undetermined { why: format!("the trust policy is unknown: {why}") };
    }
    Verdict::Compliant
}

fn is_good(document: &str, terms: &Terms<'_>) -> bool {
    let found = reach(&Document::parse(document), &context(terms));
    found.access < Access::Undetermined && found.grants.iter().all(|grant| fault(grant, terms).is_none())
}

/// The document without what trusts too many, and what was taken out.
fn reduced(document: &str, terms: &Terms<'_>) -> Option<(String, Vec<String>)> {
    let Remedy::Edit(repair) = repair_reach(document, &context(terms), Access::Internal) else { return None };
    let left = without_deleted(&repair.after)?;
    Some((left, repair.edits.iter().map(ToString::to_string).collect()))
}
