use super::*;

fn stop(until: &str) -> Stop {
    let scope = Scope::Account("111122223333".to_owned());
    Stop {
        guardrail: "g".to_owned(),
        scope,
        region: None,
        principal: None,
        stack: None,
        elements: Vec::new(),
        until: until.parse().unwrap(),
        why: "w".to_owned(),
    }
}

fn item(stops: &[Stop]) -> Item {
    let entry = |(at, stop): (usize, &Stop)| (format!("{STOP}{at}"), text(serde_json::to_string(stop).unwrap()));
    stops.iter().enumerate().map(entry).chain([("id".to_owned(), text(ORDERS))]).collect()
}

#[test]
fn what_has_ended_is_named() {
    let item = item(&[stop("2026-01-02T00:00:00Z"), stop("2026-01-04T00:00:00Z")]);
    assert_eq!(ended(&item, "2026-01-03T00:00:00Z".parse().unwrap()), ["stop#0"]);
}

#[test]
fn stops_of_other_principals_and_regions_stand_beside_each_other_and_are_found_together() {
    let old = stop("2026-01-02T00:00:00Z");
    let of = |region: &str, principal: &str| Stop {
        region: Some(region.to_owned()),
        principal: Some(principal.to_owned()),
        ..old.clone()
    };
    let stops = [old.clone(), of("eu-west-1", "sweep"), of("eu-west-1", "role/ci"), of("us-east-1", "role/ci")];
    assert_eq!(stop_name(&old), "stop#g#account#111122223333", "as earlier versions named it");
    let item: Item = stops.iter().map(|stop| (stop_name(stop), text(serde_json::to_string(stop).unwrap()))).collect();
    assert_eq!(item.len(), stops.len());
    assert_eq!(stops_in(&item, "g", &old.scope).len(), stops.len());
    assert!(stops_in(&item, "h", &old.scope).is_empty());
}
