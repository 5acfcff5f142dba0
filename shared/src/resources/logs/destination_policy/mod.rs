//! RES-09: the access policies of CloudWatch Logs destinations: who may subscribe log groups of other accounts to them.
//!
//! No call deletes such a policy, and it cannot be empty: where no statement is left, it allows the account that owns the destination.
//! Sources: "PutDestinationPolicy" (CloudWatch Logs API reference), "Cross-account cross-Region subscriptions" (user guide).

use super::LOGS;
use crate::engine::resource_policy::prelude::*;

const DESCRIBE: Permission = Permission::read("logs:DescribeDestinations");
const PUT: Permission = Permission::on("logs:PutDestinationPolicy", &["logs:${Region}:${Account}:destination:*"]);

/// The policies of destinations.
pub type DestinationPolicies = Policies<Destinations>;

/// Destinations, each by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Destinations;

impl ResourcePolicy for Destinations {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "logs-destination-policy";
    const NOUN: &'static str = "logs destination";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "logs destination",
        public: "logs-destination-policy-public" is "RES-09" at High,
        untrusted: "logs-destination-policy-untrusted" is "RES-09",
        class: R1,
        controls: &[],
        technique: "T1565.001",
        triggers: &["PutDestinationPolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:logs:%:%:destination:%"],
        not_watched: &[("PutDestination", "a destination is made without a policy, and keeps the one that it has")],
        default: "If nothing is left, the policy allows the account that owns the destination: a destination's policy cannot be deleted.",
        beside: "Accounts of a trusted organization that send their logs (`aws:PrincipalOrgID`) stay.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] =
        &[("AWS::Logs::Destination", "DestinationPolicy"), ("aws_cloudwatch_log_destination_policy", "access_policy")];
    const READS: &'static [Permission] = &[DESCRIBE];
    const LISTS: &'static [Permission] = &[DESCRIBE];
    const PUT: Permission = PUT;

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("logs.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let unnamed = || Unlocatable::new(event, "the record names no destination");
        let name = event.request.text(&["destinationName"]).ok_or_else(unnamed)?;
        Ok(Some(Change::of(name.to_owned(), event.request.at(&["accessPolicy"]))))
    }

    fn named(name: &String, place: &Place) -> Resource {
        Resource { id: arn(name, place), kind: "Other", name: name.clone() }
    }

    fn when_nothing_is_left(name: &String, place: &Place) -> Nothing {
        let statement = json!({
            "Effect": "Allow",
            "Principal": {"AWS": format!("arn:{}:iam::{}:root", place.partition, place.account)},
            "Action": "logs:PutSubscriptionFilter",
            "Resource": arn(name, place),
        });
        Nothing::Own(json!({"Version": "2012-10-17", "Statement": [statement]}).to_string())
    }

    fn put_line(name: &str, document: &str) -> String {
        format!("aws logs put-destination-policy --destination-name {name} --access-policy {}", argument(document))
    }
}

fn arn(name: &str, Place { partition, account, region }: &Place) -> String {
    format!("arn:{partition}:logs:{region}:{account}:destination:{name}")
}

impl SignedPolicy for Destinations {
    const API: &'static Api = &LOGS;

    /// Names that only begin like this come as well.
    fn get(name: &String) -> Request {
        Request::named("DescribeDestinations", json!({"DestinationNamePrefix": name}))
    }

    fn got(name: &String, answer: &Answer) -> Observed<Read> {
        let is_it = |one: &&serde_json::Value| one["destinationName"].as_str() == Some(name);
        match answer.list("destinations").iter().find(is_it) {
            Some(found) => Observed::Known(Read::of(found["accessPolicy"].as_str().map(str::to_owned))),
            None if answer.text("nextToken").is_some() => {
                Observed::Unknown { why: "too many destinations have names that begin like this one's".to_owned() }
            }
            None => Observed::Absent,
        }
    }

    fn put(name: &String, document: &str, _: Option<&str>) -> Request {
        Request::named("PutDestinationPolicy", json!({"destinationName": name, "accessPolicy": document}))
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::named("DescribeDestinations", json!({})).member("nextToken", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        let found = answer.texts("destinations", "destinationName");
        Listed { found, next: answer.text("nextToken").map(str::to_owned) }
    }
}
