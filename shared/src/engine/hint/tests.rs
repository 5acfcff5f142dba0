use super::*;
use crate::engine::observed::Resource;
use serde_json::json;

fn asff() -> Value {
    json!({
        "SchemaVersion": "2018-10-08",
        "Id": "arn:aws:securityhub:eu-west-1:111122223333:security-control/EC2.19/finding/8a1b",
        "ProductArn": "arn:aws:securityhub:eu-west-1::product/aws/securityhub",
        "GeneratorId": "security-control/EC2.19",
        "AwsAccountId": "111122223333",
        "Region": "eu-west-1",
        "RecordState": "ACTIVE",
        "Workflow": { "Status": "NEW" },
        "Compliance": { "Status": "FAILED", "SecurityControlId": "EC2.19" },
        "Resources": [{
            "Type": "AwsEc2SecurityGroup", "Id": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a1b2c3d",
            "Partition": "aws", "Region": "eu-west-1"
        }],
    })
}

fn ocsf() -> Value {
    json!({
        "class_uid": 2003, "status_id": 1, "status": "New",
        "metadata": { "uid": "e51603d1", "product": { "uid": "arn:aws:securityhub:eu-west-1::productv2/aws/securityhub" } },
        "finding_info": { "uid": "arn:aws:securityhub:eu-west-1:111122223333:security-control/EC2.19/finding/8a1b" },
        "cloud": { "account": { "uid": "111122223333" }, "region": "eu-west-1" },
        "compliance": { "control": "EC2.19", "status": "FAIL", "status_id": 3 },
        "resources": [{ "uid": "arn:aws:ec2:eu-west-1:111122223333:security-group/sg-0a1b2c3d" }],
    })
}

fn event(kind: &str, findings: Value) -> Value {
    json!({
        "version": "0", "id": "5a1b", "source": SOURCE, "detail-type": kind, "account": "111122223333", "region": "eu-west-1",
        "detail": { "findings": findings },
    })
}

/// The finding with another value at a path.
fn with(mut finding: Value, pointer: &str, value: Value) -> Value {
    *finding.pointer_mut(pointer).unwrap() = value;
    finding
}

fn without(mut finding: Value, key: &str) -> Value {
    finding.as_object_mut().unwrap().remove(key);
    finding
}

fn one(kind: &str, finding: Value) -> Result<Hint, Skipped> {
    let Hints { mut hints, mut skipped } = hints(&event(kind, json!([finding]))).unwrap();
    hints.pop().map_or_else(|| Err(skipped.pop().unwrap()), Ok)
}

#[test]
fn both_formats_say_the_same() {
    let (old, new) = (one(IMPORTED, asff()).unwrap(), one(IMPORTED_V2, ocsf()).unwrap());
    assert_eq!((&old.topic, &old.resources, &old.place), (&new.topic, &new.resources, &new.place));
    assert_eq!(old.topic, Topic::Control("EC2.19".to_owned()));
    assert_eq!(old.place.region, "eu-west-1");
}

#[test]
fn what_is_done_asks_for_nothing() {
    for (pointer, value) in [
        ("/RecordState", "ARCHIVED"),
        ("/Compliance/Status", "PASSED"),
        ("/Compliance/Status", "NOT_AVAILABLE"),
        ("/Workflow/Status", "RESOLVED"),
        ("/Workflow/Status", "SUPPRESSED"),
        // Parapet's own reply comes back as an event.
        ("/Workflow/Status", "NOTIFIED"),
    ] {
        let skipped = one(IMPORTED, with(asff(), pointer, value.into())).unwrap_err();
        assert!(!skipped.is_unreadable && skipped.why.contains(value), "{}", skipped.why);
    }
    for (pointer, value) in [("/status_id", 2), ("/status_id", 3), ("/status_id", 4), ("/compliance/status_id", 1)] {
        assert!(!one(IMPORTED_V2, with(ocsf(), pointer, value.into())).unwrap_err().is_unreadable);
    }
}

