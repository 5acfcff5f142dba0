//! What other tools answered wrongly, one test each, named after the defect.
//!
//! Each was reproduced by running the tool's own code on the document. AWS documentation says why the answer here is
//! the right one: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html> for
//! what is public, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html>
//! for absent keys.

use iam_policy::{Access, Context, Document, Edit, Remedy, Step, power, reach, repair_reach};
use rstest::rstest;
use serde_json::{Value, json};

const OWNER: &str = "111122223333";

fn access(document: &Value) -> Access {
    reach(&Document::from_value(document), &Context::resource(OWNER)).access
}

fn everyone(condition: Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*", "Condition": condition
    }]})
}

fn trusting(organization: &str) -> Context {
    Context { organizations: vec![organization.to_owned()], ..Context::resource(OWNER) }
}

mod asr_remove_lambda_public_access {
    use super::*;

    #[test]
    fn removed_a_statement_that_the_organisation_closes() {
        let document = everyone(json!({"StringEquals": {"aws:PrincipalOrgID": "o-own"}}));
        let context = trusting("o-own");
        assert_eq!(reach(&Document::from_value(&document), &context).access, Access::Internal);
        let text = document.to_string();
        assert_eq!(repair_reach(&text, &context, Access::External), Remedy::Nothing);
    }

    #[rstest]
    #[case("aws:SourceAccount")]
    #[case("AWS:SourceAccount")]
    #[case("AWS:sourceaccount")]
    fn read_the_name_of_a_key_by_its_case(#[case] key: &str) {
        let document = everyone(json!({"StringEquals": {key: OWNER}}));
        assert_eq!(access(&document), Access::Internal);
    }

    #[test]
    fn removed_a_deny() {
        let document = json!({"Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": "lambda:*", "Resource": "*"},
            {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "lambda:InvokeFunction", "Resource": "arn:aws:lambda:eu-west-1:111122223333:function:f"}
        ]});
        assert_eq!(access(&document), Access::None, "the Deny covers the Allow");
        let other = json!({"Statement": [
            {"Effect": "Deny", "Principal": "*", "Action": "lambda:GetFunction", "Resource": "*"},
            {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "lambda:InvokeFunction", "Resource": "*"}
        ]});
        let Remedy::Edit(repair) = repair_reach(&other.to_string(), &Context::resource(OWNER), Access::Internal) else {
            panic!("an edit is expected")
        };
        let allow = vec![Step::Member("Statement".to_owned()), Step::Element(1)];
        assert_eq!(repair.edits, [Edit::Remove(allow)], "the Deny stays");
    }

    #[test]
    fn missed_everyone_in_a_list() {
        let document = json!({"Statement": [
            {"Effect": "Allow", "Principal": {"AWS": ["*"]}, "Action": "lambda:InvokeFunction", "Resource": "*"}
        ]});
        assert_eq!(access(&document), Access::Public);
    }
}

#[test]
fn asr_s3_6_broke_on_a_bare_account_as_principal() {
    for (principal, wanted) in [("999988887777", Access::External), (OWNER, Access::Internal)] {
        let document = json!({"Statement": [
            {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "s3:PutBucketPolicy", "Resource": "*"}
        ]});
        assert_eq!(access(&document), wanted);
    }
}

#[test]
fn asr_set_ssl_bucket_policy_changed_the_document_each_time_it_ran() {
    let text = json!({"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "s3:*", "Resource": "*"}
    ]})
    .to_string();
    let context = Context::resource(OWNER);
    let Remedy::Edit(repair) = repair_reach(&text, &context, Access::Internal) else { panic!("an edit is expected") };
    assert_eq!(repair_reach(&repair.after, &context, Access::Internal), Remedy::Nothing);
}

mod c7n_iamaccess {
    use super::*;

    #[rstest]
    #[case::every_address(json!({"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}))]
    #[case::every_address_but_one(json!({"NotIpAddress": {"aws:SourceIp": "203.0.113.7"}}))]
    #[case::any_endpoint(json!({"StringLike": {"aws:SourceVpce": "*"}}))]
    #[case::all_values_of_an_absent_key(json!({"ForAllValues:StringEquals": {"aws:PrincipalOrgID": "o-own"}}))]
    fn looked_at_the_key_and_not_at_the_value(#[case] condition: Value) {
        let found = reach(&Document::from_value(&everyone(condition)), &trusting("o-own"));
        assert_eq!(found.access, Access::Public);
        assert!(found.grants[0].conditions.iter().all(|condition| !condition.closes));
    }

