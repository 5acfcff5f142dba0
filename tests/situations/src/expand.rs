//! A situation as its file has it, made whole: the record and the envelope around it, with the defaults.

use serde_json::{Map, Value, json};
use uuid::Uuid;

/// What a situation says of its event, unless it has a whole `event`.
const OF_THE_EVENT: &[&str] = &[
    "account",
    "time",
    "region",
    "caller",
    "service",
    "call",
    "request",
    "response",
    "echoes_request_id",
    "error",
    "record",
    "envelope",
    "finding",
    "without",
];

/// What stands in it as it is.
const BESIDE: &[&str] = &["story", "policy", "live", "spread", "kept", "delivered", "not_played", "expect"];

/// What a situation does not say.
#[derive(Clone, Debug)]
pub(crate) struct Defaults {
    scene: Map<String, Value>,
    callers: Map<String, Value>,
}

impl Defaults {
    /// Those of all files.
    pub(crate) fn shared(scene: Map<String, Value>, callers: Map<String, Value>) -> Result<Self, String> {
        known(&scene, &[OF_THE_EVENT])?;
        Ok(Self { scene, callers })
    }

    /// The same with what a file or a situation says in their place.
    pub(crate) fn with(&self, own: Map<String, Value>) -> Result<Self, String> {
        known(&own, &[OF_THE_EVENT])?;
        let mut scene = self.scene.clone();
        for (key, value) in own {
            match (key.as_str(), scene.get_mut(&key), value) {
                // Fields beside each other: each says what it differs in.
                ("record" | "envelope" | "finding", Some(Value::Object(before)), Value::Object(fields)) => {
                    before.extend(fields)
                }
                (_, _, value) => drop(scene.insert(key, value)),
            }
        }
        Ok(Self { scene, callers: self.callers.clone() })
    }

    fn get(&self, key: &str) -> Value {
        self.scene.get(key).cloned().unwrap_or_default()
    }

    fn text(&self, key: &str) -> String {
        self.get(key).as_str().unwrap_or_default().to_owned()
    }

    fn fields(&self, key: &str) -> Map<String, Value> {
        self.get(key).as_object().cloned().unwrap_or_default()
    }

    /// Who made the call: by name, as one of these with differences (`like`), or whole.
    fn caller(&self) -> Result<Value, String> {
        let named = |name: &str| {
            self.callers.get(name).cloned().ok_or_else(|| format!("there is no caller `{name}` in defaults.yaml"))
        };
        match self.get("caller") {
            Value::String(name) => named(&name),
            Value::Object(mut own) => match own.remove("like") {
                Some(Value::String(name)) => {
                    let mut caller = named(&name)?;
                    merge(&mut caller, Value::Object(own));
                    Ok(caller)
                }
                Some(other) => Err(format!("`like` is not the name of a caller: {other}")),
                None => Ok(Value::Object(own)),
            },
            other => Ok(other),
        }
    }
}

fn known(map: &Map<String, Value>, keys: &[&[&str]]) -> Result<(), String> {
    let is_known = |key: &String| keys.concat().contains(&key.as_str());
    map.keys().find(|key| !is_known(key)).map_or(Ok(()), |key| Err(format!("`{key}` is unknown")))
}

/// Writes `over` into `value`, member by member.
fn merge(value: &mut Value, over: Value) {
    match (value, over) {
        (Value::Object(value), Value::Object(over)) => {
            for (key, over) in over {
                merge(value.entry(key).or_insert(Value::Null), over);
            }
        }
        (value, over) => *value = over,
    }
}

/// The whole situation.
pub(crate) fn expand(guardrail: &str, name: &str, own: Value, defaults: &Defaults) -> Result<Value, String> {
    let Value::Object(mut own) = own else { return Err("it is not a mapping".to_owned()) };
    if own.get("not_played").is_some_and(|why| why.as_str().is_none_or(str::is_empty)) {
        return Err("`not_played` gives no reason".to_owned());
    }
    let mut whole = Map::new();
    for key in BESIDE {
        whole.extend(own.remove(*key).map(|value| ((*key).to_owned(), value)));
    }
    let event = match own.remove("event") {
        Some(event) => {
            known(&own, &[]).map_err(|problem| format!("{problem} beside a whole `event`"))?;
            event
        }
        None => event(&format!("{guardrail}/{name}"), &defaults.with(own)?)?,
    };
    whole.insert("event".to_owned(), event);
    Ok(Value::Object(whole))
}

/// An id of AWS's: always the same one, and in no two situations the same.
fn id(situation: &str, what: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{situation}#{what}").as_bytes()).to_string()
}

/// The record, or the finding, in its envelope.
fn event(situation: &str, scene: &Defaults) -> Result<Value, String> {
    let mut envelope = json!({
        "id": id(situation, "id"),
        "source": format!("aws.{}", scene.text("service")),
        "account": scene.text("account"),
        "time": scene.text("time"),
        "region": scene.text("region"),
    });
    let detail = match scene.get("finding") {
        Value::Null => record(situation, scene)?,
        finding => finding,
    };
    if let Value::Object(envelope) = &mut envelope {
        envelope.extend(scene.fields("envelope"));
        envelope.insert("detail".to_owned(), detail);
    }
    Ok(envelope)
}

fn record(situation: &str, scene: &Defaults) -> Result<Value, String> {
    let (service, region, account, time) =
        (scene.text("service"), scene.text("region"), scene.text("account"), scene.text("time"));
    let request_id = id(situation, "requestID");
    let mut response = scene.get("response");
    if scene.get("echoes_request_id") == true {
        echo(&mut response, &request_id);
    }
    let mut record = json!({
        "userIdentity": scene.caller()?,
        "eventTime": time,
        "eventSource": format!("{service}.amazonaws.com"),
        "eventName": scene.text("call"),
        "awsRegion": region,
        "requestParameters": scene.get("request"),
        "responseElements": response,
        "requestID": request_id,
        "eventID": id(situation, "eventID"),
        "recipientAccountId": account,
    });
    for (field, key) in [("errorCode", "code"), ("errorMessage", "message")] {
        if let Some(said) = scene.fields("error").get(key) {
            merge(&mut record, json!({ field: said }));
        }
    }
    if let Value::Object(record) = &mut record {
        record.extend(scene.fields("record"));
        for field in scene.get("without").as_array().into_iter().flatten().filter_map(Value::as_str) {
            record.remove(field).ok_or_else(|| format!("the record has no `{field}` that could be left out"))?;
        }
    }
    Ok(record)
}

/// EC2 says the request's id again in its answer: in the part that is named after the response, where there is one.
fn echo(response: &mut Value, request_id: &str) {
    let Value::Object(members) = response else { return };
    let named = members.iter_mut().find(|(key, value)| key.ends_with("Response") && value.is_object());
    let place = match named {
        Some((_, Value::Object(inner))) => inner,
        Some(_) | None => members,
    };
    place.insert("requestId".to_owned(), request_id.into());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_played_says_why() {
        let defaults = Defaults::shared(Map::new(), Map::new()).unwrap();
        let whole = |why: Value| expand("guardrail", "violates", json!({"event": {}, "not_played": why}), &defaults);
        assert_eq!(whole(json!("moto has no keys")).unwrap()["not_played"], "moto has no keys");
        for nothing in [json!(""), json!(null), json!(true)] {
            assert!(whole(nothing).unwrap_err().contains("no reason"));
        }
    }
}
