//! Findings of Security Hub as the second trigger: the function gets no CloudTrail record, and updates the finding with the result. And Parapet's own findings, sent there.

use serde_json::{Value, json};
use tests::host::{Host, Settings};
use tests::http::{Message, ask};
use tests::lab::{Lab, on_port};
use tests::moto::{ACCOUNT, REGION};
use tests::proxy::Fault;
use tests::view::View;
use tests::world::World;

static WORLD: World = World::new();
/// What an account has once.
static SETTINGS: World = World::new();

fn event(kind: &str, findings: &[Value]) -> Value {
    json!({
        "version": "0", "id": "b1c9", "source": "aws.securityhub", "detail-type": kind, "account": ACCOUNT, "region": REGION,
        "time": "2026-03-02T09:14:02Z", "resources": [], "detail": { "findings": findings },
    })
}

/// A failed control in ASFF.
fn asff(control: &str, finding: &str, resource: &str) -> Value {
    json!({
        "SchemaVersion": "2018-10-08", "Id": finding, "AwsAccountId": ACCOUNT, "Region": REGION, "RecordState": "ACTIVE",
        "ProductArn": format!("arn:aws:securityhub:{REGION}::product/aws/securityhub"),
        "Workflow": { "Status": "NEW" }, "Compliance": { "Status": "FAILED", "SecurityControlId": control },
        "Resources": [{ "Id": resource, "Partition": "aws", "Region": REGION }],
    })
}

/// The same in OCSF.
fn ocsf(control: &str, finding: &str, resource: &str) -> Value {
    json!({
        "class_uid": 2003, "status_id": 1, "metadata": { "uid": finding },
        "cloud": { "account": { "uid": ACCOUNT }, "region": REGION },
        "compliance": { "control": control, "status_id": 3 }, "resources": [{ "uid": resource }],
    })
}

fn arn(group: &str) -> String {
    format!("arn:aws:ec2:{REGION}:{ACCOUNT}:security-group/{group}")
}

/// What was written back to a finding.
async fn reply(lab: &Lab, finding: &str) -> Value {
    let answer = ask(lab.standin.address(), &Message::request("GET", "/test-only/findings")).await.unwrap();
    serde_json::from_slice::<Value>(&answer.body).unwrap()[finding].clone()
}

/// A function that knows its own role, and with it its account.
async fn function(lab: &Lab, name: &str) -> Host {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/parapet-{name}");
    Host::start(name, &Settings { own_role: Some(role), ..lab.settings() }).await.unwrap()
}

#[tokio::test]
async fn a_finding_closes_what_it_names_and_nothing_else_and_is_resolved() {
    let lab = WORLD.lab("finding-closes").await.unwrap();
    let beside = WORLD.lab("finding-beside").await.unwrap();
    let (named, other) = (lab.group().await.unwrap(), beside.group().await.unwrap());
    let view = View::Group(named.clone());
    let closed = lab.lines(&view).await.unwrap();
    lab.open(&named, &[on_port(22, "0.0.0.0/0", "named")]).await.unwrap();
    lab.open(&other, &[on_port(22, "0.0.0.0/0", "another's")]).await.unwrap();
    let untouched = lab.lines(&View::Group(other.clone())).await.unwrap();
    let mut function = function(&lab, "security-group").await;
    let event = event("Security Hub Findings - Imported", &[asff("EC2.13", "finding-closes-1", &arn(&named))]);

    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("security-group-admin-port-open").unwrap(), "remediated", "{answer:?}");
    assert_eq!(lab.lines(&view).await.unwrap(), closed);
    assert_eq!(lab.lines(&View::Group(other)).await.unwrap(), untouched);
    let heard = lab.channel.hear().await.unwrap();
    assert_eq!(heard.len(), 1, "{heard:#?}");
    assert!(heard[0]["Message"].as_str().unwrap().contains("AWS Security Hub reported it: control EC2.13"));
    let written = reply(&lab, "finding-closes-1").await;
    assert_eq!(written["Workflow"]["Status"], "RESOLVED");
    assert!(
        written["Note"]["Text"].as_str().unwrap().contains("security-group-admin-port-open: remediated"),
        "{written}"
    );

    function.send(&event).await.unwrap();
    assert_eq!(lab.channel.hear().await.unwrap(), Vec::<Value>::new(), "the second delivery is no news");
    assert!(reply(&lab, "finding-closes-1").await["Note"]["Text"].as_str().unwrap().contains("compliant"));
}

