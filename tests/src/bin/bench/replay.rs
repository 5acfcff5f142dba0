//! What a replay of logs costs, against `zcat` of the same files: by the template as it is, and by one that asks for the calls of
//! five hundred made-up guardrails beside.
//!
//! The three run in turn, and the shortest run of each counts: what else a machine does makes a run longer and never shorter.

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::paths::Scratch;
use tests::{Result, paths};
use uuid::Uuid;

/// What was measured.
pub(crate) struct Replayed {
    /// Bytes of the logs, unpacked.
    pub(crate) bytes: usize,
    /// `zcat`, into nothing.
    pub(crate) zcat: Spent,
    /// The guardrails there are.
    pub(crate) real: Spent,
    /// The made-up ones beside them.
    pub(crate) many: Spent,
}

/// What the runs of one command took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Spent {
    /// The shortest, by the clock on the wall.
    pub(crate) wall: Duration,
    /// Ticks of all processors, for all runs: the kernel counts no finer, and a run takes few of them.
    pub(crate) ticks: u64,
    runs: u32,
}

impl Spent {
    /// How much of the other's time it takes.
    pub(crate) fn of(self, other: Self) -> f64 {
        self.wall.as_secs_f64() / other.wall.as_secs_f64()
    }

    fn add(&mut self, (wall, ticks): (Duration, u64)) {
        self.wall = if self.runs == 0 { wall } else { self.wall.min(wall) };
        self.ticks += ticks;
        self.runs += 1;
    }
}

/// How much of `zcat`'s time a replay may take, and how much longer the made-up guardrails may make it.
pub(crate) const OF_ZCAT: f64 = 0.35;
pub(crate) const OF_REAL: f64 = 1.2;
/// Made-up guardrails, those of one function, and the calls that each is triggered by.
pub(crate) const MADE_UP: usize = 500;
const A_FUNCTION: usize = 5;
const CALLS: usize = 4;
/// Files of different records, and how often each lies in the folder.
const FILES: usize = 26;
const COPIES: usize = 103;
const RECORDS: usize = 68;
/// Rounds, and how many more there may be on a machine that is not left alone.
const ROUNDS: u32 = 9;
const MOST_ROUNDS: u32 = 60;

pub(crate) fn measure(parapet: &Path) -> Result<Replayed> {
    let scratch = Scratch::new()?;
    let (logs, template) = (scratch.path().join("logs"), scratch.path().join("many.yaml"));
    let (files, bytes) = write_logs(&logs)?;
    std::fs::write(&template, with_made_up(&std::fs::read_to_string(paths::root().join("template.yaml"))?)?)?;
    let mut unpack = Command::new("zcat");
    unpack.args(&files);
    // The first one finds the files on the disk.
    timed(&mut unpack)?;
    let [mut zcat, mut real, mut many] = [Spent::default(); 3];
    while zcat.runs < ROUNDS || zcat.runs < MOST_ROUNDS && !(real.of(zcat) <= OF_ZCAT && many.of(zcat) <= OF_ZCAT) {
        zcat.add(timed(&mut unpack)?);
        real.add(timed(&mut replay(parapet, &logs, None))?);
        many.add(timed(&mut replay(parapet, &logs, Some(&template)))?);
    }
    for template in [None, Some(template.as_path())] {
        answers(parapet, &logs, template)?;
    }
    Ok(Replayed { bytes, zcat, real, many })
}

fn replay(parapet: &Path, logs: &Path, template: Option<&Path>) -> Command {
    let mut command = Command::new(parapet);
    command.args(["replay", "--format", "jsonl"]).arg(logs);
    if let Some(template) = template {
        command.arg("--template").arg(template);
    }
    command
}

/// How long it took, and how many ticks of all processors.
fn timed(command: &mut Command) -> Result<(Duration, u64)> {
    let (before, started) = (ticks_of_children()?, Instant::now());
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    let (taken, after) = (started.elapsed(), ticks_of_children()?);
    // A replay that finds violations ends with 1.
    if matches!(status.code(), Some(0 | 1)) {
        Ok((taken, after - before))
    } else {
        Err(format!("{command:?} ended with {status}").into())
    }
}

/// The processor time of the children that have ended, as the kernel has it: `cutime` and `cstime`. Linux only.
fn ticks_of_children() -> Result<u64> {
    const BEHIND_THE_NAME: usize = 13;
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    // The name of the program comes before, in parentheses.
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    let times = fields.skip(BEHIND_THE_NAME).take(2).map(str::parse::<u64>);
    Ok(times.sum::<std::result::Result<_, _>>()?)
}

