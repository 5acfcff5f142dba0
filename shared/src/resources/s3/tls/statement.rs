//! The statement that asks for TLS: which ones do, and how Parapet's own is added to a policy.
//!
//! Denied has to be every principal, every action of S3, on the bucket and on its objects, for the one reason that the request does not use TLS. A
//! statement with another condition beside it, or with a list of what it is not about (`NotPrincipal`, `NotAction`, `NotResource`), lets
//! some requests through and does not count, however the rest of the policy closes that.

use iam_policy::{
    Comparison, Condition, Document, Edit, Effect, Operator, Pattern, Scope, Statement, Step, Who, append,
};
use serde_json::{Value, json};

/// The Sid of Parapet's own statement: a second one is never added.
pub const SID: &str = "ParapetDenyWithoutTls";

/// Whether the policy denies every request without TLS. A statement for the bucket and one for its objects are as good as one for both.
///
/// # Errors
/// What of the document cannot be read.
pub fn requires_tls(text: &str, bucket: &str) -> Result<bool, String> {
    let document = Document::parse(text);
    if let Some(problem) = document.problems.first() {
        return Err(problem.to_string());
    }
    let counted: Vec<&Statement> = document.statements.iter().filter(|one| denies_everyone_without_tls(one)).collect();
    let is_covered = |resource: &str| counted.iter().any(|one| names(&one.resources, &Pattern::value(resource)));
    Ok(is_covered(bucket) && is_covered(&format!("{bucket}/*")))
}

fn names(scope: &Scope, all: &Pattern) -> bool {
    match scope {
        Scope::Only(patterns) => patterns.iter().any(|pattern| pattern.covers(all)),
        Scope::Except(_) => false,
    }
}

fn denies_everyone_without_tls(statement: &Statement) -> bool {
    let everyone = statement.principals.as_ref().is_some_and(|principals| {
        !principals.negated && principals.list.iter().any(|principal| principal.who == Who::Everyone)
    });
    let is_alone = matches!(statement.conditions.as_slice(), [condition] if is_without_tls(condition));
    statement.effect == Some(Effect::Deny)
        && everyone
        && is_alone
        && names(&statement.actions, &Pattern::action("s3:*"))
}

/// `Bool: {aws:SecureTransport: false}`, or the same as a comparison of texts. Every request has the key.
fn is_without_tls(condition: &Condition) -> bool {
    let has = |word: &str| condition.values.iter().any(|value| value.eq_ignore_ascii_case(word));
    let Some(Operator { comparison, negated, quantifier: None, .. }) = condition.operator else { return false };
    let compares = matches!(comparison, Comparison::Bool | Comparison::StringEquals | Comparison::StringLike);
    let holds = if negated { has("true") && condition.values.len() == 1 } else { has("false") };
    condition.key == "aws:securetransport" && compares && holds
}

/// Parapet's own.
fn own(bucket: &str) -> Value {
    json!({
        "Sid": SID,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket, format!("{bucket}/*")],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })
}