#[tokio::test]
async fn a_batch_is_handled_finding_by_finding() {
    let lab = WORLD.lab("finding-batch").await.unwrap();
    let group = lab.group().await.unwrap();
    let view = View::Group(group.clone());
    let closed = lab.lines(&view).await.unwrap();
    lab.open(&group, &[on_port(3389, "::/0", "open")]).await.unwrap();
    let mut bad = asff("EC2.13", "batch-bad", &arn(&group));
    bad.as_object_mut().unwrap().remove("AwsAccountId");
    let mut passed = asff("EC2.13", "batch-passed", &arn(&group));
    passed["Compliance"]["Status"] = "PASSED".into();
    let batch = [
        bad,
        passed,
        asff("EC2.13", "batch-gone", &arn("sg-00000000000000000")),
        asff("Lambda.1", "batch-another-function", &arn(&group)),
        asff("EC2.13", "batch-open", &arn(&group)),
    ];
    let mut function = function(&lab, "security-group").await;
    let answer = function.send(&event("Security Hub Findings - Custom Action", &batch)).await.unwrap();
    assert_eq!(answer.result("security-group-admin-port-open").unwrap(), "remediated", "{answer:?}");
    assert_eq!(lab.lines(&view).await.unwrap(), closed);
    assert_eq!(reply(&lab, "batch-open").await["Workflow"]["Status"], "RESOLVED");
    let gone = reply(&lab, "batch-gone").await;
    assert_eq!(gone["Workflow"]["Status"], "NOTIFIED");
    assert!(gone["Note"]["Text"].as_str().unwrap().contains("no such resource"), "{gone}");
    for untold in ["batch-bad", "batch-passed", "batch-another-function"] {
        assert_eq!(reply(&lab, untold).await, Value::Null, "{untold}");
    }
    let titles = lab.channel.hear().await.unwrap();
    assert!(titles.iter().any(|one| one.to_string().contains("cannot be read")), "{titles:#?}");
}

#[tokio::test]
async fn a_finding_in_ocsf_names_a_setting_of_the_account() {
    let lab = SETTINGS.lab("finding-account").await.unwrap();
    lab.clients.ec2.disable_ebs_encryption_by_default().send().await.unwrap();
    let mut function = function(&lab, "instance").await;
    let account = format!("AWS::::Account:{ACCOUNT}");
    let event = event("Findings Imported V2", &[ocsf("EC2.7", "finding-account-1", &account)]);
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("ebs-encryption-default-off").unwrap(), "remediated", "{answer:?}; {:#?}", function.log());
    let after = lab.clients.ec2.get_ebs_encryption_by_default().send().await.unwrap();
    assert_eq!(after.ebs_encryption_by_default(), Some(true));
    assert_eq!(reply(&lab, "finding-account-1").await["StatusId"], 4);
}

#[tokio::test]
async fn what_is_only_notified_stays_open_in_security_hub() {
    let lab = WORLD.lab("finding-notified").await.unwrap();
    let group = lab.group().await.unwrap();
    lab.open(&group, &[on_port(22, "0.0.0.0/0", "open")]).await.unwrap();
    let view = View::Group(group.clone());
    let open = lab.lines(&view).await.unwrap();
    let role = format!("arn:aws:iam::{ACCOUNT}:role/parapet-security-group");
    let settings = Settings { own_role: Some(role), mode: Some("notify".to_owned()), ..lab.settings() };
    let mut function = Host::start("security-group", &settings).await.unwrap();
    let event = event("Security Hub Findings - Imported", &[asff("EC2.13", "notified-1", &arn(&group))]);
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("security-group-admin-port-open").unwrap(), "notified", "{answer:?}");
    assert_eq!(lab.lines(&view).await.unwrap(), open);
    let written = reply(&lab, "notified-1").await;
    assert_eq!(written["Workflow"]["Status"], "NOTIFIED");
    assert!(
        written["Note"]["Text"].as_str().unwrap().contains("security-group-admin-port-open: notified"),
        "{written}"
    );
}

