//! What follows from a violation by rule, for every guardrail: each function makes of a situation another one, with its event, its
//! policy and the answer that is right.

#![expect(clippy::indexing_slicing, reason = "a JSON value that lacks the member says null, or gets it")]

use serde_json::{Map, Value, json};

/// What a typed situation says of an event that is not for its guardrail: no finding, no call, and no delivery.
fn ignored(mut situation: Value, story: &str) -> Value {
    situation["story"] = story.into();
    situation["expect"] = "nothing".into();
    situation["delivered"] = false.into();
    situation
}

/// Whether its event is a finding of AWS's own detection: no principal makes it, and AWS refuses it to none.
#[must_use]
pub fn is_finding(situation: &Value) -> bool {
    situation["event"]["detail-type"].as_str().is_some_and(|kind| !kind.ends_with("via CloudTrail"))
}

/// The record, in its envelope or bare.
fn record(situation: &mut Value) -> &mut Value {
    let event = &mut situation["event"];
    if event.get("detail").is_some() { &mut event["detail"] } else { event }
}

/// The same call, made by a role.
#[must_use]
pub fn by_role(situation: &Value, role: &str) -> Value {
    let mut situation = situation.clone();
    let (account, name) = (role.split(':').nth(4).unwrap_or_default(), role.rsplit('/').next().unwrap_or_default());
    record(&mut situation)["userIdentity"] = json!({
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLEPARAPET00:function",
        "arn": format!("arn:aws:sts::{account}:assumed-role/{name}/function"),
        "accountId": account,
        "accessKeyId": "ASIAEXAMPLEEXAMPLE00",
        "sessionContext": {
            "sessionIssuer": {
                "type": "Role", "principalId": "AROAEXAMPLEPARAPET00", "arn": role, "accountId": account, "userName": name,
            },
            "attributes": {"creationDate": "2026-03-02T09:10:00Z", "mfaAuthenticated": "false"},
        },
    });
    ignored(situation, "One of Parapet's own roles makes the call.")
}

/// The same call, refused by AWS.
#[must_use]
pub fn refused(situation: &Value) -> Value {
    let mut situation = situation.clone();
    let record = record(&mut situation);
    if record["eventType"] == "AwsConsoleSignIn" {
        let name = record["eventName"].as_str().unwrap_or_default().to_owned();
        record["errorMessage"] = "Failed authentication".into();
        record["responseElements"] = json!({name: "Failure"});
    } else {
        record["errorCode"] = "AccessDenied".into();
        record["errorMessage"] = "not authorized to perform this operation".into();
        record["responseElements"] = Value::Null;
    }
    ignored(situation, "AWS refused the call: nothing has changed.")
}

/// An event with the same name and content, of another service.
#[must_use]
pub fn of_another_service(situation: &Value) -> Value {
    let mut situation = situation.clone();
    record(&mut situation)["eventSource"] = "example.amazonaws.com".into();
    if situation["event"].get("detail").is_some() {
        situation["event"]["source"] = "aws.example".into();
    }
    ignored(situation, "Another service has an event of the same name.")
}

/// The situation's policy, to be changed.
fn policy(situation: &mut Value) -> &mut Value {
    let policy = &mut situation["policy"];
    if policy.is_null() {
        *policy = json!({"version": 1});
    }
    policy
}

/// What is expected where no call is made.
fn untouched(mut situation: Value, story: &str, expect: Value) -> Value {
    situation["story"] = story.into();
    situation["expect"] = expect;
    situation
}

/// The same with these guardrails in mode `notify`, whatever the policy says of single accounts. `is_closed`: the violation was
/// closed before the event arrived.
#[must_use]
pub fn notifying(situation: &Value, guardrails: &[&str], is_closed: bool) -> Value {
    let mut situation = situation.clone();
    let policy = policy(&mut situation);
    for guardrail in guardrails {
        policy["guardrails"][*guardrail]["mode"] = "notify".into();
    }
    if let Some(members) = policy.as_object_mut() {
        members.remove("accounts");
    }
    let before = situation["expect"].take();
    // Where it was remediated, the reasons are those of the violation, and the plan is the one that was carried out.
    let parts: &[&str] = match before["result"] == "remediated" {
        true if is_closed => &["verdict", "severity", "reasons"],
        true => &["verdict", "severity", "reasons", "actions"],
        false => &["verdict", "severity"],
    };
    let of_before = |part: &&str| Some(((*part).to_owned(), before.get(*part)?.clone()));
    let mut expect: Map<String, Value> = parts.iter().filter_map(of_before).collect();
    // What depends on the answer to an earlier call is in no plan yet.
    if let Some(planned) = before.get("planned") {
        expect.insert("actions".to_owned(), planned.clone());
    }
    let result = if is_closed { "already-compliant" } else { "notified" };
    expect.insert("result".to_owned(), result.into());
    untouched(situation, "Mode `notify`: the plan is notified and not carried out.", expect.into())
}

/// The same with an exemption for each of these guardrails and resources. A resource is a pattern, as in the policy file. What is
/// exempt is not read: the verdict is what the record shows.
#[must_use]
pub fn exempting(situation: &Value, covered: &[(&str, String)]) -> Value {
    let mut situation = situation.clone();
    let exemptions = covered.iter().map(|(guardrail, resource)| {
        json!({"guardrail": guardrail, "resource": resource, "reason": "a lab", "owner": "lab@example.com",
               "expires": "2026-12-31"})
    });
    let exemptions: Vec<Value> = exemptions.collect();
    match &mut policy(&mut situation)["exemptions"] {
        Value::Array(before) => drop(before.splice(..0, exemptions)),
        other => *other = exemptions.into(),
    }
    // The first one that covers it is named.
    let expect = json!({"result": "exempt", "reasons": ["exempt until 2026-12-31 (lab@example.com): a lab"]});
    untouched(situation, "An exemption covers the resource: no call, no notification.", expect)
}
