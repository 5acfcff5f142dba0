//! What a check of large files costs, against reading the same text with serde and nothing else: a plan of Terraform, and the folder that CDK makes, with
//! templates as large as CloudFormation takes them.

use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::Result;
use tests::host::peak_memory;
use tests::paths::Scratch;

/// What was measured of one kind of input.
pub(crate) struct Checked {
    pub(crate) what: &'static str,
    pub(crate) bytes: u64,
    /// The shortest run of each.
    pub(crate) serde: Duration,
    pub(crate) check: Duration,
    /// `VmHWM`, in KiB.
    pub(crate) peak_kib: u64,
}

/// How many times as long as serde alone a check may take, and how much memory.
pub(crate) const OF_SERDE: f64 = 3.0;
pub(crate) const MOST_KIB: u64 = 80 * 1024;
/// Resources of the plan, and of the templates.
const PLANNED: usize = 8_000;
const STACKS: usize = 10;
const OF_STACK: usize = 2_600;
const ROUNDS: usize = 9;

pub(crate) fn measure(release: &Path) -> Result<Vec<Checked>> {
    let scratch = Scratch::new()?;
    let plan = scratch.path().join("plan.json");
    std::fs::write(&plan, plan_of(PLANNED).to_string())?;
    let folder = scratch.path().join("cdk.out");
    let templates = write_assembly(&folder)?;
    let parapet = release.join("parapet");
    let alone = release.join("examples/serde_alone");
    Ok(vec![
        checked("a plan of Terraform", &parapet, &alone, &plan, std::slice::from_ref(&plan), PLANNED)?,
        checked("ten templates of CDK", &parapet, &alone, &folder, &templates, STACKS * OF_STACK)?,
    ])
}

fn checked(
    what: &'static str,
    parapet: &Path,
    alone: &Path,
    input: &Path,
    files: &[PathBuf],
    resources: usize,
) -> Result<Checked> {
    let bytes = files.iter().map(|file| Ok(std::fs::metadata(file)?.len())).sum::<Result<u64>>()?;
    let mut check = Command::new(parapet);
    check.args(["check", "--format", "json"]).arg(input);
    // What was measured counts when the answer is right.
    let answer: Value = serde_json::from_slice(&check.output()?.stdout)?;
    let count = |of: &str| answer.pointer(of).and_then(Value::as_u64).unwrap_or_default();
    let (judged, passed) = (count("/summary/resources"), count("/summary/unjudged"));
    if usize::try_from(judged + passed)? != resources || judged == 0 {
        return Err(
            format!("{judged} resources of {what} were judged and {passed} were not: there are {resources}").into()
        );
    }
    let (mut serde, mut taken, mut peak_kib) = (Duration::MAX, Duration::MAX, 0);
    for _ in 0..ROUNDS {
        let each = files.iter().map(|file| Ok(timed(Command::new(alone).arg(file))?.0));
        serde = serde.min(each.sum::<Result<Duration>>()?);
        let (time, peak) = timed(&mut check)?;
        (taken, peak_kib) = (taken.min(time), peak_kib.max(peak));
    }
    Ok(Checked { what, bytes, serde, check: taken, peak_kib })
}

/// How long a command took, and the most memory that it was seen to hold, in KiB.
fn timed(command: &mut Command) -> Result<(Duration, u64)> {
    const STEP: Duration = Duration::from_millis(1);
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak_kib = 0;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        // What has just ended has no memory any more.
        peak_kib = peak_memory(child.id()).unwrap_or_default().max(peak_kib);
        std::thread::sleep(STEP);
    };
    let taken = started.elapsed();
    // A check that finds violations ends with 1.
    if matches!(status.code(), Some(0 | 1)) {
        Ok((taken, peak_kib))
    } else {
        Err(format!("{command:?} ended with {status}").into())
    }
}

