use super::*;

fn state() -> State {
    let rules = Rules { broken_policy: Some("not read yet".to_owned()), ..Rules::default() };
    State::new(rules)
}

fn stop() -> Stop {
    let json = r#"{"guardrail": "g", "account": "111122223333", "until": "2026-01-02T00:00:00Z", "why": "w"}"#;
    serde_json::from_str(json).unwrap()
}

#[test]
fn orders_that_were_never_read_are_not_known_and_those_that_were_stay() {
    let mut state = state();
    Arc::make_mut(&mut state.rules).orders.unreadable = Some("they were not read yet".to_owned());
    state.lack_orders("the ledger does not answer".to_owned());
    assert_eq!(state.rules.orders.unreadable.as_deref(), Some("the ledger does not answer"));
    let now = "2026-01-01T00:00:00Z".parse().unwrap();
    state.set_orders(Orders { stops: vec![stop()], ..Orders::default() }, Instant::now(), now);
    state.lack_orders("the ledger does not answer".to_owned());
    assert_eq!((state.rules.orders.unreadable.as_ref(), state.rules.orders.stops.len()), (None, 1));
}

#[test]
fn a_stop_is_held_once_and_outlives_a_read_that_began_before_it_was_written() {
    let mut state = state();
    let began = Instant::now();
    state.add(Decided { stop: stop(), written: None });
    state.add(Decided { stop: stop(), written: Some(Instant::now()) });
    assert_eq!((state.rules.orders.stops.len(), state.decided.len()), (1, 1));
    let now: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
    state.set_orders(Orders::default(), began, now);
    assert_eq!(state.rules.orders.stops.len(), 1, "the read was too early");
    state.set_orders(Orders::default(), Instant::now(), now);
    assert!(state.rules.orders.stops.is_empty(), "it was lifted");
}

#[test]
fn the_last_good_policy_stays_when_a_new_one_does_not_parse() {
    let mut state = state();
    state.set_policy("version: 1\ntrusted_accounts: [\"111122223333\"]\n", "a".to_owned());
    assert_eq!(state.rules.broken_policy, None);
    state.set_policy("version: 7\n", "b".to_owned());
    assert_eq!(state.rules.policy.trusted_accounts.len(), 1, "the earlier one is in force");
    assert!(state.problem.as_ref().unwrap().contains("version 7"));
    assert_eq!(state.etag.as_deref(), Some("b"), "and is not read again");
    state.set_policy("version: 1\n", "c".to_owned());
    assert_eq!((state.problem, state.rules.policy.trusted_accounts.len()), (None, 0));
}

#[test]
fn the_version_is_that_of_the_policy_in_force() {
    let mut state = state();
    assert_eq!(state.version, BUILT_IN);
    state.set_policy("version: 1\n", "a".to_owned());
    let good = fingerprint("version: 1\n");
    assert_eq!(state.version, good);
    state.set_policy("version: 7\n", "b".to_owned());
    assert_eq!(state.version, good, "the earlier one is in force");
}

#[test]
fn a_policy_that_is_used_though_it_is_dangerous_is_warned_of_once() {
    let mut state = state();
    state.set_policy("version: 1\nprotected_principals: [\"*\"]\n", "a".to_owned());
    assert_eq!(state.rules.broken_policy, None, "it is in force");
    let warnings = std::mem::take(&mut state.warnings);
    assert!(warnings.len() == 1 && warnings[0].contains("protects every principal"), "{warnings:?}");
    state.set_policy("version: 7\n", "b".to_owned());
    assert_eq!(state.warnings, [""; 0]);
}

#[test]
fn without_any_good_policy_nothing_is_enforced() {
    let mut state = state();
    state.keep_policy("the role lacks `s3:GetObject`".to_owned());
    assert!(state.rules.broken_policy.as_ref().unwrap().contains("s3:GetObject"));
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let problem = from_file("no/such/policy.yaml").unwrap_err().to_string();
    assert!(problem.starts_with("cannot read `no/such/policy.yaml`: "), "{problem}");
}
