//! Which ports must not be open to the internet.

use super::security_group::state::{Rule, Source, Traffic, Transport};
use crate::engine::observed::Observed;
use crate::net::{self, AddressFamily, Reach};
use crate::policy::{Cidr, GuardrailSettings};
use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::fmt::Write as _;

/// Which ports must not be open to the internet, and for whom they may be.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PortSettings {
    /// The ports to watch, TCP and UDP. Without it, and without `allowed_ports`: the built-in list of administrative
    /// and high-risk ports.
    pub ports: Option<Vec<u16>>,
    /// Inverts the list: every port is watched except these (Security Hub EC2.18 allows 80 and 443).
    pub allowed_ports: Option<Vec<u16>>,
    /// Networks of any size that may reach the watched ports.
    pub allowed_cidrs: Vec<Cidr>,
}

impl GuardrailSettings for PortSettings {
    fn allowed_cidrs(&self) -> &[Cidr] {
        &self.allowed_cidrs
    }
}

/// Administrative and high-risk ports, each with the service that people know it by.
///
/// Sources: Security Hub controls EC2.13, EC2.14 and EC2.19 (20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 3000,
/// 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300); to these the unauthenticated or administrative
/// services that the list leaves out: 2375/2376 Docker, 2379 etcd, 5900 VNC, 5985/5986 WinRM, 6379 Redis, 6443 and 10250
/// Kubernetes, 9042 Cassandra, 9092 Kafka, 11211 Memcached, 27017 MongoDB, 50070 HDFS.
pub const WATCHED: &[(u16, &str)] = &[
    (20, "FTP data"),
    (21, "FTP"),
    (22, "SSH"),
    (23, "Telnet"),
    (25, "SMTP"),
    (110, "POP3"),
    (135, "RPC"),
    (143, "IMAP"),
    (445, "SMB"),
    (1433, "SQL Server"),
    (1434, "SQL Server browser"),
    (2375, "Docker"),
    (2376, "Docker TLS"),
    (2379, "etcd"),
    (3000, "development web servers"),
    (3306, "MySQL"),
    (3389, "RDP"),
    (4333, "mSQL"),
    (5000, "development web servers"),
    (5432, "PostgreSQL"),
    (5500, "VNC over HTTP"),
    (5601, "OpenSearch Dashboards"),
    (5900, "VNC"),
    (5985, "WinRM"),
    (5986, "WinRM TLS"),
    (6379, "Redis"),
    (6443, "Kubernetes API"),
    (8080, "HTTP proxies"),
    (8088, "legacy HTTP"),
    (8888, "alternative HTTP"),
    (9042, "Cassandra"),
    (9092, "Kafka"),
    (9200, "Elasticsearch"),
    (9300, "Elasticsearch nodes"),
    (10250, "kubelet"),
    (11211, "Memcached"),
    (27017, "MongoDB"),
    (50070, "HDFS"),
];

/// The ports that a guardrail watches, as its settings say.
#[derive(Clone, Debug)]
pub enum Watched {
    /// These.
    Listed(Vec<u16>),
    /// All but these.
    AllBut(Vec<u16>),
}

impl Watched {
    /// The settings' choice, else the built-in list.
    #[must_use]
    pub fn from_settings(settings: &PortSettings) -> Self {
        match (&settings.ports, &settings.allowed_ports) {
            (Some(ports), _) => Self::Listed(ports.clone()),
            (None, Some(allowed)) => Self::AllBut(allowed.clone()),
            (None, None) => Self::Listed(WATCHED.iter().map(|(port, _)| *port).collect()),
        }
    }

    /// The lowest watched ports that the range holds, at most `most`.
    #[must_use]
    pub fn within(&self, from: u16, to: u16, most: usize) -> Vec<u16> {
        match self {
            Self::Listed(ports) => {
                let mut found: Vec<u16> = ports.iter().copied().filter(|port| (from..=to).contains(port)).collect();
                found.sort_unstable();
                found.dedup();
                found.truncate(most);
                found
            }
            Self::AllBut(allowed) => (from..=to).filter(|port| !allowed.contains(port)).take(most).collect(),
        }
    }

    /// What of the watched ports the traffic lets in, for a person; none when nothing.
    #[must_use]
    pub fn named_in(&self, traffic: &Traffic) -> Option<String> {
        match traffic {
            Traffic::All => Some("every port".to_owned()),
            Traffic::Other { .. } => None,
            Traffic::Ports { from, to, transport } => {
                const NAMED: usize = 4;
                let found = self.within(*from, *to, NAMED + 1);
                let (first, rest) = found.split_first()?;
                let mut text = describe(*transport, *first);
                for port in rest.iter().take(NAMED - 1) {
                    let _ = write!(text, ", {}", describe(*transport, *port));
                }
                if found.len() > NAMED {
                    text.push_str(" and more");
                }
                Some(text)
            }
        }
    }
}

fn describe(transport: Transport, port: u16) -> String {
    match WATCHED.iter().find(|(known, _)| *known == port) {
        Some((_, service)) => format!("{transport} {port} ({service})"),
        None => format!("{transport} {port}"),
    }
}

/// The networks of a rule that the settings do not allow; none when they are unknown.
#[must_use]
pub fn foreign_nets(rule: &Rule, allowed: &[Cidr]) -> Option<Vec<IpNet>> {
    let nets = rule.source.nets()?;
    Some(nets.iter().filter(|net| !allowed.iter().any(|ok| ok.0.contains(*net))).copied().collect())
}

/// How far the rule alone reaches, and in which family it reaches farthest; none when that is unknown.
#[must_use]
pub fn reach_alone(rule: &Rule, allowed: &[Cidr]) -> Option<(Reach, AddressFamily)> {
    let nets = foreign_nets(rule, allowed)?;
    let v4 = net::reach(AddressFamily::Ipv4, &nets);
    let v6 = net::reach(AddressFamily::Ipv6, &nets);
    Some(if v6 > v4 { (v6, AddressFamily::Ipv6) } else { (v4, AddressFamily::Ipv4) })
}

/// Why a rule's source is unknown.
#[must_use]
pub fn unread_source(rule: &Rule) -> Option<String> {
    match &rule.source {
        Source::PrefixList { id, entries: Observed::Unknown { why } } => {
            Some(format!("`{}`: the entries of prefix list `{id}` are not known: {why}", rule.element()))
        }
        Source::PrefixList { id, entries: Observed::Absent } => {
            Some(format!("`{}`: there is no prefix list `{id}`", rule.element()))
        }
        Source::PrefixList { entries: Observed::Known(_), .. } | Source::Cidr(_) | Source::Group { .. } => None,
    }
}
