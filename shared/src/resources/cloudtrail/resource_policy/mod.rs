//! RES-09: the policies of CloudTrail's event data stores, channels and dashboards.
//!
//! Who may query an event data store reads the account's activity; who may put events into a channel writes what is taken for it.
//! Sources: "PutResourcePolicy" (CloudTrail API reference), "AWS CloudTrail resource-based policy examples" (CloudTrail user guide).

use super::CLOUDTRAIL;
use crate::engine::resource_policy::prelude::*;

const ON: &[&str] = &[
    "cloudtrail:${Region}:${Account}:channel/*",
    "cloudtrail:${Region}:${Account}:dashboard/*",
    "cloudtrail:${Region}:${Account}:eventdatastore/*",
];
const GET: Permission = Permission::on("cloudtrail:GetResourcePolicy", ON);
const LIST: Permission = Permission::read("cloudtrail:ListEventDataStores");
const PUT: Permission = Permission::on("cloudtrail:PutResourcePolicy", ON);
const DELETE: Permission = Permission::on("cloudtrail:DeleteResourcePolicy", ON);

/// The policies of event data stores, channels and dashboards.
pub type TrailPolicies = Policies<EventDataStores>;

/// Event data stores, channels and dashboards, each by its ARN.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventDataStores;

impl ResourcePolicy for EventDataStores {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "cloudtrail-resource-policy";
    const NOUN: &'static str = "CloudTrail resource";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "CloudTrail resource",
        public: "cloudtrail-resource-policy-public" is "RES-09" at Critical,
        untrusted: "cloudtrail-resource-policy-untrusted" is "RES-09",
        class: R1,
        controls: &[],
        technique: "T1530",
        triggers: &["PutResourcePolicy"],
        actions: Self::WRITES,
        ids: &["arn:%:cloudtrail:%:%:channel/%", "arn:%:cloudtrail:%:%:dashboard/%", "arn:%:cloudtrail:%:%:eventdatastore/%"],
        not_watched: &[
            ("DeleteResourcePolicy", "without a policy only the account's own principals may use the resource"),
            ("CreateChannel, CreateDashboard, CreateEventDataStore", "they are made without a policy"),
        ],
        default: "If nothing is left, the policy is deleted, which leaves the resource to its own account.",
        beside: "A partner that puts events into a channel is named by its account: allow it by `allowed_accounts`. The policies of channels and dashboards \
            are evaluated when they change; the sweep reads those of event data stores.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[("AWS::CloudTrail::ResourcePolicy", "ResourcePolicy")];
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(DELETE);

    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("cloudtrail.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        let named = event.request.text(&["resourceArn"]);
        let arn = named.ok_or_else(|| Unlocatable::new(event, "the record names no resource of CloudTrail"))?;
        Ok(Some(Change::of(arn.to_owned(), event.request.at(&["resourcePolicy"]))))
    }

    fn named(arn: &String, _: &Place) -> Resource {
        let name = arn.rsplit_once('/').map_or(arn.as_str(), |(_, name)| name).to_owned();
        Resource { id: arn.clone(), kind: "Other", name }
    }

    fn owner(arn: &String) -> Option<&str> {
        arn_part(arn, 4)
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(arn: &str, document: &str) -> String {
        format!("aws cloudtrail put-resource-policy --resource-arn {arn} --resource-policy {}", argument(document))
    }

    fn delete_line(arn: &str) -> String {
        format!("aws cloudtrail delete-resource-policy --resource-arn {arn}")
    }
}

impl SignedPolicy for EventDataStores {
    const API: &'static Api = &CLOUDTRAIL;
    const NO_POLICY: &'static [&'static str] = &["ResourcePolicyNotFoundException"];

    fn get(arn: &String) -> Request {
        Request::named("GetResourcePolicy", json!({"ResourceArn": arn}))
    }

    fn got(_: &String, answer: &Answer) -> Observed<Read> {
        Read::shown(answer, "ResourcePolicy", None)
    }

    fn put(arn: &String, document: &str, _: Option<&str>) -> Request {
        Request::named("PutResourcePolicy", json!({"ResourceArn": arn, "ResourcePolicy": document}))
    }

    fn delete(arn: &String, _: Option<&str>) -> Request {
        Request::named("DeleteResourcePolicy", json!({"ResourceArn": arn}))
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::named("ListEventDataStores", json!({})).member("NextToken", from))
    }

    fn listed(answer: &Answer) -> Listed<String> {
        let found = answer.texts("EventDataStores", "EventDataStoreArn");
        Listed { found, next: answer.text("NextToken").map(str::to_owned) }
    }
}
