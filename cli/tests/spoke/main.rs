//! The hub and its members: what stands in template.yaml and template-spoke.yaml for each function comes from the function's
//! block in template.yaml, and is held against it and against what the families declare.
//!
//! `PARAPET_UPDATE_DOCS=1 cargo test -p parapet --test spoke` writes both generated parts anew.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails says so by panicking"
)]

mod blocks;
mod dashboard;
mod held;
mod hub;
mod ledger;
mod member;
mod rewrite;
mod yaml;

use parapet::template::Node;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

const BEGIN: &str = "  # ── Generated ─";
const END: &str = "  # ── End of what is generated ─";

/// A file as it is, and as it should be.
struct File {
    is: String,
    should: String,
}

/// Both templates; written anew first, when that is asked for.
static FILES: LazyLock<[(&str, File); 2]> = LazyLock::new(|| {
    let path = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name);
    let read = |name: &str| fs::read_to_string(path(name)).unwrap();
    let (template, spoke) = (read("template.yaml"), read("template-spoke.yaml"));
    let blocks = Node::parse(&template).unwrap();
    let functions = blocks::functions(&blocks);
    assert!(!functions.is_empty());
    let should = [with(&template, &hub::generated(&functions)), with(&spoke, &member::generated(&functions))];
    let [hub, member] = should;
    let mut files = [
        ("template.yaml", File { is: template, should: hub }),
        ("template-spoke.yaml", File { is: spoke, should: member }),
    ];
    if std::env::var_os("PARAPET_UPDATE_DOCS").is_some() {
        for (name, file) in &mut files {
            fs::write(path(name), &file.should).unwrap();
            file.is.clone_from(&file.should);
        }
    }
    files
});

fn text(name: &str) -> &'static str {
    &FILES.iter().find(|(file, _)| *file == name).unwrap().1.is
}

/// The text with this between its marks.
fn with(text: &str, generated: &str) -> String {
    let begin = text.find(BEGIN).unwrap();
    let begin = begin + text[begin..].find('\n').unwrap() + 1;
    let end = text.find(END).unwrap();
    format!("{}{generated}\n{}", &text[..begin], &text[end..])
}

#[test]
fn what_is_generated_is_up_to_date() {
    let stale: Vec<&str> = FILES.iter().filter(|(_, file)| file.is != file.should).map(|(name, _)| *name).collect();
    let how = "PARAPET_UPDATE_DOCS=1 cargo test -p parapet --test spoke writes it anew";
    assert!(stale.is_empty(), "what is generated in {} is out of date: {how}", stale.join(" and "));
}
