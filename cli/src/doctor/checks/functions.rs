//! Functions: of the deployed version, able to run, invoked by those alone that the template names, with their failures going to the dead letters.

use super::rules::plain;
use crate::doctor::answers::Answers;
use crate::doctor::calls::{self, Call};
use crate::doctor::deployed::{Deployed, Part, first_unresolved, time};
use crate::doctor::documents::{Grants, grants, missing_from};
use crate::doctor::line::{Check, DEPLOY, Line, some};
use jiff::SignedDuration;
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::planned::scalar_text;
use shared::engine::request::Answer;
use std::collections::BTreeMap;

const FUNCTION: &str = "AWS::Lambda::Function";

/// CloudFormation notes the end of a deployment after the function was changed: what was changed this much later was changed by another caller.
const SLACK: SignedDuration = SignedDuration::from_secs(60);

/// What is asked.
#[must_use]
pub fn asks(deployed: &Deployed) -> Vec<Call> {
    let region = &deployed.place.region;
    let of = |(_, name, _): (&str, &str, &Part)| {
        [
            calls::get_function_configuration(region, name),
            calls::get_function_concurrency(region, name),
            calls::get_policy(region, name),
            calls::get_event_invoke_config(region, name),
        ]
    };
    deployed.of(FUNCTION).flat_map(of).collect()
}

/// Its lines.
#[must_use]
pub fn judge(deployed: &Deployed, answers: &Answers) -> Vec<Line> {
    let region = &deployed.place.region;
    let mut check = Check::new("functions", region);
    let mut all = 0;
    for (_, name, part) in deployed.of(FUNCTION) {
        all += 1;
        if let Some(found) = check.need(answers, &calls::get_function_configuration(region, name), name) {
            configuration(&mut check, name, part, &found.body);
            concurrency(&mut check, name, part, answers.of(&calls::get_function_concurrency(region, name)));
            permissions(&mut check, deployed, name, answers.of(&calls::get_policy(region, name)));
            failures(&mut check, deployed, name, answers.of(&calls::get_event_invoke_config(region, name)));
        }
    }
    let says = " active, unchanged since the deployment, not throttled to zero, and their resource policies allow only the template's callers";
    check.or_all_well(&deployed.stack, (all, "function"), says)
}

fn configuration(check: &mut Check, name: &str, part: &Part, found: &Value) {
    let text = |key: &str| found.get(key).and_then(Value::as_str);
    match text("State") {
        // A function that was not invoked for weeks; the next invocation makes it active.
        Some("Active" | "Inactive") => {}
        Some(state) => check.fault(name, format!("its state is `{state}`{}", reason(text("StateReason"))), DEPLOY),
        None => check.unknown(name, "the answer does not show its state"),
    }
    match text("LastUpdateStatus") {
        Some("Successful") => {}
        None => check.unknown(name, "the answer does not show the status of its last update"),
        Some("InProgress") => check.unsure(name, "it is being updated", "look again when that is done"),
        Some(status) => check.fault(
            name,
            format!("its last update is `{status}`{}", reason(text("LastUpdateStatusReason"))),
            DEPLOY,
        ),
    }
    let deployed = part.made.as_ref().and_then(|made| made.updated);
    match (text("LastModified").and_then(time), deployed) {
        (Some(changed), Some(deployed)) if changed.duration_since(deployed) > SLACK => {
            check.fault(
                name,
                format!("its code or configuration is of {changed}, and not the deployment's of {deployed}"),
                DEPLOY,
            );
        }
        (Some(_), Some(_)) => {}
        _ => check.unknown(name, "the answers do not show when it was changed and deployed"),
    }
    let wanted = &part.properties;
    for key in ["Runtime", "Handler", "Role", "MemorySize", "Timeout", "Architectures"] {
        let Some(value) = wanted.get(key) else { continue };
        let is = found.get(key).map(plain);
        if check.is_resolved(name, &format!("its `{key}`"), value) && is.as_ref() != Some(&plain(value)) {
            let is = is.map_or_else(|| "missing".to_owned(), |is| is.to_string());
            check.fault(name, format!("its `{key}` is {is}, the template says {}", plain(value)), DEPLOY);
        }
    }
    let layers: Vec<Value> = found["Layers"].as_array().into_iter().flatten().map(|one| one["Arn"].clone()).collect();
    let wanted_layers = wanted.get("Layers").cloned().unwrap_or_else(|| json!([]));
    if check.is_resolved(name, "its layers", &wanted_layers) && plain(&Value::Array(layers)) != plain(&wanted_layers) {
        check.fault(name, "its layers are not the template's: it reads another policy file", DEPLOY);
    }
    variables(check, name, &wanted["Environment"]["Variables"], &found["Environment"]);
}

fn reason(text: Option<&str>) -> String {
    text.filter(|text| !text.is_empty()).map(|text| format!(": {text}")).unwrap_or_default()
}

