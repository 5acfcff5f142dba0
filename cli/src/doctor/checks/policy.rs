//! The policy file: valid, read by the functions, and which guardrails it switches off.

use super::alive::said_by_heartbeat;
use crate::doctor::answers::Answers;
use crate::doctor::deployed::Deployed;
use crate::doctor::line::{Check, Line};
use crate::policy::refusal;
use shared::engine::count::counted;
use shared::engine::observed::Observed;
use shared::policy::{BUILT_IN, Mode, Policy, fingerprint};
use shared::resources::catalogue_with;

/// Where the policy of a stack is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location<'a> {
    /// The functions have none.
    BuiltIn,
    /// An object.
    Object(&'a str),
    /// A file that was deployed with the functions.
    Deployed(&'a str),
}

/// As the stack's parameter says it.
#[must_use]
pub fn location(deployed: &Deployed) -> Location<'_> {
    match deployed.parameter("PolicyLocation").unwrap_or_default() {
        "" => Location::BuiltIn,
        uri if uri.starts_with("s3://") => Location::Object(uri),
        path => Location::Deployed(path),
    }
}

/// The lines of the policy, and of the guardrails by it. `text` is the policy's, as far as it could be read.
#[must_use]
pub fn judge(deployed: &Deployed, answers: &Answers, text: &Observed<String>) -> Vec<Line> {
    let mut check = Check::new("policy", &deployed.place.region);
    let location = location(deployed);
    let name = match location {
        Location::BuiltIn => BUILT_IN,
        Location::Object(name) | Location::Deployed(name) => name,
    };
    let said = said_by_heartbeat(deployed, answers, "policy");
    let policy = match (&location, text) {
        (Location::BuiltIn, _) => {
            read(
                &mut check,
                name,
                said,
                BUILT_IN,
                "the function `self` reads a file all the same: see its environment",
            );
            Some(Policy::default())
        }
        (_, Observed::Known(text)) => {
            let mend = match location {
                Location::Object(_) => {
                    "functions read a new version within a minute, and the next heartbeat says which: look again in half an hour"
                }
                Location::Deployed(_) | Location::BuiltIn => {
                    "give the file that was deployed (`--policy`), or deploy it (`make deploy`)"
                }
            };
            match Policy::parse(text) {
                Ok(policy) => {
                    read(&mut check, name, said, &fingerprint(text), mend);
                    Some(policy)
                }
                Err(error) => {
                    let todo = "`parapet policy validate` names all that is wrong; until then the last good version is in force, or nothing is enforced";
                    check.fault(name, format!("it is not valid{}", refusal(&error)), todo);
                    None
                }
            }
        }
        (_, Observed::Absent) => {
            let todo = "put the policy file there, or change the stack's `PolicyLocation`";
            check.fault(name, "it does not exist: nothing is enforced", todo);
            None
        }
        (Location::Deployed(_), Observed::Unknown { why }) => {
            let fingerprint = said.map_or_else(String::new, |said| format!("; the function `self` has read {said}"));
            check.unsure(name, format!("{why}{fingerprint}"), "give the file that was deployed with `--policy`");
            None
        }
        (Location::Object(_), Observed::Unknown { why }) => {
            check.unsure(
                name,
                why.clone(),
                "allow `s3:GetObject` on it and `s3:ListBucket` on its bucket (`parapet doctor --print-policy --policy URI`), or try again",
            );
            None
        }
    };
    let mut lines = check.or_well(format!("`{name}` is valid, and the function `self` has read this version"));
    lines.extend(guardrails(deployed, policy.as_ref()));
    lines
}

/// Whether the functions have read this version.
fn read(check: &mut Check, name: &str, said: Option<&str>, expected: &str, mend: &str) {
    match said {
        Some(said) if said == expected => {}
        Some(said) => check.unsure(
            name,
            format!("it is valid ({expected}), and the last heartbeat was by another version ({said})"),
            mend,
        ),
        None => check.unsure(
            name,
            "it is valid; which version the functions have read is not known",
            "see the line `heartbeat`",
        ),
    }
}

fn guardrails(deployed: &Deployed, policy: Option<&Policy>) -> Vec<Line> {
    let mut check = Check::new("guardrails", &deployed.place.region);
    let fallback = match deployed.parameter("DefaultMode") {
        Some("off") => Mode::Off,
        Some("enforce") => Mode::Enforce,
        _ => Mode::Notify,
    };
    let Some(policy) = policy else {
        check.unsure(
            &deployed.stack,
            "in which mode the guardrails are is not known: the policy is not",
            "see the line `policy`",
        );
        return check.lines();
    };
    let mut by_mode: [Vec<&str>; 3] = Default::default();
    for entry in catalogue_with(policy) {
        let [off, notify, enforce] = &mut by_mode;
        match policy.mode(entry.about, &deployed.place.account, fallback) {
            Mode::Off => off.push(entry.about.name),
            Mode::Notify => notify.push(entry.about.name),
            Mode::Enforce => enforce.push(entry.about.name),
        }
    }
    let [off, notify, enforce] = by_mode;
    let todo = "set their mode to `notify` in the policy file; one that is off on purpose stays a fault";
    if !off.is_empty() {
        check.fault(&deployed.stack, format!("{} off and not looked at: {}", are(off.len()), off.join(", ")), todo);
    }
    let names =
        if enforce.is_empty() || notify.is_empty() { String::new() } else { format!(": {}", notify.join(", ")) };
    check.well(None, format!("{} enforced, {} only notified{names}", are(enforce.len()), notify.len()));
    check.lines()
}

