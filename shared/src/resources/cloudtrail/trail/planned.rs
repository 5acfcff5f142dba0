//! Trails of templates and plans, by what their deployment would call: `StopLogging` where a trail is said not to log, `PutEventSelectors` where
//! selectors stand. That a trail logs one region, or validates no files, is weaker than what was before alone, and nothing was.

use super::selectors::Selectors;
use super::state::{Now, Trail, View};
use super::{SELECT, STOP};
use super::{logs_less, stopped};
use crate::engine::observed::Observed;
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::unreadable::Unreadable;
use serde_json::{Map, Value, json};

pub(super) const FORMS: &[PlannedForm<Trail>] = &[
    PlannedForm::one("AWS::CloudTrail::Trail", logging).only(&stopped::ABOUT),
    PlannedForm::one("AWS::CloudTrail::Trail", selecting).only(&logs_less::ABOUT),
    PlannedForm::one("aws_cloudtrail", logging).only(&stopped::ABOUT),
    PlannedForm::one("aws_cloudtrail", selecting).only(&logs_less::ABOUT),
];

/// The operators of a field, in both formats.
const OPERATORS: [(&str, &str); 6] = [
    ("Equals", "equals"),
    ("StartsWith", "starts_with"),
    ("EndsWith", "ends_with"),
    ("NotEquals", "not_equals"),
    ("NotStartsWith", "not_starts_with"),
    ("NotEndsWith", "not_ends_with"),
];

/// The fields of a selector that decide whether management events that write are logged.
const DECIDING: [&str; 3] = ["eventCategory", "readOnly", "eventSource"];

fn left(it: &PlannedResource<'_>, call: &str, view: View) -> Trail {
    let now = Now::Stands(Box::new(view));
    Trail {
        arn: it.named(&["TrailName", "name"]),
        now,
        before: Observed::Absent,
        call: call.to_owned(),
        by: Vec::new(),
    }
}

/// A trail logs unless it is said not to.
fn logging(it: &PlannedResource<'_>) -> Result<Option<Trail>, Unreadable> {
    let logs = it.flag(it.called("IsLogging", "enable_logging"))?.unwrap_or(true);
    Ok(Some(left(it, STOP, View { logging: Some(logs), ..View::default() })))
}

/// A trail logs all management events unless selectors say which.
fn selecting(it: &PlannedResource<'_>) -> Result<Option<Trail>, Unreadable> {
    let selectors = selectors(it)?.unwrap_or_else(Selectors::usual);
    Ok(Some(left(it, SELECT, View { selectors: Some(selectors), ..View::default() })))
}

fn selectors(it: &PlannedResource<'_>) -> Result<Option<Selectors>, Unreadable> {
    let each = |list: &str, read: fn(&PlannedResource<'_>) -> Result<Value, Unreadable>| {
        it.parts(list)?.iter().map(read).collect::<Result<Vec<Value>, _>>()
    };
    let basic = each(it.called("EventSelectors", "event_selector"), basic)?;
    let advanced = each(it.called("AdvancedEventSelectors", "advanced_event_selector"), advanced)?;
    Ok((!basic.is_empty() || !advanced.is_empty()).then_some(Selectors { basic, advanced }))
}

/// Which resources of a service are logged decides nothing here: they may be known at deployment only.
fn basic(one: &PlannedResource<'_>) -> Result<Value, Unreadable> {
    let resource = |of: &PlannedResource<'_>| {
        let values = of.texts(of.called("Values", "values")).unwrap_or_default();
        json!({"Type": of.named(&["Type", "type"]), "Values": values})
    };
    let resources = one.parts(one.called("DataResources", "data_resource")).unwrap_or_default();
    let excluded = one.called("ExcludeManagementEventSources", "exclude_management_event_sources");
    Ok(json!({
        "ReadWriteType": one.text(one.called("ReadWriteType", "read_write_type"))?.unwrap_or_else(|| "All".to_owned()),
        "IncludeManagementEvents":
            one.flag(one.called("IncludeManagementEvents", "include_management_events"))?.unwrap_or(true),
        "DataResources": resources.iter().map(resource).collect::<Vec<Value>>(),
        "ExcludeManagementEventSources": one.texts(excluded)?,
    }))
}

fn advanced(one: &PlannedResource<'_>) -> Result<Value, Unreadable> {
    let fields = one.parts(one.called("FieldSelectors", "field_selector"))?;
    let fields = fields.iter().map(field).collect::<Result<Vec<Value>, _>>()?;
    let name = one.text(one.called("Name", "name")).ok().flatten().unwrap_or_default();
    Ok(json!({"Name": name, "FieldSelectors": fields}))
}

fn field(of: &PlannedResource<'_>) -> Result<Value, Unreadable> {
    let name = of.text(of.called("Field", "field"))?.unwrap_or_default();
    let mut field = Map::new();
    field.insert("Field".to_owned(), json!(name));
    for (operator, terraform) in OPERATORS {
        let values = match of.texts(of.called(operator, terraform)) {
            Err(why) if DECIDING.contains(&name.as_str()) => return Err(why),
            read => read.unwrap_or_default(),
        };
        if !values.is_empty() {
            field.insert(operator.to_owned(), json!(values));
        }
    }
    Ok(Value::Object(field))
}
