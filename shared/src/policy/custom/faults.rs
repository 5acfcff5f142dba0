//! What is wrong with declared guardrails that no entry shows alone: names that are there twice, owners that may not be, exemptions of guardrails that
//! are not declared.

use super::{CustomGuardrail, MOST_GUARDRAILS, is_custom};
use crate::policy::Policy;
use crate::policy::warnings::Entry;
use std::collections::BTreeSet;

/// Each with its place in the file.
pub(in crate::policy) fn faults(policy: &Policy) -> Vec<(Entry, String)> {
    let mut found = Vec::new();
    let list = Entry::of(["custom"]);
    if policy.custom.len() > MOST_GUARDRAILS {
        let count = policy.custom.len();
        found.push((list.clone(), format!("{count} guardrails are declared: at most {MOST_GUARDRAILS} may be")));
    }
    let mut names = BTreeSet::new();
    for (at, guardrail) in policy.custom.iter().enumerate() {
        let entry = list.item(at);
        let name = guardrail.about.name;
        if !names.insert(name) {
            let says = format!(
                "`{name}`: a guardrail of this name is declared above; findings and exemptions could not tell them apart"
            );
            found.push((entry.key("name"), says));
        }
        if guardrail.declared.event_names.is_empty() {
            let says = "the list is empty: the guardrail would look at nothing; name calls such as `RunInstances`";
            found.push((entry.key("event_names"), says.to_owned()));
        }
        found.extend(of_runbook(policy, guardrail).map(|says| (entry.key("runbook").key("document"), says)));
    }
    let unknown = |name: &str| is_custom(name) && !names.contains(name);
    let says = |name: &str| format!("`{name}`: `custom` declares no guardrail of this name");
    for (at, exemption) in policy.exemptions.iter().enumerate() {
        let name = exemption.guardrail.as_str();
        if unknown(name) {
            found.push((Entry::of(["exemptions"]).item(at).key("guardrail"), says(name)));
        }
    }
    for (account, entry) in &policy.accounts {
        for name in entry.guardrails.keys().map(|name| name.as_str()).filter(|name| unknown(name)) {
            found.push((Entry::of(["accounts", account.as_str(), "guardrails", name]), says(name)));
        }
    }
    found
}

fn of_runbook(policy: &Policy, guardrail: &CustomGuardrail) -> Option<String> {
    let runbook = guardrail.declared.runbook.as_ref()?;
    let owner = runbook.document.owner();
    let document = runbook.document.as_str();
    (!policy.runbook_owners.contains(&owner)).then(|| {
        format!("`{document}`: its owner is `{owner}`, which `runbook_owners` does not list; add it there if its runbooks may be started")
    })
}
