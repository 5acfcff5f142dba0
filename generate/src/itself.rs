//! What the function has that guards Parapet itself: the names of what it guards, and the heartbeat.

use crate::{Function, Rule};
use std::fmt::Write;

/// So that an hour without a beat is an hour in which two did not come.
const BEAT: &str = "rate(30 minutes)";

/// The permissions for what a heartbeat looks at, and for the topic of another account.
pub(crate) const STATEMENTS: &str = "            - Sid: LookAtTheTopic\n              Effect: Allow\n              Action: sns:GetTopicAttributes\n              \
     Resource: !Ref Topic\n            - !If\n              - HasWatcher\n              - Sid: NotifyTheWatcher\n                Effect: Allow\n                \
     Action: sns:Publish\n                Resource: !Ref WatcherTopic\n              - !Ref AWS::NoValue\n";

/// The conditions of rules: under which of them the stack is what it is.
const CONDITIONS: [&str; 6] = [
    "HasCustomGuardrails",
    "HearsFindings",
    "HearsFindingsGlobally",
    "HubHasCustomGuardrails",
    "IsGlobalRegion",
    "IsHub",
];

/// The functions and roles whose names `PARAPET_PARTS` lists: all but the function itself, which would be a circle.
pub(crate) fn listed(function: &Function, functions: &[Function]) -> Vec<(String, Option<&'static str>)> {
    let others = functions.iter().filter(|other| other.stem != function.stem);
    let of = |stem: &str, condition| [(format!("{stem}Function"), condition), (format!("{stem}Role"), condition)];
    let others = others.flat_map(|other| of(&other.stem, other.condition()));
    let all = of("Operate", None).into_iter().chain(others).chain([(format!("{}Role", function.stem), None)]);
    all.collect()
}

/// The variables. Each name is split at its logical id, which the manifest knows: a function's variables have 4 KB together. The roles of a hub have names
/// that follow from the stack's.
pub(crate) fn variables(function: &Function, functions: &[Function]) -> String {
    let mut out = "        PARAPET_RESERVED_CONCURRENCY: !Ref ReservedConcurrency\n        PARAPET_DEPLOY_ROLE: !Ref DeployRole\n        \
         PARAPET_WATCHER_TOPIC_ARN: !Ref WatcherTopic\n        PARAPET_SPOKES: \"\"\n        PARAPET_CUSTOM_SOURCES: !Join [\",\", !Ref CustomEventSources]\n        \
         PARAPET_CUSTOM_NAMES: !Join [\",\", !Ref CustomEventNames]\n        PARAPET_CONDITIONS: !Join\n          - \",\"\n          -\n"
        .to_owned();
    for condition in CONDITIONS {
        let _ = writeln!(out, "              - !If [{condition}, {condition}, \"\"]");
    }
    out.push_str("        PARAPET_PARTS: !Join\n          - \",\"\n          -\n");
    for (id, condition) in listed(function, functions) {
        let name = format!("!Join [\"=\", !Split [\"{id}-\", !Ref {id}]]");
        let name = if id.ends_with("Role") { format!("!If [IsHub, \"\", {name}]") } else { name };
        let item = match condition {
            None => name,
            Some(condition) => format!("!If [{condition}, {name}, \"\"]"),
        };
        let _ = writeln!(out, "              - {item}");
    }
    out
}

/// A rule that brings events may keep a schedule as well: the heartbeat takes the events' own way.
pub(crate) fn schedule(function: &Function, rule: &Rule) -> String {
    if function.hears_itself && rule.stem == function.stem {
        return format!("    ScheduleExpression: {BEAT}\n");
    }
    String::new()
}
