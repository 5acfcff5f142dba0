//! The lists of a GuardDuty detector: trusted addresses and domains, and threats. LOG-08.
//!
//! Sources: "CreateIPSet", "UpdateIPSet", "GetIPSet", "UpdateTrustedEntitySet", "UpdateThreatIntelSet" (GuardDuty API reference), "Customizing threat
//! detection with entity lists and IP address lists" (user guide): GuardDuty makes no findings for what an active trusted list names, and makes findings for what an
//! active threat list names. A list takes effect when it is activated.
//!
//! Each guardrail is a description, [`ListSetting`]: whether such a list should be active, and what its calls are called.

pub mod threat_addresses;
pub mod trusted_addresses;
pub mod trusted_entities;

pub use threat_addresses::ThreatLists;
pub use trusted_addresses::TrustedLists;
pub use trusted_entities::TrustedEntityLists;

use super::{GUARDDUTY, SOURCE, detector_of};
use crate::engine::setting::Subject;
use crate::engine::setting::prelude::*;
use crate::engine::shell::word;
use crate::resources::callers::{AllowedPrincipals, callers};
use std::fmt::Debug;
use std::marker::PhantomData;

/// GuardDuty reads the file of a list by its own role, whose policy the caller of these calls writes ("Setting up permissions", user guide).
const OF_ROLE: &[&str] =
    &["iam::${Account}:role/aws-service-role/guardduty.amazonaws.com/AWSServiceRoleForAmazonGuardDuty"];
const PUT_ROLE_POLICY: Permission = Permission::on("iam:PutRolePolicy", OF_ROLE);
const DELETE_ROLE_POLICY: Permission = Permission::on("iam:DeleteRolePolicy", OF_ROLE);

/// What its calls name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListId {
    /// The id of its detector.
    pub detector: String,
    /// Its own.
    pub list: String,
}

impl Subject for ListId {
    fn name(&self) -> &str {
        &self.list
    }
}

/// How a list is found, and who called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRef {
    /// Which.
    pub of: ListId,
    /// See [`callers`].
    pub by: Vec<String>,
}

/// A list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListState {
    /// How it is found.
    pub of: ListRef,
    /// Whether it is active; `Absent` while it is being deleted.
    pub is_active: Observed<bool>,
}

/// A kind of lists, and what one should be.
pub trait ListSetting: Copy + Debug + Default + PartialEq + Send + Sync + 'static {
    /// See [`Setting::KIND`].
    const KIND: &'static str;
    /// See [`Setting::ABOUT`].
    const ABOUT: &'static About;
    /// The calls that activate and deactivate one.
    const CALLS: &'static [Call<bool>];
    /// What reads one.
    const GET: Permission;
    /// See [`Setting::UNDOES`].
    const UNDOES: &'static [Permission];
    /// Whether it should be active.
    const ACTIVE: bool;
    /// The operations that read and update one.
    const OPERATIONS: [&'static str; 2];
    /// The word of its path and of its ARN.
    const PATH: &'static str;
    /// The member of a record that has its id.
    const ID: &'static str;
    /// The option of the AWS command line that takes it.
    const OPTION: &'static str;
    /// What is wrong, for a person.
    const WHY: &'static str;
    /// See [`Setting::PLANNED`].
    const PLANNED: &'static [PlannedForm<ListState>];
}

/// The family of such lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Lists<L>(PhantomData<L>);

impl<L: ListSetting> Setting for Lists<L> {
    type Key = ListRef;
    type State = ListState;
    type Subject = ListId;
    type Value = bool;
    type Settings = AllowedPrincipals;

    const KIND: &'static str = L::KIND;
    const STRICTEST: bool = L::ACTIVE;
    const READS: &'static [Permission] = &[L::GET];
    const UNDOES: &'static [Permission] = L::UNDOES;
    const ABOUT: &'static About = L::ABOUT;
    const CALLS: &'static [Call<bool>] = L::CALLS;
    const PLANNED: &'static [PlannedForm<ListState>] = L::PLANNED;

    fn line(call: &Call<bool>, of: &ListId) -> String {
        format!("{} --detector-id {} {} {}", call.line, word(&of.detector), L::OPTION, word(&of.list))
    }

