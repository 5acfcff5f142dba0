//! DB-09: the resource policies of DynamoDB tables and their streams.
//!
//! `PutResourcePolicy` has the document as text in `policy`, and names a table or a stream by its ARN; `CreateTable` may carry one in
//! `resourcePolicy`. Sources: "PutResourcePolicy", "CreateTable" (DynamoDB API reference), "Using resource-based policies for DynamoDB"
//! (developer guide): DynamoDB refuses policies that it sees to be public.

#[cfg(feature = "dynamodb")]
mod client;

use super::record::{field, field_of, text, unlocatable};
use super::table::LIST_TABLES;
use crate::engine::resource_policy::prelude::*;
use serde_json::Value;

/// Tables, and streams below them.
const ON: &[&str] = &["dynamodb:${Region}:${Account}:table/*"];
const GET: Permission = Permission::on("dynamodb:GetResourcePolicy", ON);
const PUT: Permission = Permission::on("dynamodb:PutResourcePolicy", ON);
const DELETE: Permission = Permission::on("dynamodb:DeleteResourcePolicy", ON);

/// The policies of DynamoDB tables and streams.
pub type TablePolicies = Policies<Tables>;

/// DynamoDB tables and their streams, each by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tables;

impl ResourcePolicy for Tables {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "dynamodb-policy";
    const NOUN: &'static str = "DynamoDB table";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "DynamoDB table",
        public: "dynamodb-table-policy-public" is "DB-09" at Critical,
        untrusted: "dynamodb-table-policy-untrusted" is "DB-09",
        class: R1,
        controls: &["IAM Access Analyzer AWS::DynamoDB::Stream", "IAM Access Analyzer AWS::DynamoDB::Table"],
        untrusted_controls: &["IAM Access Analyzer AWS::DynamoDB::Stream", "IAM Access Analyzer AWS::DynamoDB::Table"],
        technique: "T1530",
        triggers: &["PutResourcePolicy", "CreateTable"],
        actions: Self::WRITES,
        ids: &["arn:%:dynamodb:%:%:table/*"],
        not_watched: &[
            ("DeleteResourcePolicy", "without a policy, only the account's own principals may use the table or the stream"),
            ("RestoreTableFromBackup, RestoreTableToPointInTime", "a restored table has no policy"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the table to its own account.",
        beside: "The policies of streams count too. DynamoDB itself refuses policies that it sees to be public.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[
        ("AWS::DynamoDB::GlobalTable", "Replicas.ResourcePolicy.PolicyDocument"),
        ("AWS::DynamoDB::GlobalTable", "Replicas.ReplicaStreamSpecification.ResourcePolicy.PolicyDocument"),
        ("AWS::DynamoDB::Table", "ResourcePolicy.PolicyDocument"),
        ("AWS::DynamoDB::Table", "StreamSpecification.ResourcePolicy.PolicyDocument"),
        ("aws_dynamodb_resource_policy", "policy"),
    ];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[super::table::DESCRIBE_TABLE, LIST_TABLES];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("dynamodb.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        if event.name == "PutResourcePolicy" {
            let arn = text(&event.request, "resourceArn").ok_or_else(|| unlocatable(event, "table"))?;
            return Ok(Some(Change::of(arn.to_owned(), field(&event.request, "policy"))));
        }
        let policy = field(&event.request, "resourcePolicy");
        if policy.is_none() && event.request.value().is_some() {
            return Ok(None);
        }
        let described = field(&event.response, "tableDescription");
        let arn = described.and_then(|table| field_of(table, "tableArn")).and_then(Value::as_str);
        let name = text(&event.request, "tableName");
        let arn = arn.map(str::to_owned).or_else(|| name.map(|name| arn_of(event, name)));
        Ok(Some(Change::of(arn.ok_or_else(|| unlocatable(event, "table"))?, policy)))
    }

    fn named(arn: &String, _: &Place) -> Resource {
        let name = arn_part(arn, 5).and_then(|rest| rest.strip_prefix("table/")).unwrap_or(arn);
        Resource { id: arn.clone(), kind: "AwsDynamoDbTable", name: name.to_owned() }
    }

    fn owner(arn: &String) -> Option<&str> {
        arn_part(arn, 4)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(arn: &str, document: &str) -> String {
        let document = argument(document);
        format!("aws dynamodb put-resource-policy --resource-arn {arn} --policy {document}")
    }

    fn delete_line(arn: &str) -> String {
        format!("aws dynamodb delete-resource-policy --resource-arn {arn}")
    }
}

/// A request may name the new table by its ARN.
fn arn_of(event: &Event, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    format!("arn:{}:dynamodb:{}:{}:table/{name}", event.partition(), event.region, event.account)
}
