//! ACC-10: no domain leaves the account unasked.
//!
//! Sources: "TransferDomainToAnotherAwsAccount", "CancelDomainTransferToAnotherAwsAccount", "TransferDomain" (Amazon Route 53 API reference): the other account accepts with a password
//! that the call returned to its caller, within three days. A transfer that is cancelled cannot go on, and one that is asked for again has another password: it is not cancelled
//! here, because that could not be undone as it was.

use super::{IDS, SOURCE, domain, member};
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;

/// Domains that are transferred.
pub type DomainTransfers = Notices<DomainTransferred>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DomainTransferred;

impl Notice for DomainTransferred {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "domain-transfer";
    const IS_GLOBAL: bool = true;
    const ABOUT: &'static About = &About {
        name: "domain-transferred",
        catalogue_id: "ACC-10",
        title: "A domain is being transferred",
        description: "A principal that is not among `allowed_principals` offered a domain to another AWS account, which gets it once it accepts, or asked for the code with which another \
            registrar takes it over: the names of the account's sites and mail are then another one's.",
        severity: Severity::Critical,
        class: Class::R0,
        controls: &[],
        technique: "T1584.001",
        triggers: &["RetrieveDomainAuthCode", "TransferDomainToAnotherAwsAccount"],
        remediation: "Notifies: a transfer that is cancelled cannot go on. Cancel it with `route53domains:CancelDomainTransferToAnotherAwsAccount` before the other account accepts; a \
            transfer lock keeps another registrar from it.",
        actions: &[],
        ids: IDS,
        not_watched: &[
            ("TransferDomain, AcceptDomainTransferFromAnotherAwsAccount", "a domain comes to the account"),
            ("DeleteDomain, UpdateDomainNameservers", "what a domain points to is not judged"),
        ],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let domain = domain(event)?;
        let why = if event.name == "RetrieveDomainAuthCode" {
            format!("the code was asked for with which another registrar takes over `{domain}`")
        } else {
            let to = member(&event.request, "accountId").unwrap_or("an account that the record does not show");
            format!("`{domain}` was offered to account {to}, which gets it once it accepts")
        };
        Ok(Some(Noticed::of(event, &domain).sign(&event.name, Some(why))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(name: &str, Place { partition, account, .. }: &Place) -> Resource {
        let id = format!("arn:{partition}:route53domains::{account}:domain/{name}");
        Resource { id, kind: "Other", name: name.to_owned() }
    }
}
