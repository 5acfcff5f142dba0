//! The two guardrails of every resource policy: whether strangers may use the resource, and whether parties that are not trusted may.

use super::{Nothing, PolicyAction, PolicyState, ResourcePolicy, called};
use crate::engine::guardrail::{About, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Verdict, Violation};
use crate::policy::{Cidr, GuardrailSettings, Holds, List, matches_pattern};
use iam_policy::{Access, Context, Document, Grant, Reach, Remedy, reach, repair_grants};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::marker::PhantomData;

/// No finding shows more grants than this: what is removed is all of them.
const MOST_EVIDENCE: usize = 20;

/// Whom a resource policy may name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PolicySettings {
    /// Accounts that may be granted access by this kind of resource, beside `trusted_accounts`: twelve digits each.
    pub allowed_accounts: Vec<String>,
    /// VPCs of your own (`vpc-…`). A grant that is limited to a VPC complies, unless this list is there and does not name it.
    pub allowed_vpcs: Vec<String>,
    /// VPC endpoints of your own (`vpce-…`); the same holds.
    pub allowed_endpoints: Vec<String>,
    /// Networks that may be granted access by `aws:SourceIp`, such as an office's `203.0.113.0/24`.
    pub allowed_networks: Vec<Cidr>,
    /// Services that must be restricted to an account, resource or organization (`aws:SourceAccount`, `aws:SourceArn`,
    /// `aws:SourceOrgID`), such as `s3.amazonaws.com`; `*` and `?` match as in IAM. Without the list, those that the
    /// guardrail names in its description.
    pub pinned_services: Option<Vec<String>>,
}

impl GuardrailSettings for PolicySettings {
    fn lists(&self) -> Vec<List<'_>> {
        let services = self.pinned_services.as_deref().unwrap_or_default();
        vec![
            List { name: "allowed_accounts", entries: &self.allowed_accounts, holds: ACCOUNTS },
            List { name: "allowed_vpcs", entries: &self.allowed_vpcs, holds: VPCS },
            List { name: "allowed_endpoints", entries: &self.allowed_endpoints, holds: ENDPOINTS },
            List { name: "pinned_services", entries: services, holds: SERVICES },
        ]
    }
}

const ACCOUNTS: Holds = Holds { shapes: &["%"], form: "an account of twelve digits", everything: None };
const VPCS: Holds = Holds { shapes: &["vpc-%"], form: "the id of a VPC", everything: None };
const ENDPOINTS: Holds = Holds { shapes: &["vpce-%"], form: "the id of a VPC endpoint", everything: None };
const SERVICES: Holds = Holds {
    shapes: &["%.amazonaws.com", "%.amazonaws.com.cn"],
    form: "a service such as `s3.amazonaws.com`",
    everything: None,
};

/// No stranger may use the resource.
pub(super) struct Public<P>(pub(super) PhantomData<P>);

/// No principal that is not trusted may.
pub(super) struct Untrusted<P>(pub(super) PhantomData<P>);

/// What is the same for both.
struct Looked<'a, P: ResourcePolicy> {
    state: &'a PolicyState<P::Subject>,
    text: &'a str,
    context: Context,
}

impl<'a, P: ResourcePolicy> Looked<'a, P> {
    /// The answer is there already where there is no document to read.
    fn at(state: &'a PolicyState<P::Subject>, allowed: &PolicySettings, terms: &Terms<'_>) -> Result<Self, Verdict> {
        match &state.document {
            Observed::Known(text) if text.trim().is_empty() => Err(Verdict::Compliant),
            Observed::Known(text) => Ok(Self { state, text, context: context::<P>(&state.subject, allowed, terms) }),
            Observed::Absent => Err(Verdict::Compliant),
            Observed::Unknown { why } => Err(Verdict::Undetermined { why: why.clone() }),
        }
    }

    fn reach(&self) -> Reach {
        reach(&Document::parse(self.text), &self.context)
    }

    /// Whether the policy names another account, trusted or not, beside the public: what closes public access by a setting would shut that
    /// out as well ("Blocking public access", S3 user guide: `RestrictPublicBuckets`).
    fn names_others(&self) -> bool {
        let alone = Context { accounts: Vec::new(), organizations: Vec::new(), ..self.context.clone() };
        reach(&Document::parse(self.text), &alone).grants.iter().any(|grant| grant.access == Access::External)
    }

