//! A set of addresses of one family, as sorted ranges that do not touch.

use ipnet::IpNet;

/// Addresses as sorted, disjoint, inclusive ranges. One family a set: IPv4 and IPv6 share the number line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AddressSet {
    ranges: Vec<(u128, u128)>,
}

impl AddressSet {
    /// All addresses of `nets`.
    pub fn covering<'a>(nets: impl IntoIterator<Item = &'a IpNet>) -> Self {
        let mut sorted: Vec<(u128, u128)> = nets.into_iter().map(bounds).collect();
        sorted.sort_unstable();
        let mut ranges: Vec<(u128, u128)> = Vec::with_capacity(sorted.len());
        for (from, to) in sorted {
            match ranges.last_mut() {
                Some((_, end)) if from <= end.saturating_add(1) => *end = to.max(*end),
                _ => ranges.push((from, to)),
            }
        }
        Self { ranges }
    }

    /// Takes a network away.
    pub fn remove(&mut self, net: &IpNet) {
        let (from, to) = bounds(net);
        let mut kept = Vec::with_capacity(self.ranges.len() + 1);
        for &(start, end) in &self.ranges {
            if end < from || to < start {
                kept.push((start, end));
                continue;
            }
            if start < from {
                kept.push((start, from - 1));
            }
            if to < end {
                kept.push((to + 1, end));
            }
        }
        self.ranges = kept;
    }

    /// What both hold.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut ranges = Vec::new();
        for &(start, end) in &self.ranges {
            for &(from, to) in &other.ranges {
                if from <= end && start <= to {
                    ranges.push((start.max(from), end.min(to)));
                }
            }
        }
        Self { ranges }
    }

    /// True when there is no address.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The number of addresses; the whole of IPv6 is one more than fits and answers the most that does.
    #[must_use]
    pub fn len(&self) -> u128 {
        self.ranges.iter().fold(0, |sum: u128, (from, to)| sum.saturating_add((to - from).saturating_add(1)))
    }
}

fn bounds(net: &IpNet) -> (u128, u128) {
    match net {
        IpNet::V4(net) => (u32::from(net.network()).into(), u32::from(net.broadcast()).into()),
        IpNet::V6(net) => (net.network().into(), net.broadcast().into()),
    }
}
