use super::*;
use serde_json::json;
use shared::operations::signature::Trust;

const GROUP: &str = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1";

fn stored(name: &str, says: Value, trust: Trust) -> Stored {
    Stored::read(name, &says.to_string(), trust, true).unwrap()
}

fn stop(scope: Value) -> Value {
    let mut stop = json!({"guardrail": "snapshot-public", "until": "2027-01-02T00:00:00Z", "why": "w"});
    stop.as_object_mut().unwrap().extend(scope.as_object().unwrap().clone());
    stop
}

fn breaker() -> Value {
    stop(json!({"account": "111122223333"}))
}

fn orders() -> Vec<Stored> {
    let exemption = json!({"guardrail": "security-group-admin-port-open", "resource": GROUP, "account": null, "actor": null,
        "reason": "r", "owner": "ana", "expires": "2027-01-01"});
    vec![
        stored("stop#1", breaker(), Trust::Signed),
        stored("stop#2", stop(json!({"resource": GROUP})), Trust::NotAsked),
        stored("exemption#1", exemption, Trust::Signed),
    ]
}

const ANY: Which<'static> = Which { ids: &[], guardrail: None, account: None, resource: None, region: None };

fn words(which: Which<'_>) -> Result<Vec<&'static str>, NotThere> {
    let orders = orders();
    Ok(which.of(&all(&orders))?.iter().map(Order::word).collect())
}

/// Each by itself: also those that are not believed, that say the same in another region, or that cannot be read.
#[test]
fn whatever_is_listed_is_lifted_by_its_id_and_nothing_else_is() {
    let mut orders = orders();
    orders.push(stored("stop#3", stop(json!({"account": "111122223333", "region": "us-east-1"})), Trust::Signed));
    orders.push(stored("stop#4", breaker(), Trust::Forged { why: "another item's".to_owned() }));
    orders.push(stored("stop#5", breaker(), Trust::Unsigned));
    orders.push(stored("stop#6", json!("?"), Trust::Unsigned));
    let listed = all(&orders);
    assert_eq!(listed.len(), orders.len());
    for one in &listed {
        let ids = [one.id()];
        let chosen = Which { ids: &ids, ..ANY }.of(&listed).unwrap();
        assert_eq!(chosen.iter().map(|chosen| &chosen.0.name).collect::<Vec<_>>(), [&one.0.name]);
    }
    let unknown = ["00000000".to_owned()];
    assert!(Which { ids: &unknown, ..ANY }.of(&listed).unwrap_err().to_string().contains("`00000000`"));
    let why: Vec<String> = listed.iter().rev().take(3).map(Order::why).collect();
    assert!(
        why.iter().all(|why| why.starts_with("not believed, it holds nothing: its signature is wrong")
            || why.contains("no signature")),
        "{why:?}"
    );
}

#[test]
fn an_id_stays_the_same_while_its_end_and_its_reason_change() {
    let mut renewed = breaker();
    renewed["until"] = json!("2028-01-01T00:00:00Z");
    renewed["why"] = json!("again");
    let renewed = stored("stop#1", renewed, Trust::Signed);
    assert_eq!(Order(&orders()[0]).id(), Order(&renewed).id());
}

#[test]
fn an_account_a_resource_a_guardrail_and_a_region_narrow_it() {
    assert_eq!(words(Which { account: Some("111122223333"), ..ANY }).unwrap(), ["breaker"]);
    assert_eq!(words(Which { resource: Some(GROUP), ..ANY }).unwrap(), ["exemption", "flapping suspension"]);
    let of_guardrail = Which { resource: Some(GROUP), guardrail: Some("snapshot-public"), ..ANY };
    assert_eq!(words(of_guardrail).unwrap(), ["flapping suspension"]);
    assert!(words(Which { resource: Some(GROUP), region: Some("us-east-1"), ..ANY }).is_err());
    let error = words(Which { account: Some("444455556666"), guardrail: Some("g"), ..ANY }).unwrap_err().to_string();
    assert!(error.starts_with("`g` is not stopped there"), "{error}");
}
