//! What a policy grants that no principal should get unseen: administration, and the ways that lead there.
//!
//! Asked of one document first, so that a record that carries it is proof enough. Where the document alone is harmless but
//! gives a part of a way, what its holder has beside it decides: a way that neither opens alone may be open with both. A
//! permissions boundary and Deny statements of other policies count for the second question only: whether they hold the
//! first one back is not known when it has to be answered.

use crate::engine::guardrail::NotWatched;
use crate::engine::holder::Beside;
use crate::engine::observed::Observed;
use crate::engine::planned::document::judged;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use iam_policy::managed::{Constrained, Known};
use iam_policy::{
    Document, Escalation, Method, Power, Remedy, Tier, gives_a_part, gives_a_part_of_admin, may_combine, power,
    repair_power,
};

/// See [`About::not_watched`](crate::engine::guardrail::About::not_watched).
pub(crate) const NOT_WATCHED: &[NotWatched] = &[
    ("CreateUser, CreateRole, CreateGroup", "a new principal holds nothing"),
    (
        "AddRoleToInstanceProfile, PassRole",
        "they pass on the permissions of a role, which are evaluated when the role gets them",
    ),
    (
        "AttachManagedPolicyToPermissionSet",
        "Identity Center writes it into roles under `/aws-reserved/`, which no other principal can change",
    ),
    ("DeleteGroup", "a group with members or policies cannot be deleted"),
    (
        "DetachGroupPolicy, DeleteGroupPolicy of a group that denies",
        "the rest of the group is evaluated; the sweep evaluates its members' own policies",
    ),
];

/// What must not be granted.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Wanted {
    /// Everything, on everything.
    Admin,
    /// A privilege escalation path, of this tier or a stronger one.
    Escalation(Tier),
}

impl Fault {
    /// As a verdict about the policy that findings name as `element`.
    pub(crate) fn verdict(self, element: &str, sentence: impl FnOnce(&str) -> String) -> Verdict {
        let evidence = vec![Evidence { element: element.to_owned(), why: sentence(&self.why) }];
        Verdict::Violation(Violation { severity: self.severity, evidence })
    }
}

/// What is wrong with a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) severity: Severity,
    pub(crate) why: String,
}

impl Wanted {
    /// The level where no condition stands in the way, and where one does ("lower severity, and name the constraint").
    fn severity(self, is_constrained: bool) -> Severity {
        match (self, is_constrained) {
            (Self::Admin, false) => Severity::Critical,
            (Self::Admin, true) | (Self::Escalation(_), false) => Severity::High,
            (Self::Escalation(_), true) => Severity::Medium,
        }
    }

    /// What these permissions have of it, beyond those of `known`.
    pub(crate) fn fault(self, found: &Power, known: Option<&Power>) -> Option<Fault> {
        match self {
            Self::Admin => {
                let admin = found.admin.as_ref().filter(|_| known.is_none_or(|known| known.admin.is_none()))?;
                let why = format!("{} makes an administrator{}", admin.place, under(&admin.constraints));
                Some(Fault { severity: self.severity(!admin.constraints.is_empty()), why })
            }
            // An administrator is reported by the guardrail on administrators.
            Self::Escalation(_) if found.admin.is_some() => None,
            Self::Escalation(tier) => {
                let is_new = |way: &&Escalation| {
                    known.is_none_or(|known| known.escalations.iter().all(|other| other.method != way.method))
                };
                let ways: Vec<&Escalation> = found.up_to(tier).filter(is_new).collect();
                let is_constrained = ways.iter().all(|way| !way.constraints.is_empty());
                (!ways.is_empty()).then(|| Fault { severity: self.severity(is_constrained), why: described(&ways) })
            }
        }
    }

    /// The document has none of it, and makes no administrator.
    pub(crate) fn is_absent_from(self, document: &str) -> bool {
        let document = Document::parse(document);
        let is_readable = document.problems.is_empty();
        let power = power(&[document], None);
        is_readable && power.admin.is_none() && self.fault(&power, None).is_none()
    }

    /// The document alone grants it, or makes an administrator.
    pub(crate) fn is_granted_by(self, document: &str) -> bool {
        let power = power(&[Document::parse(document)], None);
        power.admin.is_some() || self.fault(&power, None).is_some()
    }

    /// What a policy of AWS's own grants of it by the table. `Err` where only its document shows it: together with others it may
    /// be more than alone.
    pub(crate) fn of_known(self, known: &Known) -> Result<Option<Fault>, ()> {
        let found = match self {
            Self::Admin => known.admin.map(|Constrained(is_constrained)| {
                let why = format!("it makes an administrator (as of its {})", known.version);
                Fault { severity: self.severity(is_constrained), why }
            }),
            Self::Escalation(_) if known.admin.is_some() => return Ok(None),
            Self::Escalation(tier) => {
                let ways: Vec<&(Method, Constrained)> = known.up_to(tier).collect();
                let is_constrained = ways.iter().all(|(_, Constrained(is_constrained))| *is_constrained);
                let names: Vec<String> = ways.iter().take(MOST).map(|(way, _)| format!("`{}`", way.name())).collect();
                let more = ways.len().saturating_sub(MOST);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                let paths = if ways.len() == 1 { "a privilege escalation path" } else { "privilege escalation paths" };
                let why = format!("{paths} (as of its {}): {}{more}", known.version, names.join(", "));
                (!ways.is_empty()).then(|| Fault { severity: self.severity(is_constrained), why })
            }
        };
        let may_be_more = match self {
            Self::Admin => known.is_part_of_admin,
            Self::Escalation(_) => known.is_part_of_a_way,
        };
        if found.is_none() && may_be_more { Err(()) } else { Ok(found) }
    }

