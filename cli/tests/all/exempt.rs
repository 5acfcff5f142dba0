//! `parapet exempt`: the policy file is changed where it is meant, and left alone where it is not.

use crate::support::{folder, parapet, run};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const POLICY: &str = "# Ours\nversion: 1\n\nexemptions:\n  # the old web site\n  - guardrail: root-access-key-created\n    resource: 'x'\n    \
    reason: old\n    owner: web@example.com\n    expires: 2020-01-01\n\n# no account yet\naccounts: {}\n";
const NEW: [&str; 8] = [
    "--guardrail",
    "access-key-not-allowed",
    "--resource",
    "*:user/ci/*",
    "--reason",
    "until: roles",
    "--owner",
    "ci@example.com",
];

fn policy(name: &str, text: &str) -> PathBuf {
    let file = folder(&format!("exempt-{name}")).join("policy.yaml");
    fs::write(&file, text).unwrap();
    file
}

/// Exit status, standard output and standard error of `exempt WHAT` on the file.
fn exempt(what: &str, file: &Path, args: &[&str]) -> (i32, String, String) {
    let output = parapet(&[&["exempt", what, "--policy", file.to_str().unwrap()], args].concat());
    let [out, error] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code().unwrap(), out, error)
}

#[test]
fn an_exemption_is_added_shown_renewed_and_removed() {
    let file = policy("story", POLICY);
    let (status, said, _) = exempt("add", &file, &[&NEW[..], &["--for", "30d"]].concat());
    assert_eq!(status, 0);
    assert!(said.contains("policy.yaml: 1 exemption added\n@@ -9,4 +9,9 @@\n"), "{said}");
    assert!(said.contains("\n+    resource: \"*:user/ci/*\"\n+    reason: \"until: roles\"\n"), "{said}");
    let added = fs::read_to_string(&file).unwrap();
    let (before, after) = POLICY.split_once("\n\n# no account").unwrap();
    assert!(added.starts_with(before) && added.ends_with(after), "{added}");

    let (status, _, error) = exempt("add", &file, &[&NEW[..], &["--for", "60d"]].concat());
    assert_eq!(status, 2);
    for part in
        ["policy.yaml:11: `*:user/ci/*` of `access-key-not-allowed`", "ci@example.com: until: roles", "`--replace`"]
    {
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), added);

    let (status, said, _) = exempt("add", &file, &[&NEW[..], &["--for", "60d", "--replace"]].concat());
    assert_eq!((status, said.matches("\n+").count(), said.matches("\n-").count()), (0, 1, 1), "{said}");

    let (status, said, _) = exempt("list", &file, &["--format", "json"]);
    let all: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((status, all.as_array().unwrap().len()), (0, 2));
    assert_eq!((&all[0]["state"], &all[0]["days_left"], &all[0]["line"]), (&"expired".into(), &Value::Null, &6.into()));
    assert_eq!(
        (&all[1]["state"], &all[1]["days_left"], &all[1]["account"]),
        (&"holds".into(), &59.into(), &Value::Null)
    );
    let (_, said, _) = exempt("list", &file, &[]);
    assert!(said.contains("Guardrail") && said.contains("expired") && said.contains("59 days"), "{said}");
    let (_, said, _) = exempt("list", &file, &["--expired", "--format", "json"]);
    assert_eq!(serde_json::from_str::<Value>(&said).unwrap().as_array().unwrap().len(), 1);

    let (status, said, _) = exempt("remove", &file, &NEW[..4]);
    assert!(status == 0 && said.contains("1 exemption removed"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), POLICY);
}

#[test]
fn what_has_expired_goes_with_its_comment() {
    let file = policy("expired", POLICY);
    let (status, said, _) = exempt("remove", &file, &["--expired", "--dry-run"]);
    assert!(status == 0 && said.contains("1 exemption would be removed"), "{said}");
    assert_eq!(fs::read_to_string(&file).unwrap(), POLICY);
    assert_eq!(exempt("remove", &file, &["--expired"]).0, 0);
    let left = "# Ours\nversion: 1\n\nexemptions: []\n\n# no account yet\naccounts: {}\n";
    assert_eq!(fs::read_to_string(&file).unwrap(), left);
    let (status, said, _) = exempt("remove", &file, &["--expired"]);
    assert!(status == 0 && said.ends_with("policy.yaml: nothing has expired\n"), "{said}");
}