/// `BatchImportFindings` accepts arbitrary content under a customer's own product.
#[test]
fn what_another_product_writes_is_left_alone() {
    let theirs = "arn:aws:securityhub:eu-west-1:111122223333:product/111122223333/default";
    let skipped = one(IMPORTED, with(asff(), "/ProductArn", theirs.into())).unwrap_err();
    assert!(!skipped.is_unreadable && skipped.why.contains(theirs));
    assert!(one(IMPORTED_V2, with(ocsf(), "/metadata/product/uid", theirs.into())).is_err());
    for region in ["evil.example/", "EU-WEST-1", "", "eu west"] {
        assert!(
            one(IMPORTED_V2, with(ocsf(), "/cloud/region", region.into())).is_err_and(|skipped| skipped.is_unreadable),
            "{region}"
        );
    }
    assert!(one(IMPORTED, with(asff(), "/AwsAccountId", "1111".into())).unwrap_err().is_unreadable);
}

#[test]
fn a_person_may_send_a_finding_again() {
    let again = with(asff(), "/Workflow/Status", "NOTIFIED".into());
    let hint = one(CUSTOM_ACTION, again).unwrap();
    assert_eq!((hint.topic.to_string().as_str(), hint.resources.len()), ("control EC2.19", 1));
    let suppressed = with(asff(), "/Workflow/Status", "SUPPRESSED".into());
    assert!(one(CUSTOM_ACTION, suppressed).is_err());
}

#[test]
fn one_bad_finding_hides_no_other() {
    let bad = [without(asff(), "AwsAccountId"), without(asff(), "Resources"), json!("text"), json!(null)];
    let mut all = bad.to_vec();
    all.push(asff());
    let Hints { hints, skipped } = hints(&event(CUSTOM_ACTION, json!(all))).unwrap();
    assert_eq!(hints.len(), 1);
    assert_eq!(skipped.iter().filter(|skipped| skipped.is_unreadable).count(), bad.len(), "{skipped:#?}");
}

#[test]
fn a_resource_without_an_id_is_said() {
    let two = |list: &str, finding: Value, other: Value| {
        let mut finding = finding;
        finding[list].as_array_mut().unwrap().push(other);
        finding
    };
    assert!(one(IMPORTED, two("Resources", asff(), json!({ "Type": "Other" }))).unwrap_err().is_unreadable);
    assert!(one(IMPORTED_V2, two("resources", ocsf(), json!({ "uid": "" }))).unwrap_err().is_unreadable);
    let both = one(IMPORTED, two("Resources", asff(), json!({ "Id": "sg-2" }))).unwrap();
    assert_eq!(both.resources.len(), 2);
}

#[test]
fn an_event_without_findings_is_said() {
    let unread = hints(&json!({ "source": SOURCE, "detail-type": IMPORTED, "id": "5a1b", "detail": {} })).unwrap();
    assert!(unread.skipped[0].is_unreadable && unread.skipped[0].finding == "5a1b");
    assert_eq!(hints(&json!({ "source": "aws.ec2", "detail-type": IMPORTED })), None);
    assert_eq!(hints(&json!({ "source": SOURCE, "detail-type": "AWS API Call via CloudTrail" })), None);
}

#[test]
fn another_product_s_finding_is_of_no_control() {
    let mut other = asff();
    other["Compliance"].as_object_mut().unwrap().remove("SecurityControlId");
    let skipped = one(IMPORTED, other).unwrap_err();
    assert!(!skipped.is_unreadable && skipped.why.contains("no control"));
    assert!(is_control("EC2.19") && is_control("SecretsManager.1"));
    assert!(!is_control("CIS AWS Foundations 5.0.0/5.3") && !is_control("EC2.") && !is_control("T1562.008"));
}

#[test]
fn how_ids_are_compared() {
    let is = |asked: &str, id: &str, kind: &'static str, name: &str| {
        is_named(asked, &Resource { id: id.to_owned(), kind, name: name.to_owned() })
    };
    let image = |asked| is(asked, "arn:aws:ec2:eu-west-1::image/ami-1", "AwsEc2Image", "ami-1");
    assert!(image("arn:aws:ec2:eu-west-1:111122223333:image/ami-1"));
    assert!(!image("arn:aws:ec2:eu-west-2:111122223333:image/ami-1"));
    assert!(!image("arn:aws:ec2:eu-west-1:111122223333:image/ami-2"));
    assert!(!image("arn:aws-cn:ec2:eu-west-1:111122223333:image/ami-1"));
    assert!(image("ami-1") && !image(""));
    let account =
        |asked| is(asked, "arn:aws:ec2:eu-west-1:111122223333:ebs-encryption-by-default", "Other", "ebs-encryption");
    assert!(account("AWS::::Account:111122223333"));
    assert!(!account("AWS::::Account:444455556666"));
}

