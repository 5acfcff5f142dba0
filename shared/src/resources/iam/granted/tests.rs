use super::*;
use crate::resources::iam::policy_attachment::state::unread;
use rstest::rstest;

const WAYS: Wanted = Wanted::Escalation(Tier::PassRole);

fn allow(actions: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":{actions},"Resource":"{resource}"}}]}}"#
    )
}

fn with(documents: &[String], boundary: Option<&str>) -> Observed<Beside> {
    Observed::Known(Beside { documents: documents.to_vec(), boundary: boundary.map(str::to_owned) })
}

fn word(wanted: Wanted, document: &str, beside: &Observed<Beside>) -> String {
    let verdict = wanted.judge("p", &Observed::Known(document.to_owned()), beside, str::to_owned);
    match verdict {
        Verdict::Violation(violation) => violation.severity.word().to_owned(),
        Verdict::Compliant | Verdict::Undetermined { .. } => verdict.kind().word().to_owned(),
    }
}

#[rstest]
#[case::administrator(r#""*""#, "critical", "compliant")]
#[case::identity(r#""iam:*""#, "undetermined", "high")]
#[case::one_way(r#"["iam:PutUserPolicy","s3:*"]"#, "compliant", "high")]
#[case::a_part_of_a_way(r#""iam:PassRole""#, "compliant", "undetermined")]
#[case::the_other_part(r#""ec2:RunInstances""#, "compliant", "undetermined")]
#[case::both_parts(r#"["ec2:RunInstances","iam:PassRole"]"#, "compliant", "high")]
#[case::reads(r#"["s3:GetObject","ec2:Describe*"]"#, "compliant", "compliant")]
#[case::an_existing_resource(r#""ssm:SendCommand""#, "compliant", "compliant")]
fn a_document_alone(#[case] actions: &str, #[case] admin: &str, #[case] ways: &str) {
    let document = allow(actions, "*");
    assert_eq!(word(Wanted::Admin, &document, &unread()), admin);
    assert_eq!(word(WAYS, &document, &unread()), ways);
}

#[test]
fn the_parts_of_a_way_may_come_one_by_one() {
    let (run, pass) = (allow(r#""ec2:RunInstances""#, "*"), allow(r#""iam:PassRole""#, "*"));
    let harmless = allow(r#""s3:*""#, "*");
    assert_eq!(word(WAYS, &pass, &with(std::slice::from_ref(&run), None)), "high");
    assert_eq!(word(WAYS, &run, &with(&[pass.clone(), harmless.clone()], None)), "high");
    assert_eq!(word(WAYS, &run, &with(&[harmless], None)), "compliant");
    assert_eq!(word(WAYS, &run, &with(&[], None)), "compliant");
    let both = allow(r#"["ec2:RunInstances","iam:PassRole"]"#, "*");
    assert_eq!(word(WAYS, &run, &with(&[both], None)), "compliant", "nothing new: the way was open before");
}

#[test]
fn a_deny_and_a_boundary_hold_a_combination_back() {
    let (run, pass) = (allow(r#""ec2:RunInstances""#, "*"), allow(r#""iam:PassRole""#, "*"));
    let deny = pass.replace("Allow", "Deny");
    assert_eq!(word(WAYS, &run, &with(&[pass.clone(), deny], None)), "compliant");
    let boundary = allow(r#"["ec2:*","s3:*"]"#, "*");
    assert_eq!(word(WAYS, &run, &with(&[pass], Some(&boundary))), "compliant");
}

#[test]
fn all_but_identity_and_identity_make_an_administrator() {
    let most = r#"{"Statement":[{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}]}"#;
    let identity = allow(r#""iam:*""#, "*");
    assert_eq!(word(Wanted::Admin, most, &unread()), "undetermined");
    assert_eq!(word(Wanted::Admin, most, &with(std::slice::from_ref(&identity), None)), "critical");
    assert_eq!(word(Wanted::Admin, &identity, &with(&[most.to_owned()], None)), "critical");
    assert_eq!(word(Wanted::Admin, most, &with(&[], None)), "compliant");
}

#[test]
fn a_condition_in_the_way_is_named_and_lowers_the_level() {
    let document = r#"{"Statement":{"Effect":"Allow","Action":"*","Resource":"*",
            "Condition":{"Bool":{"aws:MultiFactorAuthPresent":"true"}}}}"#;
    assert_eq!(word(Wanted::Admin, document, &unread()), "high");
    let way = document.replace(r#""Action":"*""#, r#""Action":"iam:PutUserPolicy""#);
    assert_eq!(word(WAYS, &way, &unread()), "medium");
}

#[test]
fn what_cannot_be_read_is_not_called_harmless() {
    assert_eq!(word(WAYS, "{", &unread()), "undetermined");
    assert_eq!(
        word(WAYS, r#"{"Statement":[{"Effect":"Allow","Action":"s3:*","Colour":1}]}"#, &unread()),
        "undetermined"
    );
    let half = r#"{"Statement":[{"Effect":"Allow","Action":"iam:PutRolePolicy","Resource":"*"},"x"]}"#;
    assert_eq!(word(WAYS, half, &unread()), "high", "what can be read is enough");
    assert!(!WAYS.is_absent_from("{"));
}

#[test]
fn the_least_is_taken_away() {
    let document = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
            {"Effect":"Allow","Action":["s3:GetObject","iam:PutUserPolicy"],"Resource":"*"}]}"#;
    let repaired = |document: &str| super::repaired(document, &unread(), Tier::PassRole);
    let left = repaired(document).unwrap();
    assert!(left.contains("s3:GetObject") && !left.contains("iam:PutUserPolicy"), "{left}");
    assert!(WAYS.is_absent_from(&left) && !WAYS.is_absent_from(document));
    assert_eq!(repaired(&allow(r#""*""#, "*")), None, "nothing would be left");
}
