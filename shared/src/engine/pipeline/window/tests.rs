use super::*;
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case::between_the_look_and_the_call("owner", "09:14:21", true)]
#[case::in_the_second_of_the_look("owner", "09:14:20", true)]
#[case::in_the_second_of_the_call("owner", "09:14:22", true)]
#[case::long_before("owner", "09:14:15", false)]
#[case::within_the_lag_before("owner", "09:14:17", true)]
#[case::after_the_call("owner", "09:14:23", false)]
#[case::what_was_read("bad", "09:14:21", false)]
#[case::what_was_written("good", "09:14:21", false)]
fn only_a_change_that_was_not_observed_is_hidden(#[case] content: &str, #[case] time: &str, #[case] expected: bool) {
    let at = |time: &str| format!("2026-03-02T{time}Z").parse::<Timestamp>().unwrap();
    let window = Window {
        since: at("09:14:20.4"),
        until: at("09:14:22.1"),
        part: "90".to_owned(),
        read: json!("bad"),
        wrote: json!("good"),
        call: "put".to_owned(),
        is_sure: true,
        kept: None,
        elsewhere: None,
    };
    assert_eq!(window.hides("90", &json!(content), at(time), Duration::from_secs(3), true), expected);
    assert!(!window.hides("100", &json!(content), at(time), Duration::from_secs(3), true), "another part");
    let text = serde_json::to_string(&window).unwrap();
    assert_eq!(serde_json::from_str::<Window>(&text).unwrap(), window);
}

#[rstest]
#[case::newer_than_what_was_restored("narrower", "09:14:15", true, true)]
#[case::not_good("as bad", "09:14:15", false, false)]
#[case::older_than_what_was_restored("older", "09:14:09", true, false)]
#[case::what_was_restored("good", "09:14:15", true, false)]
fn a_good_change_since_the_state_that_was_restored_is_hidden(
    #[case] content: &str,
    #[case] time: &str,
    #[case] good: bool,
    #[case] expected: bool,
) {
    let at = |time: &str| format!("2026-03-02T{time}Z").parse::<Timestamp>().unwrap();
    let window = Window {
        since: at("09:14:20.4"),
        until: at("09:14:22.1"),
        part: String::new(),
        read: json!("bad"),
        wrote: json!("good"),
        call: "restore".to_owned(),
        is_sure: true,
        kept: Some(at("09:14:10")),
        elsewhere: None,
    };
    assert_eq!(window.hides("", &json!(content), at(time), Duration::from_secs(3), good), expected);
}
