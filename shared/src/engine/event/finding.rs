//! Findings of AWS's own detection as events: what Amazon GuardDuty found, and what AWS Health says of leaked credentials.
//!
//! Such an event records no call. Its `name` is the type of the finding, its `request` the finding itself, and its actor the service: no other principal can put an event
//! whose `source` begins with `aws.` on a bus. It says what was seen, and proves nothing of the state of a resource.
//!
//! Sample findings, archived ones and those of another account (an administrator's bus has its members' too, which are handled where they belong) are passed over.
//!
//! Sources: "Processing GuardDuty findings with Amazon EventBridge" and "Sample findings" (GuardDuty user guide), "Finding" (GuardDuty API reference), "Reference: AWS Health
//! events Amazon EventBridge schema" (AWS Health user guide).

use super::read::moment;
use super::{Actor, Body, Event, EventError, Fields, Parsed};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The source of GuardDuty's findings.
pub const GUARDDUTY: &str = "aws.guardduty";
/// The source of AWS Health's events.
pub const HEALTH: &str = "aws.health";

type Read = fn(&Fields<'_>, &Value) -> Result<Parsed, EventError>;

/// How an event of this source and type is read; none where it holds no finding.
pub(super) fn reader(source: &str, detail_type: &str) -> Option<Read> {
    match (source, detail_type) {
        (GUARDDUTY, "GuardDuty Finding") => Some(guardduty),
        (HEALTH, "AWS Health Event") => Some(health),
        _ => None,
    }
}

fn guardduty(envelope: &Fields<'_>, detail: &Value) -> Result<Parsed, EventError> {
    let fields = Fields::of(detail, "detail")?;
    if is_sample(detail) {
        return Ok(Parsed::NotOurs("it is a sample finding of GuardDuty".to_owned()));
    }
    if detail.pointer("/service/archived") == Some(&Value::Bool(true)) {
        return Ok(Parsed::NotOurs("the finding of GuardDuty is archived".to_owned()));
    }
    if let Some(elsewhere) = of_another_account(envelope, fields.text("accountId")?)? {
        return Ok(elsewhere);
    }
    // GuardDuty sends a finding again when the activity goes on: each update is an event of its own.
    let id = format!("{}/{}", fields.required("id")?, fields.text("updatedAt")?.unwrap_or_default());
    let service = detail.get("service").filter(|service| service.is_object()).cloned().unwrap_or_else(|| json!({}));
    let last = moment(&Fields::of(&service, "detail.service")?, "eventLastSeen")?;
    let time = last.or(moment(&fields, "updatedAt")?);
    found(
        envelope,
        Found { source: GUARDDUTY, service: "guardduty.amazonaws.com", id, kind: fields.required("type")?, time },
        detail,
    )
}

fn health(envelope: &Fields<'_>, detail: &Value) -> Result<Parsed, EventError> {
    let fields = Fields::of(detail, "detail")?;
    if let Some(elsewhere) = of_another_account(envelope, fields.text("affectedAccount")?)? {
        return Ok(elsewhere);
    }
    let part = |key: &str| fields.text(key).map(Option::unwrap_or_default);
    // An event about many resources comes in pages.
    let id = format!("{}/{}/{}", fields.required("eventArn")?, part("communicationId")?, part("page")?);
    let kind = fields.required("eventTypeCode")?;
    found(envelope, Found { source: HEALTH, service: "health.amazonaws.com", id, kind, time: None }, detail)
}

/// The mark stands beside the other details, or in the text that holds them.
pub(crate) fn is_sample(detail: &Value) -> bool {
    let more = detail.pointer("/service/additionalInfo");
    let within = more.and_then(|more| more.get("value")?.as_str());
    let within = within.and_then(|text| serde_json::from_str::<Value>(text).ok());
    [more, within.as_ref()].into_iter().flatten().any(|more| more.get("sample") == Some(&Value::Bool(true)))
}

fn of_another_account(envelope: &Fields<'_>, account: Option<&str>) -> Result<Option<Parsed>, EventError> {
    let own = envelope.required("account")?;
    let other = account.filter(|account| *account != own);
    Ok(other.map(|_| Parsed::NotOurs("the finding is of another account than the event".to_owned())))
}

struct Found<'a> {
    source: &'a str,
    service: &'a str,
    id: String,
    kind: &'a str,
    /// The envelope's where it is none.
    time: Option<Timestamp>,
}

