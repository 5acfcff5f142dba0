//! Words of a printed command line that nothing inside them can leave.

/// `text` as one argument of a POSIX shell.
#[must_use]
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
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

    #[test]
    fn nothing_leaves_its_word() {
        assert_eq!(quoted("it's $(mine)"), r"'it'\''s $(mine)'");
        assert_eq!(jmespath(r#"a"b`c"#), r#"`"a\"b\`c"`"#);
    }
}
