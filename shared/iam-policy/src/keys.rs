//! What condition keys say about the caller.
//!
//! What must hold: a key that is not known to say who calls says nothing. The keys that close a policy are those of
//! "The meaning of public" and those that Access Analyzer adds:
//! <https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html>,
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-filter-keys.html>; what each of them
//! means: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html>.

/// What a key says about the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Account,
    Organization,
    OrganizationPath,
    Arn,
    Vpc,
    Endpoint,
    Address,
    UserId,
    Token,
    Nothing(&'static str),
}

impl Key {
    /// The name is in lower case.
    pub(crate) fn of(name: &str) -> Self {
        match name {
            "aws:principalaccount"
            | "aws:sourceaccount"
            | "aws:sourceowner"
            | "kms:calleraccount"
            | "s3:dataaccesspointaccount"
            | "aws:vpceaccount" => Self::Account,
            "aws:principalorgid" | "aws:sourceorgid" | "aws:vpceorgid" => Self::Organization,
            "aws:principalorgpaths" | "aws:sourceorgpaths" | "aws:vpceorgpaths" => Self::OrganizationPath,
            "aws:principalarn"
            | "aws:sourcearn"
            | "s3:dataaccesspointarn"
            | "elasticfilesystem:accesspointarn"
            | "s3:x-amz-server-side-encryption-aws-kms-key-id" => Self::Arn,
            "aws:sourcevpc" => Self::Vpc,
            "aws:sourcevpce" => Self::Endpoint,
            "aws:sourceip" => Self::Address,
            "aws:userid" => Self::UserId,
            "lambda:eventsourcetoken" => Self::Token,
            "aws:resourceaccount" | "aws:resourceorgid" | "aws:resourceorgpaths" | "s3:resourceaccount" => {
                Self::Nothing("names the owner of the resource, not the caller")
            }
            "aws:calledvia" | "aws:calledviafirst" | "aws:calledvialast" | "aws:viaawsservice" | "kms:viaservice" => {
                Self::Nothing("names services in between, which any account can call through")
            }
            "aws:vpcsourceip" => Self::Nothing("private addresses repeat in every VPC"),
            "sts:externalid" => Self::Nothing("is a word that the caller chooses, not who the caller is"),
            "lambda:functionurlauthtype" => Self::Nothing("says how a URL is called, not by whom"),
            _ if name.starts_with("aws:principaltag/") || name == "aws:username" || name == "aws:principaltype" => {
                Self::Nothing("is chosen by the caller's own account")
            }
            _ => Self::Nothing("says nothing about who calls, as far as is known"),
        }
    }
}

/// Keys that say on whose behalf a service calls.
pub(crate) fn is_source(key: &str) -> bool {
    matches!(key, "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceowner" | "aws:sourceorgid" | "aws:sourceorgpaths")
}
