//! Holds `docs/notifications.md` against the code: its samples are renderings, its filters ask for what is sent.

use crate::notify::sample;
use crate::notify::{chat, message, ocsf, text};
use serde_json::Value;

const PAGE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/notifications.md"));

/// The texts of the fenced blocks that follow `<!-- mark -->`.
fn blocks(mark: &str) -> Vec<&'static str> {
    let mark = format!("<!-- {mark} -->\n```");
    let after = PAGE.split(mark.as_str()).skip(1);
    after.filter_map(|rest| rest.split_once('\n')?.1.split_once("```").map(|(block, _)| block)).collect()
}

#[test]
fn the_samples_are_what_is_sent() {
    let pretty = |value: &Value| format!("{value:#}\n");
    let (finding, dry_run) = (sample::remediated(), sample::notified());
    for (mark, rendered) in [
        ("sample: subject", format!("{}\n", text::subject(&finding))),
        ("sample: email", text::email(&finding)),
        ("sample: dry-run", text::email(&dry_run)),
        ("sample: chat", pretty(&chat::notification(&finding))),
        ("sample: ocsf", pretty(&ocsf::event(&finding))),
    ] {
        assert_eq!(blocks(mark), [rendered.as_str()], "docs/notifications.md is stale at `{mark}`:\n{rendered}");
    }
}

#[test]
fn the_filters_ask_for_attributes_that_are_sent() {
    let sent = message(&sample::remediated()).attributes;
    let filters = blocks("filter");
    assert!(!filters.is_empty());
    for filter in filters {
        let filter: Value = serde_json::from_str(filter).unwrap();
        let filter = filter.as_object().unwrap();
        assert!(filter.len() <= 5, "a filter policy has at most five names");
        for (name, wanted) in filter {
            assert!(sent.iter().any(|(attribute, _)| attribute == name), "{name}");
            assert!(wanted.as_array().is_some_and(|wanted| !wanted.is_empty()), "{name}");
        }
    }
}

#[test]
fn the_page_names_every_attribute_and_every_word() {
    let words = sample::all().into_iter().flat_map(|(_, finding)| message(&finding).attributes);
    for (name, value) in words.filter(|(name, _)| !["account", "region", "guardrail"].contains(name)) {
        assert!(PAGE.contains(&format!("`{name}`")) && PAGE.contains(&format!("`{value}`")), "{name}: {value}");
    }
}
