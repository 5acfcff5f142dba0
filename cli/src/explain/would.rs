//! What would become of an answer under the operator's policy, in one sentence: no more than is true.

use shared::engine::event::Actor;
use shared::engine::guardrail::{About, Class};
use shared::engine::verdict::VerdictKind;
use shared::policy::{Mode, Policy};

/// An answer of a guardrail, as far as it decides what is done.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer<'a> {
    pub(super) about: &'static About,
    pub(super) account: &'a str,
    pub(super) verdict: VerdictKind,
    /// Whether an exemption covers it.
    pub(super) is_exempt: bool,
    /// Whether there is a call that closes it.
    pub(super) has_plan: bool,
    /// Whether it is known which resource it is about.
    pub(super) is_located: bool,
    /// Who made the change; none for a resource that is looked at without an event.
    pub(super) actor: Option<&'a Actor>,
}

/// The sentence.
pub(super) fn would(answer: &Answer<'_>, policy: &Policy, fallback: Mode) -> String {
    let Answer { about, account, verdict, is_exempt, has_plan, is_located, actor } = *answer;
    let mode = policy.mode(about, account, fallback);
    let is_event = actor.is_some();
    match (verdict, mode) {
        _ if is_exempt => return "nothing: an exemption covers it".to_owned(),
        (VerdictKind::Compliant, _) => return "nothing".to_owned(),
        (_, Mode::Off) => return "nothing: the guardrail is off".to_owned(),
        (VerdictKind::Undetermined, _) if is_event && is_located => {
            return "read the resource, and judge again".to_owned();
        }
        (VerdictKind::Undetermined, _) => return "notify that it is undetermined".to_owned(),
        (VerdictKind::Violation, Mode::Notify | Mode::Enforce) => {}
    }
    match (about.class, has_plan) {
        (Class::R0 | Class::R3, false) => return format!("notify, in every mode: {}", about.remediation),
        (Class::R0 | Class::R3, true) => {
            return format!("notify, with this plan: class {:?} is never run automatically", about.class);
        }
        (Class::R1 | Class::R2, false) if is_event => {
            return format!("notify: the record leads to no plan. {}", about.remediation);
        }
        (Class::R1 | Class::R2, false) => return format!("notify: this state leads to no plan. {}", about.remediation),
        (Class::R1 | Class::R2, true) => {}
    }
    if !policy.allows(about) {
        let class = about.class;
        return match mode {
            Mode::Enforce => format!("notify, with this plan: class {class:?} is above `max_class`"),
            Mode::Notify | Mode::Off => {
                format!("notify, with this plan; only `mode: enforce` with `max_class: {class:?}` would run it")
            }
        };
    }
    let most = policy.defaults.cloudformation.filter(|_| actor.is_some_and(Actor::is_cloudformation));
    match (mode, most) {
        (_, Some(most)) if most < Mode::Enforce => {
            "notify, with this plan: the policy's `cloudformation` only notifies of changes through a stack".to_owned()
        }
        (Mode::Enforce, _) if is_event => "run this plan, verify, and notify".to_owned(),
        (Mode::Enforce, _) => "close it, if an event made it so now".to_owned(),
        (Mode::Notify | Mode::Off, _) => "notify, with this plan; `mode: enforce` would run it".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::resources::catalogue;

    fn about(class: Class) -> &'static About {
        catalogue().into_iter().map(|entry| entry.about).find(|about| about.class == class).unwrap()
    }

    fn said(about: &'static About, has_plan: bool, policy: &str) -> String {
        let policy = Policy::parse(policy).unwrap();
        let answer = Answer {
            about,
            account: "111122223333",
            verdict: VerdictKind::Violation,
            is_exempt: false,
            has_plan,
            is_located: true,
            actor: None,
        };
        would(&answer, &policy, Mode::Notify)
    }

    #[test]
    fn enforce_is_promised_only_where_it_would_run_something() {
        let enforce = "version: 1\ndefaults: { mode: enforce }\n";
        let both = "version: 1\ndefaults: { max_class: R2 }\n";
        for (class, has_plan, policy, promises) in [
            (Class::R0, false, "version: 1\n", false),
            (Class::R0, true, "version: 1\n", false),
            (Class::R1, false, "version: 1\n", false),
            (Class::R1, true, "version: 1\n", true),
            (Class::R2, true, "version: 1\n", false),
            (Class::R2, true, both, true),
        ] {
            let sentence = said(about(class), has_plan, policy);
            assert_eq!(sentence.contains("`mode: enforce` would run it"), promises, "{class:?} {has_plan}: {sentence}");
        }
        assert!(said(about(Class::R2), true, enforce).contains("above `max_class`"));
        assert!(said(about(Class::R2), true, "version: 1\n").contains("with `max_class: R2` would run it"));
        assert_eq!(said(about(Class::R1), true, enforce), "close it, if an event made it so now");
        assert!(said(about(Class::R0), false, enforce).starts_with("notify, in every mode: "));
    }

    #[test]
    fn what_a_stack_changes_is_closed_only_where_the_policy_lets_it() {
        let actor = Actor::read(&serde_json::json!({"invokedBy": "cloudformation.amazonaws.com"}), None);
        let about = about(Class::R1);
        let answer = Answer {
            about,
            account: "1",
            verdict: VerdictKind::Violation,
            is_exempt: false,
            has_plan: true,
            is_located: true,
            actor: Some(&actor),
        };
        let ask = |text: &str| would(&answer, &Policy::parse(text).unwrap(), Mode::Enforce);
        assert!(ask("version: 1\ndefaults: { mode: enforce, cloudformation: notify }\n").contains("`cloudformation`"));
        assert!(ask("version: 1\ndefaults: { mode: enforce }\n").starts_with("run this plan"));
    }
}