    /// The document without the grants at fault.
    fn plan(&self, allowed: Access, at_fault: &dyn Fn(&Grant) -> bool, terms: &Terms<'_>) -> Plan<PolicyAction<P>> {
        let Some(undo) = PolicyAction::restoring(self.state) else { return Plan::default() };
        let (subject, revision) = (self.state.subject.clone(), self.state.revision.clone());
        let reduce = |document: String, edits: Vec<String>| PolicyAction::Reduce {
            subject: subject.clone(),
            document,
            edits,
            revision: revision.clone(),
        };
        let apply = match repair_grants(self.text, &self.context, allowed, at_fault) {
            Remedy::Nothing | Remedy::Impossible { .. } => return Plan::default(),
            Remedy::Edit(repair) => reduce(repair.after, repair.edits.iter().map(ToString::to_string).collect()),
            Remedy::Delete => match P::when_nothing_is_left(&subject, terms.place) {
                Nothing::Delete => PolicyAction::Delete { subject: subject.clone(), revision: revision.clone() },
                Nothing::Write(document) => {
                    reduce(document, vec!["nothing else is left than the service's own default".to_owned()])
                }
                Nothing::Own(document) => {
                    reduce(document, vec!["nothing else is left than the account's own access".to_owned()])
                }
                Nothing::Keep(_) => return Plan::default(),
            },
        };
        Plan::one(apply, undo)
    }

    fn evidence(&self, grants: &[&Grant]) -> Vec<Evidence> {
        let of = |grant: &&Grant| Evidence {
            element: format!("{} by {}", grant.principal, grant.actions.join(", ")),
            why: format!("policy of {}: {grant}", called::<P>(&self.state.subject)),
        };
        grants.iter().take(MOST_EVIDENCE).map(of).collect()
    }
}

impl<P: ResourcePolicy> Public<P> {
    fn is_at_fault(grant: &Grant) -> bool {
        grant.access == Access::Public
    }
}

impl<P: ResourcePolicy> Guardrail<PolicyState<P::Subject>, PolicyAction<P>> for Public<P> {
    type Settings = P::PublicSettings;

    fn about(&self) -> &'static About {
        P::GUARDRAILS.public
    }

    fn judge(&self, state: &PolicyState<P::Subject>, terms: &Terms<'_>) -> Verdict {
        let looked = match Looked::<P>::at(state, &PolicySettings::default(), terms) {
            Ok(looked) => looked,
            Err(verdict) => return verdict,
        };
        let found = looked.reach();
        let at_fault: Vec<&Grant> = found.grants.iter().filter(|grant| Self::is_at_fault(grant)).collect();
        if at_fault.is_empty() {
            return unless_unread::<P>(&found);
        }
        // What a setting neutralises is no hole.
        if state.shield.known().is_some() {
            return Verdict::Compliant;
        }
        Verdict::Violation(Violation { severity: self.about().severity, evidence: looked.evidence(&at_fault) })
    }

    fn plan(&self, state: &PolicyState<P::Subject>, _: &Violation, terms: &Terms<'_>) -> Plan<PolicyAction<P>> {
        match Looked::<P>::at(state, &PolicySettings::default(), terms) {
            Ok(looked) => match (P::SHIELD, &state.setting) {
                (Some(_), _) if looked.names_others() => {
                    looked.plan(Access::External, &|grant| Self::is_at_fault(grant), terms)
                }
                (Some(shield), Some(was)) if !P::prefers_removal(&terms.settings(self)) => {
                    let of = |setting: String| (state.subject.clone(), setting);
                    let ((subject, setting), (back, was)) = (of((shield.raised)(was)), of(was.clone()));
                    let undo = PolicyAction::Unshield { subject: back, setting: was };
                    Plan::one(PolicyAction::Shield { subject, setting }, undo)
                }
                // What it is now has to be read: nothing that it blocks already is lost.
                (Some(_), None) if !P::prefers_removal(&terms.settings(self)) => Plan::default(),
                _ => looked.plan(Access::External, &|grant| Self::is_at_fault(grant), terms),
            },
            Err(_) => Plan::default(),
        }
    }

    fn remarks(&self, state: &PolicyState<P::Subject>) -> Vec<String> {
        let shielded = match &state.shield {
            Observed::Known(why) => Some(format!("public grants of the policy are not effective: {why}")),
            Observed::Unknown { why } => {
                Some(format!("whether public grants of the policy are effective is unknown: {why}"))
            }
            Observed::Absent => None,
        };
        shielded.into_iter().chain(state.felt.iter().cloned()).collect()
    }
}

