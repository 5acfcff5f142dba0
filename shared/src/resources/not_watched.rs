//! The calls that look as if they could violate a guardrail, or undo its remediation, and that it does not evaluate, each
//! with the reason. The catalogue page shows them next to the calls that it does evaluate.

/// A call, or several, and why they are left out.
pub type LeftOut = (&'static str, &'static str);

const GROUPS: &[LeftOut] = &[
    ("CreateSecurityGroup", "a new group allows no ingress"),
    ("CreateManagedPrefixList", "no rule references a new list; a later rule is evaluated with the list's entries"),
    (
        "ModifyNetworkInterfaceAttribute, RunInstances",
        "they use a group, whose rules are evaluated when they are created",
    ),
    ("a list that another account shares", "its changes are recorded only in that account: the sweep finds them"),
];

const VERSIONS: &[LeftOut] = &[
    ("DeletePolicyVersion", "the default version cannot be deleted, and any other grants nothing"),
    ("DeletePolicy", "a policy that is attached cannot be deleted"),
];

const HELD: &[LeftOut] = &[
    ("CreateUser, CreateRole, CreateGroup", "a new principal holds nothing"),
    (
        "AddRoleToInstanceProfile, PassRole",
        "they pass on the permissions of a role, which are evaluated when the role gets them",
    ),
    (
        "AttachManagedPolicyToPermissionSet",
        "Identity Center writes it into roles under `/aws-reserved/`, which no other principal can change",
    ),
    ("DeleteGroup", "a group with members or policies cannot be deleted"),
    (
        "DetachGroupPolicy, DeleteGroupPolicy of a group that denies",
        "the rest of the group is evaluated; the sweep evaluates its members' own policies",
    ),
];

const SHARED: &[LeftOut] = &[
    ("CopySnapshot, CopyImage, CreateImage", "a copy is not shared, even if its source is"),
    ("ResetSnapshotAttribute, ResetImageAttribute", "they only remove shares"),
    (
        "RestoreSnapshotFromRecycleBin, RestoreImageFromRecycleBin",
        "a restored resource was evaluated before: the sweep finds it",
    ),
];

const NEVER_PROTECTED: LeftOut = ("calls that make one", "a new resource has no protection to lose");

