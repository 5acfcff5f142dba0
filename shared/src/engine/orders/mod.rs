//! Standing orders: what was decided since the policy file was written, by the circuit breaker, by the detection of flapping,
//! and by the operator who undid a finding.
//!
//! They are read before an event is taken up, never on the way to containment. None of them keeps a guardrail from closing
//! exactly what an event has just opened (class R1), but for the principals and stacks that the operator named.

mod stored;

#[cfg(feature = "dynamodb")]
pub(crate) use stored::{EXEMPTION, STOP, kind_of};
pub use stored::{Says, Stored};

use crate::engine::guardrail::Class;
use crate::policy::{Exemption, Flapping, Subject};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Instant;
use uuid::Uuid;

/// What holds for now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Orders {
    /// Where nothing is enforced any more.
    pub stops: Vec<Stop>,
    /// What is allowed all the same, beside the policy file's.
    pub exemptions: Vec<Exemption>,
    /// What of it cannot be read, or that none of it was: sweeps and remediations of class R2 wait while this is so.
    pub unreadable: Option<String>,
}

/// A guardrail only notifies, for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// The guardrail.
    pub guardrail: String,
    /// Where.
    #[serde(flatten)]
    pub scope: Scope,
    /// In which region; everywhere where none is named, as in what earlier versions wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Of whose changes: a principal ([`crate::engine::event::Actor::principal`]), or [`SWEEP`]. Of everybody's where none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub principal: Option<String>,
    /// The stack that the resource belongs to, where it is the stack that is yielded to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stack: Option<String>,
    /// The elements that are fought over, each by its [`digest`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elements: Vec<String>,
    /// It closes again by itself at this time.
    pub until: Timestamp,
    /// What led to it, for a person.
    pub why: String,
}

/// The principal of what a sweep finds: no principal's change led to it.
pub const SWEEP: &str = "sweep";

/// Where a guardrail only notifies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The breaker is open: in a whole account.
    Account(String),
    /// Flapping: on one resource, by its id.
    Resource(String),
}

/// What a guardrail is about to do, as standing orders are held against it.
#[derive(Clone, Copy, Debug)]
pub struct Act<'a> {
    /// The guardrail, the resource and the account.
    pub subject: Subject<'a>,
    /// The region.
    pub region: &'a str,
    /// Whose change led to it.
    pub principal: &'a str,
    /// Whether CloudFormation made the change for that principal: AWS's word.
    pub is_cloudformation: bool,
    /// The class of what would be done.
    pub class: Class,
    /// Nothing happened: a sweep found it.
    pub is_sweep: bool,
    /// The elements that would be closed, by content.
    pub elements: &'a [&'a str],
}

/// One element, short enough to keep many.
#[must_use]
pub fn digest(element: &str) -> String {
    const NAMESPACE: Uuid = Uuid::from_u128(0x70_61_72_61_70_65_74_5f_65_6c_65_6d_65_6e_74_73);
    Uuid::new_v5(&NAMESPACE, element.as_bytes()).simple().to_string()
}

impl Orders {
    /// The stop that holds for the act, if there is one. An open breaker goes before flapping.
    #[must_use]
    pub fn stop(&self, act: &Act<'_>, flapping: &Flapping, now: Timestamp) -> Option<&Stop> {
        let holding = || self.stops.iter().filter(|stop| now < stop.until && stop.holds(act, flapping));
        let is_breaker = |stop: &&Stop| matches!(stop.scope, Scope::Account(_));
        holding().find(is_breaker).or_else(|| holding().next())
    }
}

/// A stop that this process has decided on. It holds here whether or not the ledger took it.
#[derive(Clone, Debug)]
pub struct Decided {
    /// The stop.
    pub stop: Stop,
    /// When the ledger took it; none while it did not.
    pub written: Option<Instant>,
}

impl Orders {
    /// Puts what this process has decided beside what was read by a read that began at `began`. What that read must have
    /// shown and did not was lifted; what it may have been too early for stays, and so does what was never written.
    pub fn merge(&mut self, decided: &mut Vec<Decided>, began: Instant, now: Timestamp) {
        let is_read = |stop: &Stop| self.stops.iter().any(|read| read.is_about_the_same(stop));
        decided.retain(|mine| {
            now < mine.stop.until && mine.written.map_or_else(|| !is_read(&mine.stop), |written| written >= began)
        });
        self.stops.extend(decided.iter().map(|mine| mine.stop.clone()));
    }
}

impl Stop {
    /// Whether both are one order, which only ends at another time.
    #[must_use]
    pub fn is_about_the_same(&self, other: &Self) -> bool {
        (&self.guardrail, &self.scope, &self.region, &self.principal, &self.elements)
            == (&other.guardrail, &other.scope, &other.region, &other.principal, &other.elements)
    }

