//! What is signed: one unambiguous string of bytes for each item.

use sha2::{Digest as _, Sha256};

/// What stands before everything else: a code over anything else with the same key is none of ours, and another layout is
/// another number.
const LAYOUT: &[u8] = b"parapet-ledger-1";

/// A SHA-256 of a claim: what KMS signs, whose messages end at 4,096 bytes ("GenerateMac" in the AWS KMS API reference).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The message for KMS.
    #[must_use]
    pub fn message(&self) -> Vec<u8> {
        [LAYOUT, &self.0].concat()
    }
}

/// Which key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signatory {
    /// The functions: what they did, saw and counted. `operate` verifies it only.
    Functions,
    /// The `operate` function and operators: what a person decided. The functions verify it only.
    Operators,
}

/// What an item is. One kind is never taken for another, whatever else is equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A finding with its undo steps, or a notice.
    Finding,
    /// That the channel was notified of a finding.
    Notified,
    /// That a finding was undone.
    Undone,
    /// A guardrail only notifies, for a while.
    Suspension,
    /// A resource is exempt, for a while.
    Exemption,
    /// What was kept under a name: a state that was judged good, how far a sweep is.
    Kept,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Finding, Self::Notified, Self::Undone, Self::Suspension, Self::Exemption, Self::Kept];

    /// Its name in what is signed.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Notified => "told",
            Self::Undone => "undone",
            Self::Suspension => "suspension",
            Self::Exemption => "exemption",
            Self::Kept => "kept",
        }
    }

    /// Who signs it.
    #[must_use]
    pub fn signatory(self) -> Signatory {
        match self {
            Self::Finding | Self::Notified | Self::Suspension | Self::Kept => Signatory::Functions,
            Self::Undone | Self::Exemption => Signatory::Operators,
        }
    }
}

/// Everything that gives an item its meaning.
#[derive(Clone, Copy, Debug)]
pub struct Claim<'a> {
    /// What it is.
    pub kind: Kind,
    /// The table's name: an item of another ledger that the same key signs is not this one's.
    pub table: &'a str,
    /// The item's key, with the attribute's name where one item holds several.
    pub key: &'a str,
    /// The account that it is about.
    pub account: &'a str,
    /// The region.
    pub region: &'a str,
    /// The resource's id; what else it is about where it is about no resource.
    pub resource: &'a str,
    /// When it was written, in milliseconds: an older state of the same key is another claim.
    pub version: i64,
    /// The second after which it is believed no more, as the item says.
    pub expires: i64,
    /// The content, field by field.
    pub payload: &'a [&'a str],
}

impl Claim<'_> {
    /// The bytes. Each part stands behind its length, so that no two claims have the same.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        let texts = [self.kind.word(), self.table, self.key, self.account, self.region, self.resource];
        let mut bytes = Vec::new();
        part(&mut bytes, LAYOUT);
        for text in texts {
            part(&mut bytes, text.as_bytes());
        }
        bytes.extend(self.version.to_be_bytes());
        bytes.extend(self.expires.to_be_bytes());
        bytes.extend(length(self.payload.len()));
        for text in self.payload {
            part(&mut bytes, text.as_bytes());
        }
        bytes
    }

    /// Their SHA-256.
    #[must_use]
    pub fn digest(&self) -> Digest {
        Digest(Sha256::digest(self.bytes()).into())
    }
}

fn part(bytes: &mut Vec<u8>, text: &[u8]) {
    bytes.extend(length(text.len()));
    bytes.extend(text);
}

fn length(of: usize) -> [u8; 8] {
    u64::try_from(of).unwrap_or(u64::MAX).to_be_bytes()
}
