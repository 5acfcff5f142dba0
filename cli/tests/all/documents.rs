//! The pages say what the code says. Those that are generated are held against it in `generate/tests`.

use crate::support;
use serde_json::json;
use shared::policy::{Mode, Policy};
use shared::resources::catalogue;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Each `$ parapet ...` of the page with the lines that it shows: all of them must be said, in that order.
#[test]
fn the_page_of_the_command_line_shows_what_the_commands_say() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/command-line.md")).unwrap();
    let mut shown: Vec<(String, Vec<String>)> = Vec::new();
    let mut is_open = false;
    for line in page.lines() {
        match (line.strip_prefix("    $ parapet "), line.strip_prefix("    ")) {
            (Some(command), _) => shown.push((command.to_owned(), Vec::new())),
            (None, Some(answer)) if is_open => shown.last_mut().unwrap().1.push(answer.to_owned()),
            (None, _) => {}
        }
        // A blank line inside a block goes on with it.
        is_open = line.starts_with("    $ parapet ") || (is_open && (line.is_empty() || line.starts_with("    ")));
    }
    assert!(shown.len() >= 4, "{shown:?}");
    for (command, lines) in shown {
        let mut run = Command::new(env!("CARGO_BIN_EXE_parapet"));
        let output =
            run.args(shlex::split(&command).unwrap()).current_dir(&root).env("NO_COLOR", "1").output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let mut rest = said.as_str();
        for line in lines.iter().map(|line| line.trim_end_matches("...").trim_end()).filter(|line| !line.is_empty()) {
            let found = rest.find(line);
            assert!(found.is_some(), "`parapet {command}` does not say `{line}`:\n{said}");
            rest = rest.get(found.unwrap() + line.len()..).unwrap();
        }
    }
}

#[test]
fn every_guardrail_has_its_entry_in_the_policy_file_and_in_its_schema() {
    let schema = shared::policy::schema();
    let mut names = Vec::new();
    for entry in catalogue() {
        let name = entry.about.name;
        let policy = Policy::parse(&format!("version: 1\nguardrails: {{ {name}: {{ mode: off }} }}\n")).unwrap();
        assert_eq!(policy.guardrails.common(name).mode, Some(Mode::Off), "{name}");
        names.push(name);
    }
    let described = schema["$defs"]["Guardrails"]["properties"].as_object().unwrap();
    names.sort_unstable();
    assert_eq!(described.keys().collect::<Vec<_>>(), names);
}

/// `service:Call`, as the page of what is not guarded names calls.
fn calls_named(page: &str) -> Vec<(&str, &str)> {
    let quoted = page.lines().filter(|line| line.starts_with('|')).flat_map(|line| line.split('`').skip(1).step_by(2));
    quoted.filter_map(|text| text.split_once(':')).collect()
}

#[test]
fn what_is_called_not_guarded_reaches_no_guardrail() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let page = fs::read_to_string(root.join("docs/not-guarded.md")).unwrap();
    let calls = calls_named(&page);
    assert!(calls.len() > 20, "{calls:?}");
    let folder = support::folder("not-guarded");
    let explained = |service: &str, call: &str| {
        let event = support::record(1, (&format!("{service}.amazonaws.com"), call), "a", json!({}), json!({}));
        let file = support::write(&folder, "event.json", event.to_string());
        support::run(&["explain", file.to_str().unwrap()]).1
    };
    for (service, call) in calls {
        let said = explained(service, call);
        assert!(said.contains("Reaches no function"), "`{service}:{call}` is guarded:\n{said}");
    }
    let guarded = explained("ec2", "AuthorizeSecurityGroupIngress");
    assert!(!guarded.contains("Reaches no function"), "{guarded}");
}

#[test]
fn the_readme_names_every_function() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let rows: Vec<&str> =
        readme.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`')).map(|row| row.0).collect();
    let mut named = rows.clone();
    named.sort_unstable();
    let mut families: Vec<&str> = catalogue().into_iter().map(|entry| entry.family).collect();
    // Its guardrails are in the policy file.
    families.push(shared::resources::custom::FUNCTION);
    families.sort_unstable();
    families.dedup();
    assert_eq!(named, families);
}