    fn holds(&self, act: &Act<'_>, flapping: &Flapping) -> bool {
        let is_there =
            self.guardrail == act.subject.guardrail && self.region.as_deref().is_none_or(|region| region == act.region);
        is_there
            && match &self.scope {
                Scope::Account(account) => account == act.subject.account && self.limits(act),
                Scope::Resource(resource) => resource == act.subject.resource && self.yields(act, flapping),
            }
    }

    /// The breaker: a wrong policy does harm through sweeps and through disruptive changes. What an event has just
    /// opened is closed, however much noise any principal makes.
    fn limits(&self, act: &Act<'_>) -> bool {
        let principal = if act.is_sweep { SWEEP } else { act.principal };
        (act.is_sweep || act.class != Class::R1) && self.principal.as_deref().is_none_or(|of| of == principal)
    }

    /// Flapping: whether the operator lets this one win. Only what was fought over stays open, and only while the policy
    /// names who opens it; then a sweep leaves it open, too.
    fn yields(&self, act: &Act<'_>, flapping: &Flapping) -> bool {
        let Some(principal) = self.principal.as_deref() else { return false };
        let stack = self.stack.as_deref().filter(|_| act.is_cloudformation || act.is_sweep);
        (act.is_sweep || principal == act.principal)
            && !act.elements.is_empty()
            && act.elements.iter().all(|element| self.elements.contains(&digest(element)))
            && flapping.yields(principal, stack)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;
    use rstest::rstest;

    const PIPELINE: &str = "arn:aws:iam::111122223333:role/pipeline";

    fn act(class: Class) -> Act<'static> {
        Act {
            subject: Subject { guardrail: "g", resource: "arn:r", account: "111122223333", actor: None, role: None },
            region: "eu-west-1",
            principal: PIPELINE,
            is_cloudformation: false,
            class,
            is_sweep: false,
            elements: &["tcp 22"],
        }
    }

    fn breaker() -> Stop {
        Stop {
            guardrail: "g".to_owned(),
            scope: Scope::Account("111122223333".to_owned()),
            region: Some("eu-west-1".to_owned()),
            principal: Some(PIPELINE.to_owned()),
            stack: None,
            elements: Vec::new(),
            until: "2026-01-02T00:00:00Z".parse().unwrap(),
            why: "w".to_owned(),
        }
    }

    fn flapping() -> Stop {
        let (scope, elements) = (Scope::Resource("arn:r".to_owned()), vec![digest("tcp 22"), digest("tcp 3389")]);
        Stop { scope, elements, ..breaker() }
    }

    fn yielding(names: &str) -> Flapping {
        Policy::parse(&format!("version: 1\ndefaults: {{feud: {{yields_to: [{names}]}}}}\n")).unwrap().defaults.flapping
    }

    fn holds(stop: Stop, act: Act<'_>, flapping: &Flapping) -> bool {
        let orders = Orders { stops: vec![stop], ..Orders::default() };
        orders.stop(&act, flapping, "2026-01-01T00:00:00Z".parse().unwrap()).is_some()
    }

    #[rstest]
    #[case::what_an_event_opened(Act { ..act(Class::R1) }, false)]
    #[case::a_remediation_of_class_r2(Act { ..act(Class::R2) }, true)]
    #[case::of_another_principal(Act { principal: "arn:aws:iam::111122223333:user/eve", ..act(Class::R2) }, false)]
    #[case::a_sweep_has_a_breaker_of_its_own(Act { is_sweep: true, ..act(Class::R1) }, false)]
    #[case::in_another_region(Act { region: "us-east-1", ..act(Class::R2) }, false)]
    fn a_breaker_stops_what_it_counts_and_nothing_else(#[case] act: Act<'_>, #[case] expected: bool) {
        assert_eq!(holds(breaker(), act, &Flapping::default()), expected);
    }

    #[test]
    fn a_sweep_is_stopped_by_its_own_breaker_also_where_it_would_close_exactly() {
        let stop = Stop { principal: Some(SWEEP.to_owned()), ..breaker() };
        assert!(holds(stop.clone(), Act { is_sweep: true, ..act(Class::R1) }, &Flapping::default()));
        assert!(!holds(stop, act(Class::R2), &Flapping::default()));
    }

