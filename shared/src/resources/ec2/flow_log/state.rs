//! Flow logs: what is recorded of a network's traffic, and where to.

pub use super::actions::FlowLogAction;

use crate::engine::observed::Observed;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// How to find the flow log, and what it was when it was last seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLogRef {
    /// `fl-…`
    pub id: String,
    /// Its settings when it stood: a deleted one cannot be asked, and the one that is made in its place has another id.
    pub kept: Observed<FlowLogConfig>,
}

/// What is known of a flow log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowLog {
    /// `fl-…`
    pub id: String,
    /// Its settings, also when it is gone.
    pub config: Observed<FlowLogConfig>,
    /// What became of it.
    pub now: Now,
}

/// What became of a flow log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Now {
    /// It is there.
    Stands,
    /// It is gone, and another one records as much to the same place.
    Replaced {
        /// `fl-…`
        by: String,
        /// The other one's settings.
        config: Box<FlowLogConfig>,
    },
    /// It is gone, and so is what it watched: a network that was torn down.
    Pointless,
    /// It is gone.
    Gone,
}

impl FlowLog {
    /// The settings to remember under `id`: this flow log's, or those of the one in its place.
    #[must_use]
    pub fn remembered(&self, id: &str) -> Observed<FlowLogConfig> {
        match &self.now {
            Now::Replaced { by, config } if by == id => Observed::Known((**config).clone()),
            Now::Replaced { .. } | Now::Stands | Now::Pointless | Now::Gone => self.config.clone(),
        }
    }
}

/// Everything that `CreateFlowLogs` takes, as `DescribeFlowLogs` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FlowLogConfig {
    /// What is watched: `vpc-…`, `subnet-…`, `eni-…`, `tgw-…`, `tgw-attach-…`, `nat-…`.
    pub resource: String,
    /// `ACCEPT`, `REJECT` or `ALL`; none for transit gateways.
    pub traffic: Option<String>,
    /// `cloud-watch-logs`, `s3` or `kinesis-data-firehose`.
    pub destination_type: Option<String>,
    /// The ARN of the bucket, the stream or the log group.
    pub destination: Option<String>,
    /// The log group by name.
    pub log_group: Option<String>,
    /// The role that delivers.
    pub role: Option<String>,
    /// The role that delivers to another account.
    pub cross_account_role: Option<String>,
    /// The fields of a record, in order.
    pub format: Option<String>,
    /// Seconds: 60 or 600.
    pub interval: Option<i32>,
    /// How files in a bucket are written.
    pub options: Option<FileOptions>,
    /// The flow log's tags.
    pub tags: BTreeMap<String, String>,
    /// Which tags of resources appear in records: resource type and keys.
    pub tag_fields: Vec<(String, Vec<String>)>,
}

/// How files in a bucket are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FileOptions {
    /// `plain-text` or `parquet`
    pub file_format: Option<String>,
    /// Hive-compatible folders.
    pub hive: Option<bool>,
    /// A folder an hour.
    pub per_hour: Option<bool>,
}

