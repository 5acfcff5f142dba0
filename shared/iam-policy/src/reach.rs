//! Who can reach a resource, or assume a role, by its policy.
//!
//! What must hold: a grant is only called closed when every stranger's request fails it. Statements add up, so the
//! document reaches as far as its widest grant; conditions are all needed, so one that limits the caller is enough;
//! a Deny counts for what it covers. What could not be read makes the answer undetermined, never closed.
//!
//! "The meaning of public": <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>;
//! evaluation: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>

use std::fmt;
use std::sync::Arc;

use super::audience::{Audience, Breadth, Outsider};
use super::context::{Context, Kind};
use super::deny::{Coverage, Denies};
use super::document::{Document, Problem, Statement};
use super::glob::Pattern;
use super::judge::Judge;
use super::keys::is_source;
use super::principal::{At, Principal, Who};
use super::provider::Provider;
use super::scope::Scope;
use super::words::{self, clip};

/// How far a document, or one grant of it, reaches; from nowhere to everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// No principal is granted anything.
    None,
    /// The owner and whom the owner trusts.
    Internal,
    /// Unknown.
    Undetermined,
    /// Named parties outside the zone of trust.
    External,
    /// Any stranger.
    Public,
}

impl Access {
    /// The word of the command line and of findings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Internal => "internal",
            Self::Undetermined => "undetermined",
            Self::External => "external",
            Self::Public => "public",
        }
    }
}

impl fmt::Display for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The answer for a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Reach {
    /// The widest of the grants, or undetermined when a part could not be read and no grant is a finding.
    pub access: Access,
    /// One for each principal of each Allow.
    pub grants: Vec<Grant>,
    /// The parts that could not be read.
    pub problems: Vec<Problem>,
}

/// What one principal of one Allow comes to.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// The statement's index.
    pub statement: usize,
    /// The statement's place and Sid, for people.
    pub place: String,
    /// The principal as it is written.
    pub principal: String,
    /// Where the principal is written.
    pub at: At,
    /// The actions that reach this far, as they are written.
    pub actions: Arc<[String]>,
    /// How far.
    pub access: Access,
    /// Who is named from outside.
    pub outsiders: Vec<Outsider>,
    /// The conditions taken into account.
    pub conditions: Arc<[Considered]>,
    /// The Deny statements that took something away.
    pub denied_by: Vec<usize>,
    /// A service may be made to act here by an account that has nothing to do with the owner.
    pub confused_deputy: bool,
    /// What else is worth knowing.
    pub notes: Vec<&'static str>,
}

/// One condition of a grant, and why it does or does not close it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Considered {
    /// The operator as it is written.
    pub operator: String,
    /// The key as it is written.
    pub key: String,
    /// Strangers fail it.
    pub closes: bool,
    /// Why.
    pub why: String,
}

impl Considered {
    fn is_about_services(&self) -> bool {
        self.key.eq_ignore_ascii_case("aws:PrincipalIsAWSService")
    }
}

impl fmt::Display for Considered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.closes { "limits" } else { "does not limit" };
        write!(f, "`{}` of `{}` {verb} who it is: {}", clip(&self.operator), clip(&self.key), self.why)
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let actions = words::list(self.actions.iter().map(String::as_str));
        write!(f, "{} grants {actions} to `{}`: {}", self.place, clip(&self.principal), self.access)?;
        let outsiders: Vec<String> = self.outsiders.iter().map(ToString::to_string).collect();
        if !outsiders.is_empty() {
            write!(f, " ({})", outsiders.join(", "))?;
        }
        for condition in self.conditions.iter() {
            write!(f, "; {condition}")?;
        }
        for statement in &self.denied_by {
            write!(f, "; Statement[{statement}] denies a part of it")?;
        }
        if self.confused_deputy {
            f.write_str("; confused deputy: nothing fixes for which account the service acts")?;
        }
        for note in &self.notes {
            write!(f, "; {note}")?;
        }
        Ok(())
    }
}

/// Sentences in one answer; a reader who gets more reads none.
const MOST_REASONS: usize = 100;

impl Reach {
    /// The grants that reach as far as `access` or further.
    pub fn at_least(&self, access: Access) -> impl Iterator<Item = &Grant> {
        self.grants.iter().filter(move |grant| grant.access >= access)
    }

