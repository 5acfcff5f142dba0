//! The `Principal` and `NotPrincipal` of a statement.
//!
//! What must hold: a principal is read for what it is, by its form and by the account in its place. A form that AWS
//! does not accept (a wildcard inside an ARN, an account that is not twelve digits) is a problem, never an empty set; as
//! far as it can be read it is judged all the same, so that a pattern for any account is still a finding.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html>

use serde_json::Value;

use super::arn::{Arn, is_account, is_open_ended};
use super::document::{Problems, kind, strings};
use super::words::clip;

/// Whom a statement is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principals {
    /// `NotPrincipal`: everybody but the list.
    pub negated: bool,
    /// In the order of the document.
    pub list: Vec<Principal>,
}

/// One entry of a principal element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Principal {
    /// What the entry stands for.
    pub who: Who,
    /// The entry as it is written.
    pub text: String,
    /// Where it is written.
    pub at: At,
}

/// What an entry stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// `*`: any caller of any account, and callers without credentials.
    Everyone,
    /// An ARN with a wildcard for its account. AWS does not accept it; if it ever did, anybody could match.
    AnyAccount,
    /// A whole account.
    Account(String),
    /// A role, user or session of the account named first.
    Identity(String),
    /// The unique id that AWS leaves behind when a principal is deleted. Ids are never used again.
    Deleted,
    /// An origin access identity of CloudFront, which belongs to AWS.
    AwsOwned,
    /// An account, named by its canonical user id.
    Canonical,
    /// A service of AWS, acting for whichever account makes it.
    Service,
    /// An identity provider.
    Provider,
    /// A form that could not be read; a problem names it.
    Unreadable,
}

/// The place of an entry inside its statement.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct At {
    /// `Principal` or `NotPrincipal`, in the spelling of the document.
    pub element: String,
    /// `AWS`, `Service`, ..., or nothing when the element is a string or a list.
    pub key: Option<String>,
    /// The position, when the entry stands in a list.
    pub index: Option<usize>,
}

const NO_WILDCARD: &str = "a wildcard is not accepted here";

pub(crate) fn read(value: &Value, negated: bool, place: &str, problems: &mut Problems) -> Principals {
    let element = place.rsplit('.').next().unwrap_or(place);
    let mut list = Vec::new();
    match value {
        Value::Object(members) => {
            if members.is_empty() {
                problems.add(place, "no principal is named");
            }
            for (key, entries) in members {
                let place = format!("{place}.{}", clip(key));
                read_entries(entries, Some(key), element, &place, problems, &mut list);
            }
        }
        Value::String(_) | Value::Array(_) => read_entries(value, None, element, place, problems, &mut list),
        other => problems.add(place, format!("a principal is a string or an object, not {}", kind(other))),
    }
    if negated && list.iter().any(|principal| principal.who == Who::Everyone) {
        problems.add(place, "everybody is excluded");
    }
    Principals { negated, list }
}

fn read_entries(
    entries: &Value,
    key: Option<&String>,
    element: &str,
    place: &str,
    problems: &mut Problems,
    list: &mut Vec<Principal>,
) {
    let in_list = entries.is_array();
    for (index, text) in strings(entries, place, problems) {
        let (who, problem) = match key.map(|key| key.to_ascii_lowercase()).as_deref() {
            None | Some("aws") => aws(text),
            Some("canonicaluser") => canonical(text),
            Some("service") if !is_open_ended(text) => (Who::Service, None),
            Some("federated") if !is_open_ended(text) => (Who::Provider, None),
            Some("service" | "federated") => (Who::Unreadable, Some(NO_WILDCARD)),
            Some(_) => (Who::Unreadable, Some("no kind of principal has this name")),
        };
        if let Some(problem) = problem {
            problems.add(place, format!("{problem} (`{}`)", clip(text)));
        }
        let at = At { element: element.to_owned(), key: key.cloned(), index: in_list.then_some(index) };
        list.push(Principal { who, text: text.to_owned(), at });
    }
}

