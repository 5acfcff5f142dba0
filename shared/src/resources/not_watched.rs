//! The calls that could be taken for a way to what a guardrail forbids, or out of what it closed, and that it does not look at: each
//! with the reason. The catalogue page shows them beside the calls that it does look at.

/// A call, or several, and why they are left out.
pub type LeftOut = (&'static str, &'static str);

const GROUPS: &[LeftOut] = &[
    ("CreateSecurityGroup", "a new group lets nothing in"),
    (
        "CreateManagedPrefixList",
        "no rule names a list that was made just now; the rule that does is judged with its entries",
    ),
    ("ModifyNetworkInterfaceAttribute, RunInstances", "they use a group, whose rules are judged when they are made"),
    ("a list that another account shares", "its changes are recorded there alone: the sweep sees them"),
];

const VERSIONS: &[LeftOut] = &[
    ("DeletePolicyVersion", "the default version cannot be deleted, and any other grants nothing"),
    ("DeletePolicy", "a policy that somebody holds cannot be deleted"),
];

const HELD: &[LeftOut] = &[
    ("CreateUser, CreateRole, CreateGroup", "a new principal holds nothing"),
    (
        "AddRoleToInstanceProfile, PassRole",
        "they hand on what a role holds, which is judged when it is given to the role",
    ),
    (
        "AttachManagedPolicyToPermissionSet",
        "Identity Center writes it into roles under `/aws-reserved/`, which nobody else can change",
    ),
    ("DeleteGroup", "a group with members or policies cannot be deleted"),
    (
        "DetachGroupPolicy, DeleteGroupPolicy of a group that denies",
        "what is left of the group is judged; what its members hold by themselves is the sweep's",
    ),
];

const SHARED: &[LeftOut] = &[
    ("CopySnapshot, CopyImage, CreateImage", "a copy is shared with nobody, whatever its source is"),
    ("ResetSnapshotAttribute, ResetImageAttribute", "they only take shares away"),
    (
        "RestoreSnapshotFromRecycleBin, RestoreImageFromRecycleBin",
        "what comes back is what was judged before: the sweep sees it",
    ),
];

const NEVER_PROTECTED: LeftOut = ("calls that make one", "what never was protected has not lost its protection");

