//! ACC-10: registered domains are locked against a transfer to another registrar.
//!
//! Sources: "DisableDomainTransferLock", "EnableDomainTransferLock", "GetDomainDetail", "ListDomains" (Amazon Route 53 API reference), "Locking a domain to prevent unauthorized transfer
//! to another registrar" (developer guide): the lock is the status `clientTransferProhibited`, which the registry sets minutes after the call. Some top-level domains have none.

use super::{IDS, ROUTE53_DOMAINS, SOURCE, domain};
use crate::engine::setting::prelude::*;
use crate::resources::callers::{AllowedPrincipals, callers};
use serde_json::{Value, json};

const GET: Permission = Permission::read("route53domains:GetDomainDetail");
const LIST: Permission = Permission::read("route53domains:ListDomains");
const ENABLE: Permission = Permission::setting("route53domains:EnableDomainTransferLock");
const DISABLE: Permission = Permission::setting("route53domains:DisableDomainTransferLock");

/// The transfer locks of domains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransferLocks;

/// How a domain is found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DomainRef {
    /// Such as `example.com`.
    pub name: String,
    /// Who unlocked it; none in a sweep.
    pub by: Option<Vec<String>>,
}

/// A domain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    /// Which.
    pub of: DomainRef,
    /// Whether it is locked.
    pub is_locked: bool,
}

impl Setting for TransferLocks {
    type Key = DomainRef;
    type State = Domain;
    type Subject = String;
    type Value = bool;
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "domain-transfer-lock";
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const UNDOES: &'static [Permission] = &[DISABLE];
    const IS_GLOBAL: bool = true;
    const ABOUT: &'static About = &About {
        name: "domain-transfer-lock-off",
        catalogue_id: "ACC-10",
        title: "A domain is not locked against transfer",
        description: "A principal that is not among `allowed_principals` removed a domain's transfer lock, or a sweep finds a domain without one: with the domain's authorization code \
            another registrar takes it over. Top-level domains that have no such lock are a case for an exemption.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1584.001",
        triggers: &["DisableDomainTransferLock"],
        remediation: "Locks it again, with one call. The registry shows the lock minutes later: until then it cannot be verified. A sweep only notifies: it \
            does not show who unlocked a domain.",
        actions: &[ENABLE],
        ids: IDS,
        not_watched: &[
            ("RegisterDomain, TransferDomain", "a new domain is locked where its registry can, and the sweep looks"),
            ("TransferDomainToAnotherAwsAccount", "the lock does not hold it, and another guardrail notifies it"),
        ],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["lock"],
            ENABLE,
            "lock domain {} against transfer",
            "aws route53domains enable-domain-transfer-lock --domain-name {}",
        ),
        Call::new(
            false,
            &["unlock"],
            DISABLE,
            "remove the transfer lock of domain {}",
            "aws route53domains disable-domain-transfer-lock --domain-name {}",
        ),
    ];

    const PLANNED: &'static [PlannedForm<Domain>] = &[
        PlannedForm::one("aws_route53domains_registered_domain", planned),
        PlannedForm::one("aws_route53domains_domain", planned),
    ];

    fn changed_by(event: &Event) -> Result<Vec<Target<DomainRef, Domain>>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let key = DomainRef { name: domain(event)?, by: Some(callers(event)) };
        let proven = Some(Domain { of: key.clone(), is_locked: false });
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn narrow(domain: &mut Domain, target: &Target<DomainRef, Domain>) {
        domain.of.clone_from(&target.key);
    }

    fn named(key: &DomainRef, Place { partition, account, .. }: &Place) -> Resource {
        let id = format!("arn:{partition}:route53domains::{account}:domain/{}", key.name);
        Resource { id, kind: "Other", name: key.name.clone() }
    }

    fn shown(domain: &Domain) -> Shown<String, bool> {
        let shown = Shown::of(domain.of.name.clone(), domain.is_locked, "no transfer lock");
        Shown { is_fixed: domain.of.by.is_none(), ..shown }
    }

    fn is_in_question(domain: &Domain, terms: &Terms<'_>) -> bool {
        domain.of.by.as_ref().is_none_or(|by| !Self::settings(terms).allow(by))
    }

    fn why(domain: &Domain, _: &Terms<'_>) -> String {
        format!("`{}` is not locked against a transfer to another registrar", domain.of.name)
    }
}

/// Terraform locks a domain unless it is told not to.
fn planned(it: &PlannedResource<'_>) -> Result<Option<Domain>, Unreadable> {
    let is_locked = it.flag("transfer_lock")?.unwrap_or(true);
    Ok(Some(Domain { of: DomainRef { name: it.named(&["domain_name"]), by: None }, is_locked }))
}

impl SignedSetting for TransferLocks {
    const API: &'static Api = &ROUTE53_DOMAINS;

    fn get(key: &DomainRef) -> Request {
        Request::named("GetDomainDetail", json!({ "DomainName": key.name }))
    }

    fn got(key: &DomainRef, answer: &Answer) -> Observed<Domain> {
        if !answer.at(&["StatusList"]).is_some_and(Value::is_array) {
            return Observed::Unknown { why: format!("the answer does not show the status of `{}`", key.name) };
        }
        let is_locked = answer.list("StatusList").iter().any(|status| status == "clientTransferProhibited");
        Observed::Known(Domain { of: key.clone(), is_locked })
    }

    fn got_after(key: &DomainRef, answer: &Answer) -> Observed<Domain> {
        match Self::got(key, answer) {
            Observed::Known(Domain { is_locked: false, .. }) => Observed::Unknown {
                why: format!("the registry of `{}` shows a lock minutes after it was set", key.name),
            },
            seen => seen,
        }
    }

    fn set(domain: &String, is_locked: bool) -> Request {
        let operation = if is_locked { "EnableDomainTransferLock" } else { "DisableDomainTransferLock" };
        Request::named(operation, json!({ "DomainName": domain }))
    }

    fn list(from: Option<&str>) -> Option<Request> {
        Some(Request::named("ListDomains", json!({})).member("Marker", from))
    }

    fn listed(answer: &Answer) -> Listing<Self> {
        let domain = |one: &Value| {
            let key = DomainRef { name: one["DomainName"].as_str()?.to_owned(), by: None };
            let shown = one["TransferLock"].as_bool();
            let shown = shown.map(|is_locked| Observed::Known(Domain { of: key.clone(), is_locked }));
            Some((key, shown))
        };
        let found = answer.list("Domains").iter().filter_map(domain).collect();
        Listing { found, next: answer.text("NextPageMarker").map(str::to_owned) }
    }
}
