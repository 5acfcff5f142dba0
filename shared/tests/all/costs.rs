//! What a guardrail and a resource cost by hand: docs/adding-a-guardrail.md lists the files, and nothing else may name one.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The files of a table of the page, below the line that begins like this.
fn listed(line: &str) -> Vec<String> {
    let page = std::fs::read_to_string(root().join("docs/adding-a-guardrail.md")).unwrap();
    let table = page.split_once(line).unwrap().1.lines().skip(1).skip_while(|line| !line.starts_with("|---"));
    let rows = table.skip(1).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.split('|').nth(2).unwrap().trim().trim_matches('`').to_owned()).collect()
}

#[test]
fn the_page_counts_no_more_files_than_a_new_one_may_cost() {
    let guardrail = listed("Another guardrail of a resource that exists");
    let resource = listed("A new setting as a resource with a function of its own");
    assert!((1..=3).contains(&guardrail.len()), "{guardrail:#?}");
    assert!((1..=9).contains(&resource.len()), "{resource:#?}");
}

/// Code by its path from the root, without the tests beside it.
fn code(folders: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()) {
            let is_code =
                entry.extension().is_some_and(|extension| ["rs", "toml", "yaml"].iter().any(|one| extension == *one));
            if entry.is_dir() {
                folders.push(entry);
            } else if is_code && !entry.to_str().unwrap().ends_with("tests.rs") {
                let text = std::fs::read_to_string(&entry).unwrap();
                let text = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
                found.push((entry.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/"), text));
            }
        }
    }
    assert!(found.len() > 100, "{}", found.len());
    found
}

/// A file that names guardrails as examples of what the policy file says.
const EXAMPLES: &[&str] = &["shared/src/policy/problems.rs", "shared/src/notify/sample.rs"];

#[test]
fn a_guardrail_is_named_in_its_own_file_alone() {
    let code = code(&["shared/src", "functions", "generate"]);
    for about in shared::policy::Guardrails::known() {
        let name = format!("\"{}\"", about.name);
        let naming: Vec<&str> =
            code.iter().filter(|(_, text)| text.contains(&name)).map(|(path, _)| path.as_str()).collect();
        let own: Vec<&&str> = naming.iter().filter(|path| !EXAMPLES.contains(path)).collect();
        assert!(matches!(own.as_slice(), [one] if one.starts_with("shared/src/resources/")), "{name}: {naming:?}");
    }
}

/// A list of the families of the registry.
macro_rules! families {
    ([] $($function:literal { $($service:ident::$family:ident => $client:ident,)+ })+) => {
        [$($(stringify!($family)),+),+]
    };
}

fn names(text: &str, word: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let stands_alone = |at: usize| !text[..at].ends_with(is_part) && !text[at + word.len()..].starts_with(is_part);
    text.match_indices(word).any(|(at, _)| stands_alone(at))
}

/// Everything above the resources, the generator and the functions know a family from the registry alone.
#[test]
fn a_family_is_named_among_the_resources_alone() {
    let mut code = code(&["shared/src", "functions", "generate"]);
    // A rule of the template is called like one.
    code.retain(|(path, _)| path.ends_with(".rs"));
    for family in shared::registry!(families![]) {
        let naming: Vec<&str> =
            code.iter().filter(|(_, text)| names(text, family)).map(|(path, _)| path.as_str()).collect();
        let (own, others): (Vec<&str>, Vec<&str>) =
            naming.into_iter().partition(|path| path.starts_with("shared/src/resources/"));
        assert!(!own.is_empty() && others.is_empty(), "{family}: {others:?}");
    }
}
