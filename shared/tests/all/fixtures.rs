//! Every situation of `tests/fixtures/<guardrail>.yaml` through the pure pipeline: what the guardrail says of it, how it
//! ends, which calls were made and what stands afterwards. `tests/README.md` describes the files.

use crate::world::{Living, Watch, World, now};
use serde_json::Value;
use shared::engine::event::{Event, Parsed};
use shared::engine::family::TargetOf;
use shared::engine::finding::{Finding, Outcome};
use shared::engine::guardrail::Class;
use shared::engine::observed::Observed;
use shared::engine::own::Stack;
use shared::engine::pipeline::{By, Kept, Rules, RunContext, handle, undo};
use shared::engine::plan::{Action, Step, Undo};
use shared::engine::verdict::VerdictKind;
use shared::policy::{Mode, Policy};
use situations::Situations;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

/// The situations of every guardrail, by guardrail and by name.
pub fn situations() -> &'static Situations {
    situations::all().unwrap_or_else(|error| panic!("{error}"))
}

/// One of them.
pub fn situation(guardrail: &str, name: &str) -> &'static Value {
    let found = situations().get(&(guardrail.to_owned(), name.to_owned()));
    found.unwrap_or_else(|| panic!("there is no situation {guardrail}/{name}"))
}

pub struct Seen {
    pub findings: Vec<Finding>,
    calls: Vec<String>,
    pub before_containment: Option<usize>,
    before: Vec<String>,
    pub after: Vec<String>,
}

impl Seen {
    /// Whether a call has changed anything.
    pub fn is_changed(&self) -> bool {
        self.before != self.after
    }
}

/// `$body` with the family of this kind as `$family`: whichever of the registry it is.
macro_rules! with_family {
    ($kind:expr, $family:ident => $body:expr) => {
        shared::registry!(family_of![$kind, $family, $body])
    };
}

macro_rules! family_of {
    (
        [$kind:expr, $name:ident, $body:expr]
        $($function:literal { $($service:ident::$family:ident => $client:ident,)+ })+
    ) => {{
        let kind = $kind;
        $($(if kind == shared::engine::family::Family::kind(&<shared::resources::$service::$family as Default>::default()) {
            let $name = &<shared::resources::$service::$family as Default>::default();
            $body
        } else)+)+ {
            panic!("no family is of the kind `{kind}`")
        }
    }};
}

pub(crate) use {family_of, with_family};

/// What stands there before the event is handled.
pub fn live<F: Living>(family: &F, event: &Event, situation: &Value) -> Observed<F::State> {
    let proven = || match family.locate(event) {
        Ok(targets) => targets.into_iter().next().and_then(|target| target.proven),
        Err(_) => None,
    };
    match situation.get("live") {
        Some(Value::String(word)) if word == "absent" => Observed::Absent,
        Some(state) if state.get("unknown").is_some() => {
            Observed::Unknown { why: state["unknown"].as_str().unwrap().to_owned() }
        }
        Some(state) => F::live(state),
        None => proven().map_or_else(|| Observed::Unknown { why: "nothing to read here".to_owned() }, Observed::Known),
    }
}

/// What `spread` of the file leads to: targets as the ledger keeps them.
fn spread<F: Living>(situation: &Value) -> Observed<Vec<TargetOf<F>>> {
    match situation.get("spread") {
        None => Observed::Known(Vec::new()),
        Some(Value::Array(targets)) => {
            let target = |target: &Value| serde_json::from_value(target.clone()).unwrap();
            Observed::Known(targets.iter().map(target).collect())
        }
        Some(other) => Observed::Unknown { why: other["unknown"].as_str().unwrap().to_owned() },
    }
}

/// The world of a situation when its event arrives.
pub fn world<F: Living>(family: &F, event: &Event, situation: &Value) -> World<F> {
    let kept = situation.get("kept").map(Value::to_string);
    World::<F>::new(live(family, event, situation)).keeping(kept).spreading(spread::<F>(situation))
}

fn run<F: Living>(family: &F, rules: &Rules, event: &Event, situation: &Value) -> Seen {
    let world = world(family, event, situation);
    let before = world.lines();
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules };
    let handled = now(handle(family, context, event));
    assert_eq!(handled.retry, None);
    Seen {
        before,
        findings: handled.findings,
        calls: world.calls(),
        before_containment: world.calls_before_containment(),
        after: world.lines(),
    }
}

/// The role of a function, in the account of the situations.
pub fn own_role(function: &str) -> String {
    format!("arn:aws:iam::111122223333:role/parapet-{function}")
}

/// The stack of the situations: some of its functions and roles are known by their names.
fn stack() -> Stack {
    let listed = ["SignInFunction", "SecurityGroupFunction", "SecurityGroupRole", "OperateRole"];
    let text = |text: &str| text.to_owned();
    Stack {
        name: text("parapet"),
        parts: listed.map(|id| (text(id), format!("parapet-{id}-1A2B3C4D5E6F"))).into(),
        conditions: [text("IsGlobalRegion")].into(),
        lists: BTreeMap::new(),
        reserved: None,
        deploy_role: Some(text("arn:aws:iam::111122223333:role/deploy")),
        dead_letters: Some(text("arn:aws:sqs:eu-central-1:111122223333:parapet-DeadLetters-1A2B3C4D5E6F")),
        keys: vec![text("arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555")],
        policy: Some(text("s3://parapet-policy/parapet.yaml")),
    }
}

