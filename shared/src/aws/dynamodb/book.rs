//! The ledger's other items: standing orders (`orders`), counters (`count#…`) and kept states (`kept#…`).

use super::{Item, Table, text};
use crate::aws::failure;
use crate::ledger::{Book, Counted, Counters, LedgerError, Tally};
use crate::memory::Memory;
use crate::model::Place;
use crate::orders::{Orders, Scope, Stop, digest};
use crate::pipeline::Kept;
use crate::policy::Exemption;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use std::borrow::Borrow;
use uuid::Uuid;

/// All standing orders are one item, so that one read knows them. Each is an attribute of its own: two writers do not
/// overwrite each other. DynamoDB's 400 KB hold more than a thousand.
const ORDERS: &str = "orders";
const STOP: &str = "stop#";
const EXEMPTION: &str = "exemption#";
/// A sweep writes a kept state anew each time; one that is older than a year is of something that is gone.
const KEPT: SignedDuration = SignedDuration::from_hours(24 * 400);

/// One attribute for each place, region, principal and set of elements. What the older versions wrote named the place alone.
fn stop_name(stop: &Stop) -> String {
    let place = match &stop.scope {
        Scope::Account(account) => format!("account#{account}"),
        Scope::Resource(resource) => format!("resource#{resource}"),
    };
    let mut elements = stop.elements.clone();
    elements.sort_unstable();
    let elements = if elements.is_empty() { String::new() } else { digest(&elements.join(" ")) };
    let (region, principal) = (stop.region.as_deref(), stop.principal.as_deref());
    let more: Vec<&str> = [region, principal].into_iter().flatten().chain([elements.as_str()]).collect();
    format!("{STOP}{}#{place}#{}", stop.guardrail, more.join("#")).trim_end_matches('#').to_owned()
}

/// The attributes that hold the stops of a guardrail in a scope, whatever their region and principal.
fn stops_in(item: &Item, guardrail: &str, scope: &Scope) -> Vec<String> {
    let is_it = |name: &str, value: &AttributeValue| {
        let stop = value.as_s().ok().and_then(|json| serde_json::from_str::<Stop>(json).ok());
        name.starts_with(STOP) && stop.is_some_and(|stop| stop.guardrail == guardrail && stop.scope == *scope)
    };
    item.iter().filter(|(name, value)| is_it(name, value)).map(|(name, _)| name.clone()).collect()
}

fn exemption_name(exemption: &Exemption) -> String {
    let guardrail: &str = exemption.guardrail.borrow();
    format!("{EXEMPTION}{guardrail}#{}", exemption.resource)
}

/// Reads the item. One that cannot be read hides no other, and is said: it may be an exemption.
fn orders(item: &Item) -> Orders {
    let mut orders = Orders::default();
    for (name, value) in item {
        let Ok(json) = value.as_s() else { continue };
        let problem = if name.starts_with(STOP) {
            serde_json::from_str(json).map(|stop| orders.stops.push(stop))
        } else if name.starts_with(EXEMPTION) {
            serde_json::from_str(json).map(|exemption| orders.exemptions.push(exemption))
        } else {
            Ok(())
        };
        if let Err(problem) = problem {
            orders.unreadable = Some(format!("the standing order `{name}` cannot be read: {problem}"));
        }
    }
    orders
}

impl Table {
    async fn item(&self, id: &str) -> Result<Option<Item>, LedgerError> {
        let get = self.client.get_item().table_name(&self.name).key("id", text(id)).consistent_read(true);
        get.send().await.map(|answer| answer.item).map_err(|error| self.error(failure(&error)))
    }

    /// Sets one order, and takes away those that have ended.
    async fn order(&self, name: String, order: &impl Serialize) -> Result<(), LedgerError> {
        let json = serde_json::to_string(order).unwrap_or_default();
        let update = self.client.update_item().table_name(&self.name).key("id", text(ORDERS));
        let mut update = update
            .expression_attribute_names("#order", name.clone())
            .expression_attribute_values(":order", AttributeValue::S(json));
        let mut expression = "SET #order = :order".to_owned();
        let item = self.item(ORDERS).await?.unwrap_or_default();
        let ended = ended(&item, Timestamp::now());
        for (at, old) in ended.into_iter().filter(|old| *old != name).enumerate() {
            expression += if at == 0 { " REMOVE " } else { ", " };
            expression += &format!("#ended{at}");
            update = update.expression_attribute_names(format!("#ended{at}"), old);
        }
        let update = update.update_expression(expression);
        update.send().await.map(|_| ()).map_err(|error| self.error(failure(&error)))
    }
}

