//! What a set of identity policies lets its holder do, as AWS combines them.
//!
//! What must hold: Allow statements of all documents add up, a Deny takes away wherever it stands, and a permissions
//! boundary only lets through what it allows itself. A Deny that has conditions takes nothing away for sure. A
//! condition that pins what the permission can reach breaks it; one about how the caller comes does not.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html>

use std::borrow::Cow;

use super::condition::{Comparison, Condition, Quantifier};
use super::document::{Document, Statement};
use super::glob::{Budget, Pattern};
use super::known::{KNOWN, Known, position};
use super::methods::Method;
use super::scope::Scope;
use super::words::clip;

/// The statements that bear on one holder.
pub(crate) struct Holding<'a> {
    pub(crate) allows: Vec<Stated<'a>>,
    pub(crate) denies: Vec<Stated<'a>>,
    /// The boundary's Allow statements; missing when there is no boundary to count on.
    pub(crate) boundary: Option<Vec<Stated<'a>>>,
    /// For each known action: the statements (of the three lists above) that name it.
    allowed: Vec<Vec<usize>>,
    denied: Vec<Vec<usize>>,
    bounded: Vec<Vec<usize>>,
    pub(crate) budget: Budget,
}

/// A statement with what its conditions do.
pub(crate) struct Stated<'a> {
    pub(crate) statement: &'a Statement,
    pub(crate) place: String,
    pub(crate) bounds: Bounds,
}

/// What the conditions of an Allow do to a permission.
#[derive(Debug, Default)]
pub(crate) struct Bounds {
    /// A condition that leaves nothing of a way, in words.
    pub(crate) breaks: Option<String>,
    /// Conditions that stand in the way without ending it, in words.
    pub(crate) constraints: Vec<String>,
    /// The services that `iam:PassedToService` lets a role be passed to.
    passed_to: Vec<PassedTo>,
}

#[derive(Debug)]
struct PassedTo {
    negated: bool,
    services: Vec<Pattern>,
    text: String,
}

/// One statement by which an action is held.
#[derive(Debug)]
pub(crate) struct Hold<'a> {
    /// Index into the Allow statements.
    pub(crate) allow: usize,
    /// Some resource is a pattern that fits many.
    pub(crate) is_wide: bool,
    pub(crate) bounds: &'a Bounds,
    /// Conditional Deny statements on the same action, in words.
    pub(crate) conditional: Vec<String>,
}

impl<'a> Holding<'a> {
    pub(crate) fn of(documents: &'a [Document], boundary: Option<&'a Document>) -> Self {
        let mut allows = Vec::new();
        let mut denies = Vec::new();
        let several = documents.len() > 1;
        for (number, document) in documents.iter().enumerate() {
            let prefix = if several { format!("document {}: ", number + 1) } else { String::new() };
            sort(document, &prefix, &mut allows, &mut denies);
        }
        let mut bounding = Vec::new();
        if let Some(document) = boundary {
            sort(document, "boundary: ", &mut bounding, &mut denies);
        }
        // What could not be read may allow anything: then the boundary holds nothing back.
        let boundary = boundary.filter(|document| document.problems.is_empty()).map(|_| bounding);
        let budget = Budget::new();
        let allowed = index(&allows, &budget);
        let denied = index(&denies, &budget);
        let bounded = boundary.as_deref().map(|list| index(list, &budget)).unwrap_or_default();
        Self { allows, denies, boundary, allowed, denied, bounded, budget }
    }

    /// Not every question was answered; what could not be ruled out is held.
    pub(crate) fn is_exhausted(&self) -> bool {
        self.budget.is_exhausted()
    }

