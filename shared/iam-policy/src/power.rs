//! What identity policies make of their holder.
//!
//! What must hold: an action that is not known never voids the answer; a way counts with all its actions, from
//! whichever documents they come; a Deny without conditions breaks it, one with conditions is named as a constraint.
//! `iam:PassRole` alone is no escalation.

use super::document::{Document, Problem};
use super::glob::Pattern;
use super::holding::{Holding, Stated};
use super::known::{KNOWN, position};
use super::methods::{METHODS, Method, Tier};
use super::scope::Scope;
use super::words;

/// What the holder of some documents can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Power {
    /// The statement that makes an administrator.
    pub admin: Option<Admin>,
    /// The ways that are open.
    pub escalations: Vec<Escalation>,
    /// The ways whose actions are all there, but which a Deny, a condition, a resource or the boundary breaks.
    pub broken: Vec<Broken>,
    /// Services of which everything is allowed on everything, by their prefix.
    pub services: Vec<String>,
    /// `NotAction` on everything: everything is allowed but these actions.
    pub everything_except: Option<Vec<String>>,
    /// The parts that could not be read.
    pub problems: Vec<Problem>,
}

/// The statement that makes an administrator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admin {
    /// Its place.
    pub place: String,
    /// Conditions that stand in the way without ending it.
    pub constraints: Vec<String>,
}

/// A way that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// Which way.
    pub method: Method,
    /// The statement that gives each of the actions, in their order.
    pub places: Vec<String>,
    /// Conditions that stand in the way without ending it: the finding is less severe.
    pub constraints: Vec<String>,
}

/// A way that is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// Which way.
    pub method: Method,
    /// What breaks it.
    pub by: String,
}

impl Power {
    /// Ways of this tier or a stronger one.
    pub fn up_to(&self, tier: Tier) -> impl Iterator<Item = &Escalation> {
        self.escalations.iter().filter(move |escalation| escalation.method.tier <= tier)
    }

    /// Sentences for people.
    pub fn reasons(&self) -> Vec<String> {
        let mut reasons = Vec::new();
        if let Some(admin) = &self.admin {
            reasons.push(format!("{} makes an administrator{}", admin.place, under(&admin.constraints)));
        }
        for escalation in &self.escalations {
            let mut places = escalation.places.clone();
            places.dedup();
            reasons.push(format!(
                "{} is a privilege escalation path (tier {}, {}){}",
                escalation.method.name(),
                escalation.method.tier.letter(),
                places.join(", "),
                under(&escalation.constraints)
            ));
        }
        for service in &self.services {
            reasons.push(format!("full access to the service `{service}` (`{service}:*` on everything)"));
        }
        if let Some(list) = &self.everything_except {
            let list = list.iter().map(String::as_str);
            reasons.push(format!("full access to every service except {}", words::list(list)));
        }
        reasons.extend(self.broken.iter().map(|broken| format!("{} is broken: {}", broken.method.name(), broken.by)));
        reasons.extend(self.problems.iter().map(ToString::to_string));
        reasons
    }
}

fn under(constraints: &[String]) -> String {
    if constraints.is_empty() { String::new() } else { format!(", under {}", constraints.join(" and ")) }
}

/// What these documents together, cut by the boundary, make of their holder.
pub fn power(documents: &[Document], boundary: Option<&Document>) -> Power {
    let holding = Holding::of(documents, boundary);
    let mut problems = Vec::new();
    for (number, document) in documents.iter().enumerate() {
        problems.extend(document.problems.iter().map(|problem| match documents.len() {
            1 => problem.clone(),
            _ => Problem { place: format!("document {}: {}", number + 1, problem.place), what: problem.what.clone() },
        }));
    }
    problems.extend(
        boundary
            .into_iter()
            .flat_map(|document| &document.problems)
            .map(|problem| Problem { place: format!("boundary: {}", problem.place), what: problem.what.clone() }),
    );
    for (number, document) in documents.iter().enumerate() {
        let named = document.statements.iter().filter(|statement| statement.principals.is_some());
        problems.extend(named.map(|statement| {
            let place = match documents.len() {
                1 => statement.place(),
                _ => format!("document {}: {}", number + 1, statement.place()),
            };
            Problem { place, what: "an identity policy names no principal: its holder is the principal".to_owned() }
        }));
    }
    let admin = admin(&holding);
    let (escalations, broken) = ways(&holding);
    let services = services(&holding);
    let everything_except = wide(&holding).find_map(|stated| match &stated.statement.actions {
        Scope::Except(list) => Some(list.iter().map(|action| action.text().to_owned()).collect()),
        Scope::Only(_) => None,
    });
    if holding.is_exhausted() {
        let what = "too large to weigh every statement against every way".to_owned();
        problems.push(Problem { place: "document".to_owned(), what });
    }
    Power { admin, escalations, broken, services, everything_except, problems }
}

