//! What records of Lambda share.

use crate::engine::event::Event;

/// The ARN of the function that the record names, with its version or alias. A call names a function by its name, by its ARN or by part of
/// it, each with a version or alias behind or beside it ("FunctionName" in the API reference). None where it names none.
pub(crate) fn function_arn(event: &Event) -> Option<String> {
    let named = event.request.text(&["functionName"])?;
    let beside = event.request.text(&["qualifier"]);
    let (owner, rest) = match named.strip_prefix("arn:") {
        Some(_) => {
            let resource = crate::engine::arn::arn_part(named, 5)?;
            (crate::engine::arn::arn_part(named, 4)?, resource.strip_prefix("function:")?)
        }
        None => match named.split_once(":function:") {
            Some((owner, rest)) => (owner, rest),
            None => (event.account.as_str(), named),
        },
    };
    let (name, behind) = rest.split_once(':').map_or((rest, None), |(name, behind)| (name, Some(behind)));
    if name.is_empty() {
        return None;
    }
    let (partition, region) = (event.partition(), &event.region);
    let whole = format!("arn:{partition}:lambda:{region}:{owner}:function:{name}");
    Some(match behind.or(beside) {
        // The function itself.
        Some("$LATEST") | None => whole,
        Some(qualifier) => format!("{whole}:{qualifier}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_function_has_one_name_however_it_is_called() {
        let arn = "arn:aws:lambda:eu-central-1:111122223333:function:orders";
        for (named, qualifier, expected) in [
            ("orders", None, Some(arn.to_owned())),
            ("orders", Some("$LATEST"), Some(arn.to_owned())),
            ("orders:live", None, Some(format!("{arn}:live"))),
            ("orders", Some("3"), Some(format!("{arn}:3"))),
            (arn, Some("3"), Some(format!("{arn}:3"))),
            ("arn:aws:lambda:eu-central-1:111122223333:function:orders:live", None, Some(format!("{arn}:live"))),
            ("111122223333:function:orders", None, Some(arn.to_owned())),
            ("arn:aws:sqs:eu-central-1:111122223333:orders", None, None),
            ("", None, None),
        ] {
            let record = json!({
                "eventID": "e1", "eventVersion": "1.09", "eventSource": "lambda.amazonaws.com", "eventName": "AddPermission20150331v2",
                "eventTime": "2026-03-02T09:14:07Z", "awsRegion": "eu-central-1", "recipientAccountId": "111122223333",
                "userIdentity": {"type": "IAMUser", "arn": "arn:aws:iam::111122223333:user/eve", "accountId": "111122223333", "userName": "eve"},
                "requestParameters": {"functionName": named, "qualifier": qualifier}
            });
            assert_eq!(function_arn(&Event::from_record(&record).unwrap()), expected, "{named} {qualifier:?}");
        }
    }
}
