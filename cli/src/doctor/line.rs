//! What the doctor says: one line for each thing that it looked at.

use super::answers::Answers;
use super::calls::Call;
use super::deployed::first_unresolved;
use serde::Serialize;
use serde_json::Value;
use shared::engine::count::counted;
use shared::engine::observed::Observed;
use shared::engine::request::Answer;

/// How it is with something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// As it should be.
    Ok,
    /// Not as it should be.
    Fault,
    /// It could not be seen.
    Unknown,
}

impl State {
    /// The state's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Fault => "fault",
            Self::Unknown => "unknown",
        }
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// How it is.
    pub state: State,
    /// What was looked at: `rules`, `ledger`, ...
    pub check: &'static str,
    /// Where.
    pub region: String,
    /// The resource; none where the line is about all of them.
    pub resource: Option<String>,
    /// What was seen.
    pub says: String,
    /// What to do; none where all is well.
    #[serde(rename = "do")]
    pub todo: Option<String>,
}

/// What to do about a part that is not as the template says.
pub const DEPLOY: &str =
    "find out who changed it (`aws cloudtrail lookup-events`), then deploy the stack again (`make deploy`)";

/// What to do about what could not be seen.
const ALLOW: &str = "allow the call (`parapet doctor --print-policy` prints all), or try again";

/// The lines of one check in one region, while it looks.
#[derive(Debug)]
pub struct Check {
    name: &'static str,
    region: String,
    lines: Vec<Line>,
}

impl Check {
    /// Nothing was seen yet.
    #[must_use]
    pub fn new(name: &'static str, region: &str) -> Self {
        Self { name, region: region.to_owned(), lines: Vec::new() }
    }

    fn add(&mut self, state: State, resource: Option<&str>, says: String, todo: Option<&str>) {
        let (resource, todo) = (resource.map(str::to_owned), todo.map(str::to_owned));
        self.lines.push(Line { state, check: self.name, region: self.region.clone(), resource, says, todo });
    }

    /// Something is wrong.
    pub fn fault(&mut self, resource: &str, says: impl Into<String>, todo: &str) {
        self.add(State::Fault, Some(resource), says.into(), Some(todo));
    }

    /// Something could not be seen.
    pub fn unknown(&mut self, resource: &str, why: impl Into<String>) {
        self.unsure(resource, why, ALLOW);
    }

    /// Something could not be seen, and there is a way to see it.
    pub fn unsure(&mut self, resource: &str, why: impl Into<String>, todo: &str) {
        self.add(State::Unknown, Some(resource), why.into(), Some(todo));
    }

    /// Something that is well, and worth a line beside others.
    pub fn well(&mut self, resource: Option<&str>, says: impl Into<String>) {
        self.add(State::Ok, resource, says.into(), None);
    }

    /// What a call shows of a resource that has to be there.
    pub fn need<'a>(&mut self, answers: &'a Answers, call: &Call, resource: &str) -> Option<&'a Answer> {
        match answers.of(call) {
            Observed::Known(answer) => Some(answer),
            Observed::Absent => {
                self.fault(resource, "it does not exist", DEPLOY);
                None
            }
            Observed::Unknown { why } => {
                self.unknown(resource, why);
                None
            }
        }
    }

    /// Whether all is known that the template says of this; where it is not, it says so.
    pub fn is_resolved(&mut self, resource: &str, what: &str, wanted: &Value) -> bool {
        let unresolved = first_unresolved(wanted);
        if let Some(unresolved) = &unresolved {
            self.unknown(resource, format!("what {what} should be is not known: {unresolved}"));
        }
        unresolved.is_none()
    }

    /// The lines; where none says otherwise, how many there are and that all are well. Every stack has some: none at all is a fault.
    #[must_use]
    pub fn or_all_well(mut self, stack: &str, (number, one): (usize, &str), says: &str) -> Vec<Line> {
        if number == 0 {
            self.fault(stack, format!("the stack has no {one}"), DEPLOY);
        }
        self.or_well(format!("{}{says}", counted(number, one)))
    }

    /// The lines; this one where none says otherwise.
    #[must_use]
    pub fn or_well(mut self, says: impl Into<String>) -> Vec<Line> {
        if self.lines.is_empty() {
            self.well(None, says);
        }
        self.lines
    }

    /// The lines.
    #[must_use]
    pub fn lines(self) -> Vec<Line> {
        self.lines
    }
}

/// The worst of them: a fault that was seen, else something that was not, else nothing. None of them is silence.
#[must_use]
pub fn exit_status(lines: &[Line]) -> u8 {
    let has = |state: State| lines.iter().any(|line| line.state == state);
    match (has(State::Fault), has(State::Unknown) || lines.is_empty()) {
        (true, _) => 1,
        (false, true) => 2,
        (false, false) => 0,
    }
}

/// The first of many, and how many more there are.
#[must_use]
pub fn some(all: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = all.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    match all.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(state: State) -> Line {
        let text = |text: &str| text.to_owned();
        Line { state, check: "rules", region: text("eu-west-1"), resource: None, says: text("x"), todo: None }
    }

    #[test]
    fn a_fault_weighs_more_than_what_is_unknown_and_silence_is_no_health() {
        let [ok, fault, unknown] = [State::Ok, State::Fault, State::Unknown].map(line);
        assert_eq!(exit_status(std::slice::from_ref(&ok)), 0);
        assert_eq!(exit_status(&[ok.clone(), unknown.clone()]), 2);
        assert_eq!(exit_status(&[unknown, fault, ok]), 1);
        assert_eq!(exit_status(&[]), 2);
    }

    #[test]
    fn a_check_without_a_complaint_has_one_line() {
        let lines = Check::new("rules", "eu-west-1").or_well("all are enabled");
        assert!(matches!(&*lines, [line] if line.state == State::Ok && line.todo.is_none()), "{lines:?}");
        let mut check = Check::new("rules", "eu-west-1");
        check.fault("r", "it is disabled", DEPLOY);
        assert!(matches!(&*check.or_well("all"), [line] if line.state == State::Fault && line.todo.is_some()));
    }

    #[test]
    fn none_of_what_every_stack_has_is_a_fault() {
        let all = |number| Check::new("rules", "eu-west-1").or_all_well("parapet", (number, "rule"), " enabled");
        assert!(matches!(&*all(2), [line] if line.state == State::Ok && line.says == "2 rules enabled"));
        assert!(matches!(&*all(0), [line] if line.state == State::Fault && line.says == "the stack has no rule"));
    }

    #[test]
    fn many_are_counted() {
        let names: Vec<String> = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
        assert_eq!((some(&names[..2]), some(&names)), ("a, b".to_owned(), "a, b, c and 2 more".to_owned()));
    }
}