impl FlowLogConfig {
    /// `ResourceType`, which `DescribeFlowLogs` does not show: an id says it. None for a kind that is not known here.
    #[must_use]
    pub fn resource_type(&self) -> Option<&'static str> {
        let kinds = [
            ("vpc-", "VPC"),
            ("subnet-", "Subnet"),
            ("eni-", "NetworkInterface"),
            ("tgw-attach-", "TransitGatewayAttachment"),
            ("tgw-", "TransitGateway"),
            ("nat-", "RegionalNatGateway"),
        ];
        kinds.iter().find(|(prefix, _)| self.resource.starts_with(prefix)).map(|(_, kind)| *kind)
    }

    /// Whether `other` leaves no gap where this one stood: the same resource, at least its traffic, the same place and the
    /// same fields. How often records are cut, how files are named and how it is tagged may differ.
    #[must_use]
    pub fn is_made_up_for_by(&self, other: &Self) -> bool {
        let as_much_traffic = other.traffic == self.traffic || other.traffic.as_deref() == Some("ALL");
        self.resource == other.resource
            && as_much_traffic
            && self.destination_type() == other.destination_type()
            && self.place() == other.place()
            && self.format == other.format
    }

    /// The tags that can be given: those that begin with `aws:` are AWS's own.
    pub fn own_tags(&self) -> impl Iterator<Item = (&String, &String)> {
        self.tags.iter().filter(|(key, _)| !key.to_ascii_lowercase().starts_with("aws:"))
    }

    /// "Default: `cloud-watch-logs`" (`CreateFlowLogs`).
    #[must_use]
    pub fn destination_type(&self) -> &str {
        self.destination_type.as_deref().unwrap_or("cloud-watch-logs")
    }

    /// Where records go. A log group is given by its name, by its ARN, or by both.
    #[must_use]
    pub fn place(&self) -> &str {
        let named = |arn: &'_ str| arn.contains(":log-group:");
        match (&self.destination, &self.log_group) {
            (Some(arn), _) if named(arn) => {
                let name = arn.split_once(":log-group:").map_or(arn.as_str(), |(_, name)| name);
                name.strip_suffix(":*").unwrap_or(name)
            }
            (Some(arn), _) => arn,
            (None, Some(group)) => group,
            (None, None) => "",
        }
    }
}

impl fmt::Display for FlowLogConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let traffic = self.traffic.as_deref().map(|traffic| format!("{} traffic", traffic.to_lowercase()));
        let (resource, place) = (&self.resource, self.place());
        write!(f, "{} of {resource} to {} {place}", traffic.as_deref().unwrap_or("traffic"), self.destination_type())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn log(change: impl FnOnce(&mut FlowLogConfig)) -> FlowLogConfig {
        let mut log = FlowLogConfig {
            resource: "vpc-1".to_owned(),
            traffic: Some("REJECT".to_owned()),
            destination_type: Some("s3".to_owned()),
            destination: Some("arn:aws:s3:::logs".to_owned()),
            interval: Some(600),
            ..FlowLogConfig::default()
        };
        change(&mut log);
        log
    }

    #[rstest]
    #[case::the_same(log(|_| ()), true)]
    #[case::more_traffic(log(|it| it.traffic = Some("ALL".to_owned())), true)]
    #[case::other_traffic(log(|it| it.traffic = Some("ACCEPT".to_owned())), false)]
    #[case::another_bucket(log(|it| it.destination = Some("arn:aws:s3:::mine".to_owned())), false)]
    #[case::another_network(log(|it| it.resource = "vpc-2".to_owned()), false)]
    #[case::fewer_fields(log(|it| it.format = Some("${version}".to_owned())), false)]
    #[case::another_interval(log(|it| it.interval = Some(60)), true)]
    fn what_makes_up_for_a_flow_log(#[case] other: FlowLogConfig, #[case] does: bool) {
        assert_eq!(log(|_| ()).is_made_up_for_by(&other), does);
    }

    #[test]
    fn a_log_group_by_name_or_by_arn_is_the_same_place() {
        let group = |destination: Option<&str>, log_group: Option<&str>| FlowLogConfig {
            resource: "vpc-1".to_owned(),
            destination: destination.map(str::to_owned),
            log_group: log_group.map(str::to_owned),
            ..FlowLogConfig::default()
        };
        let named = group(None, Some("/flows"));
        assert!(named.is_made_up_for_by(&group(Some("arn:aws:logs:eu-west-1:111122223333:log-group:/flows:*"), None)));
        assert!(named.is_made_up_for_by(&group(Some("arn:aws:logs:eu-west-1:111122223333:log-group:/flows"), None)));
        assert!(!named.is_made_up_for_by(&group(None, Some("/others"))));
    }

    #[rstest]
    #[case("tgw-attach-1", Some("TransitGatewayAttachment"))]
    #[case("tgw-1", Some("TransitGateway"))]
    #[case("eni-1", Some("NetworkInterface"))]
    #[case("i-1", None)]
    fn an_id_says_what_is_watched(#[case] resource: &str, #[case] kind: Option<&str>) {
        assert_eq!(log(|it| it.resource = resource.to_owned()).resource_type(), kind);
    }
}
