//! What documents make of their holder: situations.

use iam_policy::{Document, Power, Tier, has_full_access, power};
use rstest::rstest;
use serde_json::{Value, json};

fn document(statements: Value) -> Document {
    let document = Document::from_value(&json!({"Version": "2012-10-17", "Statement": statements}));
    assert!(document.problems.is_empty(), "{:?}", document.problems);
    document
}

fn of(statements: Value) -> Power {
    power(&[document(statements)], None)
}

fn allow(actions: Value, resources: Value) -> Value {
    json!({"Effect": "Allow", "Action": actions, "Resource": resources})
}

fn names(power: &Power) -> Vec<String> {
    power.escalations.iter().map(|escalation| escalation.method.name()).collect()
}

#[rstest]
#[case::all_on_all(json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}]), true)]
#[case::all_services_on_all(json!([{"Effect": "Allow", "Action": "*:*", "Resource": ["*"]}]), true)]
#[case::all_but_one_service(json!([{"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}]), true)]
#[case::all_but_identity(json!([{"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}]), false)]
#[case::all_but_identity_and_identity(
    json!([{"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}, {"Effect": "Allow", "Action": "iam:*", "Resource": "*"}]),
    true
)]
#[case::all_on_nothing(json!([{"Effect": "Allow", "Action": "*", "NotResource": "*"}]), false)]
#[case::all_on_all_but_a_bucket(json!([{"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:s3:::b"}]), true)]
#[case::all_on_one_bucket(json!([{"Effect": "Allow", "Action": "*", "Resource": "arn:aws:s3:::b/*"}]), false)]
#[case::denied_as_a_whole(
    json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "Action": "*", "Resource": "*"}]),
    false
)]
#[case::denied_identity(
    json!([{"Effect": "Allow", "Action": "*", "Resource": "*"}, {"Effect": "Deny", "NotAction": "s3:*", "Resource": "*"}]),
    false
)]
#[case::denied_without_mfa(
    json!([{"Effect": "Allow", "Action": "*", "Resource": "*"},
           {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}}}]),
    true
)]
#[case::tagged_resources_only(
    json!([{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"StringEquals": {"aws:ResourceTag/team": "red"}}}]),
    false
)]
fn administrator(#[case] statements: Value, #[case] wanted: bool) {
    assert_eq!(of(statements).admin.is_some(), wanted);
}

#[test]
fn passing_a_role_alone_is_no_way() {
    assert!(of(json!([allow(json!("iam:PassRole"), json!("*"))])).escalations.is_empty());
    assert!(of(json!([allow(json!("ec2:RunInstances"), json!("*"))])).escalations.is_empty());
}

#[test]
fn a_way_may_be_made_up_of_several_documents() {
    let one = document(json!([allow(json!("iam:pass*"), json!("arn:aws:iam::111122223333:role/web"))]));
    let other = document(json!([allow(json!("EC2:Run*"), json!("*"))]));
    let together = power(&[one, other], None);
    assert_eq!(names(&together), ["iam:PassRole + ec2:RunInstances"]);
    assert_eq!(together.escalations[0].places, ["document 1: Statement[0]", "document 2: Statement[0]"]);
}

#[rstest]
#[case::the_own_user(json!("iam:CreateAccessKey"), json!("arn:aws:iam::*:user/${aws:username}"), false)]
#[case::any_user_below_a_path(json!("iam:CreateAccessKey"), json!("arn:aws:iam::*:user/ops/*"), true)]
#[case::a_policy_for_the_own_user(json!("iam:PutUserPolicy"), json!("arn:aws:iam::*:user/${aws:username}"), true)]
#[case::a_bucket(json!("iam:CreateAccessKey"), json!("arn:aws:s3:::b"), false)]
#[case::roles_for_an_action_on_users(json!("iam:PutUserPolicy"), json!("arn:aws:iam::*:role/*"), false)]
#[case::another_partition(json!("iam:PutUserPolicy"), json!("arn:aws-cn:iam::*:user/*"), true)]
#[case::one_role_to_assume(json!("sts:AssumeRole"), json!("arn:aws:iam::111122223333:role/x"), false)]
#[case::many_roles_to_assume(json!("sts:AssumeRole"), json!("arn:aws:iam::*:role/eks-*"), true)]
fn a_resource_breaks_a_way_when_it_can_reach_no_other_principal(
    #[case] actions: Value,
    #[case] resources: Value,
    #[case] is_open: bool,
) {
    let power = of(json!([allow(actions, resources)]));
    assert_eq!(power.escalations.len(), usize::from(is_open));
    assert_eq!(power.broken.len(), usize::from(!is_open), "a broken way is named with its reason");
}