fn aws(text: &str) -> (Who, Option<&'static str>) {
    if text == "*" {
        return (Who::Everyone, None);
    }
    if is_account(text) {
        return (Who::Account(text.to_owned()), None);
    }
    if is_unique_id(text) {
        return (Who::Deleted, None);
    }
    let Some(arn) = Arn::read(text) else {
        return (Who::Unreadable, Some("neither an account nor an ARN"));
    };
    if !matches!(arn.service, "iam" | "sts") || !arn.partition.starts_with("aws") {
        return (Who::Unreadable, Some("not the ARN of a principal"));
    }
    if arn.account == "cloudfront" {
        return (Who::AwsOwned, None);
    }
    if is_open_ended(arn.account) {
        return (Who::AnyAccount, Some("AWS accepts no wildcard inside the ARN of a principal"));
    }
    let account = arn.account.to_owned();
    let problem = if !is_account(arn.account) {
        Some("the account of the ARN is not twelve digits")
    } else if is_open_ended(text) {
        Some("AWS accepts no wildcard inside the ARN of a principal")
    } else {
        None
    };
    let is_provider = arn.service == "iam"
        && (arn.resource.starts_with("oidc-provider/") || arn.resource.starts_with("saml-provider/"));
    let who = match arn.resource {
        _ if is_provider => Who::Provider,
        "root" => Who::Account(account),
        _ => Who::Identity(account),
    };
    (who, problem)
}

fn canonical(text: &str) -> (Who, Option<&'static str>) {
    match text {
        "*" => (Who::Everyone, None),
        _ if is_open_ended(text) => (Who::Unreadable, Some(NO_WILDCARD)),
        _ => (Who::Canonical, None),
    }
}

/// `AIDA...`, `AROA...`: see "Unique identifiers" in
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html>.
fn is_unique_id(text: &str) -> bool {
    text.len() >= 16
        && text.starts_with('A')
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Problems, Who, read};

    fn of(value: Value) -> (Vec<Who>, usize) {
        let mut problems = Problems::default();
        let principals = read(&value, false, "Statement[0].Principal", &mut problems);
        (principals.list.into_iter().map(|principal| principal.who).collect(), problems.0.len())
    }

    #[test]
    fn every_form_is_read_for_what_it_is() {
        let account = || "111122223333".to_owned();
        for (text, who) in [
            ("*", Who::Everyone),
            ("111122223333", Who::Account(account())),
            ("arn:aws:iam::111122223333:root", Who::Account(account())),
            ("arn:aws-us-gov:iam::111122223333:root", Who::Account(account())),
            ("arn:aws-cn:iam::111122223333:user/x", Who::Identity(account())),
            ("arn:aws:sts::111122223333:assumed-role/r/s", Who::Identity(account())),
            ("arn:aws:sts::111122223333:federated-user/u", Who::Identity(account())),
            ("AROADBQP57FF2AEXAMPLE", Who::Deleted),
            ("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1", Who::AwsOwned),
        ] {
            assert_eq!(of(json!({ "AWS": text })), (vec![who.clone()], 0), "{text}");
            assert_eq!(of(json!({ "aws": [text] })), (vec![who], 0), "{text}");
        }
        assert_eq!(of(json!("*")).0, [Who::Everyone]);
        assert_eq!(of(json!(["*"])).0, [Who::Everyone]);
        assert_eq!(of(json!({"CanonicalUser": "*"})).0, [Who::Everyone]);
        assert_eq!(of(json!({"CanonicalUser": "79a5"})).0, [Who::Canonical]);
        assert_eq!(of(json!({"Service": "sns.amazonaws.com"})).0, [Who::Service]);
        assert_eq!(of(json!({"Federated": "accounts.google.com"})).0, [Who::Provider]);
    }

    #[test]
    fn forms_that_aws_does_not_accept_are_problems() {
        for value in [
            json!({"AWS": "arn:aws:iam::*:root"}),
            json!({"AWS": "arn:aws:iam::111122223333:role/app-*"}),
            json!({"AWS": "arn:aws:iam::%s:root"}),
            json!({"AWS": "arn:aws:s3:::bucket"}),
            json!({"AWS": "90120"}),
            json!({"AWS": "everyone"}),
            json!({"AWS": []}),
            json!({"AWS": [3]}),
            json!({"Service": "*"}),
            json!({"Federated": "*"}),
            json!({"CanonicalUser": "arn:aws:iam::*:root"}),
            json!({"Azure": "x"}),
            json!({}),
            json!(null),
        ] {
            assert_eq!(of(value.clone()).1, 1, "{value}");
        }
    }
}
