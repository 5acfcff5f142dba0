//! ACC-08: resources are not shared with accounts outside the organization that policy does not trust.
//!
//! Sources: "CreateResourceShare", "AssociateResourceShare", "DisassociateResourceShare", "GetResourceShareAssociations" (AWS RAM API reference). A principal is an
//! account, an organization or one of its units (of one's own alone: RAM refuses others), a role or a user, or a service. Whether one is outside the
//! organization is `external` of its association, which the answer to an association and a read show.

use super::{IDS, RAM, SHARES, SOURCE, name};
use crate::engine::arn::arn_part;
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::{About, Class, Guardrail, Terms, guardrails};
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::{Action, Effect, Plan, in_region};
use crate::engine::planned::{PlannedForm, PlannedResource};
use crate::engine::request::{Answer, Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use crate::engine::unreadable::Unreadable;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt;

const READ: Permission = Permission::read("ram:GetResourceShareAssociations");
const DISASSOCIATE: Permission = Permission::on("ram:DisassociateResourceShare", SHARES);
const ASSOCIATE: Permission = Permission::on("ram:AssociateResourceShare", SHARES);

/// Associations that are in force, or will be.
const STANDING: &[&str] = &["ASSOCIATING", "ASSOCIATED", "SUSPENDED", "SUSPENDING", "RESTORING"];
const ENDED: &[&str] = &["FAILED", "DISASSOCIATING", "DISASSOCIATED"];

/// The most principals that a page shows.
const MOST: u32 = 500;

/// The family of the principals of resource shares.
#[derive(Clone, Copy, Debug, Default)]
pub struct SharedPrincipals;

/// With whom a share is shared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    /// Its ARN.
    pub arn: String,
    /// A record shows those that it names.
    pub principals: Vec<SharedWith>,
}

/// A principal of a share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharedWith {
    /// An account, or an ARN, or a service's name.
    pub principal: String,
    /// Whether it is outside the organization, where that is shown.
    pub external: Option<bool>,
    /// Whether a judge should ask about it: the event added it, or there is no event.
    pub in_question: bool,
}

/// The calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ShareAction {
    /// No longer share it with these.
    Disassociate {
        /// The ARN of the share.
        share: String,
        /// The principals.
        principals: BTreeSet<String>,
    },
    /// Share it with these.
    Associate {
        /// The ARN of the share.
        share: String,
        /// The principals.
        principals: BTreeSet<String>,
    },
}

impl ShareAction {
    fn parts(&self) -> (&'static str, &String, &BTreeSet<String>) {
        match self {
            Self::Disassociate { share, principals } => ("disassociate", share, principals),
            Self::Associate { share, principals } => ("associate", share, principals),
        }
    }
}

impl fmt::Display for ShareAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (verb, share, principals) = self.parts();
        let principals: Vec<&str> = principals.iter().map(String::as_str).collect();
        write!(f, "{verb} {} and resource share {}", principals.join(", "), name(share))
    }
}

impl Action for ShareAction {
    fn permission(&self) -> &'static str {
        match self {
            Self::Disassociate { .. } => DISASSOCIATE.action,
            Self::Associate { .. } => ASSOCIATE.action,
        }
    }

    fn command(&self, region: &str) -> String {
        let (verb, share, principals) = self.parts();
        let principals: Vec<_> = principals.iter().map(|principal| word(principal)).collect();
        let (share, principals) = (word(share), principals.join(" "));
        in_region(
            &format!("aws ram {verb}-resource-share --resource-share-arn {share} --principals {principals}"),
            region,
        )
    }

    fn absorb(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Disassociate { share, principals }, Self::Disassociate { share: of, principals: more })
            | (Self::Associate { share, principals }, Self::Associate { share: of, principals: more })
                if share == of =>
            {
                principals.extend(more.iter().cloned());
                true
            }
            _ => false,
        }
    }

    fn elements(&self) -> usize {
        self.parts().2.len()
    }

    fn effect(&self) -> Effect {
        match self {
            Self::Disassociate { .. } => Effect::Removing,
            Self::Associate { .. } => Effect::Overwriting,
        }
    }
}

impl Family for SharedPrincipals {
    /// The ARN of a share.
    type Key = String;
    type State = Share;
    type Action = ShareAction;