#[tokio::test]
async fn what_cannot_be_written_back_is_said_and_changes_nothing_of_the_rest() {
    let lab = WORLD.lab("finding-unwritten").await.unwrap();
    let group = lab.group().await.unwrap();
    lab.open(&group, &[on_port(22, "0.0.0.0/0", "open")]).await.unwrap();
    let mut function = function(&lab, "security-group").await;
    let denied = r#"{"Code": "AccessDeniedException", "Message": "not allowed"}"#;
    lab.proxy.fault("BatchUpdateFindings", Fault::Answer(Message::answer(403, "application/json", denied)), 1);
    let event = event("Security Hub Findings - Imported", &[asff("EC2.13", "unwritten-1", &arn(&group))]);
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("security-group-admin-port-open").unwrap(), "remediated", "{answer:?}");
    let heard = lab.channel.hear().await.unwrap();
    assert!(heard.iter().any(|one| one.to_string().contains("Security Hub does not know the result")), "{heard:#?}");
    assert_eq!(reply(&lab, "unwritten-1").await, Value::Null);
}

/// A function that sends its findings to Security Hub.
async fn sender(lab: &Lab) -> Host {
    let role = format!("arn:aws:iam::{ACCOUNT}:role/parapet-security-group");
    let mut settings = Settings { own_role: Some(role), ..lab.settings() };
    settings.more.insert("PARAPET_SECURITY_HUB", "on".to_owned());
    Host::start("security-group", &settings).await.unwrap()
}

/// The findings about a group that Security Hub has taken.
async fn imported(lab: &Lab, group: &str) -> Vec<Value> {
    let answer = ask(lab.standin.address(), &Message::request("GET", "/test-only/findings")).await.unwrap();
    let held: Value = serde_json::from_slice(&answer.body).unwrap();
    let all = held.as_object().unwrap().values();
    all.filter(|finding| finding["Resources"][0]["Id"] == arn(group)).cloned().collect()
}

#[tokio::test]
async fn what_is_notified_is_sent_to_security_hub_once() {
    let lab = WORLD.lab("import-closed").await.unwrap();
    let group = lab.group().await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "open")]).await.unwrap();
    let mut function = sender(&lab).await;
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("security-group-admin-port-open").unwrap(), "remediated", "{answer:?}");
    function.send(&event).await.unwrap();
    let sent = imported(&lab, &group).await;
    assert_eq!(sent.len(), 1, "{sent:#?}; {:#?}", function.log());
    assert_eq!(sent[0]["Compliance"]["Status"], "PASSED");
    assert_eq!(sent[0]["AwsAccountId"], ACCOUNT);
    assert_eq!(sent[0]["ProductArn"], format!("arn:aws:securityhub:{REGION}:{ACCOUNT}:product/{ACCOUNT}/default"));
    assert_eq!(sent[0]["ProductFields"]["parapet/result"], "remediated");
    assert_eq!(sent[0]["GeneratorId"], "security-group-admin-port-open");
}

#[tokio::test]
async fn what_security_hub_does_not_take_is_notified_and_closed_all_the_same() {
    let lab = WORLD.lab("import-refused").await.unwrap();
    let group = lab.group().await.unwrap();
    let event = lab.open(&group, &[on_port(22, "0.0.0.0/0", "open")]).await.unwrap();
    let mut function = sender(&lab).await;
    let refused = r#"{"Code": "InvalidAccessException", "Message": "Account is not subscribed to AWS Security Hub"}"#;
    lab.proxy.fault("BatchImportFindings", Fault::Answer(Message::answer(401, "application/json", refused)), 1);
    let answer = function.send(&event).await.unwrap();
    assert_eq!(answer.result("security-group-admin-port-open").unwrap(), "remediated", "{answer:?}");
    let heard = lab.channel.hear().await.unwrap();
    assert!(heard.iter().any(|one| one.to_string().contains("not subscribed to AWS Security Hub")), "{heard:#?}");
    assert_eq!(imported(&lab, &group).await, Vec::<Value>::new());
}

