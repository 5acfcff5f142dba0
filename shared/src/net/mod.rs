//! Address space as sets: how much of the public internet do these networks cover together?
//!
//! "The world" is every public address of a family; what is private, shared, loopback, link-local, documentation,
//! multicast or reserved does not count (IANA special-purpose address registries, RFC 6890 and successors). The
//! threshold under which a range is too narrow to be called public is the one that Amazon S3 uses: broader than /8 for
//! IPv4, broader than /32 for IPv6 ("The meaning of public", Amazon S3 user guide).

mod set;

pub use set::AddressSet;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::sync::LazyLock;

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AddressFamily {
    /// IPv4.
    Ipv4,
    /// IPv6.
    Ipv6,
}

impl fmt::Display for AddressFamily {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        })
    }
}

impl AddressFamily {
    /// The family of a network.
    #[must_use]
    pub fn of(net: &IpNet) -> Self {
        match net {
            IpNet::V4(_) => Self::Ipv4,
            IpNet::V6(_) => Self::Ipv6,
        }
    }

    /// Every public address of the family.
    #[must_use]
    pub fn public(self) -> &'static AddressSet {
        match self {
            Self::Ipv4 => &PUBLIC_V4,
            Self::Ipv6 => &PUBLIC_V6,
        }
    }

    /// The number of addresses in the widest range that is still too narrow to be called public.
    #[must_use]
    pub fn narrow(self) -> u128 {
        match self {
            Self::Ipv4 => 1 << (32 - 8),
            Self::Ipv6 => 1 << (128 - 32),
        }
    }
}

/// How much of the public internet a set of networks of one family lets in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reach {
    /// No public address.
    Private,
    /// Some, not more than a /8 (IPv4) or a /32 (IPv6).
    Narrow,
    /// More than that, but not all.
    Broad,
    /// Every public address.
    World,
}

/// The public addresses of `family` that `nets` cover together.
#[must_use]
pub fn public_part<'a>(family: AddressFamily, nets: impl IntoIterator<Item = &'a IpNet>) -> AddressSet {
    AddressSet::covering(nets.into_iter().filter(|net| AddressFamily::of(net) == family)).intersection(family.public())
}

/// How far `nets` reach together, in `family`.
#[must_use]
pub fn reach<'a>(family: AddressFamily, nets: impl IntoIterator<Item = &'a IpNet>) -> Reach {
    of_public(family, &public_part(family, nets))
}

/// How far a set of addresses of `family` reaches.
#[must_use]
pub fn reach_of(family: AddressFamily, addresses: &AddressSet) -> Reach {
    of_public(family, &addresses.intersection(family.public()))
}

fn of_public(family: AddressFamily, covered: &AddressSet) -> Reach {
    if covered == family.public() {
        Reach::World
    } else if covered.len() > family.narrow() {
        Reach::Broad
    } else if covered.is_empty() {
        Reach::Private
    } else {
        Reach::Narrow
    }
}

/// Reads a CIDR as AWS takes it: host bits are masked away, a bare address is a network of one.
///
/// # Errors
/// The text, when it is no network.
pub fn parse_cidr(text: &str) -> Result<IpNet, BadCidr> {
    let text = text.trim();
    if let Ok(net) = text.parse::<IpNet>() {
        return Ok(net.trunc());
    }
    text.parse::<IpAddr>().map(IpNet::from).map_err(|_| BadCidr(text.chars().take(50).collect()))
}

/// A text that is no network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a CIDR such as `203.0.113.0/24` or `2001:db8::/32`")]
pub struct BadCidr(pub String);

static PUBLIC_V4: LazyLock<AddressSet> = LazyLock::new(|| {
    let mut set = AddressSet::covering(&[IpNet::V4(Ipv4Net::default())]);
    let special: [&str; 15] = [
        "0.0.0.0/8",       // this network
        "10.0.0.0/8",      // private use
        "100.64.0.0/10",   // shared, carrier-grade NAT
        "127.0.0.0/8",     // loopback
        "169.254.0.0/16",  // link-local
        "172.16.0.0/12",   // private use
        "192.0.0.0/24",    // protocol assignments
        "192.0.2.0/24",    // documentation
        "192.88.99.0/24",  // 6to4 relay, deprecated
        "192.168.0.0/16",  // private use
        "198.18.0.0/15",   // benchmarking
        "198.51.100.0/24", // documentation
        "203.0.113.0/24",  // documentation
        "224.0.0.0/4",     // multicast
        "240.0.0.0/4",     // reserved and limited broadcast
    ];
    remove_all(&mut set, &special);
    set
});

