//! The policy file: valid, read by the functions, and which guardrails it switches off.

use super::alive::said_by_heartbeat;
use crate::doctor::answers::Answers;
use crate::doctor::deployed::Deployed;
use crate::doctor::line::{Check, Line, count};
use crate::policy::refusal;
use shared::engine::observed::Observed;
use shared::policy::{BUILT_IN, Mode, Policy, fingerprint};
use shared::resources::catalogue;

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
                "allow `s3:GetObject` on it (`parapet doctor --print-policy --policy URI`), or try again",
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
    for entry in catalogue() {
        let [off, notify, enforce] = &mut by_mode;
        match policy.mode(entry.about, &deployed.place.account, fallback) {
            Mode::Off => off.push(entry.about.name),
            Mode::Notify => notify.push(entry.about.name),
            Mode::Enforce => enforce.push(entry.about.name),
        }
    }
    let [off, notify, enforce] = by_mode;
    let todo = "set their mode to `notify` in the policy file, if that is not on purpose";
    if !off.is_empty() {
        check.fault(&deployed.stack, format!("{} off and not looked at: {}", are(off.len()), off.join(", ")), todo);
    }
    let names =
        if enforce.is_empty() || notify.is_empty() { String::new() } else { format!(": {}", notify.join(", ")) };
    check.well(None, format!("{} enforced, {} only notified{names}", are(enforce.len()), notify.len()));
    check.lines()
}

fn are(number: usize) -> String {
    format!("{} {}", count(number, "guardrail"), if number == 1 { "is" } else { "are" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::calls;
    use crate::doctor::deployed::tests::{answer, deployed};
    use crate::doctor::line::State;
    use serde_json::json;

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
        let answers =
            Answers::default().with(&calls::get_heartbeat("eu-west-1", "table"), Observed::Known(answer(item)));
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
            assert!(said[0].0 == state && said[0].1 == "policy" && said[0].2.contains(part), "{part}: {said:?}");
            let is_known = said[1..].iter().all(|(state, check, _)| *check == "guardrails" && *state == State::Ok);
            let has_policy = location.is_empty() || matches!(&text, Observed::Known(text) if text == GOOD);
            assert_eq!(is_known, has_policy, "{said:?}");
        }
    }

    #[test]
    fn guardrails_that_are_off_are_named() {
        let all = catalogue();
        let name = all[0].about.name;
        let policy = |text: &str| guardrails(&stack("", "notify"), Some(&Policy::parse(text).unwrap()));
        let off = policy(&format!("version: 1\nguardrails:\n  {name}: {{ mode: off }}\n"));
        assert!(
            off[0].state == State::Fault
                && off[0].says.contains(&format!("1 guardrail is off and not looked at: {name}")),
            "{off:?}"
        );
        assert!(
            off[1].state == State::Ok && off[1].says.contains(&format!("{} only notified", all.len() - 1)),
            "{off:?}"
        );
        let here = policy(&format!(
            "version: 1\naccounts:\n  \"111122223333\": {{ guardrails: {{ {name}: {{ mode: enforce }} }} }}\n"
        ));
        assert!(here[0].state == State::Ok && here[0].says.starts_with("1 guardrail is enforced"), "{here:?}");
        let whole = guardrails(&stack("", "off"), Some(&Policy::default()));
        assert!(
            whole[0].says.starts_with(&format!("{} guardrails are off", all.len())),
            "the stack's mode holds where the policy names none"
        );
    }
}
