//! The planned lens: what the policy that a file gives a bucket says of TLS.
//!
//! A policy names its own bucket and what is in it: S3 refuses any other resource. A reference to the bucket stands for its name.

use super::TlsPolicy;
use super::statement::requires_tls;
use crate::engine::planned::{PlannedForm, PlannedResource, is_unresolved, scalar_text, unresolved_reason};
use crate::engine::unreadable::Unreadable;
use serde_json::{Map, Value};

pub(super) const FORMS: &[PlannedForm<TlsPolicy>] = &[
    PlannedForm::one("AWS::S3::BucketPolicy", |it| planned(it, "PolicyDocument", "Bucket")),
    PlannedForm::one("aws_s3_bucket", |it| {
        if it.is_left_out("policy") { Ok(None) } else { planned(it, "policy", "bucket") }
    }),
    PlannedForm::one("aws_s3_bucket_policy", |it| planned(it, "policy", "bucket")),
];

fn planned(it: &PlannedResource<'_>, policy: &str, bucket: &str) -> Result<Option<TlsPolicy>, Unreadable> {
    let Some(document) = it.get(policy)? else { return Ok(None) };
    let read = document.as_str().map(serde_json::from_str::<Value>).transpose();
    let document = read.map_err(|why| format!("`{policy}`: {why}"))?.unwrap_or_else(|| document.clone());
    let said = it.text(bucket).ok().flatten();
    let refers = it.properties.get(bucket).and_then(|of| of.get("Ref")).and_then(Value::as_str);
    let stand_in = said.as_deref().or(refers).unwrap_or(it.name);
    let (known, open) = statements(&document, stand_in);
    let named = said.clone().or_else(|| named_in(&known)).unwrap_or_else(|| stand_in.to_owned());
    let mut whole = document.as_object().cloned().unwrap_or_default();
    whole.insert("Statement".to_owned(), Value::Array(known));
    let document = Some(Value::Object(whole).to_string());
    let state = TlsPolicy { bucket: named, is_new: false, document, is_partial: false };
    if requires(&state) {
        return Ok(Some(state));
    }
    // One that is open may be the one that asks for TLS.
    let about_tls = open.iter().find(|statement| statement.to_string().to_lowercase().contains("securetransport"));
    match about_tls.and_then(unresolved_reason) {
        Some(why) => Err(format!("whether the policy requires TLS: {why}").into()),
        None => Ok(Some(TlsPolicy { is_partial: !open.is_empty(), ..state })),
    }
}

fn requires(policy: &TlsPolicy) -> bool {
    let arn = format!("arn:aws:s3:::{}", policy.bucket);
    policy.document.as_ref().is_some_and(|text| requires_tls(text, &arn) == Ok(true))
}

/// The statements that are known with the bucket's name in the places that refer to it, and those that are not.
fn statements(document: &Value, bucket: &str) -> (Vec<Value>, Vec<Value>) {
    let all = match document.get("Statement") {
        Some(Value::Array(all)) => all.clone(),
        Some(one) => vec![one.clone()],
        None => Vec::new(),
    };
    all.into_iter().map(|statement| with_names(statement, bucket)).partition(|statement| !is_unresolved(statement))
}

fn with_names(statement: Value, bucket: &str) -> Value {
    let Value::Object(mut members) = statement else { return statement };
    if let Some(resource) = members.get_mut("Resource") {
        *resource = match resource.take() {
            Value::Array(all) => all.into_iter().map(|one| with_name(one, bucket)).collect(),
            one => with_name(one, bucket),
        };
    }
    Value::Object(members)
}

/// The text of a resource that refers to the bucket; what it is where it refers to something else.
fn with_name(resource: Value, bucket: &str) -> Value {
    rendered(&resource, bucket).map_or(resource, Value::String)
}

fn rendered(value: &Value, bucket: &str) -> Option<String> {
    let Value::Object(call) = value else { return scalar_text(value) };
    let (name, argument) = call.iter().next()?;
    match (name.as_str(), argument) {
        ("Ref", Value::String(of)) => Some(referred(of, bucket)),
        ("Fn::GetAtt", Value::Array(path)) if path.last().and_then(Value::as_str) == Some("Arn") => {
            Some(format!("arn:aws:s3:::{bucket}"))
        }
        ("Fn::Join", Value::Array(parts)) => {
            let [between, Value::Array(parts)] = parts.as_slice() else { return None };
            let parts: Option<Vec<String>> = parts.iter().map(|part| rendered(part, bucket)).collect();
            Some(parts?.join(between.as_str()?))
        }
        ("Fn::Sub", Value::String(text)) => substituted(text, &Map::new(), bucket),
        ("Fn::Sub", Value::Array(parts)) => match parts.as_slice() {
            [Value::String(text), Value::Object(given)] => substituted(text, given, bucket),
            _ => None,
        },
        _ => None,
    }
}

/// The account and the region are part of the bucket's name where they stand in it: `logs-${AWS::AccountId}`.
fn referred(name: &str, bucket: &str) -> String {
    match name.strip_prefix("AWS::") {
        Some("Partition") => "aws".to_owned(),
        Some(pseudo) => pseudo.to_lowercase(),
        None => bucket.to_owned(),
    }
}

/// `arn:${AWS::Partition}:s3:::${Bucket}/*`
fn substituted(text: &str, given: &Map<String, Value>, bucket: &str) -> Option<String> {
    let mut parts = text.split("${");
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let (name, rest) = part.split_once('}')?;
        match (given.get(name), name) {
            (Some(value), _) => out += &rendered(value, bucket)?,
            (None, name) if name.ends_with(".Arn") => out += &format!("arn:aws:s3:::{bucket}"),
            (None, name) => out += &referred(name, bucket),
        }
        out += rest;
    }
    Some(out)
}

/// The bucket that the resources of the policy name.
fn named_in(statements: &[Value]) -> Option<String> {
    let resources = statements.iter().filter_map(|statement| statement.get("Resource"));
    let texts = resources.flat_map(|one| one.as_array().map_or(std::slice::from_ref(one), Vec::as_slice));
    let names = texts.filter_map(|text| text.as_str()?.splitn(6, ':').nth(5)?.split('/').next());
    names.map(str::to_owned).find(|name| !name.is_empty() && !name.contains(['*', '?']))
}
