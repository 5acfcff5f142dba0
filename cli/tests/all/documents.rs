//! The pages say what the code says. Those that are generated are held against it in `generate/tests`.

use shared::resources::catalogue;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// The words of a command as a shell sees them: what stands in single quotes is one.
fn words(command: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for c in command.chars() {
        match c {
            '\'' => is_quoted = !is_quoted,
            ' ' if !is_quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}

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
        let output = run.args(words(&command)).current_dir(&root).env("NO_COLOR", "1").output().unwrap();
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
fn every_guardrail_has_a_policy_entry() {
    let names: Vec<&str> = catalogue().iter().map(|entry| entry.about.name).collect();
    for name in &names {
        assert!(shared::policy::Guardrails::NAMES.contains(name), "`{name}` cannot be set in a policy file");
    }
    assert_eq!(names.len(), shared::policy::Guardrails::NAMES.len());
}
