//! The template's patterns against what follows from every violation by rule: a call by the function's own role, a refused call and
//! another service's event of the same name start no function.

use parapet::patterns::{Params, Patterns};
use serde_json::Value;
use shared::resources::catalogue;
use situations::variants;
use std::collections::BTreeMap;

const ACCOUNT: &str = "111122223333";

#[test]
fn what_is_ignored_by_rule_starts_no_function() {
    let params = Params { account: ACCOUNT.to_owned(), ..Params::default() };
    let patterns = Patterns::built_in(&params).unwrap();
    let functions: BTreeMap<&str, &str> =
        catalogue().into_iter().map(|entry| (entry.about.name, entry.family)).collect();
    let own_role = |function: &str| {
        let id = format!("{}Role", function.replace('-', ""));
        let role = patterns.own_roles().iter().find(|(known, _)| known.eq_ignore_ascii_case(&id));
        role.unwrap_or_else(|| panic!("no role of {function}")).1.clone()
    };
    let starts = |situation: &Value, function: &str| {
        patterns.functions_for(situation["event"].to_string().as_bytes()).contains(&function)
    };
    let mut held = 0;
    for ((guardrail, name), situation) in situations::all().unwrap() {
        let is_envelope = situation["event"]["detail"].is_object();
        if situation["expect"]["verdict"] != "violation" || situation["delivered"] == false || !is_envelope {
            continue;
        }
        held += 1;
        let function = functions[guardrail.as_str()];
        assert!(starts(situation, function), "{guardrail}/{name} does not start {function}");
        let record = &situation["event"]["detail"];
        let mut ignored = Vec::new();
        // No role of Parapet's signs in to the console.
        let is_sign_in = record["eventType"] == "AwsConsoleSignIn";
        // No principal makes a finding. What guards Parapet itself hears its own calls too, and knows them by the ledger.
        let is_call = !variants::is_finding(situation);
        if is_call && !is_sign_in && function != "self" {
            ignored.push(variants::by_role(situation, &own_role(function)));
        }
        // What the sign-in service refuses is delivered: bursts of failed sign-ins are counted.
        if is_call && !is_sign_in {
            ignored.push(variants::refused(situation));
        }
        // Any call by root starts the function of `root-api-call`, whatever the service.
        if record["userIdentity"]["type"] != "Root" {
            ignored.push(variants::of_another_service(situation));
        }
        for variant in ignored {
            assert!(!starts(&variant, function), "{guardrail}/{name} starts {function}: {}", variant["story"]);
        }
    }
    assert!(held > 500, "{held}");
}