/// The calls that a guardrail does not evaluate; empty where every call that could matter is among its triggers. None for a
/// name that is no guardrail's.
#[must_use]
pub fn left_out(guardrail: &str) -> Option<&'static [LeftOut]> {
    Some(match guardrail {
        "security-group-all-traffic-open" | "security-group-admin-port-open" | "security-group-near-world-open" => {
            GROUPS
        }
        "security-group-default-has-rules" => {
            &[("CreateDefaultSecurityGroup", "there is no such call: a default group is created with its VPC")]
        }
        "root-access-key-created" | "access-key-not-allowed" => &[
            (
                "UploadSSHPublicKey, UploadSigningCertificate, CreateServiceSpecificCredential",
                "other kinds of credentials, which do not sign AWS API calls in general",
            ),
            ("DeleteAccessKey", "it only removes one"),
        ],
        "instance-metadata-v1-allowed" => &[
            (
                "CreateAutoScalingGroup, CreateFleet, RunScheduledInstances",
                "what they launch is recorded as RunInstances",
            ),
            ("StartInstances, ModifyInstanceAttribute", "they leave the metadata options as they are"),
            (
                "CreateLaunchTemplate, CreateLaunchTemplateVersion",
                "a template is not an instance: instances launched from it are evaluated",
            ),
        ],
        "ebs-default-key-changed" => {
            &[("DisableKey, ScheduleKeyDeletion", "they change the key, not the default: no guardrail here covers KMS")]
        }
        "ebs-encryption-default-off" | "serial-console-access-enabled" | "instance-metadata-defaults-weak" => &[],
        "snapshot-public" | "snapshot-shared-with-untrusted" | "image-public" | "image-shared-with-untrusted" => SHARED,
        "snapshot-block-public-access-off" | "image-block-public-access-off" => &[(
            "EnablePolicyType, AttachPolicy",
            "the organisation's declarative policy then owns the setting: it cannot be changed in the account",
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
                "the flow log exists but cannot deliver: they change the destination, not the flow log",
            ),
            (
                "DeleteVpc, DeleteSubnet, DeleteNetworkInterface",
                "the recorded network is deleted together with its flow log",
            ),
        ],
        "subnet-assigns-public-address" => &[
            ("CreateSubnet", "the call cannot set it: a new subnet does not assign public addresses"),
            ("RunInstances, AssociateAddress", "they concern one instance, not the subnet"),
        ],
        "transit-gateway-accepts-by-itself" => {
            &[("AcceptTransitGatewayVpcAttachment", "a principal of the account decides, as the setting intends")]
        }
        "root-console-sign-in" => {
            &[("PasswordRecoveryRequested", "no one has signed in yet: the sign-in that follows is evaluated")]
        }
        "console-sign-in-without-mfa" => {
            &[("GetFederationToken, GetSigninToken", "sign-ins of federated users always record that no MFA was used")]
        }
        "root-api-call" => &[("CheckMfa, ConsoleLogin", "parts of a sign-in, which is evaluated separately")],
        "role-trust-open" => &[
            ("UpdateRole", "it changes the description and the session duration, not who may assume the role"),
            ("CreateServiceLinkedRole", "AWS writes the trust policy of such a role, and it cannot be changed"),
            (
                "CreateTrustAnchor, CreateProfile",
                "IAM Roles Anywhere: the role's trust policy must allow it, and is evaluated",
            ),
        ],
        "permissions-boundary-changed" => &[
            (
                "CreatePolicyVersion, SetDefaultPolicyVersion",
                "new versions of a boundary's document are evaluated by the guardrails on managed policies",
            ),
            ("UpdateGroup", "groups have no boundary"),
        ],
        "identity-provider-not-allowed" => &[
            ("RemoveClientIDFromOpenIDConnectProvider", "it only removes an audience"),
            ("DeleteSAMLProvider, DeleteOpenIDConnectProvider", "they only remove access"),
        ],
        "db-snapshot-public" | "db-snapshot-shared-with-untrusted" => &[
            ("CopyDBSnapshot, CopyDBClusterSnapshot", "a copy is not shared, even if its source is"),
            (
                "StartExportTask",
                "an export goes to a bucket of the caller's choice: it concerns the bucket, not a share",
            ),
        ],
        "db-instance-publicly-accessible" => &[
            (
                "CreateDBCluster, RestoreDBClusterFromS3 of Aurora",
                "an Aurora cluster cannot be public: its members can, individually",
            ),
            ("ModifyDBSubnetGroup", "the address of an existing instance does not change"),
        ],
        "db-instance-deletion-protection-off"
        | "db-cluster-deletion-protection-off"
        | "dynamodb-table-deletion-protection-off"
        | "load-balancer-deletion-protection-off" => &[NEVER_PROTECTED],
        "quarantined-user-has-active-keys" => &[
            (
                "CreateAccessKey",
                "AWS's quarantine denies it to the user; a key created by another principal belongs to the \
                     guardrail on keys",
            ),
            (
                "DetachUserPolicy",
                "AWS asks to detach the quarantine once the key is replaced: the user's remaining policies are \
                evaluated by the guardrails on policies",
            ),
        ],
        "console-password-set-by-another" => &[
            ("ChangePassword", "a user's own password, by the user"),
            ("DeleteLoginProfile", "it only removes a way to sign in"),
        ],
        "console-user-without-mfa" => &[
            (
                "CreateLoginProfile",
                "a new user enrols a device at the first sign-in: IAM policy decides what is allowed before",
            ),
            ("DeleteLoginProfile", "it only removes a way to sign in"),
        ],
        "password-policy-weak" => &[],
        "session-cut-expired" => &[("DeleteUserPolicy, DeleteRolePolicy", "a deleted cut leaves nothing behind")],
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