    /// Sentences for people: the grants at fault, or all when there is none, then what could not be read.
    pub fn reasons(&self) -> Vec<String> {
        let worst = self.access.max(Access::Undetermined);
        let findings = || self.grants.iter().filter(|grant| grant.access >= worst || grant.confused_deputy);
        let mut reasons: Vec<String> = findings().take(MOST_REASONS).map(ToString::to_string).collect();
        let more = findings().count() - reasons.len();
        if more > 0 {
            reasons.push(format!("and {more} more grants like these"));
        }
        let problems = self.problems.iter().take(MOST_REASONS).map(ToString::to_string);
        reasons.extend(problems);
        if reasons.is_empty() {
            reasons.extend(self.grants.iter().take(MOST_REASONS).map(ToString::to_string));
        }
        if reasons.is_empty() {
            reasons.push("no statement grants anything to anybody".to_owned());
        }
        reasons
    }
}

/// Who can reach the resource that this document is attached to.
pub fn reach(document: &Document, context: &Context) -> Reach {
    let mut reach = Reach { access: Access::None, grants: Vec::new(), problems: document.problems.clone() };
    let denies = Denies::of(document, context);
    for statement in &document.statements {
        let Some(principals) = &statement.principals else {
            if statement.effect.is_some() {
                let what = "there is neither `Principal` nor `NotPrincipal`".to_owned();
                reach.problems.push(Problem { place: statement.place(), what });
            }
            continue;
        };
        let ways_in = ways_in(statement, context);
        let statement = ways_in.as_ref().unwrap_or(statement);
        if !statement.allows() || statement.actions.is_empty() || statement.resources.is_empty() {
            continue;
        }
        let mut grants = Grants::of(statement, context, &denies);
        if principals.negated {
            let Some(first) = principals.list.first() else {
                continue;
            };
            let at = At { index: None, key: None, ..first.at.clone() };
            let text = "everybody who is not named".to_owned();
            reach.grants.push(grants.to(&Principal { who: Who::Everyone, text, at }));
            continue;
        }
        for principal in &principals.list {
            match principal.who {
                // The reader has said what is wrong with it.
                Who::Unreadable => {}
                Who::Provider if Provider::read(&principal.text, context).is_none() => {
                    let place = format!("{}.{}.Federated", statement.place(), principal.at.element);
                    let what = format!("no identity provider has this form (`{}`)", clip(&principal.text));
                    reach.problems.push(Problem { place, what });
                }
                _ => reach.grants.push(grants.to(principal)),
            }
        }
    }
    if denies.is_exhausted() {
        let what = "too large to weigh each Deny against each grant".to_owned();
        reach.problems.push(Problem { place: "document".to_owned(), what });
    }
    let widest = reach.grants.iter().map(|grant| grant.access).max().unwrap_or(Access::None);
    reach.access = if reach.problems.is_empty() { widest } else { widest.max(Access::Undetermined) };
    reach
}

/// A statement of a trust policy with the ways to assume the role alone: a tag on the session lets no principal in.
fn ways_in(statement: &Statement, context: &Context) -> Option<Statement> {
    if context.kind != Kind::Trust {
        return None;
    }
    let assume = Pattern::action("sts:AssumeRole*");
    let ways: Vec<Pattern> = match &statement.actions {
        Scope::Only(list) => list.iter().filter(|action| action.meets(&assume)).cloned().collect(),
        Scope::Except(list) if list.iter().any(|action| action.covers(&assume)) => Vec::new(),
        Scope::Except(_) => return None,
    };
    Some(Statement { actions: Scope::Only(ways), ..statement.clone() })
}

/// Whom a principal stands for, before any condition.
pub(crate) fn principal_audience(principal: &Principal, context: &Context) -> Audience {
    match &principal.who {
        Who::Everyone | Who::AnyAccount => Audience::EVERYONE,
        // Twelve digits or not: it is trusted only when the context says so.
        Who::Account(account) | Who::Identity(account) => {
            context.account(account).unwrap_or_else(|| Audience::foreign(Outsider::Account(account.clone())))
        }
        Who::Deleted => Audience::EMPTY,
        Who::AwsOwned | Who::Service => Audience::INSIDE,
        Who::Canonical => {
            if context.accounts.contains(&principal.text) {
                Audience::INSIDE
            } else {
                Audience::foreign(Outsider::CanonicalUser(principal.text.clone()))
            }
        }
        Who::Provider => Provider::read(&principal.text, context).map_or(Audience::EVERYONE, |found| found.audience),
        Who::Unreadable => Audience::EVERYONE,
    }
}