    #[rstest]
    #[case::the_named_principal(flapping(), act(Class::R1), true)]
    #[case::of_class_r2_too(flapping(), act(Class::R2), true)]
    #[case::another_principal(flapping(), Act { principal: "arn:aws:iam::111122223333:user/eve", ..act(Class::R1) }, false)]
    #[case::one_element_more(flapping(), Act { elements: &["tcp 22", "tcp 23"], ..act(Class::R1) }, false)]
    #[case::one_of_two_elements(flapping(), Act { elements: &["tcp 3389"], ..act(Class::R1) }, true)]
    #[case::a_sweep(flapping(), Act { is_sweep: true, principal: SWEEP, ..act(Class::R1) }, true)]
    #[case::nothing_in_particular(flapping(), Act { elements: &[], ..act(Class::R1) }, false)]
    #[case::in_another_region(flapping(), Act { region: "us-east-1", ..act(Class::R1) }, false)]
    #[case::written_by_an_earlier_version(
        Stop { principal: None, region: None, elements: Vec::new(), ..flapping() },
        act(Class::R1),
        false
    )]
    fn flapping_yields_to_who_is_named_for_what_was_fought_over(
        #[case] stop: Stop,
        #[case] act: Act<'_>,
        #[case] expected: bool,
    ) {
        assert_eq!(holds(stop.clone(), act, &yielding(&format!("\"{PIPELINE}\""))), expected);
        assert!(!holds(stop, act, &Flapping::default()), "no principal is named");
    }

    #[rstest]
    #[case::made_by_the_stack(true, true)]
    #[case::made_by_hand(false, false)]
    fn a_stack_wins_only_where_cloudformation_made_the_change(#[case] is_cloudformation: bool, #[case] expected: bool) {
        let stack = "arn:aws:cloudformation:eu-west-1:111122223333:stack/web/1";
        let stop = Stop { stack: Some(stack.to_owned()), ..flapping() };
        let named = yielding("\"arn:aws:cloudformation:eu-west-1:111122223333:stack/web\"");
        assert_eq!(holds(stop, Act { is_cloudformation, ..act(Class::R1) }, &named), expected);
    }

    #[rstest]
    #[case::another_guardrail(Stop { guardrail: "h".to_owned(), ..breaker() })]
    #[case::another_account(Stop { scope: Scope::Account("444455556666".to_owned()), ..breaker() })]
    #[case::another_resource(Stop { scope: Scope::Resource("arn:s".to_owned()), ..flapping() })]
    #[case::it_has_ended(Stop { until: "2026-01-01T00:00:00Z".parse().unwrap(), ..breaker() })]
    fn a_stop_holds_in_its_scope_until_its_end(#[case] stop: Stop) {
        assert!(!holds(stop, act(Class::R2), &yielding(&format!("\"{PIPELINE}\""))));
    }

    /// What earlier versions wrote names neither region nor principal: it holds for everybody, and never for class R1.
    #[test]
    fn an_older_breaker_is_read_and_stops_no_more_than_a_new_one() {
        let json = r#"{"guardrail": "g", "account": "111122223333", "until": "2026-01-02T00:00:00Z", "why": "w"}"#;
        let stop: Stop = serde_json::from_str(json).unwrap();
        assert!(holds(stop.clone(), act(Class::R2), &Flapping::default()));
        assert!(holds(stop.clone(), Act { is_sweep: true, ..act(Class::R1) }, &Flapping::default()));
        assert!(!holds(stop, act(Class::R1), &Flapping::default()));
    }

    #[rstest]
    #[case::read_before_it_was_written(Some(5), false, true)]
    #[case::read_after_and_shown(Some(15), true, true)]
    #[case::read_after_and_not_shown_so_it_was_lifted(Some(15), false, false)]
    #[case::never_written(None, false, true)]
    #[case::never_written_by_this_process_but_by_another(None, true, true)]
    fn a_stale_read_drops_no_stop_and_a_lifted_one_goes(
        #[case] read_at: Option<u64>,
        #[case] is_shown: bool,
        #[case] expected: bool,
    ) {
        let start = Instant::now();
        let second = |second: u64| start + std::time::Duration::from_secs(second);
        let written = read_at.map(|_| second(10));
        let mut decided = vec![Decided { stop: breaker(), written }];
        // The one in the ledger may end at another time.
        let read = Stop { until: "2026-01-01T12:00:00Z".parse().unwrap(), ..breaker() };
        let mut orders = Orders { stops: if is_shown { vec![read] } else { Vec::new() }, ..Orders::default() };
        let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        orders.merge(&mut decided, second(read_at.unwrap_or(20)), now);
        assert_eq!(orders.stop(&act(Class::R2), &Flapping::default(), now).is_some(), expected);
        assert_eq!(orders.stops.len(), usize::from(expected), "once");
    }

    #[test]
    fn what_was_decided_ends_by_itself() {
        let mut decided = vec![Decided { stop: breaker(), written: None }];
        let mut orders = Orders::default();
        orders.merge(&mut decided, Instant::now(), "2026-01-02T00:00:00Z".parse().unwrap());
        assert!(decided.is_empty() && orders.stops.is_empty());
    }
}
