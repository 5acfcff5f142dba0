//! Deletion protection: the switch that has to be off before a cluster, a table or a load balancer can be deleted. One shape for
//! three kinds of resource, each a guardrail of its own: an operator may want it for databases and not for load balancers. DB
//! instances have the same switch beside another one, set by one call: they use [`unprotected`] alone.
//!
//! The caller that turns it off mostly deletes next, within seconds. A call that comes too late is refused (the resource is being
//! deleted), and that is notified; the guardrail wins where the caller hesitates, or where the deletion takes a final snapshot
//! first. A stack turns protection off in an update of its own before it can be deleted: such changes carry CloudFormation's mark
//! and go no further than `defaults.cloudformation`.

use crate::engine::guardrail::NotWatched;
use crate::engine::setting::prelude::*;
use crate::engine::setting::{Located, Subject};
use crate::engine::verdict::{Evidence, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use jiff::{SignedDuration, Timestamp};
use schemars::JsonSchema;
use std::collections::BTreeSet;
use std::fmt::{Debug, Display};

/// See [`About::not_watched`](crate::engine::guardrail::About::not_watched).
pub(crate) const NOT_WATCHED: &[NotWatched] = &[("calls that make one", "a new resource has no protection to lose")];

/// The element of a resource without protection.
pub const PROTECTION_OFF: &str = "deletion protection off";

/// In what an event changed: other settings too.
const OTHERS: &str = "other attributes";

/// What has to be protected from deletion.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct DeletionProtectionSettings {
    /// Names of the resources that must be protected; `*` and `?` match as in IAM. All resources, if the list is empty.
    pub only: Vec<String>,
}

impl GuardrailSettings for DeletionProtectionSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "only", entries: &self.only, holds: RESOURCES }]
    }
}

const RESOURCES: Holds = Holds { shapes: Holds::NAME, form: "the name of a resource, not its ARN", everything: None };

/// A kind of resource that has the switch, and nothing else that this guardrail looks at. `Display` of its key says what it is.
pub trait Protection: Copy + Debug + PartialEq + Send + Sync + 'static {
    /// How to find one.
    type Key: Subject + Display;

    /// See [`Setting::KIND`].
    const KIND: &'static str;
    /// See [`Setting::ABOUT`].
    const ABOUT: &'static About;
    /// See [`Setting::READS`].
    const READS: &'static [Permission];
    /// See [`Setting::LISTS`].
    const LISTS: &'static [Permission] = &[];
    /// Turns it on, and off.
    const CALLS: &'static [Call<bool>];
    /// See [`Setting::PLANNED`].
    const PLANNED: &'static [PlannedForm<Protected<Self::Key>>] = &[];

    /// See [`Setting::changed_by`].
    ///
    /// # Errors
    /// [`Unlocatable`] when the event is a trigger and does not say about which resource.
    fn changed_by(event: &Event) -> Located<Self::Key, Protected<Self::Key>>;

    /// See [`Setting::named`].
    fn named(key: &Self::Key, place: &Place) -> Resource;
}

impl<P: Protection> Setting for P {
    type Key = P::Key;
    type State = Protected<P::Key>;
    type Subject = P::Key;
    type Value = bool;
    type Settings = DeletionProtectionSettings;

    const KIND: &'static str = P::KIND;
    const STRICTEST: bool = true;
    const ABOUT: &'static About = P::ABOUT;
    const READS: &'static [Permission] = P::READS;
    const LISTS: &'static [Permission] = P::LISTS;
    const UNDOES: &'static [Permission] = P::ABOUT.actions;
    const CALLS: &'static [Call<bool>] = P::CALLS;
    const PLANNED: &'static [PlannedForm<Protected<P::Key>>] = P::PLANNED;

    fn changed_by(event: &Event) -> Result<Vec<Target<P::Key, Protected<P::Key>>>, Unlocatable> {
        P::changed_by(event)
    }

    fn narrow(state: &mut Protected<P::Key>, target: &Target<P::Key, Protected<P::Key>>) {
        state.in_question = target.changed.as_ref().is_none_or(|changed| changed.contains(PROTECTION_OFF));
        state.is_among_others = target.changed.as_ref().is_some_and(|changed| changed.contains(OTHERS));
    }

    fn named(key: &P::Key, place: &Place) -> Resource {
        P::named(key, place)
    }

    fn shown(state: &Protected<P::Key>) -> Shown<P::Key, bool> {
        let (subject, value) = (state.key.clone(), Observed::Known(state.is_on));
        Shown { subject, value, element: PROTECTION_OFF.to_owned(), is_fixed: state.is_being_deleted }
    }

    fn is_in_question(state: &Protected<P::Key>, terms: &Terms<'_>) -> bool {
        state.in_question && !state.is_being_set_up() && is_wanted(&<P as Setting>::settings(terms), state.key.name())
    }

