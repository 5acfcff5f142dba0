//! What the guardrails say of resources of templates and plans: the cases under `planned` in the files of `tests/fixtures`.
//!
//! Each case is a resource as a file says it; its name begins with the right answer. A case that is `like` a situation of `tests/fixtures` must be
//! answered for the same reasons as the record of that situation: one judge.

use crate::engine::event::{Event, Parsed};
use crate::engine::family::Family;
use crate::engine::pipeline::{PlannedIn, Rules, judge_resource};
use crate::engine::planned::PlannedResource;
use crate::engine::verdict::Verdict;
use crate::policy::{Mode, Policy};
use crate::resources::by_record::Judge;
use crate::resources::{Visitor, catalogue, visit_all};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// CloudFormation's type or Terraform's.
    r#type: String,
    #[serde(default)]
    properties: Value,
    /// The logical id or address.
    #[serde(default = "some_name")]
    name: String,
    /// The account that it is deployed to.
    #[serde(default = "some_account")]
    account: String,
    #[serde(default)]
    policy: Option<Value>,
    /// The situation whose record is answered for the same reasons.
    #[serde(default)]
    like: Option<String>,
    /// Parts of the reasons.
    #[serde(default)]
    reasons: Vec<String>,
}

fn some_name() -> String {
    "It".to_owned()
}

fn some_account() -> String {
    "111122223333".to_owned()
}

/// How the name of a case begins, and how many answers that is: a resource that says nothing has none.
const ANSWERS: [&str; 4] = ["violates", "undetermined", "complies", "says-nothing"];

/// Guardrails of which no record alone proves a violation, and why.
const BY_READS: &[(&str, &str)] = &[
    ("network-acl-admin-port-open", "a record shows one entry, and a lower number may deny what it allows"),
    ("ebs-default-key-changed", "a record is held against the key that was kept"),
    ("snapshot-block-public-access-off", "a record is held against the level that was kept"),
    ("console-password-set-by-another", "a record does not show who else set it"),
    ("inline-policy-grants-admin", "a record does not show what the policy said before"),
    ("inline-policy-grants-escalation", "a record does not show what the policy said before"),
    ("password-policy-weak", "a record does not show what the policy said before"),
    ("resource-share-external", "a record does not show who is outside the organization"),
];

/// Guardrails that hold a resource against what it was before: a file is never against them. Their families read it for their other guardrails.
const ONLY_CHANGES: &[&str] =
    &["kms-key-deletion-scheduled", "kms-key-material-deleted", "s3-bucket-encryption-downgraded"];

/// What a guardrail says of a resource: the word, and the reasons.
type Said = (&'static str, Vec<String>);

fn said(guardrail: &str, case: &Case) -> Vec<Said> {
    struct Asked<'a> {
        guardrail: &'a str,
        case: &'a Case,
        said: Vec<Said>,
    }

    impl Visitor for Asked<'_> {
        fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
            let Case { r#type: kind, properties, name, account, policy, .. } = self.case;
            if !family.guardrails().iter().any(|one| one.about().name == self.guardrail) {
                return;
            }
            let policy = policy.as_ref().map(|policy| Policy::parse(&policy.to_string()).unwrap()).unwrap_or_default();
            let rules = Rules { policy, fallback: Mode::Notify, ..Rules::default() };
            let place = PlannedIn { resource: name, account: Some(account), now: Timestamp::UNIX_EPOCH };
            let resource = PlannedResource::new(name, kind, properties);
            let answers = judge_resource(&family, &resource, place, &rules);
            let of_it = answers.into_iter().filter(|answer| answer.about.name == self.guardrail);
            self.said.extend(of_it.map(|answer| match answer.verdict {
                Verdict::Compliant => ("complies", Vec::new()),
                Verdict::Undetermined { why } => ("undetermined", vec![why]),
                Verdict::Violation(violation) => {
                    ("violates", violation.evidence.into_iter().map(|evidence| evidence.why).collect())
                }
            }));
        }
    }

    let mut asked = Asked { guardrail, case, said: Vec::new() };
    visit_all(&mut asked);
    asked.said
}

/// The gravest answer: a role with one open policy among three is a violation.
fn gravest(said: Vec<Said>) -> Said {
    let rank = |word: &str| ANSWERS.iter().position(|answer| *answer == word);
    said.into_iter().min_by_key(|(word, _)| rank(word)).unwrap_or(("says-nothing", Vec::new()))
}

