//! `allowed_cidrs` that allow the internet.

use crate::net::{self, AddressFamily, Reach};
use crate::policy::warnings::{Entry, Found, quoted};
use crate::policy::{Cidr, Policy};
use ipnet::IpNet;

pub(super) fn warnings(policy: &Policy) -> Vec<Found> {
    let families = [AddressFamily::Ipv4, AddressFamily::Ipv6];
    let lists = policy.guardrails.allowed_cidrs();
    lists.flat_map(|(name, list)| families.into_iter().filter_map(|family| of_list(name, list, family))).collect()
}

/// How much of the internet is too much for a list of exceptions: a quarter is no company's.
const PART: u128 = 4;

fn of_list(guardrail: &str, list: &[Cidr], family: AddressFamily) -> Option<Found> {
    let entry = Entry::setting(guardrail, "allowed_cidrs");
    let own = || list.iter().enumerate().filter(|(_, Cidr(net))| AddressFamily::of(net) == family);
    let nets: Vec<IpNet> = own().map(|(_, Cidr(net))| *net).collect();
    let covered = net::public_part(family, &nets);
    let reach = net::reach(family, &nets);
    let much = match reach {
        Reach::World => format!("the whole {family} internet, so the guardrail finds nothing that is open to it"),
        Reach::Broad if covered.len() > family.public().len() / PART => {
            format!("more than a quarter of the {family} internet")
        }
        Reach::Broad | Reach::Narrow | Reach::Private => return None,
    };
    // One network alone, or several together.
    match own().find(|(_, Cidr(net))| net::reach(family, [net]) == reach && (reach == Reach::World || nets.len() == 1))
    {
        Some((at, Cidr(net))) => Some((entry.item(at), format!("`{net}` allows {much}"))),
        None => Some((entry, format!("{} together allow {much}", quoted(&nets)))),
    }
}
