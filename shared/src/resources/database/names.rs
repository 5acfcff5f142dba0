//! Databases and load balancers: who may restore their snapshots, who reaches them, and what keeps them from being deleted.

use crate::engine::observed::Place;

/// One word of a shell line, whatever stands in it. The names of these resources need no quotes; one that would is kept
/// from being more than a word.
pub(crate) fn word(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:".contains(&byte);
    if !text.is_empty() && text.bytes().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// The ARN of something of RDS: DocumentDB and Neptune have the same.
#[must_use]
pub fn rds_arn(place: &Place, kind: &str, id: &str) -> String {
    let Place { partition, account, region } = place;
    format!("arn:{partition}:rds:{region}:{account}:{kind}:{id}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_name("orders-db", "orders-db")]
    #[case::an_automated_snapshot("rds:orders-2026-03-02", "rds:orders-2026-03-02")]
    #[case::a_command("a; rm -rf /", "'a; rm -rf /'")]
    #[case::a_quote("it's", r"'it'\''s'")]
    #[case::nothing("", "''")]
    fn a_name_is_one_word(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(word(text), expected);
    }
}
