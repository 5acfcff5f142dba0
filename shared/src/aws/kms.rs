//! KMS: the keys that sign the ledger's items and verify them.
//!
//! Sources: "GenerateMac" and "VerifyMac" in the AWS KMS API reference; "HMAC keys in AWS KMS" in its developer guide.

use crate::aws::{CallError, Failure, FailureKind, failure};
use crate::engine::unavailable::Unavailable;
use crate::operations::signature::{Digest, Signatory, Signer, Verdicts, Verifier};
use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_kms::Client;
use aws_sdk_kms::config::Builder;
use aws_sdk_kms::error::SdkError;
use aws_sdk_kms::operation::verify_mac::VerifyMacError;
use aws_sdk_kms::primitives::Blob;
use aws_sdk_kms::types::MacAlgorithmSpec;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The variable that names the key of what functions do.
pub const LEDGER_KEY: &str = "PARAPET_LEDGER_KEY";
/// The variable that names the key of what a person decides; without it the other one signs that too.
pub const OPERATORS_KEY: &str = "PARAPET_OPERATORS_KEY";

/// A key that did not answer is not asked again for this long: an event has several items, and Lambda's time is bounded.
const REST: Duration = Duration::from_secs(15);

/// Both keys, and what they have said in this process.
#[derive(Debug)]
pub struct Keys {
    client: Client,
    functions: String,
    operators: String,
    verdicts: Verdicts,
    rests: Mutex<Option<(Instant, Unavailable)>>,
}

impl Keys {
    /// The keys with these ids or ARNs.
    #[must_use]
    pub fn new(config: &SdkConfig, functions: &str, operators: Option<&str>) -> Self {
        // Nothing waits long for a signature: containment goes on without, and says so.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_attempt_timeout(Duration::from_millis(1_500))
            .operation_timeout(Duration::from_secs(3))
            .build();
        let retries = RetryConfig::standard().with_max_attempts(2).with_initial_backoff(Duration::from_millis(50));
        let config = Builder::from(config).timeout_config(timeouts).retry_config(retries).build();
        Self {
            client: Client::from_conf(config),
            functions: functions.to_owned(),
            operators: operators.unwrap_or(functions).to_owned(),
            verdicts: Verdicts::default(),
            rests: Mutex::default(),
        }
    }

    /// The keys that these variables name. None where nothing is to be signed.
    #[must_use]
    pub fn of(config: &SdkConfig, variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let text = |name: &str| variable(name).filter(|value| !value.is_empty());
        Some(Self::new(config, &text(LEDGER_KEY)?, text(OPERATORS_KEY).as_deref()))
    }

    fn key(&self, by: Signatory) -> &str {
        match by {
            Signatory::Functions => &self.functions,
            Signatory::Operators => &self.operators,
        }
    }

    /// The latest failure, while KMS is left alone.
    fn rests(&self) -> Result<(), Unavailable> {
        match &*self.rests.lock().unwrap_or_else(PoisonError::into_inner) {
            Some((since, why)) if since.elapsed() < REST => Err(why.clone()),
            Some(_) | None => Ok(()),
        }
    }

    fn failed(&self, permission: &'static str, by: Signatory, failure: Failure) -> Unavailable {
        let kind = failure.kind;
        let why = Unavailable::new(CallError::about(permission, "with", self.key(by), failure));
        // A refusal comes quickly; what does not answer costs seconds each time.
        if kind == FailureKind::Transient {
            *self.rests.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), why.clone()));
        }
        why
    }
}

impl Signer for Keys {
    async fn sign(&self, by: Signatory, digest: &Digest) -> Result<Vec<u8>, Unavailable> {
        self.rests()?;
        let call = self.client.generate_mac().key_id(self.key(by)).mac_algorithm(MacAlgorithmSpec::HmacSha256);
        let answer = call.message(Blob::new(digest.message())).send().await;
        let answer = answer.map_err(|error| self.failed("kms:GenerateMac", by, failure(&error)))?;
        let mac = answer.mac.map(Blob::into_inner).unwrap_or_default();
        if mac.is_empty() {
            return Err(Unavailable::new(format!("`kms:GenerateMac` with `{}` answered without a code", self.key(by))));
        }
        self.verdicts.note(by, digest, &mac, true);
        Ok(mac)
    }
}

impl Verifier for Keys {
    async fn verify(&self, by: Signatory, digest: &Digest, mac: &[u8]) -> Result<bool, Unavailable> {
        if let Some(known) = self.verdicts.known(by, digest, mac) {
            return Ok(known);
        }
        self.rests()?;
        let call = self.client.verify_mac().key_id(self.key(by)).mac_algorithm(MacAlgorithmSpec::HmacSha256);
        let is_right = match call.message(Blob::new(digest.message())).mac(Blob::new(mac)).send().await {
            Ok(answer) => answer.mac_valid,
            Err(SdkError::ServiceError(answer))
                if matches!(answer.err(), VerifyMacError::KmsInvalidMacException(_)) =>
            {
                false
            }
            Err(error) => return Err(self.failed("kms:VerifyMac", by, failure(&error))),
        };
        self.verdicts.note(by, digest, mac, is_right);
        Ok(is_right)
    }
}
