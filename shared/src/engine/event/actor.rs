//! Who called: the record's `userIdentity`, in one strict form.
//!
//! Source: "CloudTrail userIdentity element" in the CloudTrail user guide. Real records leave out any of its parts:
//! root has no user name, a plain IAM user may carry an empty `sessionIssuer`, services carry `invokedBy` alone.

use crate::engine::arn::arn_part;
use serde::Serialize;
use serde_json::Value;

/// What kind of principal called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorKind {
    /// The account's root user.
    Root,
    /// An IAM user with long-term credentials.
    IamUser,
    /// A session of an IAM role.
    RoleSession,
    /// A federated session (`GetFederationToken`, SAML, web identity).
    Federated,
    /// Another account.
    Account,
    /// An AWS service on its own behalf.
    AwsService,
    /// A kind that this version does not know.
    Unknown,
}

/// The caller of a recorded call. Every field but the kind may be missing in a real record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Actor {
    /// What kind of principal.
    pub kind: ActorKind,
    /// `arn`; for a role session the session's.
    pub arn: Option<String>,
    /// The account that the principal belongs to.
    pub account: Option<String>,
    /// `userName` of a user, or the session name of a role session.
    pub name: Option<String>,
    /// The ARN of the role behind a session.
    pub role: Option<String>,
    /// `accessKeyId` that signed the call.
    pub access_key_id: Option<String>,
    /// Whether the session was opened with MFA, where the record says.
    pub mfa: Option<bool>,
    /// The service that made the call for the principal, such as `cloudformation.amazonaws.com`.
    pub invoked_by: Option<String>,
    /// The infrastructure-as-code tool that the call came through, where it shows.
    pub tool: Option<&'static str>,
}