/// The policy with Parapet's own statement: added at the end, or in the place of one that has its Sid and says something else. None where the
/// document cannot be read for sure.
#[must_use]
pub fn with_own(text: Option<&str>, bucket: &str) -> Option<String> {
    let Some(text) = text else {
        return Some(json!({"Version": "2012-10-17", "Statement": [own(bucket)]}).to_string());
    };
    let text = iam_policy::json::decode(text).ok()?;
    let (value, repeated) = iam_policy::json::parse(&text).ok()?;
    let mut names = value.as_object()?.keys().filter(|name| name.eq_ignore_ascii_case("statement"));
    let (Some(name), None, true) = (names.next(), names.next(), repeated.is_empty()) else { return None };
    let path = vec![Step::Member(name.clone())];
    let of_own = Document::from_value(&value).statements.into_iter().find(|one| one.sid.as_deref() == Some(SID));
    match of_own {
        Some(Statement { alone: true, .. }) => Edit::Replace(path, own(bucket)).apply_to_text(&text),
        Some(Statement { index, .. }) => {
            let at = path.into_iter().chain([Step::Element(index)]).collect();
            Edit::Replace(at, own(bucket)).apply_to_text(&text)
        }
        None => append(&text, &path, &own(bucket)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    const BUCKET: &str = "arn:aws:s3:::orders";

    fn with(changes: Value) -> Value {
        let mut statement = own(BUCKET);
        for (name, value) in changes.as_object().unwrap() {
            statement[name] = value.clone();
        }
        statement
    }

    fn without(name: &str, changes: Value) -> Value {
        let mut statement = with(changes);
        statement.as_object_mut().unwrap().remove(name);
        statement
    }

    fn says(statements: Value) -> Result<bool, String> {
        requires_tls(&json!({"Version": "2012-10-17", "Statement": statements}).to_string(), BUCKET)
    }

    #[rstest]
    #[case::own(json!([own(BUCKET)]), true)]
    #[case::alone(own(BUCKET), true)]
    #[case::everyone_as_an_object(with(json!({"Principal": {"AWS": "*"}})), true)]
    #[case::everyone_in_a_list(with(json!({"Principal": {"AWS": ["*"]}})), true)]
    #[case::every_action(with(json!({"Action": ["*"]})), true)]
    #[case::a_wildcard_for_both(with(json!({"Resource": "arn:aws:s3:::orders*"})), true)]
    #[case::everything(with(json!({"Resource": "*"})), true)]
    #[case::the_key_in_other_letters(with(json!({"Condition": {"Bool": {"AWS:securetransport": false}}})), true)]
    #[case::if_exists(with(json!({"Condition": {"BoolIfExists": {"aws:SecureTransport": "false"}}})), true)]
    #[case::as_a_text(with(json!({"Condition": {"StringNotEquals": {"aws:SecureTransport": "true"}}})), true)]
    #[case::one_for_each(json!([with(json!({"Resource": BUCKET})), with(json!({"Resource": "arn:aws:s3:::orders/*"}))]), true)]
    #[case::an_allow(with(json!({"Effect": "Allow"})), false)]
    #[case::one_principal(with(json!({"Principal": {"AWS": "111122223333"}})), false)]
    #[case::everyone_but_one(without("Principal", json!({"NotPrincipal": {"AWS": "arn:aws:iam::111122223333:role/a"}})), false)]
    #[case::one_action(with(json!({"Action": "s3:GetObject"})), false)]
    #[case::all_actions_but_one(without("Action", json!({"NotAction": "s3:GetObject"})), false)]
    #[case::objects_alone(with(json!({"Resource": "arn:aws:s3:::orders/*"})), false)]
    #[case::the_bucket_alone(with(json!({"Resource": BUCKET})), false)]
    #[case::a_prefix(with(json!({"Resource": [BUCKET, "arn:aws:s3:::orders/logs/*"]})), false)]
    #[case::another_bucket(with(json!({"Resource": ["arn:aws:s3:::other", "arn:aws:s3:::other/*"]})), false)]
    #[case::with_tls(with(json!({"Condition": {"Bool": {"aws:SecureTransport": "true"}}})), false)]
    #[case::and_from_a_network(with(json!({"Condition": {"Bool": {"aws:SecureTransport": "false"}, "IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}})), false)]
    fn what_counts(#[case] statements: Value, #[case] counts: bool) {
        assert_eq!(says(statements), Ok(counts));
    }

    #[test]
    fn what_cannot_be_read_is_no_answer() {
        assert!(says(json!([own(BUCKET), {"Effect": "Perhaps"}])).is_err());
        assert!(requires_tls("{", BUCKET).is_err());
        assert_eq!(with_own(Some("{"), BUCKET), None);
        assert_eq!(with_own(Some("{\"Statement\": [], \"statement\": []}"), BUCKET), None);
    }

    #[test]
    fn it_is_added_once_and_every_other_byte_stays() {
        let before = "{ \"Statement\" : [ {\"Sid\": \"a\" ,\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"111122223333\"},\n \"Action\":\"s3:*\",\"Resource\":\"*\"}\n] }";
        let after = with_own(Some(before), BUCKET).unwrap();
        let (start, rest) = before.split_once("\n] }").unwrap();
        assert_eq!(after, format!("{start},{}\n] }}{rest}", own(BUCKET)));
        assert_eq!(requires_tls(&after, BUCKET), Ok(true));
        let weakened = after.replace("\"s3:*\",\"Condition\"", "\"s3:GetObject\",\"Condition\"");
        assert_ne!(weakened, after);
        assert_eq!(requires_tls(&weakened, BUCKET), Ok(false));
        assert_eq!(with_own(Some(&weakened), BUCKET), Some(after), "it takes the place of what has its Sid");
        let alone = json!({"Version": "2012-10-17", "Statement": with(json!({"Action": "s3:GetObject"}))}).to_string();
        assert_eq!(requires_tls(&with_own(Some(&alone), BUCKET).unwrap(), BUCKET), Ok(true));
        assert_eq!(requires_tls(&with_own(None, BUCKET).unwrap(), BUCKET), Ok(true));
    }
}
