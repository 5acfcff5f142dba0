//! Which texts can be the id of something: whether a pattern of the policy file can match any of them.

use crate::policy::pattern::{Part, parts};

/// The ids of the resources that a guardrail's findings name. In these, `*` is any text and `%` any without `:` and `/`.
///
/// A resource without an ARN of its own has one that looks like one; see the families' `resource`.
#[must_use]
pub fn resource_ids(guardrail: &str) -> &'static [&'static str] {
    match guardrail {
        "security-group-admin-port-open" | "security-group-all-traffic-open" | "security-group-near-world-open" => {
            &["arn:%:ec2:%:%:security-group/%"]
        }
        "security-group-default-has-rules" => &["arn:%:ec2:%:%:security-group/%", "arn:%:ec2:%:%:vpc/%"],
        "root-access-key-created" => &["arn:%:iam::%:root/access-key/%"],
        "access-key-not-allowed" => &["arn:%:iam::%:user/%/access-key/%"],
        "ebs-encryption-default-off" | "ebs-default-key-changed" => &["arn:%:ec2:%:%:ebs-encryption-by-default"],
        "serial-console-access-enabled" => &["arn:%:ec2:%:%:serial-console-access"],
        "instance-metadata-v1-allowed" => &["arn:%:ec2:%:%:instance/%"],
        "instance-metadata-defaults-weak" => &["arn:%:ec2:%:%:instance-metadata-defaults"],
        "snapshot-public" | "snapshot-shared-with-untrusted" => &["arn:%:ec2:%::snapshot/%"],
        "image-public" | "image-shared-with-untrusted" => &["arn:%:ec2:%::image/%"],
        "snapshot-block-public-access-off" => &["arn:%:ec2:%:%:snapshot-block-public-access"],
        "image-block-public-access-off" => &["arn:%:ec2:%:%:image-block-public-access"],
        "network-acl-admin-port-open" => &["arn:%:ec2:%:%:network-acl/%"],
        "flow-log-deleted" => &["arn:%:ec2:%:%:vpc-flow-log/%"],
        "subnet-assigns-public-address" => &["arn:%:ec2:%:%:subnet/%", "arn:%:ec2:%:%:vpc/%"],
        "transit-gateway-accepts-by-itself" => &["arn:%:ec2:%:%:transit-gateway/%"],
        "root-console-sign-in" | "root-api-call" => &["arn:%:iam::%:root"],
        "console-sign-in-without-mfa" => &["arn:%:iam::%:root", "arn:%:iam::%:user/%", "arn:%:sts::%:*"],
        "role-trust-open" => &["arn:%:iam::%:role/%"],
        "permissions-boundary-changed" => &["arn:%:iam::%:user/%", "arn:%:iam::%:role/%"],
        "identity-provider-not-allowed" => &["arn:%:iam::%:saml-provider/*", "arn:%:iam::%:oidc-provider/*"],
        "db-snapshot-public" | "db-snapshot-shared-with-untrusted" => {
            // A snapshot that AWS made has a colon in its name, as `rds:db-2026-01-31`.
            &["arn:%:rds:%:%:snapshot:*", "arn:%:rds:%:%:cluster-snapshot:*"]
        }
        // A Multi-AZ cluster is public as a whole.
        "db-instance-publicly-accessible" => &["arn:%:rds:%:%:db:%", "arn:%:rds:%:%:cluster:%"],
        "db-instance-deletion-protection-off" => &["arn:%:rds:%:%:db:%"],
        "db-cluster-deletion-protection-off" => &["arn:%:rds:%:%:cluster:%"],
        "dynamodb-table-deletion-protection-off" => &["arn:%:dynamodb:%:%:table/%"],
        "load-balancer-deletion-protection-off" => &["arn:%:elasticloadbalancing:%:%:loadbalancer/*"],
        "console-password-set-by-another" | "quarantined-user-has-active-keys" => &["arn:%:iam::%:user/%"],
        "console-user-without-mfa" => &["arn:%:iam::%:user/%", "arn:%:iam::%:root"],
        "password-policy-weak" => &["arn:%:iam::%:password-policy"],
        "session-cut-expired" => &["arn:%:iam::%:user/%/policy/%", "arn:%:iam::%:role/%/policy/%"],
        "attached-policy-grants-admin" | "attached-policy-grants-escalation" => &[
            "arn:%:iam::%:user/%/policy/arn:%:iam::%:policy/*",
            "arn:%:iam::%:role/%/policy/arn:%:iam::%:policy/*",
            "arn:%:iam::%:group/%/policy/arn:%:iam::%:policy/*",
        ],
        "inline-policy-grants-admin" | "inline-policy-grants-escalation" => &[
            "arn:%:iam::%:user/%/inline-policy/%",
            "arn:%:iam::%:role/%/inline-policy/%",
            "arn:%:iam::%:group/%/inline-policy/%",
        ],
        "managed-policy-grants-admin" | "managed-policy-grants-escalation" => &["arn:%:iam::%:policy/*"],
        _ => &["arn:*"],
    }
}