/// The grants of one statement. What does not depend on the principal is worked out once: lists of thousands of
/// principals are allowed.
struct Grants<'a> {
    statement: &'a Statement,
    context: &'a Context,
    denies: &'a Denies<'a>,
    place: String,
    actions: Arc<[String]>,
    coverage: Coverage,
    /// What the conditions leave of callers that come by themselves, and of services.
    callers: Option<(Audience, Arc<[Considered]>)>,
    services: Option<(Audience, Arc<[Considered]>)>,
}

impl<'a> Grants<'a> {
    fn of(statement: &'a Statement, context: &'a Context, denies: &'a Denies<'a>) -> Self {
        let place = match &statement.sid {
            Some(sid) if !sid.is_empty() => format!("{} (`{}`)", statement.place(), clip(sid)),
            _ => statement.place(),
        };
        let actions = statement.actions.texts().into();
        let coverage = denies.coverage(statement);
        Self { statement, context, denies, place, actions, coverage, callers: None, services: None }
    }

    fn conditions(&self, provider: Option<&Provider>, is_service: bool) -> (Audience, Arc<[Considered]>) {
        let judge = Judge { context: self.context, provider };
        let mut audience = Audience::EVERYONE;
        let mut considered = Vec::with_capacity(self.statement.conditions.len());
        for condition in &self.statement.conditions {
            // A service comes without an identity of its own; what it can be pinned to is the source.
            if is_service && !is_source(&condition.key) {
                continue;
            }
            let judged = judge.allow(condition, &self.statement.conditions);
            considered.push(Considered {
                operator: condition.operator_text.clone(),
                key: condition.key_text.clone(),
                closes: !judged.audience.is_everyone(),
                why: judged.why,
            });
            audience = audience.narrow(&judged.audience);
        }
        (audience, considered.into())
    }

    fn to(&mut self, principal: &Principal) -> Grant {
        let is_service = principal.who == Who::Service;
        let provider =
            (principal.who == Who::Provider).then(|| Provider::read(&principal.text, self.context)).flatten();
        let known = if is_service { &self.services } else { &self.callers };
        let (limit, conditions) = match known {
            Some(known) if provider.is_none() => known.clone(),
            _ => self.conditions(provider.as_ref(), is_service),
        };
        if provider.is_none() {
            let known = if is_service { &mut self.services } else { &mut self.callers };
            *known = Some((limit.clone(), Arc::clone(&conditions)));
        }
        // A service may act for anybody until something fixes for whom.
        let mut audience = if is_service { limit } else { principal_audience(principal, self.context).narrow(&limit) };
        let mut actions = Arc::clone(&self.actions);
        let mut denied_by = Vec::new();
        if !matches!(audience.breadth, Breadth::Empty | Breadth::Inside) {
            let left = self.denies.left(self.statement, &self.coverage, principal, provider.as_ref(), audience);
            audience = left.audience;
            if !left.denied_by.is_empty() {
                actions = left.actions.into();
                denied_by = left.denied_by;
            }
        }
        // A caller that must be a service, whichever, is as open to being misled as a service that is named.
        let is_any_service = principal.who == Who::Everyone
            && audience.breadth == Breadth::Inside
            && conditions.iter().filter(|condition| condition.closes).all(Considered::is_about_services);
        let confused_deputy = (is_service && audience.is_everyone()) || (is_any_service && denied_by.is_empty());
        if confused_deputy {
            audience = Audience::INSIDE;
        }
        let mut notes = Vec::new();
        match principal.who {
            Who::Deleted => notes.push("the principal was deleted; its id is never used again"),
            Who::Provider if provider.as_ref().is_some_and(|found| found.is_shared) => {
                notes.push("the provider signs for strangers as well");
            }
            _ => {}
        }
        if audience.breadth == Breadth::Unowned {
            notes.push("the document does not show whose it is; `aws:SourceAccount` or a list of trusted ids would");
        }
        Grant {
            statement: self.statement.index,
            place: self.place.clone(),
            principal: principal.text.clone(),
            at: principal.at.clone(),
            actions,
            access: match audience.breadth {
                Breadth::Empty => Access::None,
                Breadth::Inside | Breadth::Unowned => Access::Internal,
                // A condition that cannot be read may be the one that closes it.
                _ if self.statement.conditions.iter().any(|condition| condition.operator.is_none()) => {
                    Access::Undetermined
                }
                Breadth::Foreign => Access::External,
                Breadth::Everyone => Access::Public,
            },
            outsiders: audience.outsiders,
            conditions,
            denied_by,
            confused_deputy,
            notes,
        }
    }
}
