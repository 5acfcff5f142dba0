//! What the policies of a permission set grant: administration, or a privilege escalation path that leads there by itself.

use crate::engine::observed::Observed;
use crate::engine::verdict::Verdict;
use crate::resources::iam::granted::Wanted;
use crate::resources::iam::policy_attachment::known as by_name;
use iam_policy::Tier;
use iam_policy::managed::known;

const WANTED: [Wanted; 2] = [Wanted::Admin, Wanted::Escalation(Tier::Principal)];

/// Why a policy of AWS's own makes an administrator; none where it does not.
///
/// # Errors
/// Its name alone does not show what it says.
pub(super) fn of_managed(arn: &str) -> Result<Option<String>, String> {
    if let Some(text) = by_name::document(arn) {
        return of_document(text).map(|why| why.map(|why| format!("policy `{arn}`: {why}")));
    }
    let known = known(arn).ok_or_else(|| format!("what policy `{arn}` grants is not known"))?;
    let faults = WANTED.into_iter().filter_map(|wanted| wanted.of_known(known).ok().flatten());
    Ok(faults.map(|fault| format!("policy `{arn}`: {}", fault.why)).next())
}

/// Why a document makes an administrator; none where it does not.
///
/// # Errors
/// Why that is not known.
pub(super) fn of_document(text: &str) -> Result<Option<String>, String> {
    for wanted in WANTED {
        match wanted.judge("inline", &Observed::Known(text.to_owned()), &Observed::Absent, str::to_owned) {
            Verdict::Compliant => {}
            Verdict::Violation(violation) => {
                let why = violation.evidence.into_iter().next().map(|evidence| evidence.why).unwrap_or_default();
                return Ok(Some(why));
            }
            Verdict::Undetermined { why } => return Err(why),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_of_aws_are_known() {
        let of = |name: &str| of_managed(&format!("arn:aws:iam::aws:policy/{name}"));
        assert!(of("AdministratorAccess").unwrap().unwrap().contains("makes an administrator"));
        assert!(of("IAMFullAccess").unwrap().is_some());
        assert_eq!(of("job-function/ViewOnlyAccess"), Ok(None));
        assert!(of("PolicyOfTomorrow").is_err());
    }

    #[test]
    fn a_document_is_judged() {
        let of = |action: &str| {
            format!(
                r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "{action}", "Resource": "*"}}}}"#
            )
        };
        assert!(of_document(&of("*")).unwrap().is_some());
        assert!(of_document(&of("iam:*")).unwrap().is_some());
        assert_eq!(of_document(&of("s3:GetObject")), Ok(None));
        assert!(of_document("HIDDEN_DUE_TO_SECURITY_REASONS").is_err());
    }
}