/// Whether `pattern` can be about any resource of the guardrail, in this account where one is named.
#[must_use]
pub fn could_be_about(pattern: &str, guardrail: &str, account: Option<&str>) -> bool {
    resource_ids(guardrail).iter().any(|shape| meets(pattern, &in_account(shape, account)))
}

/// The shape with the account where its ARN has one.
fn in_account(shape: &str, account: Option<&str>) -> String {
    let Some(account) = account else { return shape.to_owned() };
    let mut fields: Vec<&str> = shape.splitn(6, ':').collect();
    if let Some(field @ &mut "%") = fields.get_mut(4) {
        *field = account;
    }
    fields.join(":")
}

/// Whether a pattern matches everything whatever is named.
pub(super) fn is_everything(pattern: &str) -> bool {
    !pattern.is_empty() && pattern.chars().all(|c| c == '*')
}

/// Whether some text is matched by the pattern and has the shape.
pub(super) fn meets(pattern: &str, shape: &str) -> bool {
    let (pattern, shape) = (parts(pattern), shape.chars().collect::<Vec<char>>());
    let mut seen = vec![false; (pattern.len() + 1) * (shape.len() + 1)];
    let mut open = vec![(0, 0)];
    while let Some((p, s)) = open.pop() {
        let Some(mark) = seen.get_mut(p * (shape.len() + 1) + s) else { continue };
        if std::mem::replace(mark, true) {
            continue;
        }
        let (part, sign) = (pattern.get(p), shape.get(s));
        let (is_run, is_wild) = (part == Some(&Part::Run), matches!(sign, Some('*' | '%')));
        if part.is_none() && sign.is_none() {
            return true;
        }
        // A run of either may be over.
        open.extend(is_run.then_some((p + 1, s)));
        open.extend(is_wild.then_some((p, s + 1)));
        // Or both take one more character.
        if part.zip(sign).is_some_and(|(part, sign)| share_one(*part, *sign)) {
            open.push((if is_run { p } else { p + 1 }, if is_wild { s } else { s + 1 }));
        }
    }
    false
}

fn share_one(part: Part, sign: char) -> bool {
    match (part, sign) {
        (Part::Run | Part::One, _) | (Part::Just(_), '*') => true,
        (Part::Just(letter), '%') => !matches!(letter, ':' | '/'),
        (Part::Just(letter), sign) => letter == sign,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Guardrails;
    use rstest::rstest;

    #[rstest]
    #[case("*", "arn:%:ec2:%:%:security-group/%", true)]
    #[case("arn:aws:ec2:*:*:security-group/sg-1", "arn:%:ec2:%:%:security-group/%", true)]
    #[case("*:security-group/sg-0?", "arn:%:ec2:%:%:security-group/%", true)]
    #[case("sg-1", "arn:%:ec2:%:%:security-group/%", false)]
    #[case("arn:aws:ec2:eu-west-1:111122223333:instance/i-1", "arn:%:ec2:%:%:security-group/%", false)]
    #[case("arn:aws:ec2:eu-west-1:111122223333:security-group/sg-1/x", "arn:%:ec2:%:%:security-group/%", false)]
    #[case("arn:aws:ec2:eu-west-1:111122223333:security-group/${*}", "arn:%:ec2:%:%:security-group/%", true)]
    #[case("*:user/ci/*", "arn:%:iam::%:user/%/access-key/%", true)]
    #[case("*:user/ci", "arn:%:iam::%:user/%/access-key/%", false)]
    #[case("", "*", true)]
    #[case("a?", "a", false)]
    fn a_pattern_meets_a_shape(#[case] pattern: &str, #[case] shape: &str, #[case] expected: bool) {
        assert_eq!(meets(pattern, shape), expected);
    }

    #[rstest]
    #[case("arn:aws:iam::111122223333:user/ben/*", "access-key-not-allowed", Some("111122223333"), true)]
    #[case("arn:aws:iam::111122223333:user/ben/*", "access-key-not-allowed", Some("444455556666"), false)]
    #[case::snapshots_name_no_account(
        "arn:aws:ec2:eu-west-1::snapshot/snap-1",
        "snapshot-public",
        Some("111122223333"),
        true
    )]
    fn an_account_is_part_of_most_ids(
        #[case] pattern: &str,
        #[case] guardrail: &str,
        #[case] account: Option<&str>,
        #[case] expected: bool,
    ) {
        assert_eq!(could_be_about(pattern, guardrail, account), expected);
    }

    #[test]
    fn every_guardrail_says_what_its_ids_look_like() {
        let unsaid: Vec<&&str> = Guardrails::NAMES.iter().filter(|name| resource_ids(name) == ["arn:*"]).collect();
        assert!(unsaid.is_empty(), "{unsaid:?}");
    }
}