    /// Judges a document that findings name as `element`. `sentence` says of whom and of what the fault is.
    pub(crate) fn judge(
        self,
        element: &str,
        document: &Observed<String>,
        beside: &Observed<Beside>,
        sentence: impl Fn(&str) -> String,
    ) -> Verdict {
        match document {
            Observed::Known(text) => judged(text, |text| self.judge_text(element, text, beside, &sentence)),
            Observed::Absent => Verdict::Compliant,
            Observed::Unknown { why } => Verdict::Undetermined { why: why.clone() },
        }
    }

    fn judge_text(
        self,
        element: &str,
        text: &str,
        beside: &Observed<Beside>,
        sentence: &dyn Fn(&str) -> String,
    ) -> Verdict {
        let read = Document::parse(text);
        let violation = |fault: Fault| fault.verdict(element, sentence);
        let alone = power(std::slice::from_ref(&read), None);
        if let Some(fault) = self.fault(&alone, None) {
            return violation(fault);
        }
        if matches!(self, Self::Escalation(_)) && alone.admin.is_some() {
            return Verdict::Compliant;
        }
        if let Some(problem) = read.problems.first() {
            return Verdict::Undetermined { why: format!("the document cannot be read as a whole, {problem}") };
        }
        let is_a_part = match self {
            Self::Admin => gives_a_part_of_admin(std::slice::from_ref(&read)),
            Self::Escalation(tier) => gives_a_part(std::slice::from_ref(&read), tier),
        };
        if !is_a_part {
            return Verdict::Compliant;
        }
        match beside {
            Observed::Absent => Verdict::Compliant,
            Observed::Unknown { why } => Verdict::Undetermined { why: why.clone() },
            Observed::Known(known) => {
                let (others, boundary) = parsed(known);
                let before = power(&others, boundary.as_ref());
                let mut all = vec![read];
                all.extend(others);
                let fault = self.fault(&power(&all, boundary.as_ref()), Some(&before));
                let together = |fault: Fault| Fault {
                    why: format!("together with other policies of its holder, {}", fault.why),
                    severity: fault.severity,
                };
                fault.map_or(Verdict::Compliant, |fault| violation(together(fault)))
            }
        }
    }
}

/// Whether a document is harmless alone and may be more together with what its holder has beside it.
pub(crate) fn is_only_a_part(document: &str) -> bool {
    let found = power(&[Document::parse(document)], None);
    found.admin.is_none() && found.escalations.is_empty() && may_combine(document)
}

/// The document without what makes administrators and the ways there up to `tier`, with the least removed; none when
/// nothing would be left of it, or no edit is found.
pub(crate) fn repaired(document: &str, beside: &Observed<Beside>, tier: Tier) -> Option<String> {
    let (others, boundary) = beside.known().map(parsed).unwrap_or_default();
    match repair_power(document, &others, boundary.as_ref(), tier) {
        Remedy::Edit(repair) => Some(repair.after),
        Remedy::Nothing | Remedy::Delete | Remedy::Impossible { .. } => None,
    }
}

pub(crate) fn parsed(beside: &Beside) -> (Vec<Document>, Option<Document>) {
    let documents = beside.documents.iter().map(|text| Document::parse(text)).collect();
    (documents, beside.boundary.as_deref().map(Document::parse))
}

fn under(constraints: &[String]) -> String {
    if constraints.is_empty() { String::new() } else { format!(", under {}", constraints.join(" and ")) }
}

/// Paths that are named: `iam:*` alone opens more than a dozen.
const MOST: usize = 3;

/// The first few ways by name.
fn described(ways: &[&Escalation]) -> String {
    let way = |way: &&Escalation| {
        let mut places = way.places.clone();
        places.dedup();
        let (name, tier) = (way.method.name(), way.method.tier.letter());
        format!("`{name}` (tier {tier}, {}{})", places.join(", "), under(&way.constraints))
    };
    let named: Vec<String> = ways.iter().take(MOST).map(way).collect();
    let more = ways.len().saturating_sub(MOST);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let paths = if ways.len() == 1 { "a privilege escalation path" } else { "privilege escalation paths" };
    format!("{paths}: {}{more}", named.join(", "))
}

/// The end of a sentence about something that is only notified.
pub(crate) fn only_notified(protection: Option<String>, is_standing: bool) -> String {
    match (protection, is_standing) {
        (Some(why), _) => format!("; only notified, as {why}"),
        (None, true) => "; only notified, as it existed before it was first read".to_owned(),
        (None, false) => String::new(),
    }
}

#[cfg(test)]
mod tests;
