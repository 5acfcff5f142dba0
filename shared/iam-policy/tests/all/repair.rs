//! Repair: the violation ends, and nothing else changes.

use crate::generator::{Dice, Evaluator, context, insider, outsider, policy};
use iam_policy::{Access, Context, Document, Remedy, Repair, Tier, power, reach, repair_power, repair_reach};
use rstest::rstest;
use serde_json::{Value, json};

fn owner() -> Context {
    Context::resource("111122223333")
}

fn edited(remedy: Remedy) -> Repair {
    match remedy {
        Remedy::Edit(repair) => repair,
        other => panic!("an edit is expected, not {other:?}"),
    }
}

/// The text after closing everything that is not internal.
fn closed(text: &str, context: &Context) -> String {
    let repair = edited(repair_reach(text, context, Access::Internal));
    assert_eq!(repair.before, text, "the undo is the document before");
    let after = reach(&Document::parse(&repair.after), context);
    assert!(after.access <= Access::Internal, "{}", repair.after);
    assert!(after.problems.is_empty());
    repair.after
}

#[test]
fn only_the_public_statement_goes_and_every_other_byte_stays() {
    let text = "{\n\t\"Version\": \"2012-10-17\",  \"Id\" : \"x\\u0041\",\n \"Statement\": [ {\"Sid\":\"Own\", \"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111122223333\"},\"Action\":\"s3:*\",\"Resource\":\"*\"} ,\n   {\"Sid\":\"Open\",\"Effect\":\"Allow\",\"Principal\":\"*\",\"Action\":\"s3:GetObject\",\"Resource\":\"*\"},\n  {\"Effect\":\"Deny\",\"Principal\":\"*\",\"Action\":\"s3:*\",\"Resource\":\"*\",\"Condition\":{\"Bool\":{\"aws:SecureTransport\":false}}}]}\n";
    let after = closed(text, &owner());
    let (start, end) = (text.find("{\"Sid\":\"Open\"").unwrap(), text.find("{\"Effect\":\"Deny\"").unwrap());
    assert_eq!(after, format!("{}{}", &text[..start], &text[end..]));
}

#[rstest]
#[case::the_wildcard_beside_a_role(
    r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/a", "*"]},"Action":"s3:*","Resource":"*"}]}"#,
    r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:role/a"]},"Action":"s3:*","Resource":"*"}]}"#
)]
#[case::the_wildcard_beside_a_service(
    r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS": "*", "Service": "sns.amazonaws.com"},"Action":"s3:*","Resource":"*"}]}"#,
    r#"{"Statement":[{"Effect":"Allow","Principal":{"Service": "sns.amazonaws.com"},"Action":"s3:*","Resource":"*"}]}"#
)]
#[case::two_foreign_accounts_in_one_list(
    r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":["999988887777","111122223333","888877776666"]},"Action":"s3:*","Resource":"*"}]}"#,
    r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":["111122223333"]},"Action":"s3:*","Resource":"*"}]}"#
)]
#[case::the_wide_network_beside_a_private_one(
    r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8","0.0.0.0/0","::/0"]}}}]}"#,
    r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"IpAddress":{"aws:SourceIp":["10.0.0.0/8"]}}}]}"#
)]
#[case::the_action_that_no_deny_covers(
    r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:GetObject","s3:PutObject"],"Resource":"*"},{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:Put*","Resource":"*"}]}"#,
    r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":["s3:PutObject"],"Resource":"*"},{"Effect":"Deny","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:Put*","Resource":"*"}]}"#
)]
#[case::everybody_but_one(
    r#"{"Statement":[{"Effect":"Allow","NotPrincipal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"},{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}]}"#,
    r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"s3:*","Resource":"*"}]}"#
)]
#[case::names_of_elements_in_another_spelling(
    r#"{"statement":[{"effect":"Allow","principal":{"aws":["*","111122223333"]},"ACTION":"s3:*","resource":"*"}]}"#,
    r#"{"statement":[{"effect":"Allow","principal":{"aws":["111122223333"]},"ACTION":"s3:*","resource":"*"}]}"#
)]
fn the_one_part_at_fault_goes(#[case] text: &str, #[case] wanted: &str) {
    assert_eq!(closed(text, &owner()), wanted);
}

