//! Words of a printed command line that nothing inside them can leave.

use std::borrow::Cow;

/// `text` as one word of a POSIX shell: quoted unless nothing in it needs to be.
#[must_use]
pub(crate) fn word(text: &str) -> Cow<'_, str> {
    // A NUL is refused otherwise. No name or document of AWS holds one, and no shell keeps it.
    shlex::Quoter::new().allow_nul(true).quote(text).unwrap_or(Cow::Borrowed("''"))
}

/// `text` as a literal of a JMESPath query (`--query`), still to be quoted for the shell.
#[must_use]
pub(crate) fn jmespath(text: &str) -> String {
    let json = serde_json::Value::from(text).to_string();
    format!("`{}`", json.replace('`', r"\`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::a_name("orders-db", "orders-db")]
    #[case::an_arn("arn:aws:iam::1:role/x", "arn:aws:iam::1:role/x")]
    #[case::an_address("eve+ops@example.com", "eve+ops@example.com")]
    #[case::a_command("a; rm -rf /", "'a; rm -rf /'")]
    #[case::a_substitution("policy/$(id)/x", "'policy/$(id)/x'")]
    #[case::a_quote("it's", "\"it's\"")]
    #[case::nothing("", "''")]
    fn nothing_leaves_its_word(#[case] text: &str, #[case] expected: &str) {
        assert_eq!(word(text), expected);
        assert_eq!(shlex::split(expected).unwrap(), [text]);
    }

    #[test]
    fn a_query_keeps_its_literal() {
        assert_eq!(jmespath(r#"a"b`c"#), r#"`"a\"b\`c"`"#);
    }
}
