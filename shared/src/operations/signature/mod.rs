//! Which items of the ledger are believed.
//!
//! A principal that may write to the table could otherwise write what Parapet obeys: an exemption, a suspension, undo steps, a
//! known-good state. Each such item carries a [`Seal`]: a message authentication code over everything that gives the item its
//! meaning ([`Claim`]). The codes are made by KMS keys that never leave KMS, so that who may read the table cannot make one, and
//! who may only verify cannot either.
//!
//! Two keys, because KMS does not know one kind of item from another: functions sign what they did with the one, the `operate`
//! function and operators sign what a person decided with the other ([`Signatory`]). Neither can make the other's.

mod claim;
mod doubt;
mod verdicts;

pub use claim::{Claim, Digest, Kind, Signatory};
pub use doubt::{Doubt, notices};
pub use verdicts::Verdicts;

use crate::engine::unavailable::Unavailable;
use data_encoding::HEXLOWER;
use jiff::Timestamp;
use std::fmt;
use std::future::Future;
use std::str::FromStr;
use thiserror::Error;

/// Makes message authentication codes.
pub trait Signer: Sync {
    /// The code of this digest.
    fn sign(&self, by: Signatory, digest: &Digest) -> impl Future<Output = Result<Vec<u8>, Unavailable>> + Send;
}

/// Checks message authentication codes, and cannot make any.
pub trait Verifier: Sync {
    /// Whether the code is this digest's. An error means that it is unknown.
    fn verify(
        &self,
        by: Signatory,
        digest: &Digest,
        mac: &[u8],
    ) -> impl Future<Output = Result<bool, Unavailable>> + Send;
}

/// The longest code that KMS makes: HMAC_512's, in bytes.
const MOST_MAC: usize = 64;

/// What an item carries: when it was written, and the code over it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The item's version: the millisecond at which it was written. It is part of what is signed.
    pub version: i64,
    /// The message authentication code.
    pub mac: Vec<u8>,
}

impl fmt::Display for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.version, HEXLOWER.encode_display(&self.mac))
    }
}

/// A text that is no seal.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("its seal is not of the form `VERSION.HEX`")]
pub struct NotASeal;

impl FromStr for Seal {
    type Err = NotASeal;

    fn from_str(text: &str) -> Result<Self, NotASeal> {
        let read = || {
            let (version, mac) = text.split_once('.')?;
            // `+1` is another text for the same number: there is one form only.
            let version = version.parse().ok().filter(|number: &i64| number.to_string() == version)?;
            let mac = HEXLOWER.decode(mac.as_bytes()).ok()?;
            (1..=MOST_MAC).contains(&mac.len()).then_some(Self { version, mac })
        };
        read().ok_or(NotASeal)
    }
}

/// What is to be thought of an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Nothing is signed here (`PARAPET_LEDGER_KEY` is not set): every item is believed.
    #[default]
    NotAsked,
    /// The code is right.
    Signed,
    /// There is no code: an item of before signing was switched on, one that could not be signed, or one that another principal
    /// wrote. It decides nothing.
    Unsigned,
    /// The code is another item's, or no item's: the ledger was tampered with. It decides nothing.
    Forged {
        /// What is wrong.
        why: String,
    },
    /// The code is right, and the item's time is over: it is not there any more, also when it was put back.
    Ended,
    /// Unknown for now. It counts as what cannot be read.
    Unverified {
        /// What came back.
        why: String,
    },
}

impl Trust {
    /// Whether the item may decide something.
    #[must_use]
    pub fn is_believed(&self) -> bool {
        matches!(self, Self::NotAsked | Self::Signed)
    }

    /// Why it does not, in a sentence. None when it does.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        match self {
            Self::NotAsked | Self::Signed => None,
            Self::Unsigned => Some(
                "it has no signature: it is older than signing, could not be signed, or another principal wrote it"
                    .to_owned(),
            ),
            Self::Forged { why } => {
                Some(format!("its signature is wrong, another principal wrote to the ledger: {why}"))
            }
            Self::Ended => Some("its time is over".to_owned()),
            Self::Unverified { why } => Some(format!("its signature cannot be verified now: {why}")),
        }
    }
}

/// The seal of a claim.
///
/// # Errors
/// The signer's.
pub async fn seal(signer: &impl Signer, claim: &Claim<'_>) -> Result<Seal, Unavailable> {
    let mac = signer.sign(claim.kind.signatory(), &claim.digest()).await?;
    Ok(Seal { version: claim.version, mac })
}

/// What is to be thought at `now` of an item that carries this seal. `claim` says what the item says; its version is the seal's.
pub async fn check(verifier: &impl Verifier, claim: Claim<'_>, seal: Option<&str>, now: Timestamp) -> Trust {
    let Some(text) = seal else { return Trust::Unsigned };
    let seal: Seal = match text.parse() {
        Ok(seal) => seal,
        Err(error @ NotASeal) => return Trust::Forged { why: error.to_string() },
    };
    let claim = Claim { version: seal.version, ..claim };
    match verifier.verify(claim.kind.signatory(), &claim.digest(), &seal.mac).await {
        Ok(true) if claim.expires <= now.as_second() => Trust::Ended,
        Ok(true) => Trust::Signed,
        Ok(false) => Trust::Forged { why: "it is not the signature of this content".to_owned() },
        Err(error) => Trust::Unverified { why: error.to_string() },
    }
}

#[cfg(test)]
mod tests;