    /// A call that activates or deactivates proves it. One that names another file alone is about a list of which only a read shows whether it is active; one that
    /// renames it changes nothing.
    fn changed_by(event: &Event) -> Result<Vec<Target<ListRef, ListState>>, Unlocatable> {
        if !event.is_one_of(SOURCE, L::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let unnamed = || Unlocatable::new(event, "the record names no list of the detector");
        let named = event.request.text(&[L::ID]).or_else(|| event.response.text(&[L::ID]));
        let of = ListId { detector: detector_of(event)?, list: named.ok_or_else(unnamed)?.to_owned() };
        let key = ListRef { of, by: callers(event) };
        let active = event.request.at(&["activate"]).and_then(|active| active.as_bool());
        let is_other = event.request.at(&["location"]).is_some();
        if active.is_none() && !is_other {
            return Ok(Vec::new());
        }
        let state = |is_active| ListState { of: key.clone(), is_active: Observed::Known(is_active) };
        let proven = active.map(state);
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn narrow(list: &mut ListState, target: &Target<ListRef, ListState>) {
        list.of.clone_from(&target.key);
    }

    fn named(key: &ListRef, Place { partition, account, region }: &Place) -> Resource {
        let ListId { detector, list } = &key.of;
        let id = format!("arn:{partition}:guardduty:{region}:{account}:detector/{detector}/{}/{list}", L::PATH);
        Resource { id, kind: "Other", name: list.clone() }
    }

    fn shown(list: &ListState) -> Shown<ListId, bool> {
        let element = if L::ACTIVE { "list inactive" } else { "list active" };
        let (subject, value) = (list.of.of.clone(), list.is_active.clone());
        Shown { subject, value, element: element.to_owned(), is_fixed: false }
    }

    fn is_in_question(list: &ListState, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&list.of.by)
    }

    fn why(list: &ListState, _: &Terms<'_>) -> String {
        format!("list `{}` of the GuardDuty detector {}", list.of.of.list, L::WHY)
    }
}

/// A list of a file. GuardDuty's call needs to be told whether the list is active; what CloudFormation tells it where the file does not is not said.
fn planned(it: &PlannedResource<'_>) -> Result<Option<ListState>, Unreadable> {
    let property = it.called("Activate", "activate");
    let is_active = match it.flag(property)? {
        Some(is_active) => Observed::Known(is_active),
        None => Observed::Unknown { why: format!("`{property}` does not say whether the list is active") },
    };
    let detector = it.text(it.called("DetectorId", "detector_id")).ok().flatten().unwrap_or_default();
    let of = ListId { detector, list: it.name.to_owned() };
    Ok(Some(ListState { of: ListRef { of, by: Vec::new() }, is_active }))
}

impl<L: ListSetting> SignedSetting for Lists<L> {
    const API: &'static Api = &GUARDDUTY;

    fn get(key: &ListRef) -> Request {
        let [get, _] = L::OPERATIONS;
        Request::rest(get, "GET", &["detector", &key.of.detector, L::PATH, &key.of.list])
    }

    fn got(key: &ListRef, answer: &Answer) -> Observed<ListState> {
        let is_active = match answer.text("status") {
            Some("ACTIVE" | "ACTIVATING") => Observed::Known(true),
            Some("INACTIVE" | "DEACTIVATING") => Observed::Known(false),
            Some("DELETE_PENDING" | "DELETED") => Observed::Absent,
            Some(other) => {
                Observed::Unknown { why: format!("the list's status does not say whether it is active: `{other}`") }
            }
            None => {
                return Observed::Unknown { why: format!("the answer does not show the status of `{}`", key.of.list) };
            }
        };
        Observed::Known(ListState { of: key.clone(), is_active })
    }

    fn set(of: &ListId, is_active: bool) -> Request {
        let [_, update] = L::OPERATIONS;
        Request::rest(update, "POST", &["detector", &of.detector, L::PATH, &of.list])
            .member("activate", Some(is_active))
    }

    /// Only the event of such a call is one: nothing is listed.
    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }
}