fn found(envelope: &Fields<'_>, found: Found<'_>, detail: &Value) -> Result<Parsed, EventError> {
    let Found { source, service, id, kind, time } = found;
    let sent = || moment(envelope, "time")?.ok_or_else(|| EventError::Missing { path: "time".to_owned() });
    Ok(Parsed::Call(Box::new(Event {
        id,
        source: source.to_owned(),
        name: kind.to_owned(),
        time: time.map_or_else(sent, Ok)?,
        account: envelope.required("account")?.to_owned(),
        region: envelope.required("region")?.to_owned(),
        actor: Actor::read(&json!({ "type": "AWSService", "invokedBy": service }), None),
        source_ip: None,
        user_agent: None,
        failure: None,
        request_id: None,
        request: Body::Present(detail.clone()),
        response: Body::Null,
        additional: Body::Null,
        kind: envelope.text("detail-type")?.map(str::to_owned),
        waited: None,
        since: None,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn envelope(source: &str, kind: &str, detail: &Value) -> Value {
        json!({ "source": source, "detail-type": kind, "account": "111122223333", "region": "eu-west-1",
                "time": "2026-03-02T09:14:00Z", "detail": detail })
    }

    fn finding(more: Value) -> Value {
        let mut finding = json!({
            "id": "f1", "type": "Backdoor:EC2/C&CActivity.B", "accountId": "111122223333",
            "updatedAt": "2026-03-02T09:12:00.000Z", "service": {"eventLastSeen": "2026-03-02T09:10:00.000Z"},
        });
        finding.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        envelope(GUARDDUTY, "GuardDuty Finding", &finding)
    }

    fn event(envelope: &Value) -> Event {
        match Event::from_envelope(envelope) {
            Ok(Parsed::Call(event)) => *event,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_finding_is_an_event_of_its_service() {
        let event = event(&finding(json!({})));
        assert_eq!((event.source.as_str(), event.name.as_str()), (GUARDDUTY, "Backdoor:EC2/C&CActivity.B"));
        assert_eq!(event.id, "f1/2026-03-02T09:12:00.000Z");
        assert_eq!(event.time, "2026-03-02T09:10:00Z".parse().unwrap());
        assert_eq!((event.account.as_str(), event.region.as_str()), ("111122223333", "eu-west-1"));
        assert!(event.actor.is_aws());
        assert_eq!(event.actor.principal(), "guardduty.amazonaws.com");
    }

    #[test]
    fn a_finding_that_goes_on_is_another_event() {
        let again = finding(json!({"updatedAt": "2026-03-02T15:12:00.000Z", "service": {}}));
        let again = event(&again);
        assert_eq!(again.id, "f1/2026-03-02T15:12:00.000Z");
        assert_eq!(again.time, "2026-03-02T15:12:00Z".parse().unwrap());
    }

    #[rstest]
    #[case::a_sample(json!({"service": {"additionalInfo": {"sample": true}}}))]
    #[case::a_sample_in_a_text(json!({"service": {"additionalInfo": {"type": "default", "value": "{\"threatName\":\"x\",\"sample\":true}"}}}))]
    #[case::archived(json!({"service": {"archived": true}}))]
    #[case::a_members(json!({"accountId": "444455556666"}))]
    fn what_is_passed_over(#[case] more: Value) {
        assert!(matches!(Event::from_envelope(&finding(more)), Ok(Parsed::NotOurs(_))));
    }

    #[rstest]
    #[case::no_sample(json!({"service": {"additionalInfo": {"sample": false, "value": "{}"}, "archived": false}}))]
    #[case::odd_details(json!({"service": {"additionalInfo": "sample"}}))]
    fn what_is_not(#[case] more: Value) {
        event(&finding(more));
    }

    #[test]
    fn what_a_finding_lacks_is_named() {
        let error = Event::from_envelope(&envelope(GUARDDUTY, "GuardDuty Finding", &json!({"id": "f1"}))).unwrap_err();
        assert_eq!(error, EventError::Missing { path: "detail.type".to_owned() });
    }

    #[test]
    fn an_event_of_health_has_the_envelopes_time() {
        let detail = json!({"eventArn": "arn:aws:health:us-east-1::event/RISK/x/y", "eventTypeCode": "AWS_RISK_CREDENTIALS_EXPOSED",
                            "communicationId": "c1", "page": "2"});
        let event = event(&envelope(HEALTH, "AWS Health Event", &detail));
        assert_eq!(event.name, "AWS_RISK_CREDENTIALS_EXPOSED");
        assert_eq!(event.id, "arn:aws:health:us-east-1::event/RISK/x/y/c1/2");
        assert_eq!(event.time, "2026-03-02T09:14:00Z".parse().unwrap());
    }

    #[test]
    fn only_the_service_itself_says_so() {
        let mut forged = finding(json!({}));
        forged["source"] = "custom.guardduty".into();
        assert!(matches!(Event::from_envelope(&forged), Ok(Parsed::NotOurs(_))));
        forged["source"] = "aws.ec2".into();
        assert!(matches!(Event::from_envelope(&forged), Ok(Parsed::NotOurs(_))));
    }
}
