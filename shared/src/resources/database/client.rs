//! RDS, and through it DocumentDB and Neptune, which share its control plane: snapshots, instances and clusters.

use aws_config::SdkConfig;
use aws_sdk_rds::Client;
use std::fmt;

/// The RDS API of one account and region.
#[derive(Clone, Debug)]
pub struct Rds {
    pub(super) client: Client,
}

impl Rds {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}

/// Where a listing of two kinds is: in the first or in the second, and where there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cursor {
    First(Option<String>),
    Second(Option<String>),
}

impl Cursor {
    pub(super) fn read(from: Option<&str>) -> Self {
        let marker = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        match from.and_then(|from| from.split_once(' ')) {
            Some(("second", text)) => Self::Second(marker(text)),
            Some((_, text)) => Self::First(marker(text)),
            None => Self::First(None),
        }
    }

    /// On within the first, or to the second when the first has no more.
    pub(super) fn after_first(marker: Option<String>) -> Self {
        marker.map_or(Self::Second(None), |marker| Self::First(Some(marker)))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First(marker) => write!(f, "first {}", marker.as_deref().unwrap_or_default()),
            Self::Second(marker) => write!(f, "second {}", marker.as_deref().unwrap_or_default()),
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use aws_sdk_rds::Config;
    use aws_sdk_rds::config::BehaviorVersion;

    /// RDS whose calls are looked at and never sent.
    pub(crate) fn unsent() -> Rds {
        let config = Config::builder().behavior_version(BehaviorVersion::latest()).build();
        Rds { client: Client::from_conf(config) }
    }

    #[test]
    fn a_listing_goes_on_where_it_was() {
        for cursor in [Cursor::First(None), Cursor::First(Some("a b".to_owned())), Cursor::Second(Some("c".to_owned()))]
        {
            assert_eq!(Cursor::read(Some(&cursor.to_string())), cursor);
        }
        assert_eq!(Cursor::read(None), Cursor::First(None));
        assert_eq!(Cursor::after_first(None), Cursor::Second(None));
    }
}
