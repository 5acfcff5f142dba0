//! The parts of an ARN, read from their places and never by searching the text.
//!
//! What must hold: the account is field five and nothing else. A role that is *named* like the owner's account is
//! still another account's. `<https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html>`

/// An ARN, or a pattern for ARNs, cut at its first five colons.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    pub(crate) partition: &'a str,
    pub(crate) service: &'a str,
    pub(crate) account: &'a str,
    /// Empty when the text ends with the account.
    pub(crate) resource: &'a str,
}

impl<'a> Arn<'a> {
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let mut parts = text.splitn(6, ':');
        if parts.next()? != "arn" {
            return None;
        }
        let (partition, service, _region, account) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        Some(Self { partition, service, account, resource: parts.next().unwrap_or_default() })
    }
}

/// The text up to the end of the account field. A `*` of a string operator in there can run across the colons, so
/// that the account is not where it seems to be.
pub(crate) fn up_to_account(text: &str) -> &str {
    text.match_indices(':').nth(4).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// Twelve digits.
pub(crate) fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Holds something that stands for other text: a wildcard or a policy variable.
pub(crate) fn is_open_ended(text: &str) -> bool {
    text.contains(['*', '?']) || text.contains("${")
}

#[cfg(test)]
mod tests {
    use super::{Arn, is_account, up_to_account};

    #[test]
    fn the_account_is_field_five() {
        let account = |text| Arn::read(text).map(|arn| arn.account);
        assert_eq!(account("arn:aws:iam::999988887777:role/111122223333"), Some("999988887777"));
        assert_eq!(account("arn:aws-cn:sts::111122223333:assumed-role/r/s"), Some("111122223333"));
        assert_eq!(account("arn:aws:sns:us-east-1:111122223333"), Some("111122223333"));
        assert_eq!(account("arn:aws:s3:::bucket"), Some(""));
        assert_eq!(account("111122223333"), None);
    }

    #[test]
    fn the_prefix_ends_with_the_account() {
        assert_eq!(up_to_account("arn:aws:iam::1:role/*"), "arn:aws:iam::1");
        assert_eq!(up_to_account("arn:*"), "arn:*");
        assert!(is_account("012345678901") && !is_account("12345678901x") && !is_account("1"));
    }
}
