//! Taking out principals that were deleted.
//!
//! IAM shows a deleted principal by its unique id and refuses any document that names one ("Invalid principal in policy"), so
//! a document that was read may be one that cannot be written. The id grants no principal anything, and is never used again:
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-unique-ids>

use serde_json::json;

use super::reach::without;
use super::{Draft, below, path_of};
use crate::edit::Edit;
use crate::principal::{Principal, Who};

/// The document without principals that were deleted, every other byte as it was; `None` when it cannot be read, or
/// needs them (`NotPrincipal`). A statement that names no other principal goes; the last one becomes a Deny for everybody.
pub fn without_deleted(text: &str) -> Option<String> {
    let mut draft = Draft::read(text)?;
    let is_deleted = |principal: &Principal| principal.who == Who::Deleted;
    loop {
        let document = &draft.document;
        let at_fault = document.statements.iter().find_map(|statement| {
            let principals = statement.principals.as_ref()?;
            principals.list.iter().any(is_deleted).then_some((statement, principals))
        });
        let Some((statement, principals)) = at_fault else { return Some(draft.text) };
        // Everybody but the one who is gone: to leave the statement out would let in whom it keeps out.
        if principals.negated {
            return None;
        }
        let path = path_of(document, statement);
        let edits = match without(&draft, &path, statement, is_deleted) {
            Some(edits) => edits,
            None if document.statements.len() > 1 => vec![Edit::Remove(path)],
            None => {
                let element = principals.list.first().map(|principal| principal.at.element.as_str())?;
                let effect = Edit::Replace(below(&path, &[&statement.names.effect]), json!("Deny"));
                vec![Edit::Replace(below(&path, &[element]), json!("*")), effect]
            }
        };
        draft = draft.after(edits)?;
    }
}

#[cfg(test)]
mod tests {
    use super::without_deleted;
    use rstest::rstest;

    #[rstest]
    #[case::no_other_principal(
        r#"{"Statement":[ {"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}"#,
        r#"{"Statement":[ {"Effect":"Allow","Principal":{"AWS":"111122223333"},"Action":"sts:AssumeRole"}]}"#
    )]
    #[case::one_of_a_list(
        r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":["AIDACKCEVSQ6C2EXAMPLE", "111122223333"]},"Action":"sts:AssumeRole"}}"#,
        r#"{"Statement":{"Effect":"Allow","Principal":{"AWS":["111122223333"]},"Action":"sts:AssumeRole"}}"#
    )]
    #[case::beside_a_service(
        r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"AROACKCEVSQ6C2EXAMPLE","Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#
    )]
    #[case::a_statement_of_its_own(
        r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"AROACKCEVSQ6C2EXAMPLE"},"Action":"sts:AssumeRole"},{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#,
        r#"{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#
    )]
    #[case::the_last_one(
        r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"AROACKCEVSQ6C2EXAMPLE"},"Action":"sts:AssumeRole"}]}"#,
        r#"{"Statement":[{"Effect":"Deny","Principal":"*","Action":"sts:AssumeRole"}]}"#
    )]
    fn what_iam_would_refuse_is_left_out(#[case] document: &str, #[case] left: &str) {
        assert_eq!(without_deleted(document).as_deref(), Some(left));
    }

    #[test]
    fn what_cannot_be_read_is_not_written() {
        assert_eq!(without_deleted("{"), None);
        assert_eq!(without_deleted(r#"{"Statement":[],"Statement":[]}"#), None);
        let but_one =
            r#"{"Statement":[{"Effect":"Deny","NotPrincipal":{"AWS":"AROACKCEVSQ6C2EXAMPLE"},"Action":"sts:*"}]}"#;
        assert_eq!(without_deleted(but_one), None);
    }
}