    #[test]
    fn dropped_the_prefix_for_any_value() {
        let document = everyone(json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-own/r-1/*"]}}));
        assert_eq!(reach(&Document::from_value(&document), &trusting("o-own")).access, Access::Internal);
    }

    #[test]
    fn crashed_on_a_statement_that_is_one_object() {
        let document = json!({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}});
        assert_eq!(access(&document), Access::Public);
    }

    #[test]
    fn took_the_owner_of_the_resource_for_the_caller() {
        let document = everyone(json!({"StringEquals": {"aws:ResourceOrgID": "o-own"}}));
        assert_eq!(reach(&Document::from_value(&document), &trusting("o-own")).access, Access::Public);
    }
}

mod prowler_is_policy_public {
    use super::*;

    #[rstest]
    #[case::any_organisation(json!({"StringLike": {"aws:PrincipalOrgID": "*"}}))]
    #[case::any_endpoint(json!({"StringLike": {"aws:SourceVpce": "*"}}))]
    fn let_a_wildcard_value_pass(#[case] condition: Value) {
        assert_eq!(access(&everyone(condition)), Access::Public);
    }

    #[test]
    fn crashed_on_a_statement_that_is_one_object() {
        let document =
            json!({"Statement": {"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "s3:*", "Resource": "*"}});
        assert_eq!(access(&document), Access::Internal);
    }

    #[test]
    fn called_any_public_address_range_public() {
        let document = everyone(json!({"IpAddress": {"aws:SourceIp": "198.51.100.0/24"}}));
        assert_eq!(access(&document), Access::External, "narrow, foreign, and not the public");
    }

    #[test]
    fn looked_for_the_account_anywhere_in_the_text() {
        let document = json!({"Statement": [{
            "Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:role/111122223333"},
            "Action": "s3:*", "Resource": "*"
        }]});
        assert_eq!(access(&document), Access::External);
    }

    #[test]
    fn let_a_principal_that_is_everyone_but_one_pass() {
        let document = json!({"Statement": [{
            "Effect": "Allow", "NotPrincipal": {"AWS": OWNER}, "Action": "s3:*", "Resource": "*"
        }]});
        assert_eq!(access(&document), Access::Public);
    }
}

#[test]
fn prowler_sns_stopped_at_the_first_closed_statement() {
    let document = json!({"Statement": [
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Publish", "Resource": "*",
         "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:s3:::bucket"}}},
        {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sns:Subscribe", "Resource": "*"}
    ]});
    assert_eq!(access(&document), Access::Public);
}

#[test]
fn policyuniverse_took_an_operator_that_holds_for_absent_keys() {
    let document =
        everyone(json!({"ForAllValues:ARNEqualsIfExists": {"aws:SourceArn": "arn:aws:iam::111122223333:role/x"}}));
    assert_eq!(access(&document), Access::Public);
}

#[test]
fn every_peer_ignored_a_deny_for_all_but_the_organisation() {
    let document = json!({"Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::b/*"},
        {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::b/*",
         "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-own"}}}
    ]});
    assert_eq!(reach(&Document::from_value(&document), &trusting("o-own")).access, Access::Internal);
}

#[test]
fn cloudsplaining_dropped_every_statement_with_a_condition_or_a_resource() {
    let document = json!({"Statement": [
        {"Effect": "Allow", "Action": "iam:PutUserPolicy", "Resource": "arn:aws:iam::111122223333:user/*",
         "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}
    ]});
    let power = power(&[Document::from_value(&document)], None);
    assert_eq!(power.escalations.len(), 1);
    assert_eq!(power.escalations[0].constraints, ["`Bool` of `aws:MultiFactorAuthPresent`"]);
}

#[test]
fn an_action_that_no_table_knows_voided_the_answer() {
    let document = json!({"Statement": [
        {"Effect": "Allow", "Action": ["newservice:DoSomething", "iam:CreateAccessKey", "nonsense"], "Resource": "*"}
    ]});
    let power = power(&[Document::from_value(&document)], None);
    assert!(power.problems.is_empty());
    assert_eq!(power.escalations.len(), 1);
}