    fn kind(&self) -> &'static str {
        "resource-share"
    }

    fn reads(&self) -> &'static [Permission] {
        &[READ]
    }

    fn undoes(&self) -> &'static [Permission] {
        &[ASSOCIATE]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Self::State>]> {
        Cow::Borrowed(FORMS)
    }

    guardrails![ResourceShareExternal];

    /// A share of another account is that account's to judge.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(SOURCE, ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let named = event.request.text(&["resourceShareArn"]);
        let made = || event.response.text(&["resourceShare", "resourceShareArn"]);
        let unnamed = || Unlocatable::new(event, "the record names no resource share");
        let arn = named.or_else(made).ok_or_else(unnamed)?.to_owned();
        let hidden = || Unlocatable::new(event, "the record does not show with whom the resources are shared");
        let principals = match event.request.value().ok_or_else(hidden)?.get("principals") {
            None | Some(Value::Null) => Vec::new(),
            Some(list) => list.as_array().cloned().ok_or_else(hidden)?,
        };
        if principals.is_empty() || arn_part(&arn, 4).is_some_and(|owner| owner != event.account) {
            return Ok(Vec::new());
        }
        let answered = event.response.at(&["resourceShareAssociations"]).and_then(Value::as_array);
        let shared = |principal: &Value| {
            let principal = principal.as_str()?.to_owned();
            let of = |one: &&Value| one["associatedEntity"].as_str() == Some(&principal);
            let external = answered.and_then(|all| all.iter().find(of)?["external"].as_bool());
            Some(SharedWith { principal, external, in_question: true })
        };
        let principals: Option<Vec<SharedWith>> = principals.iter().map(shared).collect();
        let changed = principals.iter().flatten().map(|shared| shared.principal.clone()).collect();
        let changed = principals.is_some().then_some(changed);
        let proven = principals.map(|principals| Share { arn: arn.clone(), principals });
        Ok(vec![Target { key: arn, proven, changed }])
    }

    /// Only what the event added is in question.
    fn focus(&self, share: &mut Share, target: &TargetOf<Self>) {
        let Some(changed) = &target.changed else { return };
        for shared in &mut share.principals {
            shared.in_question = changed.contains(&shared.principal);
        }
    }

    fn resource(&self, arn: &String, _: Option<&Share>, _: &Place) -> Resource {
        Resource { id: arn.clone(), kind: "Other", name: name(arn).to_owned() }
    }
}

const FORMS: &[PlannedForm<Share>] = &[
    PlannedForm::one("AWS::RAM::ResourceShare", |it| {
        let principals = it.parts("Principals")?;
        if principals.is_empty() { Ok(None) } else { planned(it, "Name", &principals).map(Some) }
    }),
    PlannedForm::one("aws_ram_principal_association", |it| {
        planned(it, "resource_share_arn", &it.parts("principal")?).map(Some)
    }),
];

/// RAM refuses principals outside the organization where they are not allowed; a new share allows them unless it says otherwise ("CreateResourceShare",
/// AWS RAM API reference).
fn planned(it: &PlannedResource<'_>, arn: &str, principals: &[PlannedResource<'_>]) -> Result<Share, Unreadable> {
    let external = it.flag("AllowExternalPrincipals").ok().flatten().filter(|is_allowed| !is_allowed);
    let shared = |part: &PlannedResource<'_>| {
        let principal = part.text("")?.unwrap_or_default();
        Ok(SharedWith { principal, external, in_question: true })
    };
    let principals = principals.iter().map(shared).collect::<Result<_, Unreadable>>()?;
    Ok(Share { arn: it.named(&[arn]), principals })
}

/// See the module.
pub struct ResourceShareExternal;

static ABOUT: About = About {
    name: "resource-share-external",
    catalogue_id: "ACC-08",
    title: "Resources are shared with an account outside the organization",
    description: "A resource share of AWS RAM was given a principal outside the organization (an account, or a role or user of one) that is not among `trusted_accounts`. \
        The invitation may be open still; an account accepts it whenever it likes. Principals of the organization, trusted accounts and services comply.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1537",
    triggers: &["CreateResourceShare", "AssociateResourceShare"],
    remediation: "Disassociates exactly these principals from the share, with one call: its resources and its other principals stay.",
    actions: &[DISASSOCIATE],
    ids: IDS,
    not_watched: &[
        ("UpdateResourceShare", "it changes whether principals outside may be added: another guardrail's"),
        ("AcceptResourceShareInvitation", "the account that accepts was judged when it was associated"),
    ],
};

/// Whether it is fine; none where that is not known.
fn is_fine(shared: &SharedWith, terms: &Terms<'_>) -> Option<bool> {
    let principal = shared.principal.as_str();
    let is_account = principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit());
    let account = if is_account { Some(principal) } else { arn_part(principal, 4) };
    let is_own_organization = arn_part(principal, 2) == Some("organizations");
    let is_service = !principal.starts_with("arn:") && principal.ends_with(".amazonaws.com");
    if is_own_organization || is_service || account.is_some_and(|account| terms.trusts(account)) {
        return Some(true);
    }
    shared.external.map(|external| !external)
}