/// The event, the rules and the family's kind; none when nothing in the delivery is ours.
pub fn read(guardrail: &str, situation: &Value) -> Option<(Box<Event>, Rules, &'static str)> {
    let policy = situation.get("policy").map(|policy| Policy::parse(&policy.to_string()).unwrap()).unwrap_or_default();
    let event = &situation["event"];
    let parsed = if event.get("detail-type").is_some() {
        Event::from_envelope(event).unwrap()
    } else {
        Parsed::Call(Box::new(Event::from_record(event).unwrap()))
    };
    let Parsed::Call(event) = parsed else { return None };
    let entry = shared::resources::catalogue().into_iter().find(|entry| entry.about.name == guardrail);
    let entry = entry.unwrap_or_else(|| panic!("fixtures of no guardrail: {guardrail}"));
    let own_roles = vec![own_role(entry.family)];
    let rules = Rules { policy, fallback: Mode::Enforce, own_roles, stack: Some(stack()), ..Rules::default() };
    Some((event, rules, entry.kind))
}

/// What comes of every situation, found out once a process.
pub fn seen() -> &'static BTreeMap<(String, String), Seen> {
    static SEEN: LazyLock<BTreeMap<(String, String), Seen>> = LazyLock::new(|| {
        let each = |(key, situation): (&(String, String), &Value)| (key.clone(), see(&key.0, situation));
        situations().iter().map(each).collect()
    });
    &SEEN
}

pub fn see(guardrail: &str, situation: &Value) -> Seen {
    match read(guardrail, situation) {
        Some((event, rules, kind)) => with_family!(kind, family => run(family, &rules, &event, situation)),
        None => Seen {
            findings: Vec::new(),
            calls: Vec::new(),
            before_containment: None,
            before: Vec::new(),
            after: Vec::new(),
        },
    }
}

/// Every way in which the situation did not end as its file says.
pub fn differences(guardrail: &str, situation: &Value, seen: &Seen) -> Vec<String> {
    let expected = &situation["expect"];
    let mut wrong = Vec::new();
    let found = seen.findings.iter().find(|finding| finding.guardrail.name == guardrail);
    if expected == "nothing" {
        wrong.extend(found.map(|finding| format!("a finding was not expected: {:?}", finding.reasons)));
        if !seen.calls.is_empty() {
            wrong.push(format!("no call was expected: {:?}", seen.calls));
        }
        return wrong;
    }
    let Some(finding) = found else { return vec!["no finding".to_owned()] };
    for (what, is) in
        [("verdict", finding.verdict.word()), ("result", finding.outcome.word()), ("severity", finding.severity.word())]
    {
        if let Some(should) = expected.get(what).filter(|should| *should != is) {
            wrong.push(format!("{what} is {is}, not {should}; reasons: {:?}", finding.reasons));
        }
    }
    let texts = |key: &str| expected[key].as_array().cloned().unwrap_or_default();
    for part in texts("reasons") {
        if !finding.reasons.iter().any(|reason| reason.contains(part.as_str().unwrap())) {
            wrong.push(format!("no reason says {part}: {:?}", finding.reasons));
        }
    }
    let actions: Vec<Value> = finding.steps.iter().map(|step| step.action.clone().into()).collect();
    if expected.get("actions").is_some() && texts("actions") != actions {
        wrong.push(format!("actions are {actions:?}"));
    }
    if let Some(calls) = expected.get("calls_before_containment")
        && *calls != seen.before_containment.unwrap_or_default()
    {
        wrong.push(format!("calls up to containment: {:?}, not {calls}", seen.before_containment));
    }
    for line in texts("after") {
        if !seen.after.iter().any(|is| is.as_str() == line.as_str().unwrap()) {
            wrong.push(format!("afterwards {line} does not stand: {:?}", seen.after));
        }
    }
    let is_notified_only = |finding: &Finding| {
        let may_act = !matches!(finding.outcome.word(), "notified" | "exempt");
        finding.verdict != VerdictKind::Violation || !may_act
    };
    if seen.findings.iter().all(is_notified_only) && !seen.calls.is_empty() {
        wrong.push(format!("no call was expected: {:?}", seen.calls));
    }
    wrong
}

