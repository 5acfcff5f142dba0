//! What the calls about associations need: of AWS WAF, and of the service whose resource it is ("Permissions for AssociateWebACL" and the like, AWS WAF developer
//! guide; the dependent actions in the service authorization reference).

use crate::engine::permission::Permission;
use crate::resources::wafv2::{ACLS, LIST_ACLS};

const AMPLIFY: &[&str] = &["amplify:${Region}:${Account}:apps/*"];
const APP_RUNNER: &[&str] = &["apprunner:${Region}:${Account}:service/*/*"];
/// A service of App Runner, and the web ACL.
const APP_RUNNER_AND_ACL: &[&str] =
    &["apprunner:${Region}:${Account}:service/*/*", "wafv2:${Region}:${Account}:*/webacl/*/*"];
const APP_SYNC: &[&str] = &["appsync:${Region}:${Account}:apis/*"];
const USER_POOLS: &[&str] = &["cognito-idp:${Region}:${Account}:userpool/*"];
/// A user pool, and the web ACL.
const USER_POOLS_AND_ACL: &[&str] =
    &["cognito-idp:${Region}:${Account}:userpool/*", "wafv2:${Region}:${Account}:*/webacl/*/*"];
const BALANCERS: &[&str] = &["elasticloadbalancing:${Region}:${Account}:loadbalancer/app/*/*"];
const VERIFIED_ACCESS: &[&str] = &["ec2:${Region}:${Account}:verified-access-instance/*"];
/// The web ACL, and what it protects.
const ALL: &[&str] = &[
    "amplify:${Region}:${Account}:apps/*",
    "apigateway:${Region}::/restapis/*/stages/*",
    "apprunner:${Region}:${Account}:service/*/*",
    "appsync:${Region}:${Account}:apis/*",
    "cognito-idp:${Region}:${Account}:userpool/*",
    "ec2:${Region}:${Account}:verified-access-instance/*",
    "elasticloadbalancing:${Region}:${Account}:loadbalancer/app/*/*",
    "wafv2:${Region}:${Account}:*/webacl/*/*",
];
/// What it protects.
const PROTECTED: &[&str] = &[
    "amplify:${Region}:${Account}:apps/*",
    "apigateway:${Region}::/restapis/*/stages/*",
    "apprunner:${Region}:${Account}:service/*/*",
    "appsync:${Region}:${Account}:apis/*",
    "cognito-idp:${Region}:${Account}:userpool/*",
    "ec2:${Region}:${Account}:verified-access-instance/*",
    "elasticloadbalancing:${Region}:${Account}:loadbalancer/app/*/*",
];

pub(crate) const GET: Permission = Permission::on("wafv2:GetWebACLForResource", ALL);
pub(crate) const LIST: Permission = Permission::on("wafv2:ListResourcesForWebACL", LISTED);
/// Of a list, the resources of three services are none that IAM knows.
const LISTED: &[&str] = &[
    "amplify:${Region}:${Account}:apps/*",
    "apprunner:${Region}:${Account}:service/*/*",
    "cognito-idp:${Region}:${Account}:userpool/*",
    "ec2:${Region}:${Account}:verified-access-instance/*",
    "wafv2:${Region}:${Account}:*/webacl/*/*",
];
pub(crate) const ASSOCIATE: Permission = Permission::on("wafv2:AssociateWebACL", ALL);
pub(crate) const DISASSOCIATE: Permission = Permission::on("wafv2:DisassociateWebACL", PROTECTED);

/// What [`GET`] needs.
pub(crate) const READS: &[Permission] = &[
    GET,
    Permission::on("wafv2:GetWebACL", ACLS),
    Permission::on("amplify:GetWebACLForResource", AMPLIFY),
    Permission::on("apprunner:DescribeWebAclForService", APP_RUNNER),
    Permission::on("appsync:GetWebACLForResource", APP_SYNC),
    Permission::on("cognito-idp:GetWebACLForResource", USER_POOLS),
    Permission::on("ec2:GetVerifiedAccessInstanceWebAcl", VERIFIED_ACCESS),
    Permission::on("elasticloadbalancing:GetLoadBalancerWebACL", BALANCERS),
];

/// What [`LIST`] needs.
pub(crate) const LISTS: &[Permission] = &[
    LIST_ACLS,
    LIST,
    Permission::read("amplify:ListResourcesForWebACL"),
    Permission::on("apprunner:ListAssociatedServicesForWebAcl", ACLS),
    Permission::read("appsync:ListResourcesForWebACL"),
    Permission::on("cognito-idp:ListResourcesForWebACL", ACLS),
    Permission::read("ec2:DescribeVerifiedAccessInstanceWebAclAssociations"),
    Permission::read("elasticloadbalancing:DescribeWebACLAssociation"),
];

/// These, and what [`ASSOCIATE`] needs.
macro_rules! with_associate {
    ($($other:expr,)*) => {
        &[
            $($other,)*
            ASSOCIATE,
            Permission::on("amplify:AssociateWebACL", AMPLIFY),
            Permission::on("apigateway:SetWebACL", &["apigateway:${Region}::/restapis/*/stages/*"]),
            Permission::on("apprunner:AssociateWebAcl", APP_RUNNER_AND_ACL),
            Permission::on("appsync:AssociateWebACL", APP_SYNC),
            Permission::setting("appsync:SetWebACL"),
            Permission::on("cognito-idp:AssociateWebACL", USER_POOLS_AND_ACL),
            Permission::on("ec2:AssociateVerifiedAccessInstanceWebAcl", VERIFIED_ACCESS),
            Permission::on("elasticloadbalancing:CreateWebACLAssociation", BALANCERS),
            Permission::setting("elasticloadbalancing:SetWebAcl"),
        ]
    };
}

/// What [`ASSOCIATE`] needs.
pub(crate) const ACTIONS: &[Permission] = with_associate![];

/// What undoing needs: [`DISASSOCIATE`], or [`ASSOCIATE`] where another web ACL was replaced.
pub(crate) const UNDOES: &[Permission] = with_associate![
    DISASSOCIATE,
    Permission::on("amplify:DisassociateWebACL", AMPLIFY),
    Permission::on("apprunner:DisassociateWebAcl", APP_RUNNER),
    Permission::on("appsync:DisassociateWebACL", APP_SYNC),
    Permission::on("cognito-idp:DisassociateWebACL", USER_POOLS),
    Permission::on("ec2:DisassociateVerifiedAccessInstanceWebAcl", VERIFIED_ACCESS),
    Permission::on("elasticloadbalancing:DeleteWebACLAssociation", BALANCERS),
];