/// What was measured counts when the answer is right: one opened port a file, and no other violation.
fn answers(parapet: &Path, logs: &Path, template: Option<&Path>) -> Result<()> {
    let output = replay(parapet, logs, template).stderr(Stdio::null()).output()?;
    let found = String::from_utf8(output.stdout)?.lines().filter(|line| line.contains("\"violation\"")).count();
    let expected = FILES * COPIES;
    if found == expected { Ok(()) } else { Err(format!("replay found {found} violations, not {expected}").into()) }
}

/// Packed log files as CloudTrail delivers them, and how large they are unpacked.
fn write_logs(folder: &Path) -> Result<(Vec<PathBuf>, usize)> {
    let (mut files, mut bytes) = (Vec::new(), 0);
    for file in 0..FILES {
        let records = (0..RECORDS).map(|at| in_cloudtrails_order(&record(file * RECORDS + at, at)));
        let text = format!("{{\"Records\":[{}]}}", records.collect::<Result<Vec<String>>>()?.join(","));
        let mut packed = GzEncoder::new(Vec::new(), Compression::default());
        packed.write_all(text.as_bytes())?;
        let packed = packed.finish()?;
        for copy in 0..COPIES {
            let folder = folder.join(format!("{copy:02}"));
            std::fs::create_dir_all(&folder)?;
            let path = folder.join(format!("111122223333_CloudTrail_eu-central-1_{file:02}.json.gz"));
            std::fs::write(&path, &packed)?;
            files.push(path);
            bytes += text.len();
        }
    }
    Ok((files, bytes))
}

/// What a busy account's trail consists of: nearly all of it reads.
const READS: &[(&str, &str)] = &[
    ("ec2", "DescribeInstances"),
    ("ec2", "DescribeSecurityGroups"),
    ("iam", "GetRole"),
    ("iam", "ListAttachedRolePolicies"),
    ("sts", "AssumeRole"),
    ("s3", "GetBucketAcl"),
    ("kms", "Decrypt"),
    ("ssm", "GetParameter"),
    ("logs", "DescribeLogStreams"),
    ("secretsmanager", "DescribeSecret"),
    ("ec2", "DescribeVpcs"),
];
const WRITES: &[(&str, &str)] = &[
    ("ssm", "PutParameter"),
    ("secretsmanager", "CreateSecret"),
    ("ec2", "CreateRouteTable"),
    ("iam", "CreateInstanceProfile"),
    ("logs", "CreateLogStream"),
    ("ssm", "DeleteParameter"),
];

/// The record of call `number`, the `at`th of its file: in each file one that opens a port, in every fourth one that attaches a
/// policy. In a trail that was recorded of an account under attack, 33 of 1,769 concern a guardrail; here it is as many.
fn record(number: usize, at: usize) -> Value {
    let pick = |list: &[(&'static str, &'static str)]| list.get(number % list.len()).copied().unwrap_or_default();
    let nothing = || (Value::Null, Value::Null);
    let ((service, name), (request, response), is_reading) = match at {
        20 => (("ec2", "AuthorizeSecurityGroupIngress"), opened(number), false),
        50 if (number / RECORDS).is_multiple_of(4) => (("iam", "AttachRolePolicy"), attached(number), false),
        at if at % 7 == 3 => (pick(WRITES), (json!({"name": format!("/app/{number}")}), Value::Null), false),
        _ => (pick(READS), nothing(), true),
    };
    let id = |what: &str| Uuid::new_v5(&Uuid::NAMESPACE_OID, format!("{what} {number}").as_bytes());
    let user = format!("deploy-{}", number % 5);
    json!({
        "eventVersion": "1.09",
        "userIdentity": {
            "type": "IAMUser", "principalId": "AIDAEXAMPLEEXAMPLE000", "arn": format!("arn:aws:iam::111122223333:user/{user}"),
            "accountId": "111122223333", "accessKeyId": "AKIAEXAMPLEEXAMPLE00", "userName": user
        },
        "eventTime": format!("2026-03-02T09:{:02}:{:02}Z", number / 60 % 60, number % 60),
        "eventSource": format!("{service}.amazonaws.com"), "eventName": name, "awsRegion": "eu-central-1",
        "sourceIPAddress": format!("198.51.100.{}", number % 250),
        "userAgent": "APN/1.0 HashiCorp/1.0 Terraform/1.9.5 (+https://www.terraform.io) terraform-provider-aws/5.76.1 \
            (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.32.5 ua/2.1 os/linux lang/go#1.23.3 md/GOOS#linux \
            md/GOARCH#amd64 api/ec2#1.187.0 HashiCorp-terraform-exec/0.21.0",
        "requestParameters": request, "responseElements": response,
        "requestID": id("request"), "eventID": id("event"), "readOnly": is_reading, "eventType": "AwsApiCall",
        "managementEvent": true, "recipientAccountId": "111122223333", "eventCategory": "Management",
        "tlsDetails": {"tlsVersion": "TLSv1.3", "cipherSuite": "TLS_AES_128_GCM_SHA256",
            "clientProvidedHostHeader": format!("{service}.eu-central-1.amazonaws.com")}
    })
}

