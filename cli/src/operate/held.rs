//! What stands in the ledger beside the policy file, each with an id of its own, so that whatever is shown can be lifted.

use serde_json::Value;
use sha2::{Digest, Sha256};
use shared::orders::{Orders, Scope, Stop};
use shared::policy::Exemption;
use std::borrow::Borrow;

/// A stop, or an exemption of a finding that was undone.
#[derive(Clone, Copy, Debug)]
pub(super) enum Held<'a> {
    Stop(&'a Stop),
    Exemption(&'a Exemption),
}

/// All of it, in an order that does not change from one look to the next.
pub(super) fn all(orders: &Orders) -> Vec<Held<'_>> {
    let stops = orders.stops.iter().map(Held::Stop);
    let mut held: Vec<Held<'_>> = stops.chain(orders.exemptions.iter().map(Held::Exemption)).collect();
    held.sort_by_cached_key(|one| (one.word(), one.guardrail().to_owned(), one.place(), one.id()));
    held
}

impl Held<'_> {
    /// Eight characters that stay the same while its end and its reason change.
    pub(super) fn id(&self) -> String {
        const LENGTH: usize = 8;
        let what = match self {
            Self::Stop(_) => {
                let mut value = self.value();
                if let Some(members) = value.as_object_mut() {
                    members.retain(|name, _| name != "until" && name != "why");
                }
                value.to_string()
            }
            Self::Exemption(exemption) => exemption.key(),
        };
        format!("{:x}", Sha256::digest(what)).chars().take(LENGTH).collect()
    }

    /// As JSON.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Stop(stop) => serde_json::to_value(stop).unwrap_or_default(),
            Self::Exemption(exemption) => serde_json::to_value(exemption).unwrap_or_default(),
        }
    }

    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Stop(Stop { scope: Scope::Account(_), .. }) => "breaker",
            Self::Stop(Stop { scope: Scope::Resource(_), .. }) => "feud",
            Self::Exemption(_) => "exemption",
        }
    }

    pub(super) fn guardrail(&self) -> &str {
        match self {
            Self::Stop(stop) => &stop.guardrail,
            Self::Exemption(exemption) => exemption.guardrail.borrow(),
        }
    }

    /// The account or the resource, with the region where it is one region's.
    pub(super) fn place(&self) -> String {
        let place = match self {
            Self::Stop(Stop { scope: Scope::Account(place) | Scope::Resource(place), .. }) => place,
            Self::Exemption(exemption) => &exemption.resource,
        };
        match self.value().get("region").and_then(Value::as_str) {
            Some(region) if !place.contains(region) => format!("{place} in {region}"),
            _ => place.clone(),
        }
    }

    pub(super) fn until(&self) -> String {
        match self {
            Self::Stop(stop) => stop.until.to_string(),
            Self::Exemption(exemption) => exemption.expires.to_string(),
        }
    }

    pub(super) fn why(&self) -> String {
        match self {
            Self::Stop(stop) => stop.why.clone(),
            Self::Exemption(exemption) => format!("{}: {}", exemption.owner.as_str(), exemption.reason.as_str()),
        }
    }

    /// Whether lifting it lifts the other: itself, and a stop of the same guardrail in the same place.
    fn is_lifted_with(&self, other: &Held<'_>) -> bool {
        match (self, other) {
            (Self::Stop(stop), Held::Stop(other)) => (&stop.guardrail, &stop.scope) == (&other.guardrail, &other.scope),
            (Self::Exemption(exemption), Held::Exemption(other)) => exemption.key() == other.key(),
            (Self::Stop(_), Held::Exemption(_)) | (Self::Exemption(_), Held::Stop(_)) => false,
        }
    }

    /// Whether it is about this resource: named so, or by the pattern that means it alone.
    fn is_about(&self, resource: &str) -> bool {
        match self {
            Self::Stop(Stop { scope: Scope::Resource(of), .. }) => of == resource,
            Self::Stop(_) => false,
            Self::Exemption(exemption) => {
                exemption.resource == resource || exemption.resource == shared::policy::exact_pattern(resource)
            }
        }
    }

    fn region(&self) -> Option<String> {
        let own = self.value().get("region").and_then(Value::as_str).map(str::to_owned);
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
    pub(super) fn of<'h>(&self, held: &[Held<'h>]) -> Result<Vec<Held<'h>>, String> {
        let of_account = |one: &Held<'_>, account: &str| matches!(one, Held::Stop(Stop { scope: Scope::Account(of), .. }) if of == account);
        let is_meant = |one: &Held<'_>| {
            self.guardrail.is_none_or(|guardrail| one.guardrail() == guardrail)
                && self.account.is_none_or(|account| of_account(one, account))
                && self.resource.is_none_or(|resource| one.is_about(resource))
                && self.region.is_none_or(|region| one.region().is_none_or(|own| own == region))
                && (self.ids.is_empty() || self.ids.contains(&one.id()))
        };
        let named: Vec<Held<'h>> = held.iter().copied().filter(is_meant).collect();
        // The stops of a guardrail in one place are lifted together, whatever their region and principal.
        let goes_along = |one: &Held<'_>| named.iter().any(|named| named.is_lifted_with(one));
        let chosen: Vec<Held<'h>> = held.iter().copied().filter(goes_along).collect();
        let is_there = |id: &&String| chosen.iter().any(|one| one.id() == **id);
        if let Some(missing) = self.ids.iter().find(|id| !is_there(id)) {
            return Err(format!("nothing with the id `{missing}` is there; `parapet stops list` shows what is"));
        }
        if chosen.is_empty() {
            let what = self.guardrail.map_or("no guardrail".to_owned(), |name| format!("`{name}`"));
            let is = if self.guardrail.is_some() { "is not" } else { "is" };
            return Err(format!("{what} {is} stopped there; `parapet stops list` shows where guardrails are"));
        }
        Ok(chosen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const GROUP: &str = "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1";

    fn orders() -> Orders {
        let stop = |scope: Value| {
            let mut stop = json!({"guardrail": "snapshot-public", "until": "2027-01-02T00:00:00Z", "why": "w"});
            stop.as_object_mut().unwrap().extend(scope.as_object().unwrap().clone());
            serde_json::from_value(stop).unwrap()
        };
        let exemption = json!({"guardrail": "security-group-admin-port-open", "resource": GROUP, "account": null, "actor": null,
            "reason": "r", "owner": "ana", "expires": "2027-01-01"});
        Orders {
            stops: vec![stop(json!({"account": "111122223333"})), stop(json!({"resource": GROUP}))],
            exemptions: vec![serde_json::from_value(exemption).unwrap()],
            ..Orders::default()
        }
    }

    const ANY: Which<'static> = Which { ids: &[], guardrail: None, account: None, resource: None, region: None };

    fn words(which: Which<'_>) -> Result<Vec<&'static str>, String> {
        let orders = orders();
        Ok(which.of(&all(&orders))?.iter().map(Held::word).collect())
    }

    #[test]
    fn whatever_is_listed_can_be_lifted_by_its_id() {
        let orders = orders();
        let held = all(&orders);
        assert_eq!(held.len(), 3);
        for one in &held {
            let ids = [one.id()];
            let chosen = Which { ids: &ids, ..ANY }.of(&held).unwrap();
            assert_eq!(chosen.len(), 1);
            assert_eq!(chosen[0].word(), one.word());
        }
        let mut renewed = orders.clone();
        renewed.stops[0].until = "2028-01-01T00:00:00Z".parse().unwrap();
        renewed.stops[0].why = "again".to_owned();
        let of = |orders: &Orders| Held::Stop(&orders.stops[0]).id();
        assert_eq!(of(&orders), of(&renewed), "it stays the same");
        let mut regions = orders.clone();
        let elsewhere = serde_json::to_value(&orders.stops[0]).map(|mut stop| {
            stop["region"] = json!("us-east-1");
            serde_json::from_value(stop).unwrap()
        });
        regions.stops.push(elsewhere.unwrap());
        let ids = [Held::Stop(&regions.stops[0]).id()];
        let both = Which { ids: &ids, ..ANY }.of(&all(&regions)).map(|chosen| chosen.len());
        assert_eq!(both, Ok(2), "what is lifted along is said");
        let unknown = ["00000000".to_owned()];
        assert!(Which { ids: &unknown, ..ANY }.of(&held).unwrap_err().contains("`00000000`"));
    }

    #[test]
    fn an_account_a_resource_a_guardrail_and_a_region_narrow_it() {
        assert_eq!(words(Which { account: Some("111122223333"), ..ANY }).unwrap(), ["breaker"]);
        assert_eq!(words(Which { resource: Some(GROUP), ..ANY }).unwrap(), ["exemption", "feud"]);
        let of_guardrail = Which { resource: Some(GROUP), guardrail: Some("snapshot-public"), ..ANY };
        assert_eq!(words(of_guardrail).unwrap(), ["feud"]);
        assert!(words(Which { resource: Some(GROUP), region: Some("us-east-1"), ..ANY }).is_err());
        let error = words(Which { account: Some("444455556666"), guardrail: Some("g"), ..ANY }).unwrap_err();
        assert!(error.starts_with("`g` is not stopped there"), "{error}");
    }
}
