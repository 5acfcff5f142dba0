//! How long the analyser takes: `cargo bench -p iam-policy-analyser --bench analyser`.
//!
//! Documents of 20 KB (the largest that S3 takes), twice and four times the statements to see that the time grows
//! with them, and texts that were made up to hold a matcher up.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where its story does not hold"
)]

use divan::{Bencher, black_box};
use iam_policy::{Access, Context, Document, power, reach, repair_reach};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

/// What large bucket policies look like: many roles and networks, a few Deny statements for everybody.
fn bucket_policy(statements: usize) -> String {
    let mut list: Vec<Value> = (0..statements)
        .map(|index| {
            json!({
                "Sid": format!("Grant{index}"),
                "Effect": "Allow",
                "Principal": if index % 3 == 0 { json!("*") } else { json!({"AWS": [format!("arn:aws:iam::999988887777:role/r{index}")]}) },
                "Action": ["s3:GetObject", "s3:PutObject", "s3:List*"],
                "Resource": ["arn:aws:s3:::own-bucket", format!("arn:aws:s3:::own-bucket/{index}/*")],
                "Condition": {"IpAddress": {"aws:SourceIp": ["203.0.113.0/24", "54.1.2.0/24"]}, "StringEquals": {"aws:PrincipalOrgID": "o-own"}}
            })
        })
        .collect();
    list.push(json!({
        "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-own"}}
    }));
    json!({"Version": "2012-10-17", "Statement": list}).to_string()
}

/// As many Deny statements as Allow statements, none of which covers another.
fn allow_and_deny(statements: usize) -> String {
    let list: Vec<Value> = (0..statements)
        .map(|index| {
            json!({
                "Effect": if index % 2 == 0 { "Allow" } else { "Deny" },
                "Principal": "*",
                "Action": [format!("s3:Get{index}*"), format!("s3:Put{index}*")],
                "Resource": format!("arn:aws:s3:::own-bucket/{index}/*")
            })
        })
        .collect();
    json!({"Version": "2012-10-17", "Statement": list}).to_string()
}

fn identity_policy(statements: usize) -> String {
    let list: Vec<Value> = (0..statements)
        .map(|index| {
            json!({
                "Effect": "Allow",
                "Action": ["s3:Get*", "ec2:Describe*", format!("lambda:Invoke{index}"), "iam:PassRole", "iam:Get*", "ssm:*"],
                "Resource": format!("arn:aws:s3:::own-bucket/{index}/*")
            })
        })
        .collect();
    json!({"Version": "2012-10-17", "Statement": list}).to_string()
}

fn context() -> Context {
    Context { organizations: vec!["o-own".to_owned()], ..Context::resource("111122223333") }
}

/// 20 KB are 60 statements of this kind.
#[divan::bench(args = [15, 30, 60, 120, 240])]
fn reach_of_a_bucket_policy(bencher: Bencher<'_, '_>, statements: usize) {
    let text = bucket_policy(statements);
    bencher
        .counter(divan::counter::BytesCount::of_str(&text))
        .bench(|| reach(&Document::parse(black_box(&text)), &context()).access);
}

#[divan::bench]
fn reading_a_bucket_policy(bencher: Bencher<'_, '_>) {
    let text = bucket_policy(60);
    bencher
        .counter(divan::counter::BytesCount::of_str(&text))
        .bench(|| Document::parse(black_box(&text)).statements.len());
}

/// 20 KB are 180 statements of this kind.
#[divan::bench(args = [45, 90, 180, 360])]
fn reach_with_as_many_denies(bencher: Bencher<'_, '_>, statements: usize) {
    let text = allow_and_deny(statements);
    bencher
        .counter(divan::counter::BytesCount::of_str(&text))
        .bench(|| reach(&Document::parse(black_box(&text)), &context()).access);
}

/// 20 KB are 133 statements of this kind.
#[divan::bench(args = [33, 66, 133, 266])]
fn power_of_an_identity_policy(bencher: Bencher<'_, '_>, statements: usize) {
    let text = identity_policy(statements);
    bencher
        .counter(divan::counter::BytesCount::of_str(&text))
        .bench(|| power(&[Document::parse(black_box(&text))], None).escalations.len());
}

#[divan::bench]
fn power_of_an_administrator(bencher: Bencher<'_, '_>) {
    let text = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    bencher.bench(|| power(&[Document::parse(black_box(text))], None).escalations.len());
}

/// `*a*a*a...` against a name that fits until the end.
#[divan::bench(args = [100, 200, 400])]
fn pathological_wildcards(bencher: Bencher<'_, '_>, stars: usize) {
    let text = json!({"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "a".repeat(stars * 2) + "b"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*a".repeat(stars)}
    ]})
    .to_string();
    bencher.bench(|| reach(&Document::parse(black_box(&text)), &context()).access);
}

#[divan::bench]
fn repair_of_a_bucket_policy(bencher: Bencher<'_, '_>) {
    let mut value: Value = serde_json::from_str(&bucket_policy(59)).unwrap_or_default();
    if let Some(list) = value["Statement"].as_array_mut() {
        list.pop();
        list.push(json!({"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"}));
    }
    let text = value.to_string();
    bencher.bench(|| repair_reach(black_box(&text), &context(), Access::External));
}
