//! Parts of ARNs.

/// The part of an ARN at `index`: 3 is the region, 4 the account, 5 all that follows. None where it is empty, and of what is no ARN.
#[must_use]
pub fn arn_part(arn: &str, index: usize) -> Option<&str> {
    arn.strip_prefix("arn:")?;
    arn.splitn(6, ':').nth(index).filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_of_an_arn() {
        let arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db/orders";
        assert_eq!(arn_part(arn, 4), Some("111122223333"));
        assert_eq!(arn_part(arn, 5), Some("secret:db/orders"));
        assert_eq!(arn_part("arn:aws:s3:::orders", 4), None);
        assert_eq!(arn_part("alias/a:b:c:d:e", 4), None);
    }
}