#[test]
fn a_pattern_for_any_repository_goes_and_the_own_one_stays() {
    let arn = "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com";
    let with = |list: &str| {
        format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"Federated":"{arn}"}},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringLike":{{"token.actions.githubusercontent.com:sub":[{list}]}}}}}}]}}"#
        )
    };
    let context = Context::trust("111122223333");
    let text = with(r#""repo:*","repo:my-org/app:*""#);
    assert_eq!(reach(&Document::parse(&text), &context).access, Access::Public);
    assert_eq!(closed(&text, &context), with(r#""repo:my-org/app:*""#));
}

#[test]
fn a_foreign_account_may_stay_where_only_the_public_is_a_violation() {
    let text =
        r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":["*","999988887777"]},"Action":"s3:*","Resource":"*"}]}"#;
    let repair = edited(repair_reach(text, &owner(), Access::External));
    assert!(repair.after.contains("999988887777") && !repair.after.contains("\"*\",\"9"));
    assert_eq!(repair_reach(&repair.after, &owner(), Access::External), Remedy::Nothing);
}

#[test]
fn the_last_statement_takes_the_policy_with_it() {
    let statement = r#"{"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}"#;
    for text in [format!("{{\"Statement\":[{statement}]}}"), format!("{{\"Statement\":{statement}}}")] {
        assert_eq!(repair_reach(&text, &owner(), Access::Internal), Remedy::Delete);
        // A role must have a trust policy: the statement is turned round.
        let after = closed(&text, &Context::trust("111122223333"));
        assert_eq!(after, text.replace("\"Allow\"", "\"Deny\""));
    }
}

#[test]
fn the_right_element_goes_from_a_list_with_rubbish_in_it() {
    let with = |principals: &str, actions: &str| {
        format!(
            r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"AWS":{principals}}},"Action":{actions},"Resource":"*"}},{{"Effect":"Deny","NotPrincipal":{{"AWS":"111122223333"}},"Action":"s3:Put*","Resource":"*"}}]}}"#
        )
    };
    let text = with(r#"[3,"*","111122223333"]"#, r#""s3:Get*""#);
    let repair = edited(repair_reach(&text, &owner(), Access::Internal));
    assert_eq!(repair.after, with(r#"[3,"111122223333"]"#, r#""s3:Get*""#));
    // Where the actions stand is unknown by now: the statement goes.
    let text = with(r#""*""#, r#"[null,"s3:Put*","s3:Get*"]"#);
    let repair = edited(repair_reach(&text, &owner(), Access::Internal));
    assert!(!repair.after.contains("Allow") && repair.after.contains("Deny"));
}

#[test]
fn nothing_is_written_on_a_guess() {
    let text = r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*","Condition":{"StringFoo":{"aws:PrincipalOrgID":"o-own"}}}]}"#;
    assert_eq!(reach(&Document::parse(text), &owner()).access, Access::Undetermined);
    assert_eq!(repair_reach(text, &owner(), Access::Internal), Remedy::Nothing);
}

#[test]
fn what_cannot_be_read_is_not_edited() {
    for text in [
        "",
        "[]",
        r#"{"Statement":[{"Effect":"Deny","Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"*"}]}"#,
    ] {
        assert!(matches!(repair_reach(text, &owner(), Access::Internal), Remedy::Impossible { .. }), "{text}");
        assert!(matches!(repair_power(text, &[], None, Tier::Existing), Remedy::Impossible { .. }), "{text}");
    }
}

fn weakened(text: &str) -> String {
    let repair = edited(repair_power(text, &[], None, Tier::PassRole));
    let after = power(&[Document::parse(&repair.after)], None);
    assert!(after.admin.is_none() && after.up_to(Tier::PassRole).next().is_none(), "{}", repair.after);
    repair.after
}

#[rstest]
#[case::the_role_can_no_longer_be_passed(
    r#"{"Statement":[{"Effect":"Allow","Action":["ec2:RunInstances","iam:PassRole","s3:Get*"],"Resource":"*"}]}"#,
    r#"{"Statement":[{"Effect":"Allow","Action":["ec2:RunInstances","s3:Get*"],"Resource":"*"}]}"#
)]
#[case::a_name_goes_rather_than_a_pattern(
    r#"{"Statement":[{"Effect":"Allow","Action":["lambda:*","iam:PassRole"],"Resource":"*"}]}"#,
    r#"{"Statement":[{"Effect":"Allow","Action":["lambda:*"],"Resource":"*"}]}"#
)]
#[case::the_administrator_statement(
    r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#,
    r#"{"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#
)]
#[case::only_the_statement_that_gives_it(
    r#"{"Statement":[{"Effect":"Allow","Action":["iam:CreateAccessKey","s3:Get*"],"Resource":"*"},{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"arn:aws:iam::*:user/${aws:username}"}]}"#,
    r#"{"Statement":[{"Effect":"Allow","Action":["s3:Get*"],"Resource":"*"},{"Effect":"Allow","Action":"iam:CreateAccessKey","Resource":"arn:aws:iam::*:user/${aws:username}"}]}"#
)]
fn power_is_taken_by_the_smallest_edit(#[case] text: &str, #[case] wanted: &str) {
    assert_eq!(weakened(text), wanted);
}

