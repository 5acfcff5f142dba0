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
    assert_eq!((&old.control, &old.resources, &old.place), (&new.control, &new.resources, &new.place));
    assert_eq!(old.control, "EC2.19");
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
    assert_eq!((hint.control.as_str(), hint.resources.len()), ("EC2.19", 1));
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
            let body = source.reply(&reply).body;
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
