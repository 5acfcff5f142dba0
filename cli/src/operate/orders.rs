//! What stands in the ledger beside the policy file, each with an id of its own, so that whatever is shown can be lifted.

use data_encoding::HEXLOWER;
use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::engine::orders::{Says, Scope, Stop, Stored};
use thiserror::Error;

/// A stop, an exemption of a finding that was undone, or something that looks like one and holds nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Order<'a>(pub(super) &'a Stored);

/// An order that cannot be shown to a program.
#[derive(Debug, Error)]
#[error("the standing order `{name}` cannot be written as JSON")]
pub(super) struct Unwritable {
    name: String,
    #[source]
    cause: serde_json::Error,
}

/// Nothing of what is meant is there.
#[derive(Debug, Error)]
pub(super) enum NotThere {
    #[error("nothing with the id `{0}` is there; `parapet stops list` shows what is")]
    Id(String),
    #[error("`{0}` is not stopped there; `parapet stops list` shows where guardrails are")]
    Guardrail(String),
    #[error("no guardrail is stopped there; `parapet stops list` shows where guardrails are")]
    Nothing,
}

/// All of it, in an order that does not change from one look to the next.
pub(super) fn all(orders: &[Stored]) -> Vec<Order<'_>> {
    let mut listed: Vec<Order<'_>> = orders.iter().map(Order).collect();
    listed.sort_by_cached_key(|one| {
        (one.0.doubt().is_some(), one.word(), one.guardrail().to_owned(), one.place(), one.id())
    });
    listed
}

impl Order<'_> {
    /// Eight characters that stay the same while its end and its reason change. Of what is not believed, by its name in the ledger:
    /// it may say the same as another.
    pub(super) fn id(&self) -> String {
        const LENGTH: usize = 8;
        let what = match &self.0.says {
            _ if self.0.doubt().is_some() => format!("not believed {}", self.0.name),
            Says::Stop(stop) => {
                let place = self.place();
                let named = [&stop.region, &stop.principal, &stop.stack].map(|one| one.as_deref().unwrap_or_default());
                let elements = stop.elements.join("\n");
                [[self.word(), &stop.guardrail, &place].as_slice(), &named, &[elements.as_str()]].concat().join("\n")
            }
            Says::Exemption(exemption) => exemption.key(),
            Says::Unreadable { .. } => self.0.name.clone(),
        };
        HEXLOWER.encode(&Sha256::digest(what)).chars().take(LENGTH).collect()
    }

    /// As JSON.
    ///
    /// # Errors
    /// [`Unwritable`].
    pub(super) fn value(&self) -> Result<Value, Unwritable> {
        let value = match &self.0.says {
            Says::Stop(stop) => serde_json::to_value(stop),
            Says::Exemption(exemption) => serde_json::to_value(exemption),
            Says::Unreadable { .. } => Ok(serde_json::json!({ "name": self.0.name })),
        };
        value.map_err(|cause| Unwritable { name: self.0.name.clone(), cause })
    }

    pub(super) fn word(&self) -> &'static str {
        match &self.0.says {
            Says::Stop(Stop { scope: Scope::Account(_), .. }) => "breaker",
            Says::Stop(Stop { scope: Scope::Resource(_), .. }) => "flapping suspension",
            Says::Exemption(_) => "exemption",
            Says::Unreadable { .. } => "order",
        }
    }

    pub(super) fn guardrail(&self) -> &str {
        match &self.0.says {
            Says::Stop(stop) => &stop.guardrail,
            Says::Exemption(exemption) => exemption.guardrail.as_str(),
            Says::Unreadable { .. } => "unknown",
        }
    }

    /// The account or the resource, with the region where it is one region's.
    pub(super) fn place(&self) -> String {
        let place = match &self.0.says {
            Says::Stop(Stop { scope: Scope::Account(place) | Scope::Resource(place), .. }) => place,
            Says::Exemption(exemption) => &exemption.resource,
            Says::Unreadable { .. } => &self.0.name,
        };
        match self.own_region() {
            Some(region) if !place.contains(region) => format!("{place} in {region}"),
            _ => place.clone(),
        }
    }

    pub(super) fn until(&self) -> String {
        match &self.0.says {
            Says::Stop(stop) => stop.until.to_string(),
            Says::Exemption(exemption) => exemption.expires.to_string(),
            Says::Unreadable { .. } => "unknown".to_owned(),
        }
    }

    /// Why it holds, or why it does not.
    pub(super) fn why(&self) -> String {
        if let Some(doubt) = self.0.doubt() {
            return format!("not believed, it holds nothing: {doubt}");
        }
        match &self.0.says {
            Says::Stop(stop) => stop.why.clone(),
            Says::Exemption(exemption) => format!("{}: {}", exemption.owner.as_str(), exemption.reason.as_str()),
            Says::Unreadable { why } => why.clone(),
        }
    }

    /// Whether it is about this resource: named so, or by the pattern that means it alone.
    fn is_about(&self, resource: &str) -> bool {
        match &self.0.says {
            Says::Stop(Stop { scope: Scope::Resource(of), .. }) => of == resource,
            Says::Stop(_) | Says::Unreadable { .. } => false,
            Says::Exemption(exemption) => {
                exemption.resource == resource || exemption.resource == shared::policy::exact_pattern(resource)
            }
        }
    }

    /// The region that it names itself.
    fn own_region(&self) -> Option<&str> {
        match &self.0.says {
            Says::Stop(stop) => stop.region.as_deref(),
            Says::Exemption(_) | Says::Unreadable { .. } => None,
        }
    }

    fn region(&self) -> Option<String> {
        let own = self.own_region().map(str::to_owned);
        own.or_else(|| self.place().split(':').nth(3).filter(|region| !region.is_empty()).map(str::to_owned))
    }
}

/// What is to be lifted: everything named must match.
#[derive(Clone, Copy, Debug)]
pub(super) struct Which<'a> {
    pub(super) ids: &'a [String],
    pub(super) guardrail: Option<&'a str>,
    pub(super) account: Option<&'a str>,
    pub(super) resource: Option<&'a str>,
    pub(super) region: Option<&'a str>,
}

impl Which<'_> {
    /// Those that are meant: at least one, and one for each id.
    pub(super) fn of<'h>(&self, listed: &[Order<'h>]) -> Result<Vec<Order<'h>>, NotThere> {
        let of_account = |one: &Order<'_>, account: &str| matches!(&one.0.says, Says::Stop(Stop { scope: Scope::Account(of), .. }) if of == account);
        let is_meant = |one: &Order<'_>| {
            self.guardrail.is_none_or(|guardrail| one.guardrail() == guardrail)
                && self.account.is_none_or(|account| of_account(one, account))
                && self.resource.is_none_or(|resource| one.is_about(resource))
                && self.region.is_none_or(|region| one.region().is_none_or(|own| own == region))
                && (self.ids.is_empty() || self.ids.contains(&one.id()))
        };
        let chosen: Vec<Order<'h>> = listed.iter().copied().filter(is_meant).collect();
        let is_there = |id: &&String| chosen.iter().any(|one| one.id() == **id);
        if let Some(missing) = self.ids.iter().find(|id| !is_there(id)) {
            return Err(NotThere::Id(missing.clone()));
        }
        if chosen.is_empty() {
            return Err(self.guardrail.map_or(NotThere::Nothing, |name| NotThere::Guardrail(name.to_owned())));
        }
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests;
