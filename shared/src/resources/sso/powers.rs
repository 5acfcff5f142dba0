//! What the policies of a permission set grant: administration, or a privilege escalation path that leads there by itself.

use crate::engine::observed::Observed;
use crate::engine::verdict::Verdict;
use crate::resources::iam::granted::Wanted;
use iam_policy::Tier;
use iam_policy::managed::known;

const WANTED: [Wanted; 2] = [Wanted::Admin, Wanted::Escalation(Tier::Principal)];

/// Why a policy of AWS's own makes an administrator. None where it does not, or is not known.
pub(super) fn of_managed(arn: &str) -> Option<String> {
    let known = known(arn)?;
    let faults = WANTED.into_iter().filter_map(|wanted| wanted.of_known(known).ok().flatten());
    faults.map(|fault| format!("policy `{arn}`: {}", fault.why)).next()
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
                return Ok(Some(format!("its inline policy: {why}")));
            }
            Verdict::Undetermined { why } => return Err(format!("its inline policy: {why}")),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_of_aws_are_known() {
        assert!(of_managed("arn:aws:iam::aws:policy/AdministratorAccess").unwrap().contains("makes an administrator"));
        assert!(of_managed("arn:aws:iam::aws:policy/IAMFullAccess").is_some());
        assert_eq!(of_managed("arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"), None);
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
