//! In which account and region a call is made: the function's own, or a member's through the role that its stack made there.

use crate::engine::observed::Place;
use aws_config::sts::AssumeRoleProvider;
use aws_config::{Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_types::error::display::DisplayErrorContext;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};
use thiserror::Error;

/// The function's own credentials, and those of the members that it has served.
#[derive(Debug)]
pub struct Accounts {
    base: SdkConfig,
    /// The function's own account, as far as it is known.
    own: Option<String>,
    /// `PARAPET_ROLE_NAME`: the role to assume in other accounts.
    role: Option<String>,
    /// Who assumes it, for the member's trail.
    session: String,
    cached: Mutex<BTreeMap<String, Credentials>>,
}

/// A configuration, and until when its credentials can be used.
#[derive(Clone, Debug)]
pub struct Access {
    /// What clients are made from.
    pub config: SdkConfig,
    /// None for the function's own credentials, which renew themselves.
    pub until: Option<SystemTime>,
}

/// Why nothing can be done there.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Unserved {
    /// Another try will be refused the same way.
    #[error("{0}")]
    Refused(String),
    /// Another try can succeed.
    #[error("{0}")]
    Passing(String),
}

/// Credentials are renewed this long before they end: a run is over by then.
const MARGIN: Duration = Duration::from_secs(300);

impl Accounts {
    /// `own` is the function's account, `role` the name of the role that members hold for it.
    #[must_use]
    pub fn new(base: SdkConfig, own: Option<String>, role: Option<String>, session: &str) -> Self {
        Self { base, own, role, session: session.to_owned(), cached: Mutex::default() }
    }

    /// The function's own configuration.
    #[must_use]
    pub fn base(&self) -> &SdkConfig {
        &self.base
    }

    /// The configuration for `place`.
    ///
    /// # Errors
    /// [`Unserved`] when the place is not one that this function serves, or the member does not let it in.
    pub async fn at(&self, place: &Place) -> Result<Access, Unserved> {
        let is_region = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if place.region.is_empty() || !place.region.chars().all(is_region) {
            // It would become part of a host name.
            return Err(Unserved::Refused(format!("`{}` is no region", place.region)));
        }
        let config = self.base.to_builder().region(Region::new(place.region.clone()));
        let is_own = self.own.as_ref().map(|own| *own == place.account);
        match (&self.role, is_own) {
            // Without a role, there is one account, whichever it is.
            (_, Some(true)) | (None, None) => Ok(Access { config: config.build(), until: None }),
            (None, Some(false)) => Err(Unserved::Refused(format!(
                "account {} is another than this function's, which has no role to assume there (`PARAPET_ROLE_NAME`)",
                place.account
            ))),
            // To take a member for the own account would be to act in the wrong one.
            (Some(_), None) => Err(Unserved::Refused(
                "the function does not know its own account (`PARAPET_SELF_ROLE_ARN`), and so not whose role to assume"
                    .to_owned(),
            )),
            (Some(role), Some(false)) => {
                let credentials = self.credentials(place, role).await?;
                let until = credentials.expiry();
                let provider = SharedCredentialsProvider::new(credentials);
                Ok(Access { config: config.credentials_provider(provider).build(), until })
            }
        }
    }

    async fn credentials(&self, place: &Place, role: &str) -> Result<Credentials, Unserved> {
        if let Some(cached) = self.cached().get(&place.account).filter(|cached| is_fresh(cached.expiry())) {
            return Ok(cached.clone());
        }
        let arn = format!("arn:{}:iam::{}:role/{role}", place.partition, place.account);
        let provider = AssumeRoleProvider::builder(&arn).configure(&self.base).session_name(&self.session);
        let provider = provider.build().await;
        let credentials = provider.provide_credentials().await.map_err(|error| {
            let why = DisplayErrorContext(&error).to_string();
            if why.contains("AccessDenied") {
                return Unserved::Refused(format!(
                    "account {} does not let this function in: `{arn}` cannot be assumed (AccessDenied); the stack of \
                     template-spoke.yaml makes the role there",
                    place.account
                ));
            }
            Unserved::Passing(format!("cannot assume `{arn}`: {why}"))
        })?;
        self.cached().insert(place.account.clone(), credentials.clone());
        Ok(credentials)
    }

    fn cached(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Credentials>> {
        self.cached.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether credentials that end at `until` can still be used for a run.
#[must_use]
pub fn is_fresh(until: Option<SystemTime>) -> bool {
    until.is_none_or(|until| SystemTime::now() + MARGIN < until)
}
