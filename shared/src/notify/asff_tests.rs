//! What Security Hub asks of a finding, and what each end looks like.

use crate::notify::asff::*;
use crate::notify::sample;
use rstest::rstest;

/// "BatchImportFindings", "AwsSecurityFinding" (Security Hub API reference): what is required, and the longest texts.
#[test]
fn every_end_is_one_that_security_hub_takes() {
    for (name, finding) in sample::all() {
        let one = asff(&finding);
        for key in [
            "AwsAccountId",
            "CreatedAt",
            "Description",
            "GeneratorId",
            "Id",
            "ProductArn",
            "SchemaVersion",
            "Title",
            "UpdatedAt",
        ] {
            assert!(one[key].as_str().is_some_and(|text| !text.is_empty()), "{name}: no `{key}`");
        }
        assert!(one["Title"].as_str().unwrap().chars().count() <= LONGEST_TITLE, "{name}");
        assert!(one["Description"].as_str().unwrap().chars().count() <= LONGEST_DESCRIPTION, "{name}");
        assert!(one["UpdatedAt"].as_str() >= one["CreatedAt"].as_str(), "{name}");
        assert!(one["ProductFields"].as_object().unwrap().len() <= 50, "{name}");
    }
}

#[rstest]
#[case::closed(sample::remediated(), "PASSED")]
#[case::faster(sample::already_compliant(), "PASSED")]
#[case::open(sample::notified(), "FAILED")]
#[case::still_open(sample::denied(), "FAILED")]
#[case::partly(sample::partial(), "FAILED")]
#[case::not_judged(sample::undetermined(), "WARNING")]
#[case::open_again(sample::undone(), "FAILED")]
fn the_compliance_status_says_whether_it_is_open(#[case] finding: Finding, #[case] status: &str) {
    assert_eq!(asff(&finding)["Compliance"]["Status"], status);
}

#[test]
fn an_undo_updates_the_finding_that_it_is_about() {
    assert_eq!(asff(&sample::undone())["Id"], asff(&sample::remediated())["Id"]);
}

#[test]
fn what_is_refused_is_named() {
    let answer = json!({
        "FailedCount": 1,
        "SuccessCount": 0,
        "FailedFindings": [{ "Id": "1", "ErrorCode": "InvalidInput", "ErrorMessage": "no such account" }],
    });
    assert_eq!(refused(&answer).as_deref(), Some("InvalidInput no such account"));
    assert_eq!(refused(&json!({ "FailedCount": 0, "SuccessCount": 1, "FailedFindings": [] })), None);
}
