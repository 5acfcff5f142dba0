//! What the tests of the command share: a place for files, the command itself, records.

use serde_json::{Value, json};
use shared::resources::catalogue;
use situations::variants;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// An empty folder of the test's own.
pub(crate) fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).unwrap();
    path
}

/// A file of the test's own.
pub(crate) fn write(at: &Path, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
    let path = at.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    path
}

/// Runs the command.
pub(crate) fn parapet(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_parapet")).args(args).env("NO_COLOR", "1").output().unwrap()
}

/// Runs the command and answers its exit status and standard output.
pub(crate) fn run(args: &[&str]) -> (i32, String) {
    let output = parapet(args);
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

/// A record of a rule made, `number` times apart.
pub(crate) fn authorized(number: usize, cidr: &str, port: u16, actor: &str) -> Value {
    let item = json!({
        "groupId": format!("sg-{number:017}"), "groupOwnerId": "111122223333", "securityGroupRuleId": format!("sgr-{number:017}"),
        "isEgress": false, "ipProtocol": "tcp", "fromPort": port, "toPort": port, "cidrIpv4": cidr,
    });
    record(
        number,
        ("ec2.amazonaws.com", "AuthorizeSecurityGroupIngress"),
        actor,
        json!({"groupId": format!("sg-{number:017}")}),
        json!({"_return": true, "securityGroupRuleSet": {"items": [item]}}),
    )
}

/// Any record.
pub(crate) fn record(number: usize, call: (&str, &str), actor: &str, request: Value, response: Value) -> Value {
    json!({
        "eventVersion": "1.08", "eventID": format!("00000000-0000-4000-8000-{number:012}"), "eventSource": call.0,
        "eventName": call.1, "eventTime": format!("2026-01-{:02}T{:02}:00:00Z", number % 28 + 1, number % 24),
        "awsRegion": "us-east-1", "recipientAccountId": "111122223333", "readOnly": false, "eventType": "AwsApiCall",
        "sourceIPAddress": "198.51.100.7", "userAgent": "aws-cli/2",
        "userIdentity": {"type": "IAMUser", "arn": format!("arn:aws:iam::111122223333:user/{actor}"), "userName": actor,
            "accountId": "111122223333", "sessionContext": {"sessionIssuer": {}}},
        "requestParameters": request, "responseElements": response,
    })
}

/// Packs a text, or what is packed once more.
pub(crate) fn gzip(text: impl AsRef<[u8]>) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(text.as_ref()).unwrap();
    packer.finish().unwrap()
}

/// The folder of recorded attacks beside the repository, where it is there.
pub(crate) fn corpora() -> Option<PathBuf> {
    let named = std::env::var_os("PARAPET_CORPORA").map(PathBuf::from);
    let folder = named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpora"));
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no corpora in {}", folder.display());
    None
}

/// The services that the template's patterns name.
pub(crate) fn event_sources() -> Vec<&'static str> {
    let lists = parapet::patterns::TEMPLATE.lines().filter_map(|line| line.trim().strip_prefix("eventSource: ["));
    lists.flat_map(|list| list.trim_end_matches(']').split(", ")).collect()
}

/// The records of all situations; where they are, of the recordings as well.
pub(crate) fn records() -> Vec<Value> {
    let situations = situations::all().unwrap().values();
    let situations = situations.filter(|situation| !variants::is_finding(situation));
    let details = situations.filter(|situation| situation["event"]["detail"].is_object());
    let mut found: Vec<Value> = details.map(|situation| situation["event"]["detail"].clone()).collect();
    assert!(found.len() > 300, "{} situations", found.len());
    if let Some(corpora) = corpora() {
        for file in ["cloudtrail_stratus.jsonl", "cloudtrail_panther.jsonl"] {
            let text = fs::read_to_string(corpora.join(file)).unwrap();
            let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
            found.extend(rows.map(|row| row["input"]["event"].clone()));
        }
    }
    found
}

/// The kinds of the families that are about findings of AWS's own detection, which no trail records.
pub(crate) fn kinds_of_findings() -> BTreeSet<&'static str> {
    let of: BTreeMap<&str, &str> = catalogue().into_iter().map(|entry| (entry.about.name, entry.kind)).collect();
    let findings = situations::all().unwrap().iter().filter(|(_, situation)| variants::is_finding(situation));
    findings.map(|((guardrail, _), _)| of[guardrail.as_str()]).collect()
}

/// The records of the trail that was recorded of an account under attack; none where it is not there.
pub(crate) fn trail() -> Vec<Value> {
    let Some(folder) = corpora().map(|corpora| corpora.join("cloudtrail")) else { return Vec::new() };
    let mut found = Vec::new();
    for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if file.to_str().unwrap().ends_with(".json.gz") {
            let packed = flate2::read::MultiGzDecoder::new(fs::File::open(file).unwrap());
            let log: Value = serde_json::from_reader(packed).unwrap();
            found.extend(log["Records"].as_array().unwrap().iter().cloned());
        }
    }
    assert!(found.len() > 1_000, "{} records", found.len());
    found
}
