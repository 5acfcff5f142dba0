//! The stack: whether it is complete, and whether it is what this command knows.

use crate::doctor::deployed::Deployed;
use crate::doctor::line::{Check, DEPLOY, Line, State, some};
use shared::engine::count::counted;
use shared::resources::parapet::manifest::MANIFEST;
use std::collections::BTreeSet;

/// What the status of a stack says about its last deployment: unknown while one runs.
#[must_use]
pub fn state(status: &str) -> State {
    let is_done = status.ends_with("_COMPLETE") && !status.contains("ROLLBACK") && !status.starts_with("DELETE");
    match status.ends_with("_IN_PROGRESS") {
        true => State::Unknown,
        false if is_done => State::Ok,
        false => State::Fault,
    }
}

/// Its lines.
#[must_use]
pub fn judge(deployed: &Deployed) -> Vec<Line> {
    let mut check = Check::new("stack", &deployed.place.region);
    let status = deployed.status.as_str();
    match state(status) {
        State::Ok => {}
        State::Unknown => {
            check.unsure(&deployed.stack, format!("it is being changed (`{status}`)"), "look again when that is done");
        }
        State::Fault => check.fault(
            &deployed.stack,
            format!("its last deployment failed (`{status}`)"),
            "see its events in CloudFormation, and deploy it again",
        ),
    }
    for (id, part) in &deployed.parts {
        match &part.made {
            None if part.is_certain => check.fault(id, format!("CloudFormation has no such {}", part.kind), DEPLOY),
            None => check
                .unknown(id, format!("whether there should be this {} is not known: its condition is not", part.kind)),
            Some(made) if !made.status.ends_with("_COMPLETE") => {
                check.fault(id, format!("CloudFormation says `{}`", made.status), DEPLOY);
            }
            Some(_) => {}
        }
    }
    differences(&mut check, deployed);
    check.or_well(format!("`{}` is `{status}`, with {}", deployed.stack, counted(deployed.parts.len(), "resource")))
}

/// The parts of the template against those of this build. Conditions do not matter: both have all of them.
fn differences(check: &mut Check, deployed: &Deployed) {
    // What SAM makes of a layer has a hash in its name.
    let known: BTreeSet<&str> = MANIFEST.parts.keys().map(String::as_str).collect();
    let missing: Vec<String> =
        known.iter().filter(|id| !deployed.ids.iter().any(|found| is(found, id))).map(|id| format!("`{id}`")).collect();
    if !missing.is_empty() {
        let says = format!("its template is of another version than this command: it lacks {}", some(&missing));
        check.fault(
            &deployed.stack,
            says,
            "deploy the version that this command is of, or use the command of that version",
        );
    }
}

fn is(found: &str, id: &str) -> bool {
    found
        .strip_prefix(id)
        .is_some_and(|hash| hash.is_empty() || hash.len() == 10 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::tests::{deployed, is_said, said};
    use serde_json::{Map, Value, json};

    /// A stack with every part of the manifest.
    fn whole() -> Deployed {
        let resources: Map<String, Value> =
            MANIFEST.parts.iter().map(|(id, kind)| (id.clone(), json!({"Type": kind}))).collect();
        let made: Vec<(&str, &str)> = MANIFEST.parts.keys().map(|id| (id.as_str(), "name")).collect();
        deployed(&json!({"Resources": resources}), &made)
    }

    #[test]
    fn a_whole_stack_is_well() {
        is_said(&said(judge(&whole())), State::Ok, "UPDATE_COMPLETE");
    }

    #[test]
    fn what_is_wrong_with_it_is_said() {
        for (status, state) in [
            ("UPDATE_IN_PROGRESS", State::Unknown),
            ("REVIEW_IN_PROGRESS", State::Unknown),
            ("ROLLBACK_COMPLETE", State::Fault),
            ("UPDATE_ROLLBACK_COMPLETE", State::Fault),
            ("CREATE_FAILED", State::Fault),
        ] {
            let mut stack = whole();
            stack.status = status.to_owned();
            is_said(&said(judge(&stack)), state, status);
        }
        let with = |change: fn(&mut Deployed)| {
            let mut stack = whole();
            change(&mut stack);
            said(judge(&stack))
        };
        let gone = with(|stack| stack.parts.get_mut("Ledger").unwrap().made = None);
        is_said(&gone, State::Fault, "no such AWS::DynamoDB::Table");
        let may_be_gone = with(|stack| {
            let part = stack.parts.get_mut("Ledger").unwrap();
            (part.made, part.is_certain) = (None, false);
        });
        is_said(&may_be_gone, State::Unknown, "its condition is not");
        let failed = with(|stack| {
            stack.parts.get_mut("Topic").unwrap().made.as_mut().unwrap().status = "DELETE_FAILED".to_owned()
        });
        is_said(&failed, State::Fault, "DELETE_FAILED");
        let old = with(|stack| assert!(stack.ids.remove("SelfFunction")));
        is_said(&old, State::Fault, "another version");
    }

    #[test]
    fn a_layer_is_known_by_its_beginning() {
        assert!(is("PolicyLayer475356c9f3", "PolicyLayer") && is("Topic", "Topic"));
        assert!(!is("TopicPolicy", "Topic") && !is("Top", "Topic"));
    }
}