/// By the controls' reference: what is checked is another resource than the one that the guardrail names.
#[test]
fn what_belongs_to_a_resource_is_named_with_it() {
    let is =
        |asked: &str, id: &str| is_named(asked, &Resource { id: id.to_owned(), kind: "Other", name: String::new() });
    for (control, asked, id) in [
        ("IAM.3", "arn:aws:iam::111122223333:user/eve", "arn:aws:iam::111122223333:user/eve/access-key/AKIA1"),
        (
            "Lambda.1",
            "arn:aws:lambda:eu-west-1:111122223333:function:f",
            "arn:aws:lambda:eu-west-1:111122223333:function:f:live",
        ),
        (
            "ELB.1",
            "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc",
            "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/web/50dc/f2f7",
        ),
        (
            "CloudWatch.16",
            "arn:aws:logs:eu-west-1:111122223333:log-group:/app:*",
            "arn:aws:logs:eu-west-1:111122223333:log-group:/app",
        ),
    ] {
        assert!(is(asked, id), "{control}");
        assert!(!is(id, asked) || control == "CloudWatch.16", "{control}: and not the other way round");
    }
    for (asked, id) in [
        // A path, and not what belongs to the user.
        ("arn:aws:iam::111122223333:user/eve", "arn:aws:iam::111122223333:user/eve/ana"),
        ("arn:aws:iam::111122223333:user/ev", "arn:aws:iam::111122223333:user/eve"),
        ("arn:aws:lambda:eu-west-1:111122223333:function:f", "arn:aws:lambda:eu-west-1:111122223333:function:ff"),
        ("arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1", "arn:aws:ec2:eu-west-1:111122223333:vpc-flow-log/fl-1"),
    ] {
        assert!(!is(asked, id), "{asked} {id}");
    }
}

#[test]
fn a_reply_is_not_new_any_more() {
    for (source, closed, open) in [
        (one(IMPORTED, asff()).unwrap().finding, json!("RESOLVED"), json!("NOTIFIED")),
        (one(IMPORTED_V2, ocsf()).unwrap().finding, json!(4), json!(2)),
    ] {
        let status = |is_closed| {
            let reply = Reply { is_closed, says: "x".repeat(600) };
            let body = source.reply(&reply).unwrap().body;
            let said = body.pointer("/Note/Text").or_else(|| body.get("Comment")).and_then(Value::as_str);
            assert_eq!(said.map(str::len), Some(LONGEST_NOTE));
            body.pointer("/Workflow/Status").or_else(|| body.get("StatusId")).cloned().unwrap()
        };
        assert_eq!((status(true), status(false)), (closed, open));
    }
    let refused = json!({ "UnprocessedFindings": [{ "ErrorCode": "FindingNotFound", "ErrorMessage": "no such" }] });
    assert_eq!(Source::replied(&refused), Err("FindingNotFound no such".to_owned()));
    assert_eq!(Source::replied(&json!({ "UnprocessedFindings": [] })), Ok(()));
}

fn detected(detector: Detector, detail: Value) -> Value {
    json!({"id": "5a1b", "source": detector.source(), "detail-type": detector.detail_type(), "account": "111122223333", "detail": detail})
}

/// "Amazon EventBridge event schema for Macie findings", shortened.
fn macie() -> Value {
    json!({
        "schemaVersion": "1.0", "id": "64b917aa", "accountId": "111122223333", "partition": "aws", "region": "eu-west-1",
        "type": "Policy:IAMUser/S3BucketPublic", "severity": {"score": 3, "description": "High"}, "sample": false, "archived": false,
        "resourcesAffected": {"s3Bucket": {"arn": "arn:aws:s3:::orders", "name": "orders"}, "s3Object": null}, "category": "POLICY",
    })
}

/// "Monitoring IAM Access Analyzer with Amazon EventBridge", shortened.
fn analyzer() -> Value {
    json!({
        "version": "1.0", "id": "22222222-dcba-4444-dcba-333333333333", "status": "ACTIVE", "resourceType": "AWS::S3::Bucket",
        "resource": "arn:aws:s3:::orders", "accountId": "111122223333", "region": "eu-west-1", "principal": {"AWS": "999988887777"},
        "action": ["s3:GetObject"], "condition": {}, "isDeleted": false, "isPublic": false,
    })
}