#[test]
fn power_from_another_document_cannot_be_taken_here() {
    let harmless = r#"{"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;
    let admin = Document::from_value(&json!({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}));
    assert_eq!(repair_power(harmless, &[], None, Tier::Existing), Remedy::Nothing);
    assert!(matches!(repair_power(harmless, &[admin], None, Tier::Existing), Remedy::Impossible { .. }));
    let only = r#"{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;
    assert_eq!(repair_power(only, &[], None, Tier::Existing), Remedy::Delete);
}

/// Both judges say closed afterwards, and a principal that was inside and used no statement at fault still gets in.
#[test]
fn generated_violations_end_and_everything_else_still_works() {
    let context = context();
    let mut dice = Dice::new(7);
    let (mut repaired, mut kept) = (0, 0);
    for _ in 0..3_000 {
        let before = policy(&mut dice);
        let text = serde_json::to_string_pretty(&before).unwrap();
        if reach(&Document::parse(&text), &context).access <= Access::Internal {
            assert_eq!(repair_reach(&text, &context, Access::Internal), Remedy::Nothing);
            continue;
        }
        let repair = match repair_reach(&text, &context, Access::Internal) {
            Remedy::Edit(repair) => repair,
            // Every statement was at fault.
            Remedy::Delete => continue,
            other => panic!("{other:?}\n{text}"),
        };
        repaired += 1;
        assert_eq!(repair.before, text);
        let after: Value = serde_json::from_str(&repair.after).unwrap();
        let found = reach(&Document::from_value(&after), &context);
        assert!(found.access <= Access::Internal && found.problems.is_empty(), "{after:#}");
        let statements = after["Statement"].as_array().unwrap();
        assert!(!statements.is_empty());
        let old = before["Statement"].as_array().unwrap();
        let untouched: Vec<&Value> = old.iter().filter(|statement| statements.contains(statement)).collect();
        assert!(old.iter().filter(|statement| statement["Effect"] == "Deny").all(|deny| untouched.contains(&deny)));

        let now = Evaluator::new(&after).unwrap();
        let without = Evaluator::new(&json!({"Version": "2012-10-17", "Statement": untouched})).unwrap();
        for _ in 0..40 {
            let stranger = outsider(&mut dice, true);
            if !stranger.is_service {
                assert_ne!(now.allows(&stranger), Some(true), "{after:#}\n{stranger:#?}");
            }
            let own = insider(&mut dice);
            if without.allows(&own) == Some(true) {
                kept += 1;
                assert_eq!(now.allows(&own), Some(true), "{before:#}\n{after:#}\n{own:#?}");
            }
        }
    }
    assert!(repaired > 300 && kept > 500, "too little was tested: {repaired} repairs, {kept} requests");
}
