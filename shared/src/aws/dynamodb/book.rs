//! The ledger's standing orders (`orders`) and counters (`count#…`).

use crate::aws::dynamodb::trust::{OrderWords, SEAL};
use crate::aws::dynamodb::{Item, Table, text};
use crate::aws::failure;
use crate::engine::orders::{EXEMPTION, Orders, STOP, Scope, Stop, Stored, digest, kind_of};
use crate::engine::pipeline::Kept;
use crate::operations::ledger::{Book, Counted, Counters, LedgerError, Tally};
use crate::operations::signature::{Kind, Trust};
use crate::policy::Exemption;
use aws_sdk_dynamodb::types::{AttributeValue, ReturnValue};
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// All standing orders are one item, so that one read knows them. Each is an attribute of its own: two writers do not
/// overwrite each other. DynamoDB's 400 KB hold more than a thousand.
const ORDERS: &str = "orders";
/// How many orders are verified at once.
const AT_ONCE: usize = 16;

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
    let guardrail = exemption.guardrail.as_str();
    format!("{EXEMPTION}{guardrail}#{}", exemption.resource)
}

/// The attribute that carries an order's seal.
fn seal_name(order: &str) -> String {
    format!("{SEAL}#{order}")
}

/// An order as it stands in the table.
struct Order {
    kind: Kind,
    name: String,
    json: String,
    seal: Option<AttributeValue>,
}

impl Order {
    fn of(item: &Item, name: &str, value: &AttributeValue) -> Option<Self> {
        let (kind, json) = (kind_of(name)?, value.as_s().ok()?.clone());
        Some(Self { kind, name: name.to_owned(), json, seal: item.get(&seal_name(name)).cloned() })
    }
}

impl Table {
    /// All standing orders, also those that hold nothing.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn stored(&self) -> Result<Vec<Stored>, LedgerError> {
        let item = self.item(ORDERS).await?.unwrap_or_default();
        let known: Vec<Order> = item.iter().filter_map(|(name, value)| Order::of(&item, name, value)).collect();
        let judged = stream::iter(known).map(|order| self.judge(order)).buffered(AT_ONCE);
        let judged: Vec<(Order, Trust)> = judged.collect().await;
        let stored = judged.into_iter();
        Ok(stored
            .filter_map(|(order, trust)| Stored::read(&order.name, &order.json, trust, order.seal.is_some()))
            .collect())
    }

    /// Removes the order of this name and no other. False when there was none.
    ///
    /// # Errors
    /// [`LedgerError`].
    pub async fn end(&self, order: &str) -> Result<bool, LedgerError> {
        if kind_of(order).is_none() {
            return Ok(false);
        }
        self.forget(vec![order.to_owned()]).await
    }

    async fn judge(&self, order: Order) -> (Order, Trust) {
        let words = OrderWords::new(ORDERS, &order.name, &order.json);
        let trust = self.trust(&words.words(order.kind, &mut [""]), order.seal.as_ref()).await;
        (order, trust)
    }

    pub(super) async fn item(&self, id: &str) -> Result<Option<Item>, LedgerError> {
        let get = self.client.get_item().table_name(&self.name).key("id", text(id)).consistent_read(true);
        get.send().await.map(|answer| answer.item).map_err(|error| self.error(failure(&error)))
    }

    /// Takes orders away, with their seals. False when none of them was there.
    async fn forget(&self, orders: Vec<String>) -> Result<bool, LedgerError> {
        if orders.is_empty() {
            return Ok(false);
        }
        let names: Vec<String> = orders.iter().cloned().chain(orders.iter().map(|order| seal_name(order))).collect();
        let all: Vec<String> = (0..names.len()).map(|at| format!("#order{at}")).collect();
        let update = self.client.update_item().table_name(&self.name).key("id", text(ORDERS));
        let update = update.update_expression(format!("REMOVE {}", all.join(", ")));
        let update = update.set_expression_attribute_names(Some(all.into_iter().zip(names).collect()));
        let answer = update.return_values(ReturnValue::UpdatedOld).send().await;
        let old = answer.map_err(|error| self.error(failure(&error)))?.attributes.unwrap_or_default();
        Ok(orders.iter().any(|order| old.contains_key(order)))
    }

    /// An order that cannot be read again would hold nothing, and stand there as if it did: it is not written.
    fn unwritable(&self, name: &str, error: &serde_json::Error) -> LedgerError {
        LedgerError {
            table: self.name.clone(),
            code: "NotWritten".to_owned(),
            message: format!("`{name}` cannot be written as JSON: {error}"),
        }
    }

    /// Sets one order with its seal, and removes those that have ended. An order that cannot be signed is not set: it would hold
    /// nothing.
    async fn order(&self, name: String, order: &impl Serialize) -> Result<(), LedgerError> {
        let json = serde_json::to_string(order).map_err(|error| self.unwritable(&name, &error))?;
        let now = Timestamp::now();
        let words = OrderWords::new(ORDERS, &name, &json);
        let kind = kind_of(&name).unwrap_or(Kind::Suspension);
        let seal = self.seal(&words.words(kind, &mut [""]), now).await;
        let seal = seal.map_err(|why| LedgerError {
            table: self.name.clone(),
            code: "NotSigned".to_owned(),
            message: format!("`{name}` was not written, because it would hold nothing: {why}"),
        })?;
        let update = self.client.update_item().table_name(&self.name).key("id", text(ORDERS));
        let mut update = update
            .expression_attribute_names("#order", name.clone())
            .expression_attribute_values(":order", AttributeValue::S(json));
        let mut expression = "SET #order = :order".to_owned();
        if let Some(seal) = seal {
            expression += ", #seal = :seal";
            update =
                update.expression_attribute_names("#seal", seal_name(&name)).expression_attribute_values(":seal", seal);
        }
        let item = self.item(ORDERS).await?.unwrap_or_default();
        let ended = ended(&item, now).into_iter().filter(|old| *old != name);
        for (at, old) in ended.flat_map(|old| [seal_name(&old), old]).enumerate() {
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
        let mut orders = Orders::default();
        self.stored().await?.into_iter().for_each(|stored| orders.take(stored));
        Ok(orders)
    }

    async fn lift(&self, guardrail: &str, scope: &Scope) -> Result<bool, LedgerError> {
        let names = stops_in(&self.item(ORDERS).await?.unwrap_or_default(), guardrail, scope);
        self.forget(names).await
    }

    async fn exempt(&self, exemption: &Exemption) -> Result<(), LedgerError> {
        self.order(exemption_name(exemption), exemption).await
    }

    async fn kept(&self, id: Uuid) -> Result<Option<Kept>, LedgerError> {
        self.undo_steps(id).await
    }

    async fn undone(&self, id: Uuid, now: Timestamp) -> Result<(), LedgerError> {
        self.set_mark(Kind::Undone, id, now).await
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

#[cfg(test)]
mod tests;