fn guardduty() -> Value {
    json!({
        "schemaVersion": "2.0", "id": "16afba5c", "accountId": "111122223333", "region": "eu-west-1", "type": "Policy:S3/BucketPublicAccessGranted",
        "resource": {"resourceType": "S3Bucket", "s3BucketDetails": [{"arn": "arn:aws:s3:::orders", "name": "orders"}]},
        "service": {"serviceName": "guardduty", "archived": false},
    })
}

#[test]
fn other_detectors_name_a_bucket_and_what_is_open_about_it() {
    for (detector, finding, topic) in [
        (Detector::Macie, macie(), "Policy:IAMUser/S3BucketPublic"),
        (Detector::AccessAnalyzer, analyzer(), "AWS::S3::Bucket"),
        (Detector::GuardDuty, guardduty(), "Policy:S3/BucketPublicAccessGranted"),
    ] {
        let Hints { hints, skipped } = hints(&detected(detector, finding.clone())).unwrap();
        assert_eq!(skipped, []);
        let place =
            Place { partition: "aws".to_owned(), account: "111122223333".to_owned(), region: "eu-west-1".to_owned() };
        let source = Source::Detector(finding["id"].as_str().unwrap().to_owned());
        assert_eq!(source.reply(&Reply { is_closed: true, says: "closed".to_owned() }), None);
        let (topic, resources) = (Topic::Detected(detector, topic.to_owned()), vec!["arn:aws:s3:::orders".to_owned()]);
        assert_eq!(hints, [Hint { finding: source, topic, resources, place }]);
    }
}

#[test]
fn what_other_detectors_have_settled_or_made_up_is_left_alone() {
    let put = |mut finding: Value, key: &str, value: Value| {
        finding[key] = value;
        finding
    };
    let sample = json!({"additionalInfo": {"sample": true}});
    for (detector, finding) in [
        (Detector::Macie, put(macie(), "archived", true.into())),
        (Detector::Macie, put(macie(), "sample", true.into())),
        (Detector::AccessAnalyzer, put(analyzer(), "status", "RESOLVED".into())),
        (Detector::AccessAnalyzer, put(analyzer(), "status", "ARCHIVED".into())),
        (Detector::GuardDuty, put(guardduty(), "service", sample)),
        (Detector::GuardDuty, put(guardduty(), "service", json!({"archived": true}))),
    ] {
        let Hints { hints, skipped } = hints(&detected(detector, finding)).unwrap();
        assert!(hints.is_empty() && skipped.len() == 1 && !skipped[0].is_unreadable, "{skipped:?}");
    }
}

#[test]
fn a_finding_of_the_accounts_own_setting_names_the_account() {
    let mut finding = guardduty();
    finding["type"] = "Policy:S3/AccountBlockPublicAccessDisabled".into();
    finding["resource"] = json!({"resourceType": "AccessKey", "accessKeyDetails": {"userName": "ben"}});
    let Hints { hints, .. } = hints(&detected(Detector::GuardDuty, finding)).unwrap();
    assert_eq!(hints[0].resources, ["AWS::::Account:111122223333"]);
}

#[test]
fn a_detectors_finding_that_names_nothing_is_said() {
    for (detector, finding) in [
        (Detector::Macie, without(macie(), "resourcesAffected")),
        (Detector::AccessAnalyzer, without(analyzer(), "resource")),
        (Detector::AccessAnalyzer, without(analyzer(), "resourceType")),
        (Detector::GuardDuty, without(guardduty(), "resource")),
        (
            Detector::GuardDuty,
            with(guardduty(), "/resource/s3BucketDetails", json!([{"arn": "arn:aws:s3:::orders"}, {"name": "mail"}])),
        ),
        (Detector::Macie, without(macie(), "accountId")),
    ] {
        let Hints { hints, skipped } = hints(&detected(detector, finding)).unwrap();
        assert!(hints.is_empty() && skipped[0].is_unreadable, "{skipped:?}");
        assert_eq!(skipped[0].by, detector.name());
    }
}