    /// The ways in which a known action is held. `blocked` gets the reason where an Allow comes to nothing.
    pub(crate) fn holds(&self, action: usize, blocked: &mut Option<String>) -> Vec<Hold<'_>> {
        let Some(known) = KNOWN.get(action) else {
            return Vec::new();
        };
        let denies: Vec<&Stated<'_>> =
            self.denied.get(action).into_iter().flatten().filter_map(|at| self.denies.get(*at)).collect();
        let mut holds = Vec::new();
        for at in self.allowed.get(action).into_iter().flatten() {
            let Some(allow) = self.allows.get(*at) else {
                continue;
            };
            match self.hold(*at, allow, action, known, &denies) {
                Ok(hold) => holds.push(hold),
                Err(why) => *blocked = Some(format!("{}: {why}", allow.place)),
            }
        }
        holds
    }

    /// The statements, by index, that give an action to a way.
    pub(crate) fn givers(&self, method: &Method, action: &str) -> Vec<usize> {
        let Some(at) = position(action) else {
            return Vec::new();
        };
        let holds = self.holds(at, &mut None);
        let useful = holds.iter().filter(|hold| hold.keeps_from(method, action).is_none());
        useful.filter_map(|hold| self.allows.get(hold.allow)).map(|stated| stated.statement.index).collect()
    }

    /// How a statement gives the action; else why it does not, in the words of `Power::reasons`: nothing failed below.
    fn hold(
        &self,
        at: usize,
        allow: &'a Stated<'_>,
        action: usize,
        known: &Known,
        denies: &[&Stated<'_>],
    ) -> Result<Hold<'_>, String> {
        if let Some(why) = &allow.bounds.breaks {
            return Err(why.clone());
        }
        let mut usable = false;
        let mut is_wide = false;
        let mut why = "the resources cannot be what the action is about".to_owned();
        for resource in resources(&allow.statement.resources) {
            if !self.budget.spend(resource.text().len()) {
                (usable, is_wide) = (true, true);
                break;
            }
            if !known.is_about(&resource, &self.budget) {
                continue;
            }
            if known.is_harmless_on_self && is_self(&resource) {
                "the resource is the holder itself".clone_into(&mut why);
                continue;
            }
            // Of a pattern that fits more than the action is about, only that part can be denied or must be.
            let parts: Vec<&Pattern> = if known.usual.iter().any(|target| resource.covers_within(target, &self.budget))
            {
                known.usual.iter().filter(|target| resource.covers_within(target, &self.budget)).collect()
            } else {
                vec![&resource]
            };
            let open: Vec<&&Pattern> = parts
                .iter()
                .filter(|part| {
                    !denies.iter().any(|deny| {
                        deny.statement.conditions.is_empty() && deny.statement.resources.covers(part, &self.budget)
                    })
                })
                .collect();
            if open.is_empty() {
                why = "a Deny covers it".to_owned();
                continue;
            }
            if !self.is_within_boundary(action, &open) {
                why = "the permissions boundary does not allow it".to_owned();
                continue;
            }
            usable = true;
            is_wide |= !resource.is_fixed();
        }
        if !usable {
            return Err(why);
        }
        let conditional = denies
            .iter()
            .filter(|deny| !deny.statement.conditions.is_empty())
            .map(|deny| format!("{} denies it under a condition", deny.place));
        Ok(Hold { allow: at, is_wide, bounds: &allow.bounds, conditional: conditional.collect() })
    }

    fn is_within_boundary(&self, action: usize, parts: &[&&Pattern]) -> bool {
        let Some(boundary) = &self.boundary else {
            return true;
        };
        self.bounded.get(action).into_iter().flatten().filter_map(|at| boundary.get(*at)).any(|stated| {
            stated.bounds.breaks.is_none()
                && resources(&stated.statement.resources)
                    .iter()
                    .any(|allowed| parts.iter().any(|part| allowed.meets_within(part, &self.budget)))
        })
    }
}

impl Hold<'_> {
    /// Why the hold is of no use for a way that needs the action, if it is of none.
    pub(crate) fn keeps_from(&self, method: &Method, action: &str) -> Option<String> {
        // Assuming one named role is what that role's trust policy is for.
        if method.actions == ["sts:AssumeRole"] && !self.is_wide {
            return Some("only named roles can be assumed".to_owned());
        }
        if action.eq_ignore_ascii_case("iam:PassRole") {
            return self.bounds.keeps_from(method.passed_to());
        }
        None
    }
}

