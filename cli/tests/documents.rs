//! The generated pages say what the code says.

use shared::families::catalogue;
use std::fs;
use std::path::PathBuf;

fn assert_up_to_date(file: &str, generated: &str, command: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == generated, "{file} is out of date: run `{command}`");
}

#[test]
fn the_page_of_guardrails_is_up_to_date() {
    let page = parapet::guardrails_page::markdown(&catalogue());
    assert_up_to_date("docs/guardrails.md", &page, "parapet guardrails --format markdown > docs/guardrails.md");
}

#[test]
fn the_schema_of_the_policy_is_up_to_date() {
    let schema = parapet::policy::schema_text();
    assert_up_to_date("docs/policy-schema.json", &schema, "parapet policy schema docs/policy-schema.json");
}

#[test]
fn every_guardrail_has_a_policy_entry() {
    let names: Vec<&str> = catalogue().iter().map(|entry| entry.about.name).collect();
    for name in &names {
        assert!(shared::policy::Guardrails::NAMES.contains(name), "`{name}` cannot be set in a policy file");
    }
    assert_eq!(names.len(), shared::policy::Guardrails::NAMES.len());
}
