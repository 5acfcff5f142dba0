//! A domain's transfer lock. For tests (`shared/tests/all/world`).

use crate::world::setting::{Fake, answered, living};
use serde_json::Value;
use shared::resources::route53domains::TransferLocks;
use shared::resources::route53domains::transfer_lock::{Domain, DomainRef};

living!(TransferLocks);

impl Fake for TransferLocks {
    fn put(domain: &mut Domain, is_locked: bool) {
        domain.is_locked = is_locked;
    }

    /// `GetDomainDetail`
    fn answer(value: &Value) -> Domain {
        let of = DomainRef { name: value["DomainName"].as_str().unwrap().to_owned(), by: None };
        Domain { of, ..answered::<Self>(value) }
    }

    fn line(domain: &Domain) -> String {
        format!("{} locked: {}", domain.of.name, domain.is_locked)
    }

    fn is_of(domain: &Domain, key: &DomainRef) -> bool {
        domain.of.name == key.name
    }

    fn subject() -> String {
        "example.com".to_owned()
    }
}