impl Bounds {
    fn of(conditions: &[Condition]) -> Self {
        let mut bounds = Self::default();
        for condition in conditions {
            let text = format!("`{}` of `{}`", clip(&condition.operator_text), clip(&condition.key_text));
            let Some(operator) = condition.operator else {
                bounds.constraints.push(format!("{text}, which cannot be read"));
                continue;
            };
            let is_text =
                matches!(operator.comparison, Comparison::StringEquals | Comparison::StringLike | Comparison::Arn);
            let is_open = condition.values.iter().any(|value| Pattern::value(value).is_everything());
            let may_be_absent = operator.if_exists || operator.quantifier == Some(Quantifier::ForAllValues);
            let pins = is_text && !operator.negated && !may_be_absent && !is_open;
            let is_tag = condition.key.contains("resourcetag/");
            if condition.key == "iam:passedtoservice" && is_text {
                let services = condition.values.iter().map(|value| Pattern::value(value)).collect();
                bounds.passed_to.push(PassedTo { negated: operator.negated, services, text });
            } else if pins && (is_tag || condition.key == "iam:permissionsboundary") {
                bounds.breaks = Some(format!("{text} pins what it can reach"));
            } else {
                bounds.constraints.push(text);
            }
        }
        bounds
    }

    /// Why a role cannot be passed to any of these services, if it cannot.
    fn keeps_from(&self, services: &[&str]) -> Option<String> {
        if services.is_empty() {
            return None;
        }
        let names = || {
            services.iter().flat_map(|service| {
                ["amazonaws.com", "amazonaws.com.cn"].map(|domain| Pattern::value(&format!("{service}.{domain}")))
            })
        };
        let blocking = self.passed_to.iter().find(|passed| {
            if passed.negated {
                names().all(|name| passed.services.iter().any(|service| service.covers(&name)))
            } else {
                !names().any(|name| passed.services.iter().any(|service| service.meets(&name)))
            }
        })?;
        Some(format!("{} keeps the role from the service", blocking.text))
    }
}

fn sort<'a>(document: &'a Document, prefix: &str, allows: &mut Vec<Stated<'a>>, denies: &mut Vec<Stated<'a>>) {
    for statement in &document.statements {
        let stated = Stated {
            statement,
            place: format!("{prefix}{}", statement.place()),
            bounds: Bounds::of(&statement.conditions),
        };
        if statement.actions.is_empty() || statement.resources.is_empty() {
            continue;
        }
        if statement.allows() {
            allows.push(stated);
        } else if statement.denies() {
            denies.push(stated);
        }
    }
}

/// For each known action, the statements whose actions hold it.
fn index(statements: &[Stated<'_>], budget: &Budget) -> Vec<Vec<usize>> {
    let mut found: Vec<Vec<usize>> = vec![Vec::new(); KNOWN.len()];
    for (at, stated) in statements.iter().enumerate() {
        match &stated.statement.actions {
            Scope::Only(patterns) => {
                for pattern in patterns {
                    // Only the names that begin like the pattern can match: the table is sorted.
                    let prefix = pattern.literal_prefix();
                    let first = KNOWN.partition_point(|known| known.name.as_str() < prefix.as_str());
                    let names = KNOWN.iter().enumerate().skip(first);
                    for (action, known) in names.take_while(|(_, known)| known.name.starts_with(&prefix)) {
                        if let Some(list) = found.get_mut(action)
                            && list.last() != Some(&at)
                            && (pattern.covers_within(&known.pattern, budget) || budget.is_exhausted())
                        {
                            list.push(at);
                        }
                    }
                }
            }
            scope @ Scope::Except(_) => {
                for (list, known) in found.iter_mut().zip(KNOWN.iter()) {
                    if scope.covers(&known.pattern, budget) || budget.is_exhausted() {
                        list.push(at);
                    }
                }
            }
        }
    }
    found
}

/// The patterns of a resource scope; everything for one that only says what it is not.
fn resources(scope: &Scope) -> Vec<Cow<'_, Pattern>> {
    match scope {
        Scope::Only(patterns) => patterns.iter().map(Cow::Borrowed).collect(),
        Scope::Except(_) => vec![Cow::Owned(Pattern::value("*"))],
    }
}

/// `...:user/${aws:username}`: the principal that holds the policy, and no other.
fn is_self(resource: &Pattern) -> bool {
    let text = resource.text().to_ascii_lowercase();
    text.rsplit_once('/').is_some_and(|(path, name)| name == "${aws:username}" && path.contains(":user"))
}