/// The documents give a part of some way up to `tier`, so that together with others it may be whole. Actions that only read,
/// and assuming a role, do not count: half of all policies have some, and every way needs others beside them.
pub fn gives_a_part(documents: &[Document], tier: Tier) -> bool {
    let holding = Holding::of(documents, None);
    let changes = |action: &&&str| {
        let name = action.split_once(':').map_or("", |(_, name)| name);
        !["Get", "Describe", "List", "Assume"].iter().any(|verb| name.starts_with(verb))
    };
    let is_held = |action: &&str| position(action).is_some_and(|at| !holding.holds(at, &mut None).is_empty());
    let actions = METHODS.iter().filter(|method| method.tier <= tier && method.actions.len() > 1);
    actions.flat_map(|method| method.actions).filter(changes).any(is_held)
}

/// The documents make no administrator, and others may that make none either: everything but a few services in one
/// document, and IAM in another.
pub fn gives_a_part_of_admin(documents: &[Document]) -> bool {
    let holding = Holding::of(documents, None);
    let is_most = wide(&holding).any(|stated| matches!(stated.statement.actions, Scope::Except(_)));
    is_most || is_full(&holding, "iam")
}

/// Whether what its holder has beside a document may matter: where the document alone is harmless and a part of more.
#[must_use]
pub fn may_combine(document: &str) -> bool {
    let document = [Document::parse(document)];
    gives_a_part(&document, Tier::Existing) || gives_a_part_of_admin(&document)
}

/// Everything of one service is allowed on everything.
pub fn has_full_access(documents: &[Document], boundary: Option<&Document>, service: &str) -> bool {
    is_full(&Holding::of(documents, boundary), service)
}

fn is_full(holding: &Holding<'_>, service: &str) -> bool {
    let budget = &holding.budget;
    let all = Pattern::action(&format!("{service}:*"));
    let everything = Pattern::value("*");
    wide(holding).any(|stated| stated.statement.actions.covers(&all, budget))
        && !holding.denies.iter().any(|deny| {
            deny.statement.conditions.is_empty()
                && deny.statement.actions.meets(&all, budget)
                && deny.statement.resources.covers(&everything, budget)
        })
        && holding.boundary.as_ref().is_none_or(|list| {
            list.iter().any(|stated| is_wide(stated) && stated.statement.actions.covers(&all, budget))
        })
}

/// Allow statements on everything that no condition pins down.
fn wide<'a>(holding: &'a Holding<'a>) -> impl Iterator<Item = &'a Stated<'a>> {
    holding.allows.iter().filter(|stated| is_wide(stated))
}

pub(crate) fn is_wide(stated: &Stated<'_>) -> bool {
    stated.bounds.breaks.is_none()
        && match &stated.statement.resources {
            Scope::Only(list) => list.iter().any(|resource| resource.covers(&Pattern::value("arn:aws:*"))),
            Scope::Except(list) => {
                let identities = Pattern::value("arn:aws:iam::*");
                !list.iter().any(|resource| resource.covers(&identities))
            }
        }
}