/// Findings of detectors beside Security Hub, of this bucket.
fn of_detectors(bucket: &str, finding: &str) -> [(&'static str, Value); 3] {
    let arn = format!("arn:aws:s3:::{bucket}");
    let event = |source: &str, kind: &str, mut detail: Value| {
        let common = json!({"id": finding, "accountId": ACCOUNT, "region": REGION});
        detail.as_object_mut().unwrap().extend(common.as_object().unwrap().clone());
        json!({
            "version": "0", "id": finding, "source": source, "detail-type": kind, "account": ACCOUNT, "region": REGION,
            "time": "2026-03-02T09:14:02Z", "resources": [], "detail": detail,
        })
    };
    [
        (
            "Amazon Macie",
            event(
                "aws.macie",
                "Macie Finding",
                json!({
                    "schemaVersion": "1.0", "type": "Policy:IAMUser/S3BucketPublic", "sample": false, "archived": false,
                    "resourcesAffected": {"s3Bucket": {"arn": arn, "name": bucket}},
                }),
            ),
        ),
        (
            "IAM Access Analyzer",
            event(
                "aws.access-analyzer",
                "Access Analyzer Finding",
                json!({
                    "version": "1.0", "status": "ACTIVE", "resourceType": "AWS::S3::Bucket", "resource": arn, "isPublic": true,
                }),
            ),
        ),
        (
            "GuardDuty",
            event(
                "aws.guardduty",
                "GuardDuty Finding",
                json!({
                    "schemaVersion": "2.0", "type": "Policy:S3/BucketPublicAccessGranted", "severity": 8, "title": "public",
                    "resource": {"resourceType": "S3Bucket", "s3BucketDetails": [{"arn": arn, "name": bucket}]},
                    "service": {"serviceName": "guardduty", "archived": false},
                }),
            ),
        ),
    ]
}

#[tokio::test]
async fn findings_of_other_detectors_close_what_they_name_and_nothing_else() {
    let lab = WORLD.lab("finding-detectors").await.unwrap();
    let (mut function, mut threat) = (function(&lab, "s3").await, function(&lab, "threat").await);
    let s3 = &lab.clients.s3;
    let is_blocked = async |bucket: &str| s3.get_public_access_block().bucket(bucket).send().await.is_ok();
    for (at, (reporter, _)) in of_detectors("x", "y").into_iter().enumerate() {
        let (named, other) = (format!("detected-{at}"), format!("not-detected-{at}"));
        for bucket in [&named, &other] {
            s3.create_bucket().bucket(bucket).send().await.unwrap();
            let policy = json!({"Version": "2012-10-17", "Statement": [
                {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": format!("arn:aws:s3:::{bucket}/*")},
            ]});
            s3.put_bucket_policy().bucket(bucket).policy(policy.to_string()).send().await.unwrap();
        }
        let (_, event) = of_detectors(&named, &format!("finding-{at}"))[at].clone();
        let answer = function.send(&event).await.unwrap();
        assert_eq!(answer.result("s3-bucket-policy-public").unwrap(), "remediated", "{reporter}: {answer:?}");
        assert!(is_blocked(&named).await && !is_blocked(&other).await, "{reporter}");
        let heard = lab.channel.hear().await.unwrap();
        let said = format!("{reporter} reported it");
        assert!(heard.len() == 1 && heard[0]["Message"].as_str().unwrap().contains(&said), "{heard:#?}");
        function.send(&event).await.unwrap();
        assert_eq!(
            lab.channel.hear().await.unwrap(),
            Vec::<Value>::new(),
            "{reporter}: the second delivery is no news"
        );

        // The function of threats notifies what it hears of, whatever another one makes of it.
        let answer = threat.send(&event).await.unwrap();
        let heard = lab.channel.hear().await.unwrap();
        match reporter {
            "GuardDuty" => assert_eq!(answer.result("guardduty-finding-reported").unwrap(), "notified", "{answer:?}"),
            _ => assert_eq!(heard, Vec::<Value>::new(), "{reporter}"),
        }
    }
}
