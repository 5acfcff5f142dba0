//! OCSF: what the schema requires, and what each end looks like.

use crate::notify::ocsf::*;
use crate::notify::sample;
use rstest::rstest;

/// The required attributes of the class and of the objects used, from the schema.
#[rstest]
#[case::class(
    "",
    &["activity_id", "category_uid", "class_uid", "cloud", "finding_info", "metadata", "severity_id", "time", "type_uid"]
)]
#[case::metadata("/metadata", &["product", "version"])]
#[case::product("/metadata/product", &["vendor_name", "name"])]
#[case::finding_info("/finding_info", &["title", "uid"])]
#[case::analytic("/finding_info/analytic", &["type_id", "uid"])]
#[case::related_event("/finding_info/related_events/0", &["uid"])]
#[case::cloud("/cloud", &["provider"])]
#[case::account("/cloud/account", &["uid"])]
#[case::api("/api", &["operation"])]
#[case::service("/api/service", &["name"])]
#[case::actor("/actor", &["user"])]
#[case::user("/actor/user", &["uid"])]
#[case::resource("/resources/0", &["uid"])]
#[case::evidence("/evidences/0", &["api"])]
#[case::endpoint("/evidences/0/src_endpoint", &["ip"])]
#[case::observable("/observables/0", &["name", "type_id"])]
#[case::remediation("/remediation", &["desc"])]
fn every_event_has_the_required_attributes(#[case] object: &str, #[case] required: &[&str]) {
    for (name, finding) in sample::all() {
        let event = event(&finding);
        for key in required {
            let value = event.pointer(&format!("{object}/{key}"));
            assert!(value.is_some_and(|value| !value.is_null()), "{name}: no `{object}/{key}`");
        }
    }
}

#[rstest]
#[case::closed(sample::remediated(), 200_401, 4, "remediated")]
#[case::open(sample::notified(), 200_401, 1, "notified")]
#[case::still_open(sample::denied(), 200_401, 1, "failed")]
#[case::partly(sample::partial(), 200_401, 2, "partial")]
#[case::exempt(sample::exempt(), 200_401, 3, "exempt")]
#[case::taken_back(sample::undone(), 200_402, 3, "undone")]
fn type_and_status_say_how_it_ended(
    #[case] finding: Finding,
    #[case] type_uid: i64,
    #[case] status_id: i64,
    #[case] code: &str,
) {
    let event = event(&finding);
    assert_eq!(event["type_uid"], type_uid);
    assert_eq!(event["status_id"], status_id);
    assert_eq!(event["status_code"], code);
}

#[test]
fn the_status_says_why_when_there_is_more_to_say() {
    assert_eq!(event(&sample::remediated()).get("status_detail"), None);
    let detail = event(&sample::exempt())["status_detail"].clone();
    assert_eq!(detail, "exempt until 2027-03-31 (web@example.com): public web site");
}

#[test]
fn times_are_milliseconds_of_the_epoch() {
    let event = event(&sample::remediated());
    assert_eq!(event["start_time"], 1_769_860_800_000_i64);
    assert_eq!(event["end_time"], 1_769_860_808_400_i64);
    assert_eq!(event["duration"], 8_400);
    assert_eq!(event["time"], 1_769_860_808_600_i64);
}

#[test]
fn a_service_in_place_of_an_address_is_no_address() {
    let mut finding = sample::remediated();
    finding.cause.source_ip = Some("cloudformation.amazonaws.com".to_owned());
    let event = event(&finding);
    assert_eq!(event["evidences"][0]["src_endpoint"], json!({ "svc_name": "cloudformation.amazonaws.com" }));
    assert!(!event["observables"].to_string().contains("IP Address"));
}

#[test]
fn machines_get_the_raw_text_and_people_the_escaped() {
    let event = event(&sample::named("<!here> @x"));
    assert_eq!(event["resources"][0]["name"], "<!here> @x");
    assert!(!event["message"].as_str().unwrap().contains(['<', '@']));
    assert!(!event["remediation"]["desc"].as_str().unwrap().contains(['<', '@']));
}

#[test]
fn a_bare_caller_has_no_nulls() {
    let mut finding = sample::remediated();
    finding.cause.actor = crate::engine::event::Actor::read(&Value::Null, None);
    finding.cause.source_ip = None;
    finding.cause.user_agent = None;
    let event = event(&finding);
    assert_eq!(event["actor"], json!({ "user": { "type": "Unknown", "type_id": 0, "uid": "an unnamed principal" } }));
    assert_eq!(event["observables"].as_array().unwrap().len(), 1);
}

#[test]
fn a_contact_is_shown_by_the_domain_of_its_address() {
    let contact =
        json!({"EmailAddress": "ann@example.com", "Name": "Ann", "PhoneNumber": "+1 555 0100", "Title": "SOC"});
    let state = json!({"name": "security contact", "now": contact, "before": {"known": contact}, "by": ["Ann's role"]});
    let shown = without_persons(&state);
    assert_eq!(shown["now"], json!({"EmailAddress": "…@example.com"}));
    assert_eq!((&shown["before"]["known"], &shown["by"]), (&shown["now"], &state["by"]));
}