#[test]
fn every_situation_ends_as_its_file_says() {
    let mut wrong = String::new();
    for ((guardrail, name), situation) in situations() {
        for difference in differences(guardrail, situation, &seen()[&(guardrail.clone(), name.clone())]) {
            wrong += &format!("\n{guardrail}/{name}: {difference}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// The call has no request and no response: that it succeeded proves what it left behind.
const ALWAYS_PROVEN: [&str; 3] = ["macie-disabled", "security-hub-disabled", "security-hub-v2-disabled"];

#[test]
fn every_guardrail_shows_four_answers_and_every_file_says_why() {
    let mut answers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for ((guardrail, name), situation) in situations() {
        let story = situation["story"].as_str().unwrap_or_default();
        assert!(story.len() > 20, "{guardrail}/{name} does not say why its answer is right");
        let answer = match situation["expect"]["verdict"].as_str() {
            Some("violation") => "violates",
            Some("compliant") => "complies",
            Some("undetermined") => "cannot-tell",
            _ => "not-for-me",
        };
        assert!(name.starts_with(answer), "{guardrail}/{name} is a `{answer}`");
        answers.entry(guardrail).or_default().insert(answer);
    }
    let four = BTreeSet::from(["violates", "complies", "not-for-me", "cannot-tell"]);
    for entry in shared::resources::catalogue() {
        let mut expected = four.clone();
        if ALWAYS_PROVEN.contains(&entry.about.name) {
            expected.remove("cannot-tell");
        }
        assert_eq!(answers.remove(entry.about.name), Some(expected), "{}", entry.about.name);
    }
    assert_eq!(answers, BTreeMap::new(), "fixtures of no guardrail");
}

/// Takes every finding of the situation back, as `parapet undo` does: through the ledger's form of it.
fn take_back<F: Living>(family: &F, rules: &Rules, event: &Event, situation: &Value) -> Vec<String> {
    let world = world(family, event, situation);
    let context = RunContext { world: &world, clock: &Watch::default(), memory: &world, rules };
    let before = world.lines();
    let findings = now(handle(family, context, event)).findings;
    let remediated = findings.iter().filter(|finding| finding.outcome == Outcome::Remediated);
    let notified: Vec<&Finding> = remediated.filter(|finding| finding.notified_by.is_none()).collect();
    let mut wrong = Vec::new();
    for finding in notified.iter().rev() {
        let Some(kept) = Kept::of(finding) else {
            wrong.push(format!("{} keeps nothing to undo", finding.guardrail.name));
            continue;
        };
        let kept: Kept = serde_json::from_str(&serde_json::to_string(&kept).unwrap()).unwrap();
        let steps =
            kept.remedy.steps.iter().map(|step| serde_json::from_value::<Step<F::Action>>(step.clone()).unwrap());
        for step in steps {
            let Undo::Apply(back) = step.undo else { continue };
            if !family.undoes().iter().any(|known| known.action == back.permission()) {
                wrong.push(format!("`{}` is not among what `{}` undoes", back.permission(), family.kind()));
            }
        }
        let by = By { who: "ana".to_owned(), force: notified.len() > 1 };
        match now(undo(family, context, &kept, &by)) {
            Ok(undone) if undone.outcome == Outcome::Undone => {}
            Ok(undone) => wrong.push(format!("{}: not in force again: {:?}", kept.guardrail, undone.reasons)),
            Err(error) => wrong.push(format!("{}: {error}", kept.guardrail)),
        }
    }
    if !notified.is_empty()
        && notified.len()
            == findings.iter().filter(|f| f.notified_by.is_none() && f.verdict == VerdictKind::Violation).count()
    {
        // A principal that was faster than Parapet leaves less to come back to than the record says.
        let expected = situation["expect"]["undone"].as_array();
        let expected = expected.map(|lines| lines.iter().map(|line| line.as_str().unwrap().to_owned()).collect());
        let (mut before, mut after) = (expected.unwrap_or(before), world.lines());
        before.sort();
        after.sort();
        if before != after {
            wrong.push(format!("it is not what it was: {before:#?} {after:#?}"));
        }
    }
    wrong
}

#[test]
fn what_was_remediated_can_be_taken_back_and_is_what_it_was() {
    let mut wrong = String::new();
    for ((guardrail, name), situation) in situations() {
        let Some((event, rules, kind)) = read(guardrail, situation) else { continue };
        for difference in with_family!(kind, family => take_back(family, &rules, &event, situation)) {
            wrong += &format!("\n{guardrail}/{name}: {difference}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// By these forms `policy validate` says which exemptions can never match.
#[test]
fn every_finding_names_a_resource_of_the_form_that_its_guardrail_says() {
    for ((guardrail, name), seen) in seen() {
        for finding in seen.findings.iter().filter(|finding| finding.verdict == VerdictKind::Violation) {
            let (of, id) = (finding.guardrail.name, &finding.resource.id);
            assert!(
                shared::policy::could_be_about(id, of, None),
                "{guardrail}/{name}: `{id}` is not of the form of {of}"
            );
        }
    }
}

#[test]
fn what_an_action_undoes_is_what_stood_before() {
    for ((guardrail, name), seen) in seen() {
        for finding in &seen.findings {
            let is_enforced = matches!(finding.guardrail.class, Class::R1 | Class::R2);
            for step in finding.steps.iter().filter(|_| is_enforced) {
                assert!(step.undo_command.is_some(), "{guardrail}/{name}: `{}` cannot be undone", step.action);
            }
        }
    }
}
