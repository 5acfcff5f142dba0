//! `parapet policy`: what the reader takes, what editors take by the schema, and what is said of the rest.

use crate::support::{folder, parapet};
use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Value, json};
use shared::policy::Policy;
use std::fs;

/// A document as an editor hands it to its validator.
fn as_json(yaml: &Yaml<'_>) -> Value {
    match yaml {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(is)) => json!(is),
        Yaml::Value(Scalar::Integer(number)) => json!(number),
        Yaml::Value(Scalar::FloatingPoint(number)) => json!(number.into_inner()),
        Yaml::Value(Scalar::String(text)) => json!(text),
        Yaml::Sequence(items) => items.iter().map(as_json).collect(),
        Yaml::Mapping(pairs) => {
            let key = |key: &Yaml<'_>| match as_json(key) {
                Value::String(text) => text,
                other => other.to_string(),
            };
            Value::Object(pairs.iter().map(|(name, value)| (key(name), as_json(value))).collect())
        }
        other => panic!("no JSON for {other:?}"),
    }
}

fn schema_takes(validator: &jsonschema::Validator, text: &str) -> bool {
    let documents = Yaml::load_from_str(text).unwrap();
    validator.is_valid(&documents.first().map_or(Value::Null, as_json))
}

fn validator() -> jsonschema::Validator {
    jsonschema::options().should_validate_formats(true).build(&shared::policy::schema()).unwrap()
}

const PORTS: &str = "guardrails: {security-group-admin-port-open: {settings: {ports: ";
const KEYS: &str = "guardrails: {access-key-not-allowed: {settings: ";