#[rstest]
#[case::another_service(json!({"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}), false, false)]
#[case::the_same_service(json!({"StringEquals": {"iam:PassedToService": ["ec2.amazonaws.com", "ecs.amazonaws.com"]}}), true, false)]
#[case::any_service(json!({"StringLike": {"iam:PassedToService": "*"}}), true, false)]
#[case::every_service_but_this(json!({"StringNotEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}), true, false)]
#[case::a_boundary(json!({"StringEquals": {"iam:PermissionsBoundary": "arn:aws:iam::111122223333:policy/b"}}), false, false)]
#[case::a_tag(json!({"StringEquals": {"iam:ResourceTag/team": "red"}}), false, false)]
#[case::a_tag_if_there_is_one(json!({"StringEqualsIfExists": {"iam:ResourceTag/team": "red"}}), true, true)]
#[case::mfa(json!({"Bool": {"aws:MultiFactorAuthPresent": "true"}}), true, true)]
#[case::an_address(json!({"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}), true, true)]
fn a_condition_breaks_a_way_or_constrains_it(
    #[case] condition: Value,
    #[case] is_open: bool,
    #[case] is_constrained: bool,
) {
    let mut pass = allow(json!("iam:PassRole"), json!("*"));
    pass["Condition"] = condition;
    let power = of(json!([pass, allow(json!("ec2:RunInstances"), json!("*"))]));
    // Excluding EC2 still leaves Spot Fleet, which launches instances too.
    assert_eq!(power.escalations.len(), usize::from(is_open), "{:?}", power.broken);
    assert_eq!(power.escalations.iter().any(|way| !way.constraints.is_empty()), is_constrained);
}

#[test]
fn a_deny_breaks_a_way_only_without_conditions_and_on_all_of_it() {
    let keys = allow(json!("iam:CreateAccessKey"), json!("*"));
    let deny = |resources: Value, condition: Option<Value>| {
        let mut deny = json!({"Effect": "Deny", "Action": "iam:*Key*", "Resource": resources});
        if let Some(condition) = condition {
            deny["Condition"] = condition;
        }
        of(json!([keys, deny]))
    };
    assert!(deny(json!("*"), None).escalations.is_empty());
    assert!(deny(json!("arn:aws:iam::*:user/*"), None).escalations.is_empty(), "all users are all there is to it");
    assert_eq!(deny(json!("arn:aws:iam::*:user/admin-*"), None).escalations.len(), 1);
    let conditional = deny(json!("*"), Some(json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}})));
    assert_eq!(conditional.escalations[0].constraints, ["Statement[1] denies it under a condition"]);
}

#[test]
fn a_boundary_lets_through_what_it_allows_itself() {
    let wide = [document(json!([allow(json!("*"), json!("*"))]))];
    let narrow = document(json!([allow(json!(["s3:*", "iam:CreateAccessKey"]), json!("*"))]));
    let bounded = power(&wide, Some(&narrow));
    assert!(bounded.admin.is_none());
    assert_eq!(names(&bounded), ["iam:CreateAccessKey"]);
    assert!(has_full_access(&wide, Some(&narrow), "s3") && !has_full_access(&wide, Some(&narrow), "ec2"));
    let unreadable = Document::parse("{");
    let unbounded = power(&wide, Some(&unreadable));
    assert!(unbounded.admin.is_some(), "a boundary that cannot be read holds nothing back");
    assert_eq!(unbounded.problems.len(), 1);
}

#[test]
fn full_access_to_a_service() {
    let has = |statements: Value, service| has_full_access(&[document(statements)], None, service);
    assert!(has(json!([allow(json!("S3:**"), json!("*"))]), "s3"));
    assert!(has(json!([{"Effect": "Allow", "NotAction": ["ec2:*"], "Resource": "*"}]), "kms"));
    assert!(!has(json!([{"Effect": "Allow", "NotAction": ["kms:Decrypt"], "Resource": "*"}]), "kms"));
    assert!(!has(json!([allow(json!("kms:*"), json!("arn:aws:kms:*:111122223333:alias/dev"))]), "kms"));
    assert!(!has(json!([allow(json!("s3:Get*"), json!("*"))]), "s3"));
    let denied = json!([allow(json!("s3:*"), json!("*")), {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]);
    assert!(!has(denied, "s3"));
    let partly =
        json!([allow(json!("s3:*"), json!("*")), {"Effect": "Deny", "Action": "s3:DeleteBucket", "Resource": "*"}]);
    assert!(!has(partly, "s3"), "what is denied for good is missing from it");
    let elsewhere = json!([allow(json!("s3:*"), json!("*")), {"Effect": "Deny", "Action": "ec2:*", "Resource": "*"}]);
    assert!(has(elsewhere, "s3"));
    assert_eq!(of(json!([allow(json!(["sqs:*", "sns:Get*"]), json!("*"))])).services, ["sqs"]);
}

#[test]
fn a_role_that_is_named_constrains_what_passing_it_gives() {
    let power = of(json!([
        allow(json!("iam:PassRole"), json!("arn:aws:iam::111122223333:role/web")),
        allow(json!("ec2:RunInstances"), json!("*"))
    ]));
    assert_eq!(power.escalations[0].constraints, ["named roles alone, and no further than they reach"]);
}

#[test]
fn an_identity_policy_that_names_a_principal_is_no_identity_policy() {
    let mut statement = allow(json!("s3:*"), json!("*"));
    statement["Principal"] = json!("*");
    assert_eq!(of(json!([statement])).problems.len(), 1);
}

#[test]
fn tiers_can_be_asked_for() {
    let power = of(json!([allow(json!(["lambda:UpdateFunctionCode", "iam:PutRolePolicy"]), json!("*"))]));
    assert_eq!(names(&power).len(), 2);
    assert_eq!(power.up_to(Tier::PassRole).count(), 1);
}
