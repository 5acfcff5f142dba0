//! Cases from public bug reports, each given to the command that it is about.
//!
//! They do not belong to the repository: they are looked for in `../shared/cases/records` beside it, or in `cases/records`
//! beside the folder that `PARAPET_CORPORA` names. Every kind of them is a test of this project's own as well.

use crate::support::parapet;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

fn cases() -> Option<PathBuf> {
    let named = std::env::var_os("PARAPET_CORPORA").map(|place| PathBuf::from(place).join(".."));
    let shared = named.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"));
    let place = shared.join("cases/records");
    if place.join("index.json").is_file() {
        return Some(place);
    }
    eprintln!("skipped: no cases in {}", place.display());
    None
}

/// What must hold of the answer, by the beginning of the case's name; the exit status and everything that was said.
fn is_right(file: &str, status: i32, said: &str) -> bool {
    let has = |part: &str| said.contains(part);
    let reaches = || has("Reaches the function of");
    match file.get(..2).unwrap_or_default() {
        "01" => status == 1 && has("--group-name app-sg") && !has("--group-id app-sg"),
        "06" | "07" | "08" | "11" => reaches(),
        "10" => reaches() && !(file.contains("inline") && has("): compliant")),
        "15" | "16" => status == 1,
        "17" if file.contains("map-text") => status == 2 && has("written as text"),
        "17" | "18" => status == 1,
        "19" => status == 1 && has("): violation"),
        "33" if file.ends_with("txt-only") => status == 1,
        "20" | "33" => status == 2 && has("no CloudTrail record could be read"),
        "22" => {
            status == 0 && reaches() && !has("snapshot-public does not look at") && has("not at what this one changed")
        }
        "23" => has("undetermined") && !has(" 0 undetermined"),
        "29" => status == 0 && has("role-trust-open (IAM-12): compliant"),
        "31" => status == 0,
        "34" => status == 1 || !has(" 0 undetermined"),
        "35" | "36" => !has("`mode: enforce` would run it"),
        _ => false,
    }
}

#[test]
fn each_is_answered_rightly() {
    let Some(place) = cases() else { return };
    let index: Vec<Value> = serde_json::from_str(&fs::read_to_string(place.join("index.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    let mut asked = 0;
    for case in &index {
        let (file, command) = (case["file"].as_str().unwrap(), case["command"].as_str().unwrap());
        let Some(command) = command.strip_prefix("parapet ") else { continue };
        let output = parapet(&[command, place.join(file).to_str().unwrap()]);
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        asked += 1;
        if !is_right(file, output.status.code().unwrap(), &said) {
            wrong.push(format!("{} wants {}:\n{said}", file, case["right"]));
        }
    }
    assert!(asked > 20, "{asked}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