#[test]
fn what_is_not_meant_is_refused_with_the_way_out() {
    let file = policy("refused", POLICY);
    let new = |changes: &[(usize, &'static str)], end: &[&'static str]| {
        let mut args = NEW;
        changes.iter().for_each(|(at, word)| args[*at] = word);
        exempt("add", &file, &[&args[..], end].concat())
    };
    let typo = new(&[(1, "access-key-not-alowed")], &["--for", "1d"]);
    for ((status, _, error), part) in [
        (typo, "did you mean `access-key-not-allowed`?"),
        (new(&[(5, " ")], &["--for", "1d"]), "--reason"),
        (new(&[(7, "")], &["--for", "1d"]), "--owner"),
        (new(&[], &[]), "--expires"),
        (new(&[], &["--for", "1d", "--expires", "2027-01-01"]), "cannot be used with"),
        (new(&[], &["--for", "soon"]), "24h, 30d or 2w"),
        (new(&[], &["--expires", "2020-01-01"]), "has passed already"),
        (new(&[], &["--expires", "2020-13-01"]), "2027-03-31T12:00:00Z"),
        (new(&[], &["--expires", "9000-01-01"]), "more than 366 days away: name "),
        (new(&[], &["--for", "1d", "--account", "12"]), "twelve digits"),
        (exempt("remove", &file, &["--guardrail", "root-access-key-created"]), "--resource"),
        (
            exempt("remove", &file, &["--guardrail", "root-access-key-created", "--resource", "y"]),
            "policy.yaml: no exemption of `root-access-key-created` for `y`; the closest: ",
        ),
    ] {
        assert_eq!(status, 2, "{error}");
        assert!(error.contains(part), "{error}");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), POLICY);
}

#[test]
fn of_several_the_one_that_is_named_goes() {
    let entry = |rest: &str| {
        format!(
            "  - {{ guardrail: root-access-key-created, resource: x, {rest}reason: r, owner: o, expires: 2020-01-01 }}\n"
        )
    };
    let (any, one, two) = (entry(""), entry("account: \"111122223333\", "), entry("account: \"444455556666\", "));
    let name = ["--guardrail", "root-access-key-created", "--resource", "x"];
    let file = policy("several", &format!("version: 1\nexemptions:\n{one}{two}"));
    let (status, _, error) = exempt("remove", &file, &name);
    assert_eq!(status, 2);
    assert!(
        error.contains("2 exemptions are meant") && error.contains("policy.yaml:4: `x` in 444455556666"),
        "{error}"
    );
    assert_eq!(exempt("remove", &file, &[&name[..], &["--account", "444455556666"]].concat()).0, 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("version: 1\nexemptions:\n{one}"));

    let file = policy("exact", &format!("version: 1\nexemptions:\n{one}{any}"));
    assert_eq!(exempt("remove", &file, &name).0, 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), format!("version: 1\nexemptions:\n{one}"));
}

#[test]
fn a_file_that_is_no_policy_or_cannot_be_changed_stays_as_it_is() {
    let broken = "version: 1\ndefaults: { mod: off }\n";
    let shared = "version: 1\nexemptions:\n  - &a { guardrail: root-access-key-created, resource: x, reason: r, owner: o, \
                  expires: 2020-01-01 }\n  - *a\n";
    for (name, text, args, part) in [
        ("broken", broken, [&["add"], &NEW[..], &["--for", "1d"]].concat(), "policy.yaml:2:13: "),
        ("expired", shared, vec!["remove", "--expired", "--owner"], "unexpected argument"),
        (
            "shared",
            shared,
            vec!["remove", "--guardrail", "root-access-key-created", "--resource", "x"],
            "2 exemptions are meant",
        ),
    ] {
        let file = policy(name, text);
        let (status, _, error) = exempt(args[0], &file, &args[1..]);
        assert_eq!(status, 2, "{error}");
        assert!(error.contains(part), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), text);
    }
}

#[test]
fn text_of_the_file_cannot_move_the_cursor() {
    let hostile = POLICY
        .replace("reason: old", "reason: \"o\\e[31mld\"")
        .replace("the old web site", "the \u{1b}[2Jold web site");
    let file = policy("hostile", &hostile.replace('\u{1b}', "\u{202e}"));
    for args in [["list"].as_slice(), &["remove", "--expired", "--dry-run"]] {
        let (status, said, _) = exempt(args[0], &file, &args[1..]);
        assert_eq!(status, 0);
        assert!(!said.contains('\u{1b}') && !said.contains('\u{202e}'), "{said}");
    }
}

#[test]
fn the_file_of_the_checkout_is_the_usual_one() {
    let at = folder("exempt-usual");
    let (status, _) = run(&["exempt", "list", "--policy", "s3://bucket/parapet.yaml"]);
    assert_eq!(status, 2);
    let list =
        || Command::new(env!("CARGO_BIN_EXE_parapet")).args(["exempt", "list"]).current_dir(&at).output().unwrap();
    let without = list();
    assert_eq!(without.status.code(), Some(2));
    assert!(String::from_utf8(without.stderr).unwrap().contains("`--policy FILE`"));
    fs::create_dir(at.join("policy")).unwrap();
    fs::write(at.join("policy/parapet.yaml"), "version: 1\n").unwrap();
    assert_eq!(String::from_utf8(list().stdout).unwrap(), "policy/parapet.yaml: no exemptions\n");
}
