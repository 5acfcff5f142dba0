use crate::operations::payload::*;
use rstest::rstest;

fn now() -> Timestamp {
    "2026-03-02T09:00:00Z".parse().unwrap()
}

fn event() -> Value {
    json!({"detail-type": "AWS API Call via CloudTrail", "detail": {"eventID": "e"}})
}

fn delivered(payload: Value) -> Delivery {
    match read(payload, now()) {
        Ok(Task::Event(delivery)) => *delivery,
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_event_is_handled_as_it_is() {
    assert_eq!(delivered(event()), Delivery { payload: event(), ..Delivery::default() });
}

#[test]
fn what_was_deferred_comes_back_with_its_reason_and_keeps_its_first_moment() {
    let first = delivered(delivered(event()).deferred("grace", now()));
    assert_eq!((first.waited.as_deref(), first.attempt, first.since), (Some("grace"), 1, Some(now())));
    assert_eq!(first.payload, event());
    let again = delivered(first.deferred("not possible yet", "2026-03-02T08:59:00Z".parse().unwrap()));
    assert_eq!((again.attempt, again.since), (2, Some(now())));
}

#[test]
fn a_first_moment_that_is_still_to_come_is_not_believed() {
    let mut payload = delivered(event()).deferred("grace", now());
    payload["parapet"]["since"] = "2099-01-01T00:00:00Z".into();
    assert_eq!(delivered(payload).since, None);
}

/// Whatever comes back later proves nothing, whatever its shape.
#[rstest]
#[case::the_record_of_a_failed_run(json!({"version": "1.0", "requestContext": {"condition": "RetriesExhausted"}, "requestPayload": event()}))]
#[case::a_failed_run_of_a_failed_run(json!({"requestContext": {}, "requestPayload": {"requestContext": {}, "requestPayload": event()}}))]
#[case::a_failed_run_of_a_deferred_event(json!({"requestContext": {}, "requestPayload": {"parapet": {"task": "later", "event": event()}}}))]
#[case::a_deferred_record_of_a_failed_run(json!({"parapet": {"task": "later", "event": {"requestContext": {}, "requestPayload": event()}}}))]
#[case::a_replay({ let mut event = event(); event["replay-name"] = "r".into(); event })]
#[case::given_back(given_back(event(), now()).unwrap())]
#[case::given_back_after_a_failed_run(given_back(json!({"requestContext": {}, "requestPayload": event()}), now()).unwrap())]
fn what_comes_back_is_late(#[case] payload: Value) {
    let delivery = delivered(payload);
    assert!(delivery.waited.is_some(), "{delivery:?}");
    assert_eq!(delivery.payload["detail"], event()["detail"]);
}

#[rstest]
#[case::of_a_queue(json!({"Records": [{"eventSource": "aws:sqs", "body": "{}"}]}), "no queue leads to a function")]
#[case::of_a_queue_among_others(json!({"Records": [{"eventSource": "aws:s3"}, {"eventSource": "aws:sqs"}]}), "no queue")]
#[case::a_page_of_an_older_version(json!({"parapet": {"task": "page", "kind": "security-group"}}), "`page` is unknown")]
#[case::nothing(json!({"parapet": {}}), "names no `task`")]
#[case::no_event(json!({"parapet": {"task": "later"}}), "without an `event`")]
fn what_is_refused(#[case] payload: Value, #[case] part: &str) {
    let why = read(payload, now()).unwrap_err().to_string();
    assert!(why.contains(part), "{why}");
}

#[test]
fn records_of_another_source_are_no_messages() {
    assert!(matches!(read(json!({"Records": [{"eventSource": "aws:s3"}]}), now()), Ok(Task::Event(_))));
}

#[test]
fn a_dead_step_of_a_sweep_goes_back_as_it_was() {
    let Ok(Task::Sweep(order)) = read(json!({"parapet": {"task": "sweep"}}), now()) else { panic!("no sweep") };
    let letter = json!({"requestContext": {}, "requestPayload": order.payload().unwrap()});
    assert_eq!(given_back(letter, now()).unwrap(), order.payload().unwrap());
}

#[test]
fn an_event_that_is_too_large_is_deferred_without_its_documents() {
    let long = "x".repeat(300_000);
    let record = json!({"detail": {"eventID": "e", "requestParameters": {"roleName": "r", "document": long},
        "responseElements": {"items": vec!["y".repeat(500); 100]}}});
    let payload = Delivery { payload: record, ..Delivery::default() }.deferred("grace", now());
    let text = fitted(&payload, 100_000).unwrap();
    let back = delivered(serde_json::from_str(&text).unwrap());
    assert_eq!(back.payload["detail"]["requestParameters"], json!({"roleName": "r", "document": CUT}));
    assert_eq!(back.payload["detail"]["responseElements"]["items"].as_array().unwrap().len(), 100);
    let smaller = delivered(serde_json::from_str(&fitted(&payload, 10_000).unwrap()).unwrap());
    assert_eq!(smaller.payload["detail"]["responseElements"]["omitted"], true);
    let why = fitted(&payload, 100).unwrap_err().to_string();
    assert!(why.contains("a schedule takes 100"), "{why}");
}