fn variables(check: &mut Check, name: &str, wanted: &Value, found: &Value) {
    if let Some(error) = found.get("Error").filter(|error| !error.is_null()) {
        check.unknown(
            name,
            format!("Lambda does not show its variables: {}", error["Message"].as_str().unwrap_or_default()),
        );
        return;
    }
    let texts = |value: &Value| -> BTreeMap<String, Option<String>> {
        value.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), scalar_text(value))).collect()
    };
    let (wanted, found) = (texts(wanted), texts(&found["Variables"]));
    let mut wrong = Vec::new();
    for (key, value) in &wanted {
        match (value, found.get(key)) {
            (None, _) => check.unknown(name, format!("what its variable `{key}` should be is not known")),
            (Some(_), None) => wrong.push(format!("`{key}` is missing")),
            // The value is not shown: it may be sensitive.
            (value, Some(is)) if is != value => wrong.push(format!("`{key}` is another")),
            _ => {}
        }
    }
    wrong.extend(
        found.keys().filter(|key| !wanted.contains_key(*key)).map(|key| format!("`{key}` is not in the template")),
    );
    if !wrong.is_empty() {
        check.fault(name, format!("its environment is not the template's: {}", some(&wrong)), DEPLOY);
    }
}

fn concurrency(check: &mut Check, name: &str, part: &Part, found: Observed<&Answer>) {
    let found = match found {
        Observed::Known(answer) => answer.body.get("ReservedConcurrentExecutions").and_then(scalar_text),
        Observed::Absent => None,
        Observed::Unknown { why } => return check.unknown(name, why),
    };
    let wanted = &part.properties["ReservedConcurrentExecutions"];
    if !check.is_resolved(name, "its reserved concurrency", wanted) {
        return;
    }
    match (found, scalar_text(wanted)) {
        (Some(found), _) if found == "0" => {
            check.fault(name, "its reserved concurrency is 0: it is never run", DEPLOY);
        }
        (found, wanted) if found != wanted => {
            let shown = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
            check.fault(
                name,
                format!("its reserved concurrency is {}, the template says {}", shown(found), shown(wanted)),
                DEPLOY,
            );
        }
        _ => {}
    }
}

/// Whether a value of the template is this function: by its name or its ARN.
fn is(value: &Value, name: &str) -> bool {
    value.as_str().is_some_and(|text| text == name || text.ends_with(&format!(":function:{name}")))
}

fn permissions(check: &mut Check, deployed: &Deployed, name: &str, found: Observed<&Answer>) {
    let found = match found {
        Observed::Known(answer) => {
            answer.body.get("Policy").map_or_else(|| Err("the answer shows no policy".to_owned()), grants)
        }
        Observed::Absent => Ok(Grants::new()),
        Observed::Unknown { why } => Err(why),
    };
    let found = match found {
        Ok(found) => found,
        Err(why) => return check.unknown(name, why),
    };
    let arn = deployed.arn("lambda", &format!("function:{name}"));
    let mut wanted = Grants::new();
    for (id, _, part) in
        deployed.of("AWS::Lambda::Permission").filter(|(_, _, part)| is(&part.properties["FunctionName"], name))
    {
        let properties = &part.properties;
        if let Some(unresolved) = first_unresolved(properties) {
            return check.unknown(name, format!("what `{id}` should allow is not known: {unresolved}"));
        }
        let principal = match properties["Principal"].as_str() {
            Some(service) if service.contains(".amazonaws.com") => json!({ "Service": service }),
            other => json!({ "AWS": other }),
        };
        let mut condition = json!({});
        if let Some(source) = properties.get("SourceArn") {
            condition["ArnLike"] = json!({ "AWS:SourceArn": source });
        }
        if let Some(account) = properties.get("SourceAccount") {
            condition["StringEquals"] = json!({ "AWS:SourceAccount": account });
        }
        let statement = json!({"Effect": "Allow", "Principal": principal, "Action": properties["Action"], "Resource": arn, "Condition": condition});
        wanted.extend(grants(&json!({"Statement": [statement]})).unwrap_or_default());
    }
    let (missing, more) = (missing_from(&found, &wanted), missing_from(&wanted, &found));
    if !missing.is_empty() {
        check.fault(name, format!("its rules may not invoke it, its policy lacks {}", some(&missing)), DEPLOY);
    }
    if !more.is_empty() {
        check.fault(name, format!("its policy allows more than the template: {}", some(&more)), DEPLOY);
    }
}

fn failures(check: &mut Check, deployed: &Deployed, name: &str, found: Observed<&Answer>) {
    let wanted =
        deployed.of("AWS::Lambda::EventInvokeConfig").find(|(_, _, part)| is(&part.properties["FunctionName"], name));
    let Some((_, _, wanted)) = wanted else { return };
    if !check.is_resolved(name, "what becomes of its failures", &wanted.properties) {
        return;
    }
    let found = match found {
        Observed::Known(answer) => answer.body.clone(),
        Observed::Absent => Value::Null,
        Observed::Unknown { why } => return check.unknown(name, why),
    };
    let parts = [
        ("dead letters", "/DestinationConfig/OnFailure/Destination"),
        ("age", "/MaximumEventAgeInSeconds"),
        ("retries", "/MaximumRetryAttempts"),
    ];
    let part = |of: &Value, place: &str| of.pointer(place).and_then(scalar_text);
    let differs = |(_, place): &(&str, &str)| part(&wanted.properties, place) != part(&found, place);
    let wrong: Vec<String> = parts.into_iter().filter(differs).map(|(word, _)| word.to_owned()).collect();
    if !wrong.is_empty() {
        check.fault(
            name,
            format!("what becomes of its failures is not as the template says: {}", some(&wrong)),
            DEPLOY,
        );
    }
}

#[cfg(test)]
mod tests;
