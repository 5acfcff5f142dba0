//! Who can reach it: situations, each with the answer that AWS documentation gives.
//!
//! The owner is 111122223333, and trusts the organisation `o-aaaaaaaaaa`.

use iam_policy::{Access, Context, Document, reach};
use serde_json::json;

const OWNER: &str = "111122223333";

fn trusting(context: Context) -> Context {
    Context { organizations: vec!["o-aaaaaaaaaa".to_owned()], ..context }
}

const SITUATIONS: &[(&str, &str, &str, Access)] = &[
    (
        "a wildcard in a list beside the owner",
        "resource",
        r#"[{"Effect": "Allow", "Principal": {"AWS": ["arn:aws:iam::111122223333:root", "*"]}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}]"#,
        Access::Public,
    ),
    (
        "a foreign account of another partition",
        "resource",
        r#"[{"Effect": "Allow", "Principal": {"AWS": "arn:aws-cn:iam::999988887777:root"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}]"#,
        Access::External,
    ),
    (
        "a canonical user that nobody vouches for",
        "resource",
        r#"[{"Effect": "Allow", "Principal": {"CanonicalUser": "79a59df900b949e55d96a1e698fbacedfd6e09d98eacf8f8d5218e7cd47ef2be"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}]"#,
        Access::External,
    ),
    (
        "an origin access identity of CloudFront",
        "resource",
        r#"[{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E1EXAMPLE"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}]"#,
        Access::Internal,
    ),
    (
        "CloudFront for the owner's own distribution",
        "resource",
        r#"[{"Effect": "Allow", "Principal": {"Service": "cloudfront.amazonaws.com"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::111122223333:distribution/E1"}}}]"#,
        Access::Internal,
    ),
    (
        "a service that acts for a foreign topic",
        "resource",
        r#"[{"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"ArnEquals": {"aws:SourceArn": "arn:aws:sns:us-east-1:999988887777:t"}}}]"#,
        Access::External,
    ),
    (
        "a Deny of everything but another action",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}, {"Effect": "Deny", "Principal": "*", "Resource": "arn:aws:s3:::example/*", "NotAction": "s3:PutObject"}]"#,
        Access::None,
    ),
    (
        "a Deny of everything but this action",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}, {"Effect": "Deny", "Principal": "*", "Resource": "arn:aws:s3:::example/*", "NotAction": "s3:GetObject"}]"#,
        Access::Public,
    ),
    (
        "a Deny of plain transport",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::example/*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]"#,
        Access::Public,
    ),
    (
        "a Deny for one account",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}, {"Effect": "Deny", "Principal": {"AWS": "999988887777"}, "Action": "s3:*", "Resource": "arn:aws:s3:::example/*"}]"#,
        Access::Public,
    ),
    (
        "a Deny that needs two things at once",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}, "Bool": {"aws:SecureTransport": "false"}}}]"#,
        Access::Public,
    ),
    (
        "a Deny that does not hold without the key",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::example/*", "Condition": {"ForAnyValue:StringNotEquals": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}}}]"#,
        Access::Public,
    ),
    (
        "a Deny for all but a foreign office",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::example/*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]"#,
        Access::External,
    ),
    (
        "a Deny of everything",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::example/*"}]"#,
        Access::None,
    ),
    (
        "a Deny for all but a foreign organisation",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-bbbbbbbbbb"}}}]"#,
        Access::External,
    ),
    (
        "a Deny for all but the owner's roles",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::example/*", "Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/*"}}}]"#,
        Access::Internal,
    ),
    (
        "a Deny for all but a role by its unique id",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}, {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringNotLike": {"aws:userId": ["AROAEXAMPLEID123456:*", "111122223333"]}}}]"#,
        Access::External,
    ),
    (
        "the own organisation",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}}}]"#,
        Access::Internal,
    ),
    (
        "the own organisation, if there is one",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringEqualsIfExists": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}}}]"#,
        Access::Public,
    ),
    (
        "the own organisation, whatever the case",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringEqualsIgnoreCase": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}}}]"#,
        Access::Internal,
    ),
    (
        "any organisation",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"Null": {"aws:PrincipalOrgID": "false"}}}]"#,
        Access::Public,
    ),
    (
        "a part of the own organisation",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-aaaaaaaaaa/r-ab12/*"]}}}]"#,
        Access::Internal,
    ),
    (
        "every path in the own organisation, or none at all",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": ["o-aaaaaaaaaa/r-ab12/*"]}}}]"#,
        Access::Public,
    ),
    (
        "a private network",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}]"#,
        Access::Internal,
    ),
    (
        "more than a /32 of IPv6",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"IpAddress": {"aws:SourceIp": "2001:db8::/31"}}}]"#,
        Access::Public,
    ),
    (
        "a /32 of IPv6",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"IpAddress": {"aws:SourceIp": "2001:db8::/32"}}}]"#,
        Access::External,
    ),
    (
        "more than a /8 of IPv4",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"IpAddress": {"aws:SourceIp": "12.0.0.0/7"}}}]"#,
        Access::Public,
    ),
    (
        "everybody but one network",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"NotIpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}]"#,
        Access::Public,
    ),
    (
        "a network, if there is an address",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"IpAddressIfExists": {"aws:SourceIp": "203.0.113.0/24"}}}]"#,
        Access::Public,
    ),
    (
        "the organisation of the resource as a variable",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringEquals": {"aws:PrincipalOrgID": "${aws:ResourceOrgID}"}}}]"#,
        Access::Public,
    ),
    (
        "any principal of the owner",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:*"}}}]"#,
        Access::Internal,
    ),
    (
        "a principal named by a variable",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::111122223333:user/${aws:username}"}}}]"#,
        Access::Public,
    ),
    (
        "an own source and a foreign organisation",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringEquals": {"aws:SourceAccount": "111122223333", "aws:PrincipalOrgID": "o-bbbbbbbbbb"}}}]"#,
        Access::Internal,
    ),
    (
        "any session of that name",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringLike": {"aws:userid": "*:admin"}}}]"#,
        Access::Public,
    ),
    (
        "access points of the owner",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringEquals": {"s3:DataAccessPointAccount": "111122223333"}}}]"#,
        Access::Internal,
    ),
    (
        "access points of anybody",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringLike": {"s3:DataAccessPointArn": "arn:aws:s3:us-west-2:*:accesspoint/*"}}}]"#,
        Access::Public,
    ),
    (
        "a function URL that wants credentials",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "AWS_IAM"}}}]"#,
        Access::Public,
    ),
    (
        "a key used through a service by the owner",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com", "kms:CallerAccount": "111122223333"}}}]"#,
        Access::Internal,
    ),
    (
        "a key used through a service",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringEquals": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}}]"#,
        Access::Public,
    ),
    (
        "a short-lived signature",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"NumericLessThan": {"s3:signatureAge": 600000}}}]"#,
        Access::Public,
    ),
    (
        "a second factor, if there is one",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "true"}}}]"#,
        Access::Public,
    ),
    (
        "an operator that AWS does not have",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*", "Condition": {"StringFoo": {"aws:PrincipalOrgID": "o-aaaaaaaaaa"}}}]"#,
        Access::Undetermined,
    ),
    (
        "everything but one action",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Resource": "arn:aws:s3:::example/*", "NotAction": "s3:DeleteObject"}]"#,
        Access::Public,
    ),
    (
        "everything but some objects",
        "resource",
        r#"[{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "NotResource": "arn:aws:s3:::example/private/*"}]"#,
        Access::Public,
    ),
    (
        "no principal at all",
        "resource",
        r#"[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}]"#,
        Access::Undetermined,
    ),
    (
        "an effect in another spelling",
        "resource",
        r#"[{"Effect": "allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::example/*"}]"#,
        Access::Undetermined,
    ),
    ("text that is no JSON", "resource", r#"{not json"#, Access::Undetermined),
    (
        "an audience that anybody can ask for",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"token.actions.githubusercontent.com:aud": "sts.amazonaws.com"}}}]"#,
        Access::Public,
    ),
    (
        "any repository",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": "repo:*"}}}]"#,
        Access::Public,
    ),
    (
        "any repository beside an own one",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"token.actions.githubusercontent.com:sub": ["repo:my-org/a:*", "repo:*:ref:refs/heads/main"]}}}]"#,
        Access::Public,
    ),
    (
        "a shared issuer without a condition",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity"}]"#,
        Access::Public,
    ),
    (
        "any repository but those of one owner",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringNotLike": {"token.actions.githubusercontent.com:sub": "repo:evil/*"}}}]"#,
        Access::Public,
    ),
    (
        "every subject in an own repository: each token has one",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"ForAllValues:StringLike": {"token.actions.githubusercontent.com:sub": "repo:my-org/my-repo:*"}}}]"#,
        Access::Internal,
    ),
    (
        "an own SAML provider",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:saml-provider/Okta"}, "Action": "sts:AssumeRoleWithSAML", "Condition": {"StringEquals": {"SAML:aud": "https://signin.aws.amazon.com/saml"}}}]"#,
        Access::Internal,
    ),
    (
        "a foreign SAML provider",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::999988887777:saml-provider/Okta"}, "Action": "sts:AssumeRoleWithSAML"}]"#,
        Access::External,
    ),
    (
        "a service account of an own cluster",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/ABC"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"oidc.eks.us-east-1.amazonaws.com/id/ABC:sub": "system:serviceaccount:ns:sa"}}}]"#,
        Access::Internal,
    ),
    (
        "an own group of a shared forge",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/gitlab.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"gitlab.com:sub": "project_path:mygroup/*:ref_type:branch:ref:main"}}}]"#,
        Access::Internal,
    ),
    (
        "the audience of a shared forge",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/gitlab.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"gitlab.com:aud": "https://gitlab.com"}}}]"#,
        Access::Public,
    ),
    (
        "an own organisation at a shared builder",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/app.terraform.io"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {"app.terraform.io:sub": "organization:my-org:project:*:workspace:*:run_phase:*"}}}]"#,
        Access::Internal,
    ),
    (
        "the audience of a shared builder",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "arn:aws:iam::111122223333:oidc-provider/app.terraform.io"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"app.terraform.io:aud": "aws.workload.identity"}}}]"#,
        Access::Public,
    ),
    (
        "an own pool of identities",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "cognito-identity.amazonaws.com"}, "Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringEquals": {"cognito-identity.amazonaws.com:aud": "us-east-1:1234"}, "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "authenticated"}}}]"#,
        Access::External,
    ),
    (
        "a social login",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"Federated": "accounts.google.com"}, "Action": "sts:AssumeRoleWithWebIdentity"}]"#,
        Access::Public,
    ),
    (
        "a foreign account with a shared word",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::999988887777:root"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"sts:ExternalId": "x"}}}]"#,
        Access::External,
    ),
    (
        "the own account",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}]"#,
        Access::Internal,
    ),
    (
        "a tag on the session and nothing else",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:TagSession"}]"#,
        Access::None,
    ),
    (
        "every action of STS",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["sts:*"]}]"#,
        Access::Public,
    ),
    (
        "any role of that name",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/ci-*"}}}]"#,
        Access::Public,
    ),
    (
        "any principal of a foreign account",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"aws:PrincipalAccount": "999988887777"}}}]"#,
        Access::External,
    ),
    (
        "everybody beside a service",
        "trust",
        r#"[{"Effect": "Allow", "Principal": {"AWS": "*", "Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]"#,
        Access::Public,
    ),
];

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
