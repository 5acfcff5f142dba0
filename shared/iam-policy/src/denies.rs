//! Whether a policy may hold something back: without it, its principal may do more.

use super::document::{Document, Effect};

/// Whether the document has a statement that denies. What cannot be read may.
#[must_use]
pub fn denies(document: &str) -> bool {
    let document = Document::parse(document);
    let may = document.statements.iter().any(|statement| statement.effect != Some(Effect::Allow));
    may || !document.problems.is_empty()
}

/// Whether what a policy denied may be allowed now: `before` denied, and what stands in its place is another document or none.
#[must_use]
pub fn may_release(before: &str, now: Option<&String>) -> bool {
    now.is_none_or(|now| now != before) && denies(before)
}

#[cfg(test)]
mod tests {
    use super::denies;

    #[test]
    fn what_cannot_be_read_may_deny() {
        let of = |effect: &str| format!(r#"{{"Statement":[{{"Effect":"{effect}","Action":"s3:*","Resource":"*"}}]}}"#);
        assert!(!denies(&of("Allow")));
        assert!(denies(&of("Deny")));
        assert!(denies(&of("\\u0044eny")), "however it is written");
        assert!(denies(&of("Perhaps")) && denies("{"));
    }
}