fn are(number: usize) -> String {
    format!("{} {}", counted(number, "guardrail"), if number == 1 { "is" } else { "are" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::calls;
    use crate::doctor::line::State;
    use crate::doctor::tests::{deployed, known};
    use serde_json::json;
    use shared::resources::catalogue;

    const GOOD: &str = "version: 1\n";

    fn stack(location: &str, mode: &str) -> Deployed {
        let template = json!({
            "Parameters": {"PolicyLocation": {"Type": "String", "Default": location}, "DefaultMode": {"Type": "String", "Default": mode}},
            "Resources": {"Ledger": {"Type": "AWS::DynamoDB::Table"}},
        });
        deployed(&template, &[("Ledger", "table")])
    }

    /// The lines of the policy and of the guardrails, with what the heartbeat says.
    fn said(stack: &Deployed, text: &Observed<String>, read: Option<&str>) -> Vec<(State, &'static str, String)> {
        let item = read.map_or_else(|| json!({}), |read| json!({"Item": {"policy": {"S": read}}}));
        let answers = Answers::default().with(&calls::get_heartbeat("eu-west-1", "table"), known(item));
        judge(stack, &answers, text).into_iter().map(|line| (line.state, line.check, line.says)).collect()
    }

    #[test]
    fn a_policy_is_valid_and_read_or_not() {
        let known = |text: &str| Observed::Known(text.to_owned());
        let unknown = || Observed::Unknown { why: "it is in the layer".to_owned() };
        let good = fingerprint(GOOD);
        let (object, file) = ("s3://rules/parapet.yaml", "/opt/parapet.yaml");
        for (location, text, read, state, part) in [
            (object, known(GOOD), Some(good.as_str()), State::Ok, "has read this version"),
            (file, known(GOOD), Some(&good), State::Ok, "has read this version"),
            ("", Observed::Absent, Some(BUILT_IN), State::Ok, "`built-in` is valid"),
            ("", Observed::Absent, Some(&good), State::Unknown, "another version"),
            (object, known(GOOD), Some("sha256:0"), State::Unknown, "another version"),
            (object, known(GOOD), None, State::Unknown, "not known"),
            (object, known("version: 1\nguardrail: {}\n"), Some(&good), State::Fault, "`guardrail`"),
            (object, Observed::Absent, Some(&good), State::Fault, "does not exist"),
            (object, unknown(), Some(&good), State::Unknown, "layer"),
            (file, unknown(), Some(&good), State::Unknown, &good),
        ] {
            let said = said(&stack(location, "notify"), &text, read);
            let has_policy = location.is_empty() || matches!(&text, Observed::Known(text) if text == GOOD);
            let (guardrails, says) =
                if has_policy { (State::Ok, "only notified") } else { (State::Unknown, "which mode") };
            let [(of_policy, "policy", seen), (of_guardrails, "guardrails", modes)] = &*said else {
                panic!("{part}: {said:?}")
            };
            assert!(*of_policy == state && seen.contains(part), "{part}: {said:?}");
            assert!(*of_guardrails == guardrails && modes.contains(says), "{part}: {said:?}");
        }
    }

    #[test]
    fn guardrails_that_are_off_are_named() {
        let all = catalogue();
        let name = all[0].about.name;
        let judged = |mode: &str, text: &str| {
            let lines = guardrails(&stack("", mode), Some(&Policy::parse(text).unwrap()));
            lines.into_iter().map(|line| (line.state, line.says)).collect::<Vec<_>>()
        };
        let is_said = |said: &[(State, String)], expected: &[(State, String)]| {
            let is_one = |((state, says), (of, begins)): (&(State, String), &(State, String))| {
                state == of && says.starts_with(begins.as_str())
            };
            assert!(said.len() == expected.len() && said.iter().zip(expected).all(is_one), "{said:?}");
        };
        let (number, rest) = (all.len(), all.len() - 1);
        is_said(
            &judged("notify", &format!("version: 1\nguardrails:\n  {name}: {{ mode: off }}\n")),
            &[
                (State::Fault, format!("1 guardrail is off and not looked at: {name}")),
                (State::Ok, format!("0 guardrails are enforced, {rest} only notified")),
            ],
        );
        let here =
            format!("version: 1\naccounts:\n  \"111122223333\": {{ guardrails: {{ {name}: {{ mode: enforce }} }} }}\n");
        is_said(
            &judged("notify", &here),
            &[(State::Ok, format!("1 guardrail is enforced, {rest} only notified: {}", all[1].about.name))],
        );
        // The stack's mode holds where the policy names none.
        is_said(
            &judged("off", GOOD),
            &[
                (State::Fault, format!("{number} guardrails are off and not looked at: {name}")),
                (State::Ok, "0 guardrails are enforced, 0 only notified".to_owned()),
            ],
        );
        // The operator's own too.
        let own = "version: 1\ncustom:\n  - name: custom-one\n    title: one\n    severity: high\n    mode: off\n    \
                   event_source: ec2.amazonaws.com\n    event_names: [RunInstances]\n    when: \"true\"\n    message: one\n";
        is_said(
            &judged("notify", own),
            &[
                (State::Fault, "1 guardrail is off and not looked at: custom-one".to_owned()),
                (State::Ok, format!("0 guardrails are enforced, {number} only notified")),
            ],
        );
    }
}