/// The keys in the order in which CloudTrail writes them.
const ORDER: &[&str] = &[
    "eventVersion",
    "userIdentity",
    "eventTime",
    "eventSource",
    "eventName",
    "awsRegion",
    "sourceIPAddress",
    "userAgent",
    "requestParameters",
    "responseElements",
    "requestID",
    "eventID",
    "readOnly",
    "eventType",
    "managementEvent",
    "recipientAccountId",
    "eventCategory",
    "tlsDetails",
];

fn in_cloudtrails_order(record: &Value) -> Result<String> {
    let member = |key: &&str| record.get(*key).map(|value| format!("\"{key}\":{value}"));
    let members: Vec<String> = ORDER.iter().filter_map(member).collect();
    if record.as_object().is_some_and(|record| record.len() == members.len()) {
        Ok(format!("{{{}}}", members.join(",")))
    } else {
        Err(format!("not all keys of the record have a place: {record}").into())
    }
}

fn opened(number: usize) -> (Value, Value) {
    let group = format!("sg-{number:017x}");
    let range = json!({"items": [{"cidrIp": "0.0.0.0/0"}]});
    let item =
        json!({"ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "groups": {}, "ipRanges": range, "ipv6Ranges": {}});
    let rule = json!({"groupOwnerId": "111122223333", "groupId": group, "securityGroupRuleId": format!("sgr-{number:017x}"),
        "isEgress": false, "ipProtocol": "tcp", "fromPort": 22, "toPort": 22, "cidrIpv4": "0.0.0.0/0"});
    let response = json!({"requestId": "r", "_return": true, "securityGroupRuleSet": {"items": [rule]}});
    (json!({"groupId": group, "ipPermissions": {"items": [item]}}), response)
}

fn attached(number: usize) -> (Value, Value) {
    let policy = format!("arn:aws:iam::111122223333:policy/app-{number}");
    (json!({"roleName": format!("app-{number}"), "policyArn": policy}), Value::Null)
}

/// The template with the rules and functions of the made-up guardrails: calls that AWS does not have, of services that it has.
fn with_made_up(template: &str) -> Result<String> {
    let services = ["ec2", "iam", "rds", "s3", "lambda", "kms", "sns", "sqs", "eks", "ecs", "ecr", "elasticache"];
    let mut more = String::from("\nResources:\n");
    for at in 0..MADE_UP / A_FUNCTION {
        let service = services.get(at % services.len()).copied().unwrap_or_default();
        let name = |call: usize| format!("ModifyMadeUp{at}Attribute{call}");
        let names: Vec<String> = (0..A_FUNCTION * CALLS).map(name).collect();
        let function =
            json!({"Type": "AWS::Serverless::Function", "Properties": {"CodeUri": format!("functions/made-up-{at}/")}});
        let pattern = json!({
            "source": [format!("aws.{service}")], "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {
                "eventSource": [format!("{service}.amazonaws.com")], "eventName": names, "errorCode": [{"exists": false}],
                "userIdentity": {"sessionContext": {"sessionIssuer": {
                    "arn": [{"anything-but": format!("arn:aws:iam::111122223333:role/made-up-{at}")}, {"exists": false}]
                }}}
            }
        });
        let target = json!([{"Id": "function", "Arn": {"Fn::GetAtt": [format!("MadeUp{at}Function"), "Arn"]}}]);
        let rule = json!({"Type": "AWS::Events::Rule", "Properties": {"EventPattern": pattern, "Targets": target}});
        more += &format!("  MadeUp{at}Function: {function}\n  MadeUp{at}Rule: {rule}\n");
    }
    let whole = template.replacen("\nResources:\n", &more, 1);
    if whole.len() == template.len() { Err("template.yaml has no Resources".into()) } else { Ok(whole) }
}
