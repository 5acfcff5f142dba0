//! Who can reach it: situations, each with the answer that AWS documentation gives.
//!
//! The owner is 111122223333, and trusts the organisation `o-aaaaaaaaaa`.

mod situations;

use iam_policy::{Access, Context, Document, reach};
use serde_json::json;
use situations::SITUATIONS;

const OWNER: &str = "111122223333";

fn trusting(context: Context) -> Context {
    Context { organizations: vec!["o-aaaaaaaaaa".to_owned()], ..context }
}

#[test]
fn situations() {
    for (name, kind, statements, wanted) in SITUATIONS {
        let document = Document::parse(&format!(r#"{{"Version": "2012-10-17", "Statement": {statements}}}"#));
        let context = if *kind == "trust" { Context::trust(OWNER) } else { Context::resource(OWNER) };
        let found = reach(&document, &trusting(context));
        assert_eq!(found.access, *wanted, "{name}: {:?}", found.reasons());
    }
}

#[test]
fn a_tag_on_the_session_opens_no_role_that_a_deny_closes() {
    let role = |deny: &str| {
        let document = Document::from_value(&json!({"Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": ["sts:AssumeRole", "sts:TagSession"]},
            {"Effect": "Deny", "Principal": "*", "Action": deny,
             "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}}}
        ]}));
        reach(&document, &trusting(Context::trust(OWNER))).access
    };
    assert_eq!(role("sts:AssumeRole"), Access::Internal);
    assert_eq!(role("sts:TagSession"), Access::Public);
}

#[test]
fn a_grant_says_what_was_taken_into_account() {
    let document = Document::from_value(&json!({"Statement": [{
        "Sid": "Drop", "Effect": "Allow", "Principal": {"AWS": ["*", OWNER]}, "Action": "sqs:SendMessage", "Resource": "*",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:999988887777:t"}, "Bool": {"aws:SecureTransport": "true"}}
    }]}));
    let found = reach(&document, &Context::resource(OWNER));
    let [open, own] = found.grants.as_slice() else { panic!("two grants") };
    assert_eq!((open.access, own.access), (Access::External, Access::Internal));
    let closes: Vec<bool> = open.conditions.iter().map(|condition| condition.closes).collect();
    assert_eq!(closes, [true, false]);
    assert_eq!(
        found.reasons(),
        ["Statement[0] (`Drop`) grants `sqs:SendMessage` to `*`: external (account `999988887777`); \
          `ArnLike` of `aws:SourceArn` limits who it is: the values are fixed, but not all are trusted; \
          `Bool` of `aws:SecureTransport` does not limit who it is: says nothing about who calls"]
    );
}
