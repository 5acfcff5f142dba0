//! Words about a guardrail that change nothing, because of its mode or its class.

use crate::engine::guardrail::{About, Class};
use crate::policy::warnings::{Entry, Found};
use crate::policy::{Common, Guardrails, MaxClass, Mode, Policy};

pub(super) fn warnings(policy: &Policy) -> Vec<Found> {
    let known = Guardrails::known().iter().map(|about| (*about, Entry::of(["guardrails", about.name])));
    let declared = policy.custom.iter().enumerate();
    let declared = declared.map(|(at, guardrail)| (guardrail.about, Entry::of(["custom"]).item(at)));
    known.chain(declared).flat_map(|(about, entry)| of_guardrail(policy, about, &entry)).collect()
}

fn of_guardrail(policy: &Policy, about: &About, entry: &Entry) -> Vec<Found> {
    let own = policy.guardrails.common(about.name);
    if let Some(off) = off(policy, about.name, own) {
        return unused(policy, about.name, own)
            .map(|what| (entry.key(what), format!("changes nothing: {off}")))
            .collect();
    }
    let mut found = Vec::new();
    if own.grace_seconds.is_some() && about.class != Class::R2 {
        let says =
            format!("changes nothing: only a remediation of class R2 waits, this guardrail's is {:?}", about.class);
        found.push((entry.key("grace_seconds"), says));
    }
    if own.mode == Some(Mode::Enforce) {
        let max = own.max_class.unwrap_or(policy.defaults.max_class);
        let says = match about.class {
            Class::R0 => "is the same as `notify` here: the guardrail's class is R0, there is nothing that it could do",
            Class::R3 => "is the same as `notify` here: the guardrail's class is R3, which never runs automatically",
            Class::R2 if max == MaxClass::R1 => {
                "is the same as `notify` here: the guardrail's class is R2, which runs automatically only with \
                     `max_class: R2`"
            }
            Class::R1 | Class::R2 => return found,
        };
        found.push((entry.key("mode"), says.to_owned()));
    }
    found
}

/// Why the guardrail never looks, where it does not.
fn off(policy: &Policy, name: &str, own: Common) -> Option<String> {
    let is_on_somewhere = |mode: Option<Mode>| mode.is_some_and(|mode| mode != Mode::Off);
    let by_account = policy.accounts.values().any(|account| {
        let named = account.guardrails.get(name).map(|entry| entry.mode);
        // An account's own mode wakes up what is off by default, not what is off by name.
        is_on_somewhere(named) || (own.mode.is_none() && is_on_somewhere(account.mode))
    });
    match (own.mode, policy.defaults.mode) {
        _ if by_account => None,
        (Some(Mode::Off), _) => Some("the guardrail is `off`".to_owned()),
        (None, Some(Mode::Off)) => Some("the guardrail is `off` by `defaults.mode`".to_owned()),
        (Some(Mode::Notify | Mode::Enforce) | None, _) => None,
    }
}

fn unused(policy: &Policy, name: &str, own: Common) -> impl Iterator<Item = &'static str> + use<> {
    let said = [
        ("max_class", own.max_class.is_some()),
        ("grace_seconds", own.grace_seconds.is_some()),
        ("severity", own.severity.is_some()),
        ("settings", policy.guardrails.has_settings(name)),
    ];
    said.into_iter().filter(|(_, is_said)| *is_said).map(|(what, _)| what)
}
