//! Parts of a document inside sentences.
//!
//! What must hold: whatever a document holds, a sentence about it stays short. The text of a policy is chosen by
//! its author, and a name of a megabyte in ten thousand sentences would take the process down.

use std::borrow::Cow;

/// Long enough for every ARN that is not made up.
const LONGEST: usize = 200;
/// How many items of a list are named.
const MOST: usize = 20;

/// The text, or its beginning.
pub(crate) fn clip(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(LONGEST) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}...", text.get(..end).unwrap_or_default())),
    }
}

/// The items in backticks, or the first of them.
pub(crate) fn list<'a>(items: impl ExactSizeIterator<Item = &'a str>) -> String {
    let more = items.len().saturating_sub(MOST);
    let mut text = items.take(MOST).map(|item| format!("`{}`", clip(item))).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text.push_str(&format!(" and {more} more"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{clip, list};

    #[test]
    fn sentences_stay_short() {
        assert_eq!(clip("arn:aws:iam::111122223333:role/x"), "arn:aws:iam::111122223333:role/x");
        assert_eq!(clip(&"ö".repeat(1_000)).chars().count(), 203);
        assert_eq!(list(["a", "b"].into_iter()), "`a`, `b`");
        assert!(list(vec!["a"; 1_000].into_iter()).ends_with("`a` and 980 more"));
    }
}