fn admin(holding: &Holding<'_>) -> Option<Admin> {
    let budget = &holding.budget;
    let identity = Pattern::action("iam:*");
    let anything = Pattern::action("*:*");
    let grants_identity = |list: &[Stated<'_>]| {
        list.iter().any(|stated| {
            is_wide(stated)
                && matches!(&stated.statement.actions, Scope::Only(actions) if actions.iter().any(|action| action.covers(&identity)))
        })
    };
    let is_admin = |stated: &Stated<'_>, list: &[Stated<'_>]| {
        is_wide(stated)
            && match &stated.statement.actions {
                Scope::Only(actions) => actions.iter().any(|action| action.covers(&anything)),
                // All but a few: administrator as long as what is left, or another statement, holds IAM.
                Scope::Except(actions) => {
                    !actions.iter().any(|action| action.covers(&identity)) || grants_identity(list)
                }
            }
    };
    let roles = Pattern::value("arn:aws:iam::*");
    let is_denied = holding.denies.iter().any(|deny| {
        deny.statement.conditions.is_empty()
            && deny.statement.actions.covers(&identity, budget)
            && deny.statement.resources.covers(&roles, budget)
    });
    let is_bounded = holding.boundary.as_ref().is_some_and(|list| !list.iter().any(|stated| is_admin(stated, list)));
    if is_denied || is_bounded {
        return None;
    }
    let candidates = holding.allows.iter().filter(|stated| is_admin(stated, &holding.allows));
    let found = candidates.min_by_key(|stated| stated.bounds.constraints.len())?;
    Some(Admin { place: found.place.clone(), constraints: found.bounds.constraints.clone() })
}

fn services(holding: &Holding<'_>) -> Vec<String> {
    let mut services = Vec::new();
    for stated in wide(holding) {
        let Scope::Only(actions) = &stated.statement.actions else {
            continue;
        };
        for action in actions {
            let Some((service, rest)) = action.text().split_once(':') else {
                continue;
            };
            let is_all = !rest.is_empty() && rest.bytes().all(|byte| byte == b'*');
            let service = service.to_ascii_lowercase();
            if is_all
                && !holding.is_exhausted()
                && !service.contains(['*', '?'])
                && !services.contains(&service)
                && is_full(holding, &service)
            {
                services.push(service);
            }
        }
    }
    services
}

fn ways(holding: &Holding<'_>) -> (Vec<Escalation>, Vec<Broken>) {
    let mut reasons: Vec<Option<String>> = vec![None; KNOWN.len()];
    let holds: Vec<_> =
        reasons.iter_mut().enumerate().map(|(action, blocked)| holding.holds(action, blocked)).collect();
    let (mut open, mut broken) = (Vec::new(), Vec::new());
    for method in METHODS {
        let mut places = Vec::with_capacity(method.actions.len());
        let mut constraints = Vec::new();
        let mut by = None;
        let mut is_held = true;
        for action in method.actions {
            let Some(at) = position(action) else {
                is_held = false;
                break;
            };
            let all = holds.get(at).map(Vec::as_slice).unwrap_or_default();
            if all.is_empty() {
                match reasons.get(at).and_then(Clone::clone) {
                    Some(why) => by = Some(format!("`{action}`, {why}")),
                    None => {
                        is_held = false;
                        break;
                    }
                }
                continue;
            }
            let mut why = None;
            let usable = all.iter().filter(|hold| match hold.keeps_from(method, action) {
                Some(kept) => {
                    why = Some(kept);
                    false
                }
                None => true,
            });
            match usable.min_by_key(|hold| hold.bounds.constraints.len() + hold.conditional.len()) {
                Some(hold) => {
                    places.extend(holding.allows.get(hold.allow).map(|stated| stated.place.clone()));
                    let mut add = |constraint: &str| {
                        if !constraints.iter().any(|known| known == constraint) {
                            constraints.push(constraint.to_owned());
                        }
                    };
                    if *action == "iam:PassRole" && !hold.is_wide {
                        add("named roles alone, and no further than they reach");
                    }
                    hold.bounds.constraints.iter().chain(&hold.conditional).for_each(|constraint| add(constraint));
                }
                None => by = Some(format!("`{action}`, {}", why.unwrap_or_default())),
            }
        }
        match (is_held, by) {
            (true, None) => open.push(Escalation { method: *method, places, constraints }),
            (true, Some(by)) => broken.push(Broken { method: *method, by }),
            (false, _) => {}
        }
    }
    (open, broken)
}