impl Actor {
    /// Reads `userIdentity`; what is missing or odd in it becomes `None` or [`ActorKind::Unknown`], never an error:
    /// who called is shown, not decided on.
    #[must_use]
    pub fn read(identity: &Value, user_agent: Option<&str>) -> Self {
        let text = |path: &[&str]| {
            let found = path.iter().try_fold(identity, |value, key| value.get(key))?;
            found.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let arn = text(&["arn"]);
        let invoked_by = text(&["invokedBy"]);
        let kind = match text(&["type"]).as_deref() {
            Some("Root") => ActorKind::Root,
            Some("IAMUser") => ActorKind::IamUser,
            Some("AssumedRole" | "Role") => ActorKind::RoleSession,
            Some("FederatedUser" | "SAMLUser" | "WebIdentityUser" | "IdentityCenterUser") => ActorKind::Federated,
            Some("AWSAccount") => ActorKind::Account,
            Some("AWSService") => ActorKind::AwsService,
            _ => ActorKind::Unknown,
        };
        let session_name = || arn.as_deref()?.rsplit_once('/').map(|(_, name)| name.to_owned());
        Self {
            name: text(&["userName"]).or_else(|| (kind == ActorKind::RoleSession).then(session_name).flatten()),
            account: text(&["accountId"]),
            role: text(&["sessionContext", "sessionIssuer", "arn"]),
            access_key_id: text(&["accessKeyId"]),
            mfa: text(&["sessionContext", "attributes", "mfaAuthenticated"]).map(|mfa| mfa == "true"),
            tool: tool(invoked_by.as_deref(), user_agent),
            kind,
            arn,
            invoked_by,
        }
    }

    /// True when the call came through CloudFormation: `invokedBy` is set by AWS, the user agent is not asked.
    #[must_use]
    pub fn is_cloudformation(&self) -> bool {
        self.invoked_by.as_deref() == Some(CLOUDFORMATION)
    }

    /// The principal whose permissions these are, whatever its sessions call themselves: the role or user behind a session,
    /// else the ARN without the session's name, else the service or the account. Equal for all sessions of one role, so that
    /// no caller becomes another principal by a session name of its choice.
    #[must_use]
    pub fn principal(&self) -> String {
        let of_session = |arn: &String| without_session(arn).trim_end_matches('/').to_owned();
        let known = self.role.clone().or_else(|| self.arn.as_ref().map(of_session));
        known.or_else(|| self.invoked_by.clone()).or_else(|| self.account.clone()).unwrap_or_else(|| self.label())
    }

    /// The ARNs by which policy may name the caller: of a session its role's, in IAM's form and, ending before the session's
    /// name, in that of STS. The name itself is the caller's choice and decides nothing.
    #[must_use]
    pub fn principals(&self) -> Vec<String> {
        let arn = self.arn.as_deref().map(without_session).map(str::to_owned);
        arn.into_iter().chain(self.role.clone()).collect()
    }

    /// True when AWS itself called, and no customer through one of its services: a service on its own behalf, the role of a
    /// service that only the service can assume (IAM reserves the path), or AWS's unnamed internals. `invokedBy` alone does not
    /// show it: `CloudFormation`, Step Functions and others set it while they do what a customer asks of them.
    #[must_use]
    pub fn is_aws(&self) -> bool {
        let is_linked = |role: &str| arn_part(role, 5).is_some_and(|name| name.starts_with("role/aws-service-role/"));
        self.kind == ActorKind::AwsService
            || self.role.as_deref().is_some_and(is_linked)
            || self.invoked_by.as_deref().is_some_and(|service| INTERNAL.contains(&service))
    }

    /// The principal in one word for a person: ARN, else name, else kind.
    #[must_use]
    pub fn label(&self) -> String {
        let known = self.arn.clone().or_else(|| self.invoked_by.clone()).or_else(|| self.name.clone());
        known.unwrap_or_else(|| match self.kind {
            ActorKind::Root => "the root user".to_owned(),
            ActorKind::AwsService => "an AWS service".to_owned(),
            ActorKind::Account => self.account.clone().unwrap_or_else(|| "another account".to_owned()),
            ActorKind::IamUser | ActorKind::RoleSession | ActorKind::Federated | ActorKind::Unknown => {
                "an unnamed principal".to_owned()
            }
        })
    }
}

const CLOUDFORMATION: &str = "cloudformation.amazonaws.com";

/// What CloudTrail writes into `invokedBy` where AWS acts and no service on a customer's request: its internals, and IAM.
const INTERNAL: &[&str] = &["AWS Internal", "iam.amazonaws.com"];

/// The ARN of a session without the name that its caller chose; any other ARN as it is. Neither a role's name nor a session's
/// can hold a slash ("Parameters" of `AssumeRole`, STS API reference).
#[must_use]
pub fn without_session(arn: &str) -> &str {
    let end = match (arn.find(ASSUMED), arn.find(FEDERATED)) {
        (Some(at), _) => {
            let role = at + ASSUMED.len();
            arn.get(role..).and_then(|rest| rest.find('/')).map(|slash| role + slash + 1)
        }
        (None, Some(at)) => Some(at + FEDERATED.len()),
        (None, None) => None,
    };
    end.and_then(|end| arn.get(..end)).unwrap_or(arn)
}

const ASSUMED: &str = ":assumed-role/";
/// `GetFederationToken`: the caller names the user that it makes up.
const FEDERATED: &str = ":federated-user/";

/// The caller chooses its user agent: good enough to name a likely pipeline to a person, never to decide on.
fn tool(invoked_by: Option<&str>, user_agent: Option<&str>) -> Option<&'static str> {
    if invoked_by == Some(CLOUDFORMATION) || user_agent == Some(CLOUDFORMATION) {
        return Some("CloudFormation");
    }
    let known = [("terraform", "Terraform"), ("opentofu", "OpenTofu"), ("pulumi", "Pulumi"), ("ansible", "Ansible")];
    let agent = user_agent?.to_ascii_lowercase();
    known.into_iter().find(|(mark, _)| agent.contains(mark)).map(|(_, tool)| tool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case::a_user(json!({"type": "IAMUser", "arn": "arn:aws:iam::1:user/ben", "userName": "ben"}), "arn:aws:iam::1:user/ben")]
    #[case::the_role_behind_a_session(
        json!({"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/ci/run-7",
               "sessionContext": {"sessionIssuer": {"arn": "arn:aws:iam::1:role/team/ci"}}}),
        "arn:aws:iam::1:role/team/ci"
    )]
    #[case::a_session_without_its_issuer(
        json!({"type": "AssumedRole", "arn": "arn:aws:sts::1:assumed-role/ci/run-8"}),
        "arn:aws:sts::1:assumed-role/ci"
    )]
    #[case::a_federated_session(
        json!({"type": "FederatedUser", "arn": "arn:aws:sts::1:federated-user/any"}),
        "arn:aws:sts::1:federated-user"
    )]
    #[case::a_service(json!({"type": "AWSService", "invokedBy": "autoscaling.amazonaws.com"}), "autoscaling.amazonaws.com")]
    #[case::nothing_but_an_account(json!({"type": "AWSAccount", "accountId": "1"}), "1")]
    #[case::nothing_at_all(json!({}), "an unnamed principal")]
    fn a_session_name_is_no_part_of_the_principal(#[case] identity: Value, #[case] expected: &str) {
        assert_eq!(Actor::read(&identity, None).principal(), expected);
    }

    #[rstest]
    #[case("arn:aws:sts::111122223333:assumed-role/ci/deploy", "arn:aws:sts::111122223333:assumed-role/ci/")]
    #[case("arn:aws:sts::111122223333:federated-user/admin", "arn:aws:sts::111122223333:federated-user/")]
    #[case("arn:aws:iam::111122223333:user/ops/ben", "arn:aws:iam::111122223333:user/ops/ben")]
    #[case("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root")]
    fn what_the_caller_chose_is_no_part_of_who_it_is(#[case] arn: &str, #[case] expected: &str) {
        assert_eq!(without_session(arn), expected);
    }

    const LINKED: &str =
        "arn:aws:iam::111122223333:role/aws-service-role/support.amazonaws.com/AWSServiceRoleForSupport";

    #[rstest]
    #[case::a_service(json!({"type": "AWSService", "invokedBy": "health.amazonaws.com"}), true)]
    #[case::its_linked_role(json!({"type": "AssumedRole", "sessionContext": {"sessionIssuer": {"arn": LINKED}}}), true)]
    #[case::internals(json!({"type": "IAMUser", "userName": "ben", "invokedBy": "AWS Internal"}), true)]
    #[case::a_stack_that_a_user_made(
        json!({"type": "IAMUser", "userName": "eve", "invokedBy": "cloudformation.amazonaws.com"}),
        false
    )]
    #[case::a_state_machine(json!({"type": "AssumedRole", "invokedBy": "states.amazonaws.com"}), false)]
    #[case::a_user(json!({"type": "IAMUser", "userName": "eve"}), false)]
    #[case::a_role_named_like_aws_s(
        json!({"type": "AssumedRole", "sessionContext": {"sessionIssuer":
            {"arn": "arn:aws:iam::111122223333:role/AWSServiceRoleForSupport"}}}),
        false
    )]
    fn aws_itself_is_known_by_what_aws_sets(#[case] identity: Value, #[case] expected: bool) {
        // The user agent is anybody's choice.
        assert_eq!(Actor::read(&identity, Some("AWS Internal")).is_aws(), expected);
    }
}