fn ended(item: &Item, now: Timestamp) -> Vec<String> {
    let is_over = |name: &str, json: &str| {
        if name.starts_with(STOP) {
            serde_json::from_str::<Stop>(json).is_ok_and(|stop| stop.until <= now)
        } else if name.starts_with(EXEMPTION) {
            serde_json::from_str::<Exemption>(json).is_ok_and(|exemption| exemption.has_expired(now))
        } else {
            false
        }
    };
    let entries = item.iter().filter_map(|(name, value)| Some((name, value.as_s().ok()?)));
    entries.filter(|(name, json)| is_over(name, json)).map(|(name, _)| name.clone()).collect()
}

impl Book for Table {
    async fn orders(&self) -> Result<Orders, LedgerError> {
        Ok(self.item(ORDERS).await?.map(|item| orders(&item)).unwrap_or_default())
    }

    async fn lift(&self, guardrail: &str, scope: &Scope) -> Result<bool, LedgerError> {
        let names = stops_in(&self.item(ORDERS).await?.unwrap_or_default(), guardrail, scope);
        if names.is_empty() {
            return Ok(false);
        }
        let all: Vec<String> = (0..names.len()).map(|at| format!("#stop{at}")).collect();
        let update = self.client.update_item().table_name(&self.name).key("id", text(ORDERS));
        let update = update.update_expression(format!("REMOVE {}", all.join(", ")));
        let update = update.set_expression_attribute_names(Some(all.into_iter().zip(names).collect()));
        let update = update.return_values(ReturnValue::UpdatedOld);
        let answer = update.send().await.map_err(|error| self.error(failure(&error)))?;
        Ok(answer.attributes.is_some_and(|old| !old.is_empty()))
    }

    async fn exempt(&self, exemption: &Exemption) -> Result<(), LedgerError> {
        self.order(exemption_name(exemption), exemption).await
    }

    async fn end_exemption(&self, exemption: &Exemption) -> Result<bool, LedgerError> {
        let update = self.client.update_item().table_name(&self.name).key("id", text(ORDERS));
        let update = update.update_expression("REMOVE #exemption").return_values(ReturnValue::UpdatedOld);
        let update = update.expression_attribute_names("#exemption", exemption_name(exemption));
        let answer = update.send().await.map_err(|error| self.error(failure(&error)))?;
        Ok(answer.attributes.is_some_and(|old| !old.is_empty()))
    }

    async fn kept(&self, id: Uuid) -> Result<Option<Kept>, LedgerError> {
        let Some(item) = self.item(&id.to_string()).await? else { return Ok(None) };
        let string = |name: &str| item.get(name).and_then(|value| value.as_s().ok());
        let unreadable =
            |why: String| LedgerError { table: self.name.clone(), code: "Unreadable".to_owned(), message: why };
        let mut kept: Kept = match string("kept") {
            Some(json) => serde_json::from_str(json).map_err(|error| unreadable(format!("finding {id}: {error}")))?,
            None => {
                let field = |name: &str| string(name).cloned().unwrap_or_default();
                let partition = field("resource").split(':').nth(1).unwrap_or("aws").to_owned();
                Kept {
                    guardrail: field("guardrail"),
                    resource: field("resource"),
                    place: Place { partition, account: field("account"), region: field("region") },
                    ..Kept::nothing(id)
                }
            }
        };
        kept.undone = string("undone").and_then(|at| at.parse().ok());
        Ok(Some(kept))
    }

    async fn undone(&self, id: Uuid, now: Timestamp) -> Result<(), LedgerError> {
        let update = self.client.update_item().table_name(&self.name).key("id", text(id));
        let update = update.update_expression("SET undone = :now").expression_attribute_values(":now", text(now));
        update.send().await.map(|_| ()).map_err(|error| self.error(failure(&error)))
    }
}