static PUBLIC_V6: LazyLock<AddressSet> = LazyLock::new(|| {
    let global = Ipv6Net::new_assert(std::net::Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
    let mut set = AddressSet::covering(&[IpNet::V6(global)]);
    remove_all(&mut set, &["2001:db8::/32", "3fff::/20", "2001:2::/48", "2001:10::/28"]);
    set
});

fn remove_all(set: &mut AddressSet, nets: &[&str]) {
    for net in nets.iter().filter_map(|net| net.parse::<IpNet>().ok()) {
        set.remove(&net);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::everything(&["0.0.0.0/0"], Reach::World)]
    #[case::host_bits_set(&["208.236.235.254/0"], Reach::World)]
    #[case::two_halves(&["0.0.0.0/1", "128.0.0.0/1"], Reach::World)]
    #[case::four_quarters(&["0.0.0.0/2", "64.0.0.0/2", "128.0.0.0/2", "192.0.0.0/2"], Reach::World)]
    #[case::everything_public_and_nothing_private(
        &["1.0.0.0/8", "2.0.0.0/7", "4.0.0.0/6", "8.0.0.0/7", "11.0.0.0/8", "12.0.0.0/6", "16.0.0.0/4", "32.0.0.0/3",
          "64.0.0.0/2", "128.0.0.0/3", "160.0.0.0/5", "168.0.0.0/6", "172.0.0.0/12", "172.32.0.0/11", "172.64.0.0/10",
          "172.128.0.0/9", "173.0.0.0/8", "174.0.0.0/7", "176.0.0.0/4", "192.0.0.0/9", "192.128.0.0/11",
          "192.160.0.0/13", "192.169.0.0/16", "192.170.0.0/15", "192.172.0.0/14", "192.176.0.0/12", "192.192.0.0/10",
          "193.0.0.0/8", "194.0.0.0/7", "196.0.0.0/6", "200.0.0.0/5", "208.0.0.0/4"], Reach::World)]
    #[case::half(&["0.0.0.0/1"], Reach::Broad)]
    #[case::an_eighth_is_the_limit(&["8.0.0.0/8"], Reach::Narrow)]
    #[case::two_eighths_add_up(&["8.0.0.0/8", "9.0.0.0/8"], Reach::Broad)]
    #[case::private_in_a_wider_range_does_not_count(&["10.0.0.0/7"], Reach::Narrow)]
    #[case::one_address(&["8.8.8.8"], Reach::Narrow)]
    #[case::rfc1918(&["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"], Reach::Private)]
    #[case::this_network(&["0.0.0.0/16"], Reach::Private)]
    #[case::ipv6_does_not_count(&["::/0"], Reach::Private)]
    fn ipv4_reach(#[case] nets: &[&str], #[case] expected: Reach) {
        let nets: Vec<_> = nets.iter().map(|net| parse_cidr(net).unwrap()).collect();
        assert_eq!(reach(AddressFamily::Ipv4, &nets), expected);
    }

    #[rstest]
    #[case::everything(&["::/0"], Reach::World)]
    #[case::spelled_out(&["0:0:0:0:0:0:0:0/0"], Reach::World)]
    #[case::global_unicast(&["2000::/3"], Reach::World)]
    #[case::two_halves(&["2000::/4", "3000::/4"], Reach::World)]
    #[case::a_provider(&["2600:1f18::/32"], Reach::Narrow)]
    #[case::broader_than_a_provider(&["2600:1f00::/24"], Reach::Broad)]
    #[case::unique_local(&["fc00::/7"], Reach::Private)]
    #[case::documentation(&["2001:db8::/32"], Reach::Private)]
    fn ipv6_reach(#[case] nets: &[&str], #[case] expected: Reach) {
        let nets: Vec<_> = nets.iter().map(|net| parse_cidr(net).unwrap()).collect();
        assert_eq!(reach(AddressFamily::Ipv6, &nets), expected);
    }

    #[test]
    fn a_text_that_is_no_network_is_named() {
        assert_eq!(
            parse_cidr("10.0.0/8").unwrap_err().to_string(),
            "`10.0.0/8` is not a CIDR such as `203.0.113.0/24` or `2001:db8::/32`"
        );
    }
}
