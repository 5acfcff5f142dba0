//! What the things look like that hold records, or are them.

use serde_json::{Map, Value};

type Object = Map<String, Value>;

fn text<'a>(map: &'a Object, keys: &[&str]) -> Option<&'a str> {
    keys.iter().find_map(|key| map.get(*key)?.as_str())
}

/// What EventBridge delivers.
pub(super) fn is_envelope(map: &Object) -> bool {
    map.get("detail-type").is_some_and(Value::is_string) && map.contains_key("detail")
}

/// An envelope whose sender and kind say that it holds a CloudTrail record.
pub(super) fn is_from_cloudtrail(envelope: &Object) -> bool {
    text(envelope, &["detail-type"]).is_some_and(|kind| kind.ends_with(" via CloudTrail"))
        && text(envelope, &["source"]).is_some_and(|source| source.starts_with("aws."))
}

/// A CloudTrail record, in CloudTrail's own spelling or in Athena's. Notifications of S3 and streams of DynamoDB have an
/// `eventName`, too: their `eventSource` is `aws:s3`. A record that an export has cut down is one as well: to be read as one
/// and refused with what is missing.
pub(super) fn is_record(map: &Object) -> bool {
    let has = |keys: &[&str]| keys.iter().any(|key| map.contains_key(*key));
    text(map, &["eventName", "eventname"]).is_some()
        && match text(map, &["eventSource", "eventsource"]) {
            Some(source) => source.contains(".amazonaws.com"),
            None => has(&["eventID", "eventid", "userIdentity", "useridentity"]) && !has(&["insightDetails"]),
        }
}

/// An event of CloudTrail Insights.
pub(super) fn is_insight(map: &Object) -> bool {
    text(map, &["eventType", "eventtype"]) == Some("AwsCloudTrailInsight")
        || map.contains_key("insightDetails")
        || map.contains_key("insightdetails")
}

/// A row that comes column by column: `[{"eventID": ...}, {"eventName": ...}]` of CloudTrail Lake,
/// `[{"field": "@message", "value": ...}, ...]` of CloudWatch Logs Insights.
pub(super) fn merged(items: &[Value]) -> Option<Object> {
    let cell = |item: &Value| {
        let map = item.as_object()?;
        match (map.len(), map.get("field"), map.get("value")) {
            (2, Some(Value::String(name)), Some(value)) => Some((name.clone(), value.clone())),
            (1, ..) => map.iter().next().map(|(name, value)| (name.clone(), value.clone())),
            _ => None,
        }
    };
    let row = items.iter().map(cell).collect::<Option<Object>>()?;
    (items.len() > 1 && row.len() == items.len()).then_some(row)
}

/// The rows of `aws athena get-query-results` (`ResultSet.Rows[].Data[].VarCharValue`), by the names of their columns.
pub(super) fn rows_of_athena(map: &Object) -> Option<Vec<Object>> {
    let rows = map.get("Rows")?.as_array()?;
    let cells = |row: &Value| {
        let cells = row.get("Data")?.as_array()?;
        Some(cells.iter().map(|cell| cell.get("VarCharValue").cloned().unwrap_or_default()).collect::<Vec<_>>())
    };
    let rows = rows.iter().map(cells).collect::<Option<Vec<_>>>()?;
    let columns = map.get("ResultSetMetadata").and_then(|about| about.get("ColumnInfo")?.as_array());
    let listed: Option<Vec<Value>> =
        columns.map(|columns| columns.iter().map(|column| column.get("Name").cloned().unwrap_or_default()).collect());
    // The first page begins with the names; the others have them in the metadata alone.
    let first = rows.first().cloned();
    let width = first.as_ref().map_or(0, Vec::len);
    let names = listed.filter(|names| names.len() == width).or_else(|| first.clone())?;
    let skipped = usize::from(first.as_ref() == Some(&names));
    let row = |cells: Vec<Value>| {
        let named = names.iter().filter_map(Value::as_str).map(str::to_owned);
        named.zip(cells).collect::<Object>()
    };
    Some(rows.into_iter().skip(skipped).map(row).collect())
}
