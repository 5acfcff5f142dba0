//! Why no guardrail evaluated an event.

use serde_json::Value;

/// Why no guardrail evaluated an event; `None` if one did. `evaluated` names the functions that it reached, each with the number of its
/// outcomes.
pub(super) fn reason_not_evaluated(event: &Value, evaluated: &[(String, usize)]) -> Option<String> {
    if evaluated.iter().any(|(_, outcomes)| *outcomes > 0) {
        return None;
    }
    let detail = &event["detail"];
    let text = |value: &Value| value.as_str().unwrap_or("unknown").to_owned();
    // A finding of another service has no call.
    let name = detail["eventName"].as_str().map_or_else(|| text(&event["detail-type"]), str::to_owned);
    if let Some(code) = detail["errorCode"].as_str() {
        return Some(format!("{name} failed (`{code}`) and changed nothing: there is nothing to guard against"));
    }
    let functions: Vec<&str> = evaluated.iter().map(|(function, _)| function.as_str()).collect();
    let why = match functions.as_slice() {
        [] => format!("no pattern of template.yaml asks for `{name}` of `{}`", text(&event["source"])),
        some => format!("`{name}` reaches {}, where no guardrail evaluates what this one changed", some.join(", ")),
    };
    Some(format!("Parapet does not guard against it: {why}. docs/guardrails.md lists what is guarded"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_not_guarded_is_said_with_its_reason() {
        let call = json!({"source": "aws.athena", "detail": {"eventName": "CreateWorkGroup"}});
        let said = reason_not_evaluated(&call, &[]).unwrap_or_default();
        assert!(
            said.starts_with(
                "Parapet does not guard against it: no pattern of template.yaml asks for `CreateWorkGroup` of"
            ),
            "{said}"
        );
        let said = reason_not_evaluated(&call, &[("data-store".to_owned(), 0)]).unwrap_or_default();
        assert!(said.contains("reaches data-store, where no guardrail evaluates"), "{said}");
        assert_eq!(reason_not_evaluated(&call, &[("data-store".to_owned(), 0), ("s3".to_owned(), 1)]), None);
    }

    #[test]
    fn a_failed_call_is_not_called_unguarded() {
        let call = json!({"source": "aws.ec2", "detail": {"eventName": "RunInstances", "errorCode": "AccessDenied"}});
        let said = reason_not_evaluated(&call, &[]).unwrap_or_default();
        assert!(said.starts_with("RunInstances failed (`AccessDenied`)"), "{said}");
        let finding = json!({"source": "aws.guardduty", "detail-type": "GuardDuty Finding", "detail": {}});
        assert!(
            reason_not_evaluated(&finding, &[])
                .is_some_and(|why| why.contains("`GuardDuty Finding` of `aws.guardduty`"))
        );
    }
}
