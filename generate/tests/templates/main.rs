//! The templates as they are, held against the families, against each other and against an evaluator of policies that was written
//! elsewhere: without a word of what generates them.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that fails says so by panicking"
)]

mod authorization;
mod blocks;
mod held;
mod kept;
mod keys;
mod ledger;
mod limits;
mod own_parts;
mod runbooks;

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)).unwrap_or_default()
}

static TEMPLATES: LazyLock<[(&str, String); 2]> =
    LazyLock::new(|| ["template.yaml", "template-spoke.yaml"].map(|name| (name, read(name))));

fn text(name: &str) -> &'static str {
    &TEMPLATES.iter().find(|(file, _)| *file == name).unwrap().1
}

#[test]
fn what_is_generated_is_up_to_date() {
    let files = generate::files(&generate::PARTS, &Path::new(env!("CARGO_MANIFEST_DIR")).join(".."))
        .unwrap_or_else(|error| panic!("{error}"));
    let stale: Vec<&str> =
        files.iter().filter(|(name, should)| read(name) != *should).map(|(name, _)| name.as_str()).collect();
    assert!(stale.is_empty(), "out of date: {}. `make generate` writes them", stale.join(", "));
}