/// The reasons of the situation's record.
fn reasons_of_record(guardrail: &str, situation: &str) -> Result<Vec<String>, String> {
    let all = situations::all().map_err(ToString::to_string)?;
    let situation = all.get(&(guardrail.to_owned(), situation.to_owned())).ok_or("there is no such situation")?;
    let record = &situation["event"];
    let event = if record.get("detail-type").is_some() {
        match Event::from_envelope(record).map_err(|error| error.to_string())? {
            Parsed::Call(event) => event,
            _ => return Err("it is no call".to_owned()),
        }
    } else {
        Box::new(Event::from_record(record).map_err(|error| error.to_string())?)
    };
    let policy = situation.get("policy").map(|policy| Policy::parse(&policy.to_string()).unwrap()).unwrap_or_default();
    let entry =
        catalogue().into_iter().find(|entry| entry.about.name == guardrail).ok_or("there is no such guardrail")?;
    let rules = Rules { policy, fallback: Mode::Notify, ..Rules::default() };
    let judge = Judge::new(rules, Timestamp::UNIX_EPOCH).of_new_resources();
    let findings = judge.by_record(entry.family, &event).unwrap_or_default();
    let finding = findings.into_iter().find(|finding| finding.guardrail.name == guardrail);
    finding.map(|finding| finding.reasons).ok_or_else(|| "its record leads to no finding".to_owned())
}

fn read() -> BTreeMap<String, BTreeMap<String, Case>> {
    let of = |guardrail: &str, (name, case): (String, Value)| {
        let case = serde_json::from_value(case).unwrap_or_else(|error| panic!("{guardrail}/{name}: {error}"));
        (name, case)
    };
    let all = situations::planned().unwrap().into_iter();
    all.map(|(guardrail, cases)| (guardrail.clone(), cases.into_iter().map(|case| of(&guardrail, case)).collect()))
        .collect()
}

#[test]
fn each_case_is_answered_as_its_name_says() {
    let mut wrong = String::new();
    for (guardrail, cases) in read() {
        for (name, case) in cases {
            let (word, reasons) = gravest(said(&guardrail, &case));
            if !name.starts_with(word) {
                wrong += &format!("\n{guardrail}/{name}: {word} {reasons:?}");
            }
            for part in case.reasons.iter().filter(|part| !reasons.iter().any(|reason| reason.contains(*part))) {
                wrong += &format!("\n{guardrail}/{name}: `{part}` is not in {reasons:?}");
            }
            match case.like.as_ref().map(|situation| reasons_of_record(&guardrail, situation)) {
                Some(Ok(of_record)) if reasons.iter().all(|reason| of_record.contains(reason)) => {}
                Some(answer) => wrong += &format!("\n{guardrail}/{name}: {reasons:?}, the record {answer:?}"),
                None => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Of each guardrail that reads types of resources, a case that violates and one that does not for each type, one that is open, and one that is
/// held against a record.
#[test]
fn no_type_is_read_without_a_case() {
    struct Missing(String, BTreeMap<String, BTreeMap<String, Case>>);

    impl Visitor for Missing {
        fn visit<F: Family + 'static>(&mut self, _: &'static str, family: F) {
            for guardrail in family.guardrails().iter().map(|guardrail| guardrail.about().name) {
                let forms = family.forms();
                let kinds: BTreeSet<&str> =
                    forms.iter().filter(|form| form.is_about(guardrail)).map(|form| form.kind).collect();
                // Documents are read by one implementation, which has its own tests.
                let is_policy = guardrail.ends_with("-policy-public") || guardrail.ends_with("-policy-untrusted");
                let nothing = BTreeMap::new();
                let cases = self.1.get(guardrail).unwrap_or(&nothing);
                if ONLY_CHANGES.contains(&guardrail) || (is_policy && !kinds.is_empty()) {
                    continue;
                }
                if kinds.is_empty() {
                    self.0 +=
                        &if cases.is_empty() { String::new() } else { format!("\n{guardrail}: it reads no types") };
                    continue;
                }
                let answered = |kind: &str, words: &[&str]| {
                    cases
                        .iter()
                        .any(|(name, case)| case.r#type == kind && words.iter().any(|word| name.starts_with(word)))
                };
                for kind in &kinds {
                    for words in
                        [&["violates", "undetermined-always", "complies-always"][..], &["complies", "says-nothing"][..]]
                    {
                        if !answered(kind, words) {
                            self.0 += &format!("\n{guardrail}: no case of {kind} {}", words[0]);
                        }
                    }
                }
                let has = |of: &dyn Fn(&str, &Case) -> bool| cases.iter().any(|(name, case)| of(name, case));
                if !has(&|name, _| name.starts_with("undetermined")) {
                    self.0 += &format!("\n{guardrail}: no case undetermined");
                }
                let is_like = has(&|name, case| name.starts_with("violates") && case.like.is_some());
                if is_like == BY_READS.iter().any(|(name, _)| *name == guardrail) {
                    self.0 += &format!("\n{guardrail}: no case is like a situation");
                }
            }
        }
    }

    let mut missing = Missing(String::new(), read());
    visit_all(&mut missing);
    let known: BTreeSet<&str> = catalogue().iter().map(|entry| entry.about.name).collect();
    let unknown: Vec<_> = missing.1.keys().filter(|guardrail| !known.contains(guardrail.as_str())).collect();
    assert!(missing.0.is_empty() && unknown.is_empty(), "{}{unknown:?}", missing.0);
}
