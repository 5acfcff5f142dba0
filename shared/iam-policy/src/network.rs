//! How much of the internet a list of `aws:SourceIp` values lets in.
//!
//! What must hold: networks are compared as networks. A value broader than /8 (IPv4) or /32 (IPv6) is the public, and
//! so are several values that together come to more than that. Private ranges are taken out first, by containment:
//! `10.0.0.0/7` is not private. A value that is no network lets in everybody, because what it means is unknown.
//!
//! "The meaning of public": <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>

use std::net::IpAddr;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use super::words::clip;

/// The largest share that is not the public.
const NARROWEST_PUBLIC_V4: u8 = 8;
const NARROWEST_PUBLIC_V6: u8 = 32;

/// What the values of one condition come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Networks {
    /// More than AWS lets pass as not public; the value or the sum at fault.
    TheInternet(String),
    /// Private ranges alone: not the internet, but whose network it is is unknown.
    Private,
    /// Nothing outside the trusted networks.
    Trusted,
    /// These foreign ranges, narrow enough not to be the public.
    Foreign(Vec<String>),
}

pub(crate) fn judge(values: &[String], trusted: &[IpNet]) -> Networks {
    let mut foreign = Vec::new();
    let mut private = false;
    for value in values {
        let Some(network) = read(value) else {
            return Networks::TheInternet(format!("`{}` is not a network", clip(value)));
        };
        if trusted.iter().any(|known| known.contains(&network)) {
            continue;
        }
        if is_private(&network) {
            private = true;
            continue;
        }
        let widest = if network.addr().is_ipv4() { NARROWEST_PUBLIC_V4 } else { NARROWEST_PUBLIC_V6 };
        if network.prefix_len() < widest {
            return Networks::TheInternet(format!("`{network}` is broader than /{widest}"));
        }
        foreign.push(network);
    }
    if sum_is_public(&foreign) {
        return Networks::TheInternet("the ranges together are broader than AWS allows one to be".to_owned());
    }
    match (foreign.is_empty(), private) {
        (false, _) => Networks::Foreign(foreign.iter().map(ToString::to_string).collect()),
        (true, true) => Networks::Private,
        (true, false) => Networks::Trusted,
    }
}

/// An address stands for itself alone; bits of the host are masked, as AWS does.
pub(crate) fn read(text: &str) -> Option<IpNet> {
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from)).ok()?;
    Some(network.trunc())
}

fn is_private(network: &IpNet) -> bool {
    match network {
        IpNet::V4(network) => [(10, 0, 8), (172, 16, 12), (192, 168, 16)].into_iter().any(|(first, second, length)| {
            Ipv4Net::new([first, second, 0, 0].into(), length).is_ok_and(|private| private.contains(network))
        }),
        IpNet::V6(network) => {
            Ipv6Net::new([0xfc00, 0, 0, 0, 0, 0, 0, 0].into(), 7).is_ok_and(|private| private.contains(network))
        }
    }
}

fn sum_is_public(networks: &[IpNet]) -> bool {
    let (mut v4, mut v6) = (0_u128, 0_u128);
    for network in IpNet::aggregate(&networks.to_vec()) {
        let bits = u32::from(network.max_prefix_len() - network.prefix_len());
        match network {
            IpNet::V4(_) => v4 = v4.saturating_add(1 << bits),
            IpNet::V6(_) => v6 = v6.saturating_add(1_u128.checked_shl(bits).unwrap_or(u128::MAX)),
        }
    }
    v4 > 1 << (32 - NARROWEST_PUBLIC_V4) || v6 > 1 << (128 - NARROWEST_PUBLIC_V6)
}

#[cfg(test)]
mod tests {
    use super::{Networks, judge, read};

    fn of(values: &[&str]) -> Networks {
        judge(&values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>(), &[])
    }

    fn is_the_internet(values: &[&str]) -> bool {
        matches!(of(values), Networks::TheInternet(_))
    }

    #[test]
    fn broader_than_eight_bits_is_the_internet() {
        assert!(is_the_internet(&["0.0.0.0/0"]));
        assert!(is_the_internet(&["::/0"]));
        assert!(is_the_internet(&["10.0.0.0/7"]), "also holds 11.0.0.0/8");
        assert!(is_the_internet(&["208.236.235.254/0"]), "host bits do not narrow it");
        assert!(is_the_internet(&["203.0.113.7/32", "0.0.0.0/0"]), "one wide value is enough");
        assert!(!is_the_internet(&["54.0.0.0/8"]));
        assert!(!is_the_internet(&["2001:db8::/32"]));
    }

    #[test]
    fn narrow_values_add_up() {
        assert!(is_the_internet(&["0.0.0.0/1", "128.0.0.0/1"]));
        assert!(is_the_internet(&["54.0.0.0/8", "55.0.0.0/8"]));
        assert!(!is_the_internet(&["54.0.0.0/8", "54.1.0.0/16"]), "one lies within the other");
        assert!(!is_the_internet(&["10.0.0.0/8", "54.0.0.0/8"]), "private space does not count");
    }

    #[test]
    fn what_is_no_network_lets_in_everybody() {
        assert!(is_the_internet(&["256.256.256.256"]));
        assert!(is_the_internet(&["*"]));
    }

    #[test]
    fn private_trusted_and_foreign_are_distinguished() {
        assert_eq!(of(&["10.0.0.22", "192.168.1.1", "172.31.0.0/16", "fd00::1"]), Networks::Private);
        assert_eq!(of(&["1.2.3.4"]), Networks::Foreign(vec!["1.2.3.4/32".to_owned()]));
        let office: Vec<_> = read("1.2.3.0/24").into_iter().collect();
        assert_eq!(judge(&["1.2.3.4".to_owned()], &office), Networks::Trusted);
        assert!(matches!(judge(&["1.2.0.0/16".to_owned()], &office), Networks::Foreign(_)));
    }
}