impl Guardrail<Share, ShareAction> for ResourceShareExternal {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, share: &Share, terms: &Terms<'_>) -> Verdict {
        let (mut evidence, mut unknown) = (Vec::new(), None);
        for shared in share.principals.iter().filter(|shared| shared.in_question) {
            let principal = &shared.principal;
            match is_fine(shared, terms) {
                Some(true) => {}
                Some(false) => evidence.push(Evidence {
                    element: principal.clone(),
                    why: format!(
                        "resource share `{}` is shared with `{principal}`, outside the organization",
                        name(&share.arn)
                    ),
                }),
                None => {
                    unknown =
                        unknown.or(Some(format!("whether `{principal}` is outside the organization is not shown")))
                }
            }
        }
        match (evidence.is_empty(), unknown) {
            (false, _) => Verdict::Violation(Violation { severity: ABOUT.severity, evidence }),
            (true, Some(why)) => Verdict::Undetermined { why },
            (true, None) => Verdict::Compliant,
        }
    }

    fn plan(&self, share: &Share, violation: &Violation, _: &Terms<'_>) -> Plan<ShareAction> {
        let principals: BTreeSet<String> = violation.evidence.iter().map(|evidence| evidence.element.clone()).collect();
        let share = share.arn.clone();
        Plan::one(
            ShareAction::Disassociate { share: share.clone(), principals: principals.clone() },
            ShareAction::Associate { share, principals },
        )
    }
}

fn associations() -> Request {
    Request::rest("GetResourceShareAssociations", "POST", &["getresourceshareassociations"])
        .member("associationType", Some("PRINCIPAL"))
        .member("maxResults", Some(MOST))
}

impl SignedFamily for SharedPrincipals {
    const API: &'static Api = &RAM;

    fn get(arn: &String) -> Request {
        associations().member("resourceShareArns", Some(json!([arn])))
    }

    fn got(arn: &String, answer: &Answer) -> Observed<Share> {
        let unknown = |why: &str| Observed::Unknown { why: format!("{why} of `{arn}`") };
        let Some(list) = answer.body.get("resourceShareAssociations").and_then(Value::as_array) else {
            return unknown("the answer does not show the principals");
        };
        if answer.text("nextToken").is_some() {
            return unknown("one page does not show all principals");
        }
        let mut principals = Vec::new();
        for one in list {
            match one["status"].as_str() {
                Some(status) if ENDED.contains(&status) => continue,
                Some(status) if STANDING.contains(&status) => {}
                Some(_) | None => return unknown("the answer does not show the state of a principal"),
            }
            let Some(principal) = one["associatedEntity"].as_str() else {
                return unknown("the answer hides a principal");
            };
            principals.push(SharedWith {
                principal: principal.to_owned(),
                external: one["external"].as_bool(),
                in_question: true,
            });
        }
        Observed::Known(Share { arn: arn.clone(), principals })
    }

    /// Of the shares that the account owns.
    fn list(from: Option<&str>) -> Option<Request> {
        Some(associations().member("nextToken", from))
    }

    /// A share whose principals are on two pages is read twice, and found once.
    fn listed(answer: &Answer) -> Listing<Self> {
        let shares: BTreeSet<String> =
            answer.texts("resourceShareAssociations", "resourceShareArn").into_iter().collect();
        Listing::named(shares, answer.text("nextToken"))
    }

    fn actions() -> Vec<ShareAction> {
        let share = "arn:aws:ram:eu-central-1:111122223333:resource-share/7ab63972".to_owned();
        let principals = BTreeSet::from(["444455556666".to_owned()]);
        vec![
            ShareAction::Disassociate { share: share.clone(), principals: principals.clone() },
            ShareAction::Associate { share, principals },
        ]
    }
}

impl SignedAction for ShareAction {
    const API: &'static Api = &RAM;

    fn request(&self) -> Request {
        let (_, share, principals) = self.parts();
        let call = match self {
            Self::Disassociate { .. } => {
                Request::rest("DisassociateResourceShare", "POST", &["disassociateresourceshare"])
            }
            Self::Associate { .. } => Request::rest("AssociateResourceShare", "POST", &["associateresourceshare"]),
        };
        call.member("resourceShareArn", Some(share.as_str())).member("principals", Some(json!(principals)))
    }
}
