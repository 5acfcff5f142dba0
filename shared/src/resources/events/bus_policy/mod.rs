//! RES-08: the policies of EventBridge event buses.
//!
//! Who may put events on a bus can also forge what rules on it believe. `PutPermission` adds one statement, or carries the whole document as
//! `policy`. `*` with `aws:PrincipalOrgID` is the usual way to let an organization in, and is no public access.
//! Sources: "Permissions for event buses" (EventBridge user guide), "PutPermission" (API reference).

#[cfg(feature = "events")]
mod client;

use crate::engine::resource_policy::prelude::*;
use crate::engine::resource_policy::{principal_of, with_condition};
use serde_json::Value;

const DESCRIBE: Permission = Permission::on("events:DescribeEventBus", &["events:${Region}:${Account}:event-bus/*"]);
const LIST: Permission = Permission::read("events:ListEventBuses");
const PUT: Permission = Permission::setting("events:PutPermission");
const REMOVE: Permission = Permission::setting("events:RemovePermission");

/// The policies of event buses.
pub type BusPolicies = Policies<Buses>;

/// Event buses, each by its name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Buses;

impl ResourcePolicy for Buses {
    type Subject = String;
    type PublicSettings = NoSettings;

    const KIND: &'static str = "event-bus-policy";
    const NOUN: &'static str = "event bus";
    const GUARDRAILS: PolicyGuardrails = policy_guardrails! {
        noun: "event bus",
        public: "event-bus-policy-public" is "RES-08" at High,
        untrusted: "event-bus-policy-untrusted" is "RES-08",
        class: R1,
        controls: &["EventBridge.3"],
        technique: "T1078.004",
        triggers: &["PutPermission"],
        actions: Self::WRITES,
        ids: &["arn:%:events:%:%:event-bus/%"],
        not_watched: &[
            ("RemovePermission", "it removes a statement: what is left was there before"),
            ("CreateEventBus", "a bus is made without a policy: CloudFormation writes it by `PutPermission`"),
        ],
        default: "If nothing is left, the bus has no policy, which allows its own account.",
        beside: "Rules on the bus believe what others put there, such as forged findings.",
    };
    const PLANNED: &'static [(&'static str, &'static str)] = &[
        ("AWS::Events::EventBus", "Policy"),
        ("AWS::Events::EventBusPolicy", ""),
        ("aws_cloudwatch_event_bus_policy", "policy"),
        ("aws_cloudwatch_event_permission", ""),
    ];
    const READS: &'static [Permission] = &[DESCRIBE];
    const LISTS: &'static [Permission] = &[LIST];
    const PUT: Permission = PUT;
    const DELETE: Option<Permission> = Some(REMOVE);

    /// A statement that is written out, or what `PutPermission` makes of a principal and a condition ("AWS::Events::EventBusPolicy", CloudFormation user
    /// guide).
    fn stated(resource: &PlannedResource<'_>) -> Result<Value, Unreadable> {
        let whole = |statement: Value| json!({"Version": "2012-10-17", "Statement": [statement]});
        if let Some(statement) = resource.properties.get("Statement").filter(|statement| !statement.is_null()) {
            return Ok(whole(statement.clone()));
        }
        let [principal, condition, operator, key, value] = if resource.is_terraform() {
            ["principal", "condition", "type", "key", "value"]
        } else {
            ["Principal", "Condition", "Type", "Key", "Value"]
        };
        let principal = resource.text(principal)?.ok_or("the permission names no principal")?;
        let principal = principal_of(&principal);
        let statement =
            json!({"Effect": "Allow", "Principal": principal, "Action": "events:PutEvents", "Resource": "*"});
        let mut limited = None;
        for condition in resource.parts(condition)? {
            let part = |name: &str| {
                condition.text(name)?.ok_or_else(|| Unreadable::from(format!("a condition has no `{name}`")))
            };
            limited = Some(json!({part(operator)?: {part(key)?: part(value)?}}));
        }
        Ok(whole(with_condition(statement, limited)))
    }

    /// Without a name it is the default bus.
    fn changed_by(event: &Event) -> Result<Option<Change<String>>, Unlocatable> {
        if !event.is_one_of("events.amazonaws.com", Self::GUARDRAILS.public.triggers) {
            return Ok(None);
        }
        if event.request.value().is_none() {
            return Err(Unlocatable::new(event, "the record does not show the request"));
        }
        let bus = event.request.text(&["eventBusName"]).unwrap_or("default");
        let name = bus.rsplit_once("event-bus/").map_or(bus, |(_, name)| name);
        Ok(Some(Change::of(name.to_owned(), event.request.at(&["policy"]))))
    }

    fn named(name: &String, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:events:{region}:{account}:event-bus/{name}");
        Resource { id, kind: "AwsEventsEventBus", name: name.clone() }
    }

    fn when_nothing_is_left(_: &String, _: &Place) -> Nothing {
        Nothing::Delete
    }

    fn put_line(bus: &str, document: &str) -> String {
        format!("aws events put-permission --event-bus-name {bus} --policy {}", argument(document))
    }

    fn delete_line(bus: &str) -> String {
        format!("aws events remove-permission --event-bus-name {bus} --remove-all-permissions")
    }
}