    fn why(state: &Protected<P::Key>, _: &Terms<'_>) -> String {
        why(&state.key, state.is_being_deleted)
    }
}

/// What is known of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Protected<K> {
    /// Which.
    pub key: K,
    /// Whether the switch is on.
    pub is_on: bool,
    /// Whether the switch is to be judged: the event turned it, or it is unknown what the event did.
    pub in_question: bool,
    /// It is on its way out: nothing about it can be changed any more.
    pub is_being_deleted: bool,
    /// The event set other attributes beside it, as tools do that make a resource and send everything that they know.
    #[serde(skip)]
    pub is_among_others: bool,
    /// When it was made and when it was looked at, where a look shows it.
    #[serde(skip)]
    pub made: Option<Made>,
}

/// When something was made, and when it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    /// When it was made.
    pub at: Timestamp,
    /// When it was looked at.
    pub seen: Timestamp,
}

impl Made {
    /// What is younger than this is still being set up: a protection that is off has not been lost.
    const NEW: SignedDuration = SignedDuration::from_hours(1);

    /// Whether it is still being set up.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.at + Self::NEW > self.seen
    }
}

impl<K> Protected<K> {
    /// With the switch on or off, and nothing else known of it.
    pub fn switched(key: K, is_on: bool) -> Self {
        Self { key, is_on, in_question: true, is_being_deleted: false, is_among_others: false, made: None }
    }

    /// As a template or a plan says it: off where it does not say.
    pub(crate) fn planned(it: &PlannedResource<'_>, key: K, property: &str) -> Result<Option<Self>, Unreadable> {
        Ok(Some(Self::switched(key, it.flag(property)?.unwrap_or_default())))
    }

    /// The switch is off, and no call turned it off: the resource was made just now and got all of its settings.
    #[must_use]
    pub fn is_being_set_up(&self) -> bool {
        self.is_among_others && self.made.is_some_and(|made| made.is_new())
    }
}

/// What an event changed that turned the switch, and other settings with it.
pub(crate) fn changed(others_too: bool) -> Option<BTreeSet<String>> {
    let others = others_too.then(|| OTHERS.to_owned());
    Some(others.into_iter().chain([PROTECTION_OFF.to_owned()]).collect())
}

/// Whether policy wants protection for a resource of this name.
fn is_wanted(settings: &DeletionProtectionSettings, name: &str) -> bool {
    settings.only.is_empty() || settings.only.iter().any(|pattern| matches_pattern(pattern, name))
}

fn why(resource: &dyn Display, is_being_deleted: bool) -> String {
    let tail = if is_being_deleted { ", and it is being deleted" } else { "" };
    format!("{resource} is not protected from deletion{tail}")
}

/// A violation, unless policy wants no protection for a resource of this name.
pub(crate) fn unprotected(
    about: &About,
    settings: &DeletionProtectionSettings,
    name: &str,
    is_being_deleted: bool,
    resource: &dyn Display,
) -> Verdict {
    if !is_wanted(settings, name) {
        return Verdict::Compliant;
    }
    let evidence = vec![Evidence { element: PROTECTION_OFF.to_owned(), why: why(resource, is_being_deleted) }];
    Verdict::Violation(Violation { severity: about.severity, evidence })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::plan::Action;
    use crate::engine::setting::Set;
    use crate::resources::database::cluster::ClusterRef;
    use crate::resources::database::load_balancer::LoadBalancerRef;
    use crate::resources::database::table::TableRef;
    use crate::resources::database::{DbClusters, DynamodbTables, LoadBalancers};

    fn said<P: Protection>(_: P, key: P::Key) -> (String, String) {
        let call = Set::<P>::to(key, false).unwrap();
        let text = serde_json::to_string(&call).unwrap();
        assert_eq!(serde_json::from_str::<Set<P>>(&text).unwrap(), call);
        (call.to_string(), call.command("eu-west-1"))
    }

    #[test]
    fn each_says_what_it_turns_and_how() {
        let (sentence, line) = said(DbClusters, ClusterRef { id: "orders".to_owned() });
        assert_eq!(sentence, "turn deletion protection off for DB cluster orders");
        assert!(line.ends_with("--db-cluster-identifier orders --no-deletion-protection --region eu-west-1"));
        let (sentence, line) = said(DynamodbTables, TableRef { name: "orders".to_owned() });
        assert_eq!(sentence, "turn deletion protection off for table orders");
        assert!(line.ends_with("--table-name orders --no-deletion-protection-enabled --region eu-west-1"));
        let arn = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/shop/50dc6c495c0c9188";
        let (sentence, line) = said(LoadBalancers, LoadBalancerRef { arn: arn.to_owned() });
        assert_eq!(sentence, "turn deletion protection off for load balancer shop");
        let attributes = "--attributes Key=deletion_protection.enabled,Value=false --region eu-west-1";
        assert!(line.ends_with(&format!("--load-balancer-arn {arn} {attributes}")), "{line}");
    }
}
