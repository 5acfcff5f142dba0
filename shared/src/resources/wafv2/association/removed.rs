//! LOG-14: a resource keeps the web ACL that protects it.

use super::WebAclAssociations;
use super::permissions::ACTIONS;
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::{AllowedPrincipals, are_service_linked};
use crate::resources::s3::document::{Held, Write, put};

/// See the module.
pub struct WebAclRemoved;

static ABOUT: About = About {
    name: "web-acl-removed",
    catalogue_id: "LOG-14",
    title: "The web ACL of a resource was removed or replaced",
    description: "The web ACL of a load balancer, a REST API, a GraphQL API, a user pool, a service of App Runner, an app of Amplify or an instance of Verified Access was \
        disassociated by a principal that is not among `allowed_principals`, or replaced by another web ACL than the last known good one: an empty one protects as little \
        as none. What Firewall Manager does by its service-linked role is left out. Which web ACL a resource had is known from the sweep, and from associations that were seen.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["ELB.16", "APIGateway.4"],
    technique: "T1562.007",
    triggers: &["AssociateWebACL", "DisassociateWebACL"],
    remediation: "Associates the last known good web ACL again. If it is unknown, or was deleted since, it only notifies.",
    actions: ACTIONS,
    ids: &[
        "arn:%:amplify:%:%:apps/%",
        "arn:%:apigateway:%::/restapis/%/stages/%",
        "arn:%:apprunner:%:%:service/%/%",
        "arn:%:appsync:%:%:apis/%",
        "arn:%:cognito-idp:%:%:userpool/%",
        "arn:%:ec2:%:%:verified-access-instance/%",
        "arn:%:elasticloadbalancing:%:%:loadbalancer/app/%/%",
    ],
    not_watched: &[
        (
            "UpdateDistribution",
            "a distribution of CloudFront has its web ACL in its configuration: another guardrail's",
        ),
        (
            "UpdateWebACL, DeleteWebACL",
            "what a web ACL says is another guardrail's; AWS WAF refuses to delete one that is used",
        ),
    ],
};

impl Guardrail<Held<Option<String>>, Write<WebAclAssociations>> for WebAclRemoved {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<String>>, terms: &Terms<'_>) -> Verdict {
        if terms.settings(self).allow(&held.by) || are_service_linked(&held.by) {
            return Verdict::Compliant;
        }
        let resource = &held.name;
        let (element, why) = match (&held.now, &held.before) {
            // A sweep does not show who has replaced it.
            (Some(now), Observed::Known(Some(before))) if held.by_event && now != before => {
                ("another web ACL", format!("`{resource}` has web ACL `{now}` (`{before}` before)"))
            }
            (Some(_), Observed::Unknown { why }) if held.by_event => {
                return Verdict::Undetermined {
                    why: format!("which web ACL `{resource}` had before is not known: {why}"),
                };
            }
            (Some(_), _) => return Verdict::Compliant,
            (None, _) => match held.taken_away() {
                Ok(Some(before)) => ("no web ACL", format!("web ACL `{before}` no longer protects `{resource}`")),
                Ok(None) => return Verdict::Compliant,
                Err(why) => {
                    return Verdict::Undetermined { why: format!("`{resource}` has no web ACL, and {why}") };
                }
            },
        };
        let evidence = vec![Evidence { element: element.to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Option<String>>, _: &Violation, _: &Terms<'_>) -> Plan<Write<WebAclAssociations>> {
        match &held.before {
            Observed::Known(before @ Some(_)) => put(held, before.clone(), &[]),
            Observed::Known(None) | Observed::Absent | Observed::Unknown { .. } => Plan::default(),
        }
    }
}