impl Counters for Table {
    async fn count(&self, tally: &Tally) -> Result<Counted, LedgerError> {
        let number = |number: &dyn ToString| AttributeValue::N(number.to_string());
        let update = self.client.update_item().table_name(&self.name).key("id", text(&tally.name));
        let update = update
            .update_expression("ADD #count :one, #calls :calls SET #expires = :expires")
            .expression_attribute_names("#count", "count")
            .expression_attribute_names("#calls", "calls")
            .expression_attribute_names("#expires", "expires")
            .expression_attribute_values(":one", number(&1))
            .expression_attribute_values(":calls", number(&tally.calls))
            .expression_attribute_values(":expires", number(&tally.expires.as_second()))
            .return_values(ReturnValue::UpdatedNew);
        let answer = update.send().await.map_err(|error| self.error(failure(&error)))?;
        answer.attributes.as_ref().and_then(counted).ok_or_else(|| LedgerError {
            table: self.name.clone(),
            code: "NoCount".to_owned(),
            message: format!("the answer to `{}` holds no number", tally.name),
        })
    }

    async fn counted(&self, name: &str) -> Result<Counted, LedgerError> {
        Ok(self.item(name).await?.as_ref().and_then(counted).unwrap_or_default())
    }

    async fn stop(&self, stop: &Stop) -> Result<(), LedgerError> {
        self.order(stop_name(stop), stop).await
    }
}

fn counted(item: &Item) -> Option<Counted> {
    let number = |name: &str| item.get(name)?.as_n().ok()?.parse().ok();
    Some(Counted { count: number("count")?, calls: number("calls").unwrap_or_default() })
}

impl Memory for Table {
    async fn recall(&self, name: &str) -> Result<Option<String>, String> {
        let item = self.item(name).await.map_err(|error| error.to_string())?;
        Ok(item.and_then(|item| item.get("state")?.as_s().ok().cloned()))
    }

    async fn keep(&self, name: &str, state: &str) -> Result<(), String> {
        let now = Timestamp::now();
        let put = self.client.put_item().table_name(&self.name).item("id", text(name)).item("state", text(state));
        let put = put.item("written", text(now));
        let put = put.item("expires", AttributeValue::N((now + KEPT).as_second().to_string()));
        put.send().await.map(|_| ()).map_err(|error| self.error(failure(&error)).to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stop(until: &str) -> Stop {
        let scope = Scope::Account("111122223333".to_owned());
        Stop {
            guardrail: "g".to_owned(),
            scope,
            region: None,
            principal: None,
            stack: None,
            elements: Vec::new(),
            until: until.parse().unwrap(),
            why: "w".to_owned(),
        }
    }

    fn item(stops: &[Stop]) -> Item {
        let entry = |(at, stop): (usize, &Stop)| (format!("{STOP}{at}"), text(serde_json::to_string(stop).unwrap()));
        stops.iter().enumerate().map(entry).chain([("id".to_owned(), text(ORDERS))]).collect()
    }

    #[test]
    fn orders_are_read_back_and_one_that_cannot_be_read_hides_no_other() {
        let stop = stop("2026-01-02T00:00:00Z");
        let mut item = item(std::slice::from_ref(&stop));
        item.insert(format!("{STOP}bad"), text("{"));
        let read = orders(&item);
        assert_eq!((read.stops, read.exemptions), (vec![stop], Vec::new()));
        assert!(read.unreadable.unwrap().contains("stop#bad"));
    }

    #[test]
    fn what_has_ended_is_named() {
        let item = item(&[stop("2026-01-02T00:00:00Z"), stop("2026-01-04T00:00:00Z")]);
        assert_eq!(ended(&item, "2026-01-03T00:00:00Z".parse().unwrap()), ["stop#0"]);
    }

    #[test]
    fn stops_of_other_principals_and_regions_stand_beside_each_other_and_are_found_together() {
        let old = stop("2026-01-02T00:00:00Z");
        let of = |region: &str, principal: &str| Stop {
            region: Some(region.to_owned()),
            principal: Some(principal.to_owned()),
            ..old.clone()
        };
        let stops = [old.clone(), of("eu-west-1", "sweep"), of("eu-west-1", "role/ci"), of("us-east-1", "role/ci")];
        assert_eq!(stop_name(&old), "stop#g#account#111122223333", "as earlier versions named it");
        let item: Item =
            stops.iter().map(|stop| (stop_name(stop), text(serde_json::to_string(stop).unwrap()))).collect();
        assert_eq!(item.len(), stops.len());
        assert_eq!(stops_in(&item, "g", &old.scope).len(), stops.len());
        assert!(stops_in(&item, "h", &old.scope).is_empty());
    }
}
