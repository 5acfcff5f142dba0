//! What a newcomer meets with every command: filters that match nothing, tables in a pipe, invalid files, closed pipes.

use crate::support::{folder, parapet, run, write};
use serde_json::Value;
use std::process::{Command, Stdio};

/// A template with violations.
const OPEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/web-template.yaml");

#[test]
fn a_filter_that_names_nothing_is_an_error_with_what_was_meant() {
    for (filter, says) in [
        (["--family", "s33"], "--family: no guardrail is of `s33` (did you mean `s3`?)"),
        (["--family", "security"], "`security-group`"),
        (["--control", "EC2.999"], "--control: no guardrail maps to `EC2.999` (there are `EC2."),
        (["--control", "NET-99"], "--control: no guardrail maps to `NET-99` (there are `NET-01`, "),
        (["--family", "\u{1b}[31m"], "\\u{1b}[31m"),
    ] {
        for format in ["table", "json", "markdown"] {
            let output = parapet(&[&["guardrails", "--format", format], &filter[..]].concat());
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{filter:?}");
            assert!(output.stdout.is_empty() && said.contains(says), "{filter:?}: {said}");
        }
    }
    let output = parapet(&["guardrails", "--family", "s3", "--control", "EC2.19"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr).unwrap().contains("no guardrail matches all filters: leave one out"));
    for filter in [["--family", "S3"], ["--service", "rds"], ["--control", "ec2.19"], ["--control", "net-01"]] {
        let output = parapet(&[&["guardrails"], &filter[..]].concat());
        assert!(output.status.success() && output.stderr.is_empty(), "{filter:?}");
        assert!(output.stdout.len() > 100, "{filter:?}");
    }
}

#[test]
fn what_is_piped_has_a_line_an_item_and_breaks_no_name() {
    let (_, listed) = run(&["guardrails", "--format", "json"]);
    let listed: Value = serde_json::from_str(&listed).unwrap();
    let (_, table) = run(&["guardrails"]);
    assert_eq!(table.lines().count(), listed.as_array().unwrap().len() + 1, "and the heads");
    for one in listed.as_array().unwrap() {
        let name = one["name"].as_str().unwrap();
        let line = table.lines().find(|line| line.split_whitespace().any(|word| word == name)).unwrap();
        assert!(line.contains(one["title"].as_str().unwrap()), "{line}");
    }
}

#[test]
#[cfg(not(feature = "aws"))]
fn a_build_without_the_sdks_says_which_one_reads_s3() {
    let (file, uri) = (OPEN, "s3://policies/parapet.yaml");
    for command in [
        &["check", "--policy", uri, file][..],
        &["replay", "--policy", uri, file],
        &["explain", "--policy", uri, file],
        &["policy", "validate", uri],
        &["exempt", "list", "--policy", uri],
    ] {
        let output = parapet(command);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{command:?}");
        assert!(said.contains("cannot read `s3://policies/parapet.yaml`") && said.contains("--features aws"), "{said}");
    }
}

#[test]
fn a_closed_pipe_exits_2() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_parapet"))
        .args(["check", OPEN])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Closed before anything is written.
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_is_no_input_is_refused_by_its_name() {
    let at = folder("odd-input");
    let name = |path: &std::path::Path| path.to_str().unwrap().to_owned();
    let (empty, text) = (write(&at, "empty.json", ""), write(&at, "text.json", "hello"));
    let (empty, text, none, dir) = (name(&empty), name(&text), name(&at.join("none.json")), name(&at));
    let says: [(&[&str], &str, &str); 12] = [
        (&["explain"], &empty, "` is empty"),
        (&["explain"], &text, "` is no JSON"),
        (&["explain"], &dir, "` is a folder: name one file"),
        (&["explain"], &none, "No such file"),
        (&["replay"], &empty, "that is not a clean log"),
        (&["replay"], &none, "cannot read `"),
        (&["check"], &empty, "the document is empty"),
        (&["check"], &dir, "is a folder without `manifest.json`"),
        (&["analyze"], &dir, "cannot read `"),
        (&["analyze"], &none, "cannot read `"),
        (&["policy", "validate"], &none, "cannot read `"),
        (&["exempt", "list", "--policy"], &empty, "(the least that a policy says is `version: 1`)"),
    ];
    for (command, file, says) in says {
        let output = parapet(&[command, &[file]].concat());
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{command:?} {file}: {said}");
        assert!(said.starts_with("parapet: ") && said.contains(says) && said.contains(file), "{command:?}: {said}");
    }
    let nothing = parapet(&["analyze", &empty]);
    let said = String::from_utf8(nothing.stderr).unwrap();
    assert_eq!(nothing.status.code(), Some(2), "{said}");
    assert!(nothing.stdout.is_empty() && said.contains("holds no document: nothing was analysed"), "{said}");
    let (status, said) = run(&["policy", "validate", &name(&write(&at, "object.json", "{}"))]);
    assert!(status == 1 && said.contains("(the least that a policy says is `version: 1`)"), "{said}");
}
