//! The table of AWS's managed policies says what the analyser says of their documents.
//!
//! The documents are not in the repository: `PARAPET_CORPORA` names their folder (usually `../shared/corpora`); with
//! `PARAPET_UPDATE_DOCS=1` the table is written anew. `docs/managed-policies.md` is written from the table, with or without them.

use iam_policy::{Document, Tier, managed, services_without_customer_code};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn is_updating() -> bool {
    std::env::var_os("PARAPET_UPDATE_DOCS").is_some()
}

/// The collection, unpacked; none where it is not.
fn collection() -> Option<String> {
    let folder =
        std::env::var_os("PARAPET_CORPORA").map_or_else(|| root().join("../../../shared/corpora"), PathBuf::from);
    let file = folder.join("aws_managed_policies.jsonl.gz");
    if !file.exists() {
        eprintln!("{} is not there: the table was not held against the documents", file.display());
        return None;
    }
    let unpacked = Command::new("gzip").args(["--decompress", "--stdout"]).arg(&file).output().unwrap();
    assert!(unpacked.status.success(), "{} cannot be unpacked", file.display());
    Some(String::from_utf8(unpacked.stdout).unwrap())
}

fn table(collection: &str) -> String {
    let mut lines = BTreeMap::new();
    for row in collection.lines() {
        let row: Value = serde_json::from_str(row).unwrap();
        let Some(name) = row["arn"].as_str().and_then(|arn| arn.split_once(":iam::aws:policy/")) else { continue };
        let document = Document::from_value(&row["document"]);
        let version = row["version"].as_str().unwrap_or("-");
        lines.insert(name.1.to_owned(), managed::line(name.1, version, &document));
    }
    let mut table = String::from(
        "# Generated from the documents of AWS's managed policies of August 2026; see managed.rs. Name, version, A administrator \
         (a under conditions) D holds a Deny P may be a part of a way Q of an administrator, ways to more permissions (? under conditions).\n",
    );
    for line in lines.values() {
        writeln!(table, "{line}").unwrap();
    }
    table
}

#[test]
fn the_table_is_what_the_documents_say() {
    let Some(collection) = collection() else { return };
    let (path, table) = (root().join("src/managed.txt"), table(&collection));
    if is_updating() {
        std::fs::write(&path, &table).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap();
    assert!(written == table, "managed.txt is out of date: run this test with PARAPET_UPDATE_DOCS=1");
}

/// What the page says: how many there are of each kind, and which.
fn page() -> String {
    let mut page = String::from(
        "# AWS's managed policies\n\nWhat the analyser says of each managed policy of AWS's own (documents of August 2026, the facts in \
         `src/managed.txt`). Written by `PARAPET_UPDATE_DOCS=1 cargo test -p iam-policy-analyser managed_policies`.\n\n",
    );
    let of = |path: &str, is_way: bool, tier: Tier| {
        managed::all()
            .filter(|(name, known)| {
                let prefix = ["aws-service-role/", "service-role/"].into_iter().find(|prefix| name.starts_with(prefix));
                prefix.unwrap_or("") == path && known.admin.is_none() && (known.up_to(tier).next().is_some() == is_way)
            })
            .count()
    };
    let admins = managed::all().filter(|(_, known)| known.admin.is_some()).count();
    writeln!(page, "| Path | Policies | Ways of tier A or B (the default) | of tier A alone |\n|---|---|---|---|")
        .unwrap();
    for (path, label) in [
        ("", "for people, and others"),
        ("service-role/", "`service-role/`"),
        ("aws-service-role/", "`aws-service-role/`"),
    ] {
        let ways = of(path, true, Tier::PassRole);
        let total = ways + of(path, false, Tier::PassRole);
        writeln!(page, "| {label} | {total} | {ways} | {} |", of(path, true, Tier::Principal)).unwrap();
    }
    let denies = managed::all().filter(|(_, known)| known.denies).count();
    write!(
        page,
        "\n{admins} make an administrator. {denies} hold a Deny: detaching one of them lets its holder do more.\n\n\
         Who can use the holder decides: on a user, a group, or a role that people, accounts or identity providers may assume, each of \
         these is a way for its users. On a role that only services of AWS may assume, a way is none \
         where all of them run no customer code, or where AWS wrote the policy for the role of that service \
         (`src/services.rs` has both lists, with AWS's pages). Policies under `aws-service-role/` can be attached to \
         service-linked roles alone.\n\n## Ways of tier A or B\n\n| Policy | Ways |\n|---|---|\n"
    )
    .unwrap();
    for (name, known) in managed::all().filter(|(name, _)| !name.starts_with("aws-service-role/")) {
        let ways: Vec<String> = known.up_to(Tier::PassRole).map(|(method, _)| format!("`{}`", method.name())).collect();
        if !ways.is_empty() {
            let more = ways.len().saturating_sub(3);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            writeln!(page, "| `{name}` | {}{more} |", ways.iter().take(3).cloned().collect::<Vec<_>>().join(", "))
                .unwrap();
        }
    }
    page += "\n## Services that run no customer code by their roles\n\nEvery other one is taken to run some.\n\n| Service | Source |\n|---|---|\n";
    for (service, source) in services_without_customer_code() {
        writeln!(page, "| `{service}` | <{source}> |").unwrap();
    }
    page
}

#[test]
fn the_page_is_up_to_date() {
    let path = root().join("docs/managed-policies.md");
    if is_updating() {
        std::fs::write(&path, page()).unwrap();
    }
    assert!(std::fs::read_to_string(&path).unwrap_or_default() == page(), "docs/managed-policies.md is out of date");
}
