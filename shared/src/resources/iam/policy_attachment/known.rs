//! Policies of AWS's own that their name alone proves to grant too much: the first call is then the one that detaches.
//!
//! What they say is AWS's to change, but not what they are for. As of their versions v1, v2 and v12 ("AdministratorAccess",
//! "IAMFullAccess", "PowerUserAccess" in the AWS managed policy reference), each as far as it matters here. Any other policy is
//! read.

/// What a policy of AWS's own says. None for one that has to be read.
pub(crate) fn document(arn: &str) -> Option<&'static str> {
    let mut fields = arn.splitn(6, ':');
    let is_arn = fields.next() == Some("arn") && fields.next().is_some_and(|partition| partition.starts_with("aws"));
    // No customer's policy has `aws` for its account.
    let is_aws_own =
        is_arn && fields.next() == Some("iam") && fields.next() == Some("") && fields.next() == Some("aws");
    match fields.next().filter(|_| is_aws_own)? {
        "policy/AdministratorAccess" => Some(ADMINISTRATOR),
        "policy/IAMFullAccess" => Some(IDENTITY),
        "policy/PowerUserAccess" => Some(POWER_USER),
        _ => None,
    }
}

const ADMINISTRATOR: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

const IDENTITY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:*","Resource":"*"}]}"#;

const POWER_USER: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":["iam:*","organizations:*","account:*"],"Resource":"*"}]}"#;

#[cfg(test)]
mod tests {
    use super::document;
    use crate::resources::iam::policy_attachment::state::holds_no_deny;

    #[test]
    fn only_aws_s_own_policies_are_known_by_name() {
        for arn in [
            "arn:aws:iam::aws:policy/AdministratorAccess",
            "arn:aws-us-gov:iam::aws:policy/IAMFullAccess",
            "arn:aws-cn:iam::aws:policy/PowerUserAccess",
        ] {
            let text = document(arn).unwrap();
            assert!(holds_no_deny(arn) && !text.contains("Deny"), "{arn}");
        }
        for arn in [
            "arn:aws:iam::111122223333:policy/AdministratorAccess",
            "arn:aws:iam::aws:policy/x/AdministratorAccess",
            "arn:aws:iam::aws:policy/AdministratorAccess-Amplify",
            "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "AdministratorAccess",
        ] {
            assert_eq!(document(arn), None, "{arn}");
            let is_aws_own = arn.contains(":iam::aws:policy/") && !arn.contains("/x/");
            assert_eq!(holds_no_deny(arn), is_aws_own, "{arn}");
        }
    }
}
