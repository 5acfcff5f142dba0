//! Redshift: the client of its resources.

use aws_config::SdkConfig;
use aws_sdk_redshift::Client;

/// The Redshift API of one account and region.
#[derive(Clone, Debug)]
pub struct Redshift {
    pub(super) client: Client,
}

impl Redshift {
    /// A client with the function's configuration.
    #[must_use]
    pub fn new(config: &SdkConfig) -> Self {
        Self { client: Client::new(config) }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use aws_sdk_redshift::Config;
    use aws_sdk_redshift::config::BehaviorVersion;

    /// Redshift whose calls are looked at and never sent.
    pub(crate) fn unsent() -> Redshift {
        let config = Config::builder().behavior_version(BehaviorVersion::latest()).build();
        Redshift { client: Client::from_conf(config) }
    }
}
