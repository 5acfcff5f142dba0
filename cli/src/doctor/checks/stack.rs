//! The stack: whether it is complete, and whether it is what this command knows.

use crate::doctor::deployed::Deployed;
use crate::doctor::line::{Check, DEPLOY, Line, count, some};
use shared::resources::parapet::manifest::MANIFEST;
use std::collections::BTreeSet;

/// Its lines.
#[must_use]
pub fn judge(deployed: &Deployed) -> Vec<Line> {
    let mut check = Check::new("stack", &deployed.place.region);
    let status = deployed.status.as_str();
    if status.ends_with("_IN_PROGRESS") {
        check.unsure(&deployed.stack, format!("it is being changed (`{status}`)"), "look again when that is done");
    } else if !status.ends_with("_COMPLETE") || status.contains("ROLLBACK") {
        check.fault(
            &deployed.stack,
            format!("its last deployment failed (`{status}`)"),
            "see its events in CloudFormation, and deploy it again",
        );
    }
    for (id, part) in &deployed.parts {
        match &part.made {
            None => check.fault(id, format!("CloudFormation has no such {}", part.kind), DEPLOY),
            Some(made) if !made.status.ends_with("_COMPLETE") => {
                check.fault(id, format!("CloudFormation says `{}`", made.status), DEPLOY);
            }
            Some(_) => {}
        }
    }
    differences(&mut check, deployed);
    check.or_well(format!("`{}` is `{status}`, with {}", deployed.stack, count(deployed.parts.len(), "resource")))
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
    use crate::doctor::deployed::tests::deployed;
    use crate::doctor::line::State;
    use serde_json::{Map, Value, json};

    /// A stack with every part of the manifest.
    fn whole() -> Deployed {
        let resources: Map<String, Value> =
            MANIFEST.parts.iter().map(|(id, kind)| (id.clone(), json!({"Type": kind}))).collect();
        let made: Vec<(&str, &str)> = MANIFEST.parts.keys().map(|id| (id.as_str(), "name")).collect();
        deployed(&json!({"Resources": resources}), &made)
    }

    fn said(deployed: &Deployed) -> Vec<(State, String)> {
        judge(deployed).into_iter().map(|line| (line.state, line.says)).collect()
    }

    #[test]
    fn a_whole_stack_is_well() {
        assert!(
            matches!(&*said(&whole()), [(State::Ok, says)] if says.contains("UPDATE_COMPLETE")),
            "{:?}",
            said(&whole())
        );
    }

    #[test]
    fn what_is_wrong_with_it_is_said() {
        for (status, state) in [
            ("UPDATE_IN_PROGRESS", State::Unknown),
            ("UPDATE_ROLLBACK_COMPLETE", State::Fault),
            ("CREATE_FAILED", State::Fault),
        ] {
            let mut stack = whole();
            stack.status = status.to_owned();
            let said = said(&stack);
            assert!(said[0].0 == state && said[0].1.contains(status), "{said:?}");
        }
        let mut stack = whole();
        stack.parts.get_mut("Ledger").unwrap().made = None;
        assert!(said(&stack)[0].1.contains("no such AWS::DynamoDB::Table"));
        let mut stack = whole();
        stack.parts.get_mut("Topic").unwrap().made.as_mut().unwrap().status = "DELETE_FAILED".to_owned();
        assert!(said(&stack)[0].1.contains("DELETE_FAILED"));
        let mut stack = whole();
        stack.ids.remove("SelfFunction");
        assert!(said(&stack)[0].1.contains("another version"), "{:?}", said(&stack));
    }

    #[test]
    fn a_layer_is_known_by_its_beginning() {
        assert!(is("PolicyLayer475356c9f3", "PolicyLayer") && is("Topic", "Topic"));
        assert!(!is("TopicPolicy", "Topic") && !is("Top", "Topic"));
    }
}
