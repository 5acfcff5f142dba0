//! ACC-07: who administers an organization, and what services may do in it, does not change unseen. ACC-11: nor who answers for its bill.
//!
//! Sources: "RegisterDelegatedAdministrator", "DeregisterDelegatedAdministrator", "DisableAWSServiceAccess", "DeleteOrganization", "PutResourcePolicy",
//! "AcceptHandshake" (AWS Organizations API reference). The record of an accepted transfer of responsibility is the accepting management account's.

use super::SOURCE;
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;

/// Changes to the administration of an organization.
pub type AdministrationChanges = Notices<AdministrationChanged>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AdministrationChanged;

impl Notice for AdministrationChanged {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "organization-administration";
    const ABOUT: &'static About = &About {
        name: "organization-administration-changed",
        catalogue_id: "ACC-07",
        title: "The administration of the organization was changed",
        description: "By a principal that is not among `allowed_principals`, an account became the delegated administrator of a service or is no longer, a service lost its access to the \
            organization (GuardDuty, Security Hub, CloudTrail and others then no longer cover new accounts), the organization's resource policy, which \
            delegates the management of its policies, was written or deleted, the organization was deleted, or the responsibility for its billing was \
            transferred to another organization.",
        severity: Severity::High,
        class: Class::R0,
        controls: &[],
        technique: "T1098",
        triggers: &[
            "RegisterDelegatedAdministrator",
            "DeregisterDelegatedAdministrator",
            "DisableAWSServiceAccess",
            "DeleteOrganization",
            "PutResourcePolicy",
            "DeleteResourcePolicy",
            "AcceptHandshake",
        ],
        remediation: "Notifies: what a service or an administrator had set up goes with the access and does not come back with it, and who should administer is the owner's choice.",
        actions: &[],
        ids: &["arn:%:organizations::%:organization"],
        not_watched: &[
            ("EnableAWSServiceAccess", "it adds a service of AWS; what it does is recorded as its own calls"),
            ("TerminateResponsibilityTransfer", "it gives back what was transferred"),
        ],
    };

    const PLANNED: &'static [PlannedForm<Noticed>] = &[
        PlannedForm::one("aws_organizations_delegated_administrator", |it| {
            let text = |path: &str| it.text(path).map(|text| text.unwrap_or_else(|| "an unknown one".to_owned()));
            let (account, service) = (text("account_id")?, text("service_principal")?);
            let (element, why) = delegated(&account, &service);
            Ok(Some(Noticed::planned(ORGANIZATION).sign(&element, Some(why))))
        }),
        PlannedForm::one("AWS::Organizations::ResourcePolicy", |it| Ok(written(it, "Content"))),
        PlannedForm::one("aws_organizations_resource_policy", |it| Ok(written(it, "content"))),
    ];

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let text = |member: &str| event.request.text(&[member]).unwrap_or("an unknown one");
        let (account, service) = (text("accountId"), text("servicePrincipal"));
        let (element, why) = match event.name.as_str() {
            "RegisterDelegatedAdministrator" => delegated(account, service),
            "DeregisterDelegatedAdministrator" => (
                format!("{account} {service}"),
                format!("account `{account}` is no longer the delegated administrator of `{service}`"),
            ),
            "DisableAWSServiceAccess" => {
                (service.to_owned(), format!("service `{service}` lost its access to the organization"))
            }
            "DeleteOrganization" => ("deleted".to_owned(), "the organization was deleted".to_owned()),
            "PutResourcePolicy" => ("resource policy".to_owned(), WRITTEN.to_owned()),
            "DeleteResourcePolicy" => {
                ("resource policy".to_owned(), "the organization's resource policy was deleted".to_owned())
            }
            _ => match event.response.text(&["handshake", "action"]) {
                Some("TRANSFER_RESPONSIBILITY") => (
                    "responsibility".to_owned(),
                    "the responsibility for billing was transferred to another organization".to_owned(),
                ),
                Some(_) => return Ok(None),
                None => return Err(Unlocatable::new(event, "the record does not show what the handshake is about")),
            },
        };
        Ok(Some(Noticed::of(event, ORGANIZATION).sign(&element, Some(why))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(name: &str, Place { partition, account, .. }: &Place) -> Resource {
        Resource {
            id: format!("arn:{partition}:organizations::{account}:organization"),
            kind: "Other",
            name: name.to_owned(),
        }
    }
}

/// What findings name: there is one.
const ORGANIZATION: &str = "organization";
const WRITTEN: &str = "the organization's resource policy was written: it delegates the management of policies";

fn delegated(account: &str, service: &str) -> (String, String) {
    let why = format!("account `{account}` became the delegated administrator of `{service}`");
    (format!("{account} {service}"), why)
}

fn written(it: &PlannedResource<'_>, content: &str) -> Option<Noticed> {
    // What it says does not matter: to whom it delegates is the owner's choice.
    let is_there = it.properties.get(content).is_some_and(|content| !content.is_null());
    is_there.then(|| Noticed::planned(ORGANIZATION).sign("resource policy", Some(WRITTEN.to_owned())))
}
