//! LOG-09: Amazon Inspector goes on scanning.
//!
//! Source: "Disable" (Amazon Inspector API reference): without types of resources all are disabled; without accounts it is the caller's own.

use crate::engine::event::Body;
use crate::engine::notice::prelude::*;
use crate::resources::callers::AllowedPrincipals;

const SOURCE: &str = "inspector2.amazonaws.com";

/// Scans that were disabled.
pub type DisabledScans = Notices<ScansDisabled>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScansDisabled;

impl Notice for ScansDisabled {
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "inspector-scans";
    const ABOUT: &'static About = &About {
        name: "inspector-scans-disabled",
        catalogue_id: "LOG-09",
        title: "Scans of Amazon Inspector were disabled",
        description: "Scans of some or all types of resources were disabled by a principal that is not among `allowed_principals`, for its own account or as an administrator for others.",
        severity: Severity::Medium,
        class: Class::R0,
        controls: &[],
        technique: "T1562.001",
        triggers: &["Disable"],
        remediation: "Notifies: which types were scanned before is in no record, and scans of others cost something.",
        actions: &[],
        ids: &["arn:%:inspector2:%:%:account"],
        not_watched: &[("UpdateConfiguration", "how long images are scanned again is not judged")],
    };

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(None);
        }
        let seen = Noticed::of(event, "account");
        if event.request == Body::Omitted {
            return Ok(Some(Noticed { unknown: Some("the record leaves the request out".to_owned()), ..seen }));
        }
        let texts = |member: &str| {
            let list = event.request.at(&[member]).and_then(|list| list.as_array());
            let list = list.map_or(&[][..], Vec::as_slice).iter().filter_map(|one| one.as_str());
            list.map(str::to_owned).collect::<Vec<_>>().join(", ")
        };
        let (types, accounts) = (texts("resourceTypes"), texts("accountIds"));
        let types = if types.is_empty() { "all types".to_owned() } else { types };
        let accounts = if accounts.is_empty() { event.account.clone() } else { accounts };
        let why = format!("Amazon Inspector does not scan any more: {types}, in account {accounts}");
        Ok(Some(seen.sign("scans disabled", Some(why))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&seen.by)
    }

    fn named(_: &str, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:inspector2:{region}:{account}:account");
        Resource { id, kind: "Other", name: "Amazon Inspector".to_owned() }
    }
}