impl<P: ResourcePolicy> Untrusted<P> {
    fn is_at_fault(grant: &Grant, settings: &PolicySettings) -> bool {
        let is_pinned = |service: &str| match &settings.pinned_services {
            Some(patterns) => patterns.iter().any(|pattern| matches_pattern(pattern, service)),
            None => P::PINNED_SERVICES.contains(&service),
        };
        grant.access == Access::External
            || (grant.access != Access::Public && grant.confused_deputy && is_pinned(&grant.principal))
    }
}

impl<P: ResourcePolicy> Guardrail<PolicyState<P::Subject>, PolicyAction<P>> for Untrusted<P> {
    type Settings = PolicySettings;

    fn about(&self) -> &'static About {
        P::GUARDRAILS.untrusted
    }

    fn judge(&self, state: &PolicyState<P::Subject>, terms: &Terms<'_>) -> Verdict {
        let settings = settings::<P>(terms);
        let looked = match Looked::<P>::at(state, &settings, terms) {
            Ok(looked) => looked,
            Err(verdict) => return verdict,
        };
        let found = looked.reach();
        let at_fault: Vec<&Grant> = found.grants.iter().filter(|grant| Self::is_at_fault(grant, &settings)).collect();
        if at_fault.is_empty() {
            return unless_unread::<P>(&found);
        }
        let evidence = looked.evidence(&at_fault);
        Verdict::Violation(Violation { severity: self.about().severity, evidence })
    }

    fn plan(&self, state: &PolicyState<P::Subject>, _: &Violation, terms: &Terms<'_>) -> Plan<PolicyAction<P>> {
        let settings = settings::<P>(terms);
        match Looked::<P>::at(state, &settings, terms) {
            Ok(looked) => looked.plan(Access::Internal, &|grant| Self::is_at_fault(grant, &settings), terms),
            Err(_) => Plan::default(),
        }
    }

    fn remarks(&self, state: &PolicyState<P::Subject>) -> Vec<String> {
        state.felt.clone()
    }
}

fn settings<'a, P: ResourcePolicy>(terms: &Terms<'a>) -> Cow<'a, PolicySettings> {
    terms.policy.guardrails.settings(P::GUARDRAILS.untrusted.name)
}

/// Whom the operator trusts.
fn context<P: ResourcePolicy>(subject: &P::Subject, allowed: &PolicySettings, terms: &Terms<'_>) -> Context {
    let owner = P::owner(subject).filter(|owner| !owner.is_empty()).unwrap_or(&terms.place.account);
    Context {
        kind: P::ANALYSED_AS,
        vpcs: allowed.allowed_vpcs.clone(),
        endpoints: allowed.allowed_endpoints.clone(),
        networks: allowed.allowed_networks.iter().map(|cidr| cidr.0).collect(),
        ..trusting(owner, &allowed.allowed_accounts, terms)
    }
}

/// A resource of `owner`, whom policy trusts for every resource and these accounts beside.
pub(crate) fn trusting(owner: &str, allowed_accounts: &[String], terms: &Terms<'_>) -> Context {
    let trusted = terms.policy.trusted_accounts.iter().map(|account| account.as_str().to_owned());
    Context {
        owner: Some(owner.to_owned()).filter(|account| !account.is_empty()),
        accounts: trusted.chain(allowed_accounts.iter().cloned()).collect(),
        organizations: terms.policy.trusted_organizations.clone(),
        ..Context::resource("")
    }
}

/// Nothing is wrong with what can be read. A part that cannot be read may be either guardrail's, whatever else the document grants.
fn unless_unread<P: ResourcePolicy>(found: &Reach) -> Verdict {
    let problem = found.problems.first().map(ToString::to_string);
    let unknown = found.grants.iter().find(|grant| grant.access == Access::Undetermined).map(ToString::to_string);
    match problem.or(unknown) {
        Some(why) => {
            Verdict::Undetermined { why: format!("what the policy of the {} allows is unknown: {why}", P::NOUN) }
        }
        None => Verdict::Compliant,
    }
}
