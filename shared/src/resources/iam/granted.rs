//! What a policy grants that no principal should get unseen: administration, and the ways that lead there.
//!
//! Asked of one document first, so that a record that carries it is proof enough. Where the document alone is harmless but
//! gives a part of a way, what its holder has beside it decides: a way that neither opens alone may be open with both. A
//! permissions boundary and Deny statements of other policies count for the second question only: whether they hold the
//! first one back is not known when it has to be answered.

use crate::engine::guardrail::NotWatched;
use crate::engine::holder::Beside;
use crate::engine::observed::Observed;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use iam_policy::managed::{Constrained, Known};
use iam_policy::{
    Document, Escalation, Method, Power, Remedy, Tier, gives_a_part, gives_a_part_of_admin, power, repair_power,
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
        sentence: impl FnOnce(&str) -> String,
    ) -> Verdict {
        let text = match document {
            Observed::Known(text) => text,
            Observed::Absent => return Verdict::Compliant,
            Observed::Unknown { why } => return Verdict::Undetermined { why: why.clone() },
        };
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
        let may_combine = match self {
            Self::Admin => gives_a_part_of_admin(std::slice::from_ref(&read)),
            Self::Escalation(tier) => gives_a_part(std::slice::from_ref(&read), tier),
        };
        if !may_combine {
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
mod tests {
    use super::*;
    use crate::resources::iam::policy_attachment::state::unread;
    use rstest::rstest;

    const WAYS: Wanted = Wanted::Escalation(Tier::PassRole);

    fn allow(actions: &str, resource: &str) -> String {
        format!(
            r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{actions},"Resource":"{resource}"}}]}}"#
        )
    }

    fn with(documents: &[String], boundary: Option<&str>) -> Observed<Beside> {
        Observed::Known(Beside { documents: documents.to_vec(), boundary: boundary.map(str::to_owned) })
    }

    fn word(wanted: Wanted, document: &str, beside: &Observed<Beside>) -> String {
        let verdict = wanted.judge("p", &Observed::Known(document.to_owned()), beside, str::to_owned);
        match verdict {
            Verdict::Violation(violation) => violation.severity.word().to_owned(),
            Verdict::Compliant | Verdict::Undetermined { .. } => verdict.kind().word().to_owned(),
        }
    }

    #[rstest]
    #[case::administrator(r#""*""#, "critical", "compliant")]
    #[case::identity(r#""iam:*""#, "undetermined", "high")]
    #[case::one_way(r#"["iam:PutUserPolicy","s3:*"]"#, "compliant", "high")]
    #[case::a_part_of_a_way(r#""iam:PassRole""#, "compliant", "undetermined")]
    #[case::the_other_part(r#""ec2:RunInstances""#, "compliant", "undetermined")]
    #[case::both_parts(r#"["ec2:RunInstances","iam:PassRole"]"#, "compliant", "high")]
    #[case::reads(r#"["s3:GetObject","ec2:Describe*"]"#, "compliant", "compliant")]
    #[case::an_existing_resource(r#""ssm:SendCommand""#, "compliant", "compliant")]
    fn a_document_alone(#[case] actions: &str, #[case] admin: &str, #[case] ways: &str) {
        let document = allow(actions, "*");
        assert_eq!(word(Wanted::Admin, &document, &unread()), admin);
        assert_eq!(word(WAYS, &document, &unread()), ways);
    }

    #[test]
    fn the_parts_of_a_way_may_come_one_by_one() {
        let (run, pass) = (allow(r#""ec2:RunInstances""#, "*"), allow(r#""iam:PassRole""#, "*"));
        let harmless = allow(r#""s3:*""#, "*");
        assert_eq!(word(WAYS, &pass, &with(std::slice::from_ref(&run), None)), "high");
        assert_eq!(word(WAYS, &run, &with(&[pass.clone(), harmless.clone()], None)), "high");
        assert_eq!(word(WAYS, &run, &with(&[harmless], None)), "compliant");
        assert_eq!(word(WAYS, &run, &with(&[], None)), "compliant");
        let both = allow(r#"["ec2:RunInstances","iam:PassRole"]"#, "*");
        assert_eq!(word(WAYS, &run, &with(&[both], None)), "compliant", "nothing new: the way was open before");
    }

    #[test]
    fn a_deny_and_a_boundary_hold_a_combination_back() {
        let (run, pass) = (allow(r#""ec2:RunInstances""#, "*"), allow(r#""iam:PassRole""#, "*"));
        let deny = pass.replace("Allow", "Deny");
        assert_eq!(word(WAYS, &run, &with(&[pass.clone(), deny], None)), "compliant");
        let boundary = allow(r#"["ec2:*","s3:*"]"#, "*");
        assert_eq!(word(WAYS, &run, &with(&[pass], Some(&boundary))), "compliant");
    }

    #[test]
    fn all_but_identity_and_identity_make_an_administrator() {
        let most = r#"{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}"#;
        let identity = allow(r#""iam:*""#, "*");
        assert_eq!(word(Wanted::Admin, most, &unread()), "undetermined");
        assert_eq!(word(Wanted::Admin, most, &with(std::slice::from_ref(&identity), None)), "critical");
        assert_eq!(word(Wanted::Admin, &identity, &with(&[most.to_owned()], None)), "critical");
        assert_eq!(word(Wanted::Admin, most, &with(&[], None)), "compliant");
    }

    #[test]
    fn a_condition_in_the_way_is_named_and_lowers_the_level() {
        let document = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*",
            "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}}"#;
        assert_eq!(word(Wanted::Admin, document, &unread()), "high");
        let way = document.replace(r#""Action":"*""#, r#""Action":"iam:PutUserPolicy""#);
        assert_eq!(word(WAYS, &way, &unread()), "medium");
    }

    #[test]
    fn what_cannot_be_read_is_not_called_harmless() {
        assert_eq!(word(WAYS, "{", &unread()), "undetermined");
        assert_eq!(
            word(WAYS, r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Colour":1}]}"#, &unread()),
            "undetermined"
        );
        let half = r#"{"Statement":[{"Effect":"Allow","Action":"iam:PutRolePolicy","Resource":"*"},"x"]}"#;
        assert_eq!(word(WAYS, half, &unread()), "high", "what can be read is enough");
        assert!(!WAYS.is_absent_from("{"));
    }

    #[test]
    fn the_least_is_taken_away() {
        let document = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
            {"Effect":"Allow","Action":["s3:GetObject","iam:PutUserPolicy"],"Resource":"*"}]}"#;
        let repaired = |document: &str| super::repaired(document, &unread(), Tier::PassRole);
        let left = repaired(document).unwrap();
        assert!(left.contains("s3:GetObject") && !left.contains("iam:PutUserPolicy"), "{left}");
        assert!(WAYS.is_absent_from(&left) && !WAYS.is_absent_from(document));
        assert_eq!(repaired(&allow(r#""*""#, "*")), None, "nothing would be left");
    }
}