/// What a guardrail does not look at; empty where every call that could matter is among its triggers. None for a name that is no
/// guardrail's.
#[must_use]
pub fn left_out(guardrail: &str) -> Option<&'static [LeftOut]> {
    Some(match guardrail {
        "security-group-all-traffic-open" | "security-group-admin-port-open" | "security-group-near-world-open" => {
            GROUPS
        }
        "security-group-default-has-rules" => {
            &[("CreateDefaultSecurityGroup", "there is no such call: only a VPC makes one")]
        }
        "root-access-key-created" | "access-key-not-allowed" => &[
            (
                "UploadSSHPublicKey, UploadSigningCertificate, CreateServiceSpecificCredential",
                "credentials of other kinds, which sign no call of the AWS API in general",
            ),
            ("DeleteAccessKey", "it only takes one away"),
        ],
        "instance-metadata-v1-allowed" => &[
            (
                "CreateAutoScalingGroup, CreateFleet, RunScheduledInstances",
                "what they launch is recorded as RunInstances",
            ),
            ("StartInstances, ModifyInstanceAttribute", "they leave the metadata options as they are"),
            (
                "CreateLaunchTemplate, CreateLaunchTemplateVersion",
                "a template is no instance: what is launched from it is judged",
            ),
        ],
        "ebs-default-key-changed" => &[(
            "DisableKey, ScheduleKeyDeletion",
            "about the key, not about the default: no guardrail here has KMS for its subject",
        )],
        "ebs-encryption-default-off" | "serial-console-access-enabled" | "instance-metadata-defaults-weak" => &[],
        "snapshot-public" | "snapshot-shared-with-untrusted" | "image-public" | "image-shared-with-untrusted" => SHARED,
        "snapshot-block-public-access-off" | "image-block-public-access-off" => &[(
            "EnablePolicyType, AttachPolicy",
            "a declarative policy of the organisation owns the setting then: nobody here can change it",
        )],
        "network-acl-admin-port-open" => &[
            (
                "CreateVpc, CreateSubnet",
                "the default ACL of a VPC, which a new subnet gets, allows everything by AWS's design",
            ),
            ("CreateNetworkAcl", "a new ACL denies everything"),
            ("DeleteNetworkAcl", "an ACL that a subnet uses cannot be deleted"),
        ],
        "flow-log-deleted" => &[
            (
                "DeleteLogGroup, DeleteBucket, DeleteRole",
                "the flow log stands and cannot deliver: about the destination, not about it",
            ),
            ("DeleteVpc, DeleteSubnet, DeleteNetworkInterface", "what was recorded is gone with its flow log"),
        ],
        "subnet-assigns-public-address" => &[
            ("CreateSubnet", "the call cannot set it: a new subnet gives out no public address"),
            ("RunInstances, AssociateAddress", "about one instance, not about the subnet"),
        ],
        "transit-gateway-accepts-by-itself" => &[(
            "AcceptTransitGatewayVpcAttachment",
            "somebody of the account decides, which is what the setting is for",
        )],
        "root-console-sign-in" => {
            &[("PasswordRecoveryRequested", "nobody has signed in: the sign-in that follows is judged")]
        }
        "console-sign-in-without-mfa" => {
            &[("GetFederationToken, GetSigninToken", "sign-ins of federated users always say that no MFA was used")]
        }
        "root-api-call" => &[("CheckMfa, ConsoleLogin", "parts of a sign-in, which is judged by itself")],
        "role-trust-open" => &[
            ("UpdateRole", "it changes the description and how long sessions last, not who opens them"),
            ("CreateServiceLinkedRole", "AWS writes the trust of such a role, and nobody can change it"),
            (
                "CreateTrustAnchor, CreateProfile",
                "IAM Roles Anywhere: the role's trust policy has to let it in, and is judged",
            ),
        ],
        "permissions-boundary-changed" => &[
            (
                "CreatePolicyVersion, SetDefaultPolicyVersion",
                "what a boundary's document says from now on is judged by the guardrails on managed policies",
            ),
            ("UpdateGroup", "groups have no boundary"),
        ],
        "identity-provider-not-allowed" => &[
            ("RemoveClientIDFromOpenIDConnectProvider", "it only takes an audience away"),
            ("DeleteSAMLProvider, DeleteOpenIDConnectProvider", "they only take a way in away"),
        ],
        "db-snapshot-public" | "db-snapshot-shared-with-untrusted" => &[
            ("CopyDBSnapshot, CopyDBClusterSnapshot", "a copy is shared with nobody, whatever its source is"),
            (
                "StartExportTask",
                "an export goes to a bucket of the caller's choice: about the bucket, not about a share",
            ),
        ],
        "db-instance-publicly-accessible" => &[
            (
                "CreateDBCluster, RestoreDBClusterFromS3 of Aurora",
                "a cluster of Aurora is not public: its members are, one by one",
            ),
            ("ModifyDBSubnetGroup", "the address of an instance that stands does not change by it"),
        ],
        "db-instance-deletion-protection-off"
        | "db-cluster-deletion-protection-off"
        | "dynamodb-table-deletion-protection-off"
        | "load-balancer-deletion-protection-off" => &[NEVER_PROTECTED],
        "quarantined-user-has-active-keys" => &[
            (
                "CreateAccessKey",
                "AWS's quarantine denies it to the user; a key that somebody else makes is the guardrail on keys'",
            ),
            (
                "DetachUserPolicy",
                "whoever has replaced the key takes the quarantine off, as AWS asks: what the user holds then is judged by the \
                guardrails on policies",
            ),
        ],
        "console-password-set-by-another" => &[
            ("ChangePassword", "a user's own password, by the user"),
            ("DeleteLoginProfile", "without a password nobody signs in with it"),
        ],
        "console-user-without-mfa" => &[
            (
                "CreateLoginProfile",
                "a new user enrols a device on signing in first: policy decides what may be done before",
            ),
            ("DeleteLoginProfile", "without a password nobody signs in with it"),
        ],
        "password-policy-weak" => &[],
        "session-cut-expired" => {
            &[("DeleteUserPolicy, DeleteRolePolicy", "a cut that is gone is not left lying about")]
        }
        "attached-policy-grants-admin"
        | "attached-policy-grants-escalation"
        | "inline-policy-grants-admin"
        | "inline-policy-grants-escalation" => HELD,
        "managed-policy-grants-admin" | "managed-policy-grants-escalation" => VERSIONS,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::catalogue;

    #[test]
    fn every_guardrail_says_what_it_leaves_out_and_looks_at_none_of_it() {
        for entry in catalogue() {
            let name = entry.about.name;
            let left_out = left_out(name).unwrap_or_else(|| panic!("`{name}` has no entry"));
            for (calls, why) in left_out {
                assert!(why.len() > 15, "{name}: {calls} has no reason");
                let is_watched = |call: &str| entry.about.triggers.contains(&call);
                // A call that is looked at in part says of which part it is not.
                assert!(calls.contains(" of ") || !calls.split(", ").any(is_watched), "{name} looks at {calls}");
            }
        }
        assert_eq!(super::left_out("no-such-guardrail"), None);
    }
}