/// Both take it, or neither.
#[test]
fn reader_and_schema_agree() {
    let exemption =
        |rest: &str| format!("exemptions: [{{guardrail: snapshot-public, resource: a, reason: b, {rest}}}]");
    let table: Vec<(String, bool)> = vec![
        (String::new(), true),
        (format!("{PORTS}[22]}}}}}}"), true),
        (format!("{PORTS}[\"22\"]}}}}}}"), true),
        (format!("{PORTS}['22', 80]}}}}}}"), true),
        (format!("{PORTS}[ssh]}}}}}}"), false),
        (format!("{PORTS}[70000]}}}}}}"), false),
        (format!("{PORTS}[-1]}}}}}}"), false),
        (format!("{PORTS}[22.5]}}}}}}"), false),
        (format!("{PORTS}22}}}}}}"), false),
        (format!("{PORTS}null}}}}}}"), true),
        (format!("{PORTS}[null]}}}}}}"), false),
        (format!("{PORTS}[[22]]}}}}}}"), false),
        (format!("{KEYS}{{allow_own: true}}}}}}"), true),
        (format!("{KEYS}{{allow_own: \"true\"}}}}}}"), true),
        (format!("{KEYS}{{allow_own: yes}}}}}}"), true),
        (format!("{KEYS}{{allow_own: maybe}}}}}}"), false),
        (format!("{KEYS}{{allow_own: 1}}}}}}"), false),
        (format!("{KEYS}{{max_active_keys: \"1\"}}}}}}"), true),
        (format!("{KEYS}{{max_active_keys: one}}}}}}"), false),
        (format!("{KEYS}{{allowed_users: [42, true, 1.5, ci]}}}}}}"), true),
        (format!("{KEYS}{{allowed_users: [null]}}}}}}"), false),
        (format!("{KEYS}{{allowed_users: ci}}}}}}"), false),
        (format!("{KEYS}null}}}}"), false),
        ("defaults: {mode: off}".to_owned(), true),
        ("defaults: {mode: \"off\"}".to_owned(), true),
        ("defaults: {mode: Off}".to_owned(), false),
        ("defaults: {mode: false}".to_owned(), false),
        ("defaults: {mode: null}".to_owned(), true),
        ("defaults: {max_class: R2}".to_owned(), true),
        ("defaults: {max_class: r2}".to_owned(), false),
        ("defaults: {grace_seconds: \"300\"}".to_owned(), true),
        ("defaults: {grace_seconds: 86401}".to_owned(), false),
        ("defaults: {breaker: {remediations: \"5\"}}".to_owned(), true),
        ("defaults: {breaker: {remediations: few}}".to_owned(), false),
        ("defaults: {breaker: {window_minutes: 0}}".to_owned(), false),
        ("defaults: {breaker: {window_minutes: 1440}}".to_owned(), true),
        ("defaults: {feud: {open_hours: 169}}".to_owned(), false),
        ("defaults: []".to_owned(), false),
        ("defaults:".to_owned(), false),
        ("unknown: 1".to_owned(), false),
        ("guardrails: {unknown: {}}".to_owned(), false),
        ("trusted_accounts: [\"111122223333\"]".to_owned(), true),
        ("trusted_accounts: [111122223333]".to_owned(), true),
        ("trusted_accounts: [\"012345678901\"]".to_owned(), true),
        ("trusted_accounts: [12]".to_owned(), false),
        ("trusted_accounts: [\"12\"]".to_owned(), false),
        ("trusted_accounts: [true]".to_owned(), false),
        ("trusted_accounts:".to_owned(), false),
        ("accounts: {\"111122223333\": {mode: off}}".to_owned(), true),
        ("accounts: {111122223333: {mode: off}}".to_owned(), true),
        ("accounts: {\"1\": {mode: off}}".to_owned(), false),
        ("accounts: {\"111122223333\": {guardrails: {snapshot-public: {}}}}".to_owned(), false),
        ("protected_principals:".to_owned(), true),
        ("exemptions:".to_owned(), true),
        (exemption("owner: c, expires: 2027-01-31"), true),
        (exemption("owner: c, expires: \"2027-01-31T12:00:00Z\""), true),
        (exemption("owner: 42, expires: 2027-01-31"), true),
        (exemption("owner: \"\", expires: 2027-01-31"), false),
        (exemption("owner: c, expires: soon"), false),
        (exemption("owner: c, expires: 20270131"), false),
        (exemption("owner: c, expires: null"), false),
        (exemption("owner: c"), false),
        (exemption("owner: c, expires: 2027-01-31, account: 111122223333"), true),
        (exemption("owner: c, expires: 2027-01-31, account: null"), true),
        (exemption("owner: c, expires: 2027-01-31, until: 2027-01-31"), false),
        (
            "guardrails: {security-group-admin-port-open: {settings: {allowed_cidrs: [\"10.0.0.0/8\", \"::/0\"]}}}"
                .to_owned(),
            true,
        ),
        ("guardrails: {security-group-admin-port-open: {settings: {allowed_cidrs: [office]}}}".to_owned(), false),
        ("guardrails: {password-policy-weak: {settings: {min_length: \"20\"}}}".to_owned(), true),
        ("guardrails: {password-policy-weak: {settings: {min_length: 129}}}".to_owned(), false),
    ];
    let validator = validator();
    let mut wrong = Vec::new();
    for (rest, expected) in table {
        let text = format!("version: 1\n{rest}\n");
        let (reader, schema) = (Policy::parse(&text).is_ok(), schema_takes(&validator, &text));
        if (reader, schema) != (expected, expected) {
            wrong.push(format!("reader {reader}, schema {schema}, expected {expected}: {rest}"));
        }
    }
    for (text, expected) in
        [("version: \"1\"", true), ("version: 2", false), ("version: one", false), ("{}", false), ("[]", false)]
    {
        let (reader, schema) = (Policy::parse(text).is_ok(), schema_takes(&validator, text));
        if (reader, schema) != (expected, expected) {
            wrong.push(format!("reader {reader}, schema {schema}, expected {expected}: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// What a schema cannot say: the reader is the stricter one, and never the other way round.
#[test]
fn what_the_schema_lets_pass_the_reader_refuses() {
    let validator = validator();
    for text in [
        "version: 1\nguardrails: {security-group-admin-port-open: {settings: {allowed_cidrs: [\"999.0.0.0/8\"]}}}\n",
        "version: 1\nguardrails: {security-group-admin-port-open: {settings: {ports: [\"70000\"]}}}\n",
        "version: 1\nexemptions: [{guardrail: snapshot-public, resource: a, reason: \"  \", owner: c, expires: 2027-01-31}]\n",
    ] {
        assert!(schema_takes(&validator, text), "the schema refuses it by now: {text}");
        assert!(Policy::parse(text).is_err(), "{text}");
    }
}

fn validate(name: &str, text: &str, args: &[&str]) -> (i32, String) {
    let file = folder(&format!("policy-{name}")).join("policy.yaml");
    fs::write(&file, text).unwrap();
    let output = parapet(&[&["policy", "validate", file.to_str().unwrap()], args].concat());
    let said = String::from_utf8(output.stdout).unwrap();
    let folder = file.parent().unwrap().to_str().unwrap();
    (output.status.code().unwrap(), said.replace(&format!("{folder}/"), ""))
}

#[test]
fn everything_wrong_is_said_at_once() {
    let (status, said) = validate(
        "wrong",
        "version: 1\ndefaults: { mode: enforec, breakr: {} }\nguardrails:\n  security-group-admin-port-opn: {}\n",
        &[],
    );
    assert_eq!(status, 1);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines.len(), 3, "{said}");
    for (line, (place, meant)) in lines.iter().zip([
        ("policy.yaml:2:19: ", "`enforce`"),
        ("policy.yaml:2:28: ", "`breaker`"),
        ("policy.yaml:4:3: ", "`security-group-admin-port-open`"),
    ]) {
        assert!(line.starts_with(place) && line.ends_with(&format!("(did you mean {meant}?)")), "{line}");
    }
}

#[test]
fn what_is_valid_and_dangerous_is_warned_of() {
    let text = "version: 1\nprotected_principals: [\"arn:aws:iam::111122223333:role/admin\"]\nguardrails:\n  \
                security-group-admin-port-open: { settings: { allowed_cidrs: [\"0.0.0.0/0\"] } }\n";
    let (status, said) = validate("warned", text, &[]);
    assert_eq!(status, 0);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!((lines.len(), lines[0]), (3, "policy.yaml: ok, 2 warnings"), "{said}");
    assert!(lines[1].starts_with("policy.yaml:2:24: warning: `protected_principals[0]`: `arn:aws:iam"), "{said}");
    assert!(lines[2].starts_with("policy.yaml:4:65: warning: `guardrails."), "{said}");
    assert_eq!(validate("strict", text, &["--strict"]).0, 1);
    assert_eq!(validate("good", "version: 1\n", &["--strict"]), (0, "policy.yaml: ok\n".to_owned()));
}

#[test]
fn an_exemption_that_covers_nothing_is_said_when_it_is_added() {
    let file = folder("policy-exempt").join("policy.yaml");
    fs::write(&file, "version: 1\n").unwrap();
    let add = |resource: &str| {
        let output = parapet(&[
            "exempt",
            "add",
            "--policy",
            file.to_str().unwrap(),
            "--guardrail",
            "security-group-admin-port-open",
            "--resource",
            resource,
            "--reason",
            "r",
            "--owner",
            "o",
            "--for",
            "30d",
        ]);
        (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (status, said) = add("sg-0123456789abcdef0");
    assert!(
        status == 0 && said.contains("warning: `exemptions[0].resource`") && said.contains("covers nothing"),
        "{said}"
    );
    assert_eq!(add("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0123456789abcdef0"), (0, String::new()));
}
