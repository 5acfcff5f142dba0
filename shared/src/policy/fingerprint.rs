//! Which policy it is: what a function says of the one that it has read, and what a file is compared by.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// Stands for the policy of a function that was given none.
pub const BUILT_IN: &str = "built-in";

/// The fingerprint of a policy file's text.
#[must_use]
pub fn fingerprint(text: &str) -> String {
    format!("sha256:{}", HEXLOWER.encode(&Sha256::digest(text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_text_has_another_fingerprint() {
        let [one, same, other] = ["version: 1\n", "version: 1\n", "version: 1"].map(fingerprint);
        assert_eq!((one.len(), &one), (71, &same));
        assert_ne!(one, other);
    }
}