/// A plan as `terraform show -json` prints it: each resource under `planned_values`, `resource_changes` and `configuration`.
fn plan_of(resources: usize) -> Value {
    let (mut values, mut changes, mut written) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..resources {
        let (kind, after) = planned(at);
        let address = format!("{kind}.r{at}");
        let provider = "registry.terraform.io/hashicorp/aws";
        let is_constant = |(_, value): &(&String, &Value)| value.is_string() || value.is_boolean() || value.is_number();
        let constants = after.as_object().into_iter().flatten().filter(is_constant);
        let constants: serde_json::Map<String, Value> =
            constants.map(|(name, value)| (name.clone(), json!({"constant_value": value}))).collect();
        let unknown = json!({"id": true, "arn": true, "tags_all": true});
        let change = json!({"actions": ["create"], "before": null, "after": after, "after_unknown": unknown, "before_sensitive": false, "after_sensitive": {}});
        let of = |more: Value| {
            let mut of = json!({"address": address, "mode": "managed", "type": kind, "name": format!("r{at}"), "provider_name": provider});
            if let (Some(of), Value::Object(more)) = (of.as_object_mut(), more) {
                of.extend(more);
            }
            of
        };
        changes.push(of(json!({"change": change})));
        written.push(of(json!({"expressions": constants, "schema_version": 1})));
        values.push(of(json!({"values": after, "sensitive_values": {}, "schema_version": 1})));
    }
    json!({"format_version": "1.2", "terraform_version": "1.11.0", "planned_values": {"root_module": {"resources": values}},
        "resource_changes": changes, "configuration": {"root_module": {"resources": written}}})
}

/// What AWS services may assume a role, and what the role may do.
fn trust() -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}]})
}

fn planned(at: usize) -> (&'static str, Value) {
    let tags = json!({"Name": format!("r-{at}"), "team": "web", "cost-centre": "4711"});
    match at % 4 {
        0 => {
            let rule = json!({"cidr_blocks": ["10.0.0.0/8"], "description": "", "from_port": 443, "to_port": 443, "protocol": "tcp",
                "ipv6_cidr_blocks": [], "prefix_list_ids": [], "security_groups": [], "self": false});
            let group = json!({"name": format!("web-{at}"), "description": "web", "ingress": [rule], "egress": [], "tags": tags, "vpc_id": "vpc-0a1b2c3d"});
            ("aws_security_group", group)
        }
        1 => ("aws_s3_bucket", json!({"bucket": format!("b-{at}"), "force_destroy": false, "tags": tags})),
        2 => (
            "aws_iam_role",
            json!({"name": format!("r-{at}"), "path": "/", "assume_role_policy": trust().to_string(), "tags": tags}),
        ),
        _ => ("aws_cloudwatch_log_group", json!({"name": format!("/app/{at}"), "retention_in_days": 30, "tags": tags})),
    }
}

/// A cloud assembly as `cdk synth` leaves it: the paths of its templates.
fn write_assembly(folder: &Path) -> Result<Vec<PathBuf>> {
    std::fs::create_dir_all(folder)?;
    let (mut artifacts, mut templates) = (serde_json::Map::new(), Vec::new());
    for stack in 0..STACKS {
        let file = format!("Stack{stack}.template.json");
        let resources: serde_json::Map<String, Value> = (0..OF_STACK).map(|at| (format!("R{at}"), made(at))).collect();
        let path = folder.join(&file);
        std::fs::write(&path, format!("{:#}", json!({"Resources": resources})))?;
        templates.push(path);
        let stack_of = json!({"type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region", "properties": {"templateFile": file}});
        artifacts.insert(format!("Stack{stack}"), stack_of);
    }
    std::fs::write(folder.join("manifest.json"), json!({"version": "38.0.0", "artifacts": artifacts}).to_string())?;
    Ok(templates)
}

fn made(at: usize) -> Value {
    let resource = |kind: &str, properties: Value| json!({"Type": kind, "Properties": properties});
    match at % 4 {
        0 => {
            let rule = json!({"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "CidrIp": "10.0.0.0/8"});
            let tags = json!([{"Key": "Name", "Value": {"Fn::Sub": "${AWS::StackName}-web"}}]);
            resource(
                "AWS::EC2::SecurityGroup",
                json!({"GroupDescription": "web", "SecurityGroupIngress": [rule], "Tags": tags}),
            )
        }
        1 => {
            let by_default = json!({"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}});
            resource(
                "AWS::S3::Bucket",
                json!({"BucketName": format!("b-{at}"), "BucketEncryption": {"ServerSideEncryptionConfiguration": [by_default]}}),
            )
        }
        2 => {
            let bucket = json!({"Fn::GetAtt": [format!("R{}", at - 1), "Arn"]});
            let may = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": bucket}]});
            resource(
                "AWS::IAM::Role",
                json!({"AssumeRolePolicyDocument": trust(), "Policies": [{"PolicyName": "read", "PolicyDocument": may}]}),
            )
        }
        _ => resource("AWS::Logs::LogGroup", json!({"LogGroupName": format!("/app/{at}"), "RetentionInDays": 30})),
    }
}
