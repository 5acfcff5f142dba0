//! Filters of GuardDuty findings archive nothing: LOG-08.
//!
//! Sources: "CreateFilter", "UpdateFilter", "GetFilter" (GuardDuty API reference), "Suppression rules" (GuardDuty user guide): a filter with the action `ARCHIVE` archives every new
//! finding that meets its criteria; those are not sent to EventBridge, Security Hub or S3. With `NOOP` it is a saved search.

use super::{GUARDDUTY, SOURCE, detector_of};
use crate::engine::setting::Subject;
use crate::engine::setting::prelude::*;
use crate::engine::shell::word;
use crate::resources::callers::{AllowedPrincipals, callers};

const FILTERS: &[&str] = &["guardduty:${Region}:${Account}:detector/*/filter/*"];
const GET: Permission = Permission::on("guardduty:GetFilter", FILTERS);
const UPDATE: Permission = Permission::on("guardduty:UpdateFilter", FILTERS);

/// What filters do with findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filters;

/// What its calls name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterId {
    /// The id of its detector.
    pub detector: String,
    /// Its name.
    pub filter: String,
}

impl Subject for FilterId {
    fn name(&self) -> &str {
        &self.filter
    }
}

/// How a filter is found, and who called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FilterRef {
    /// Which.
    pub of: FilterId,
    /// See [`callers`].
    pub by: Vec<String>,
}

/// A filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Filter {
    /// How it is found.
    pub of: FilterRef,
    /// Whether it leaves findings alone.
    pub is_harmless: Observed<bool>,
}

fn harmless(action: &str) -> Observed<bool> {
    match action {
        "NOOP" => Observed::Known(true),
        "ARCHIVE" => Observed::Known(false),
        other => Observed::Unknown { why: format!("the filter's action is not known: `{other}`") },
    }
}

impl Setting for Filters {
    type Key = FilterRef;
    type State = Filter;
    type Subject = FilterId;
    type Value = bool;
    type Settings = AllowedPrincipals;

    const KIND: &'static str = "guardduty-filter";
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = &[GET];
    const UNDOES: &'static [Permission] = &[UPDATE];
    const ABOUT: &'static About = &About {
        name: "guardduty-filter-archives",
        catalogue_id: "LOG-08",
        title: "A GuardDuty filter archives findings",
        description: "A principal that is not among `allowed_principals` made a filter of a detector that archives the findings which it matches, or changed what such a filter \
            matches: they reach neither EventBridge nor Security Hub any more. Filters that no event is about are left alone.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1562.001",
        triggers: &["CreateFilter", "UpdateFilter"],
        remediation: "Sets the filter's action to `NOOP`: its name and criteria stay, and new findings are shown again. What it has archived meanwhile stays archived.",
        actions: &[UPDATE],
        ids: &["arn:%:guardduty:%:%:detector/%/filter/%"],
        not_watched: &[
            ("DeleteFilter", "without it, more findings are shown"),
            ("ArchiveFindings", "it archives findings that are there already, each by its id"),
        ],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["show"],
            UPDATE,
            "let GuardDuty filter {} archive nothing",
            "aws guardduty update-filter --action NOOP --filter-name {}",
        ),
        Call::new(
            false,
            &["archive"],
            UPDATE,
            "let GuardDuty filter {} archive what it matches",
            "aws guardduty update-filter --action ARCHIVE --filter-name {}",
        ),
    ];

    const PLANNED: &'static [PlannedForm<Filter>] =
        &[PlannedForm::one("AWS::GuardDuty::Filter", planned), PlannedForm::one("aws_guardduty_filter", planned)];

    fn line(call: &Call<bool>, of: &FilterId) -> String {
        format!("{} --detector-id {}", call.line.replacen("{}", &word(&of.filter), 1), word(&of.detector))
    }

    /// A call that names an action proves it. One that changes the criteria alone is about a filter whose action only a read shows; one that changes neither
    /// hides nothing.
    fn changed_by(event: &Event) -> Result<Vec<Target<FilterRef, Filter>>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let is_new = event.name == "CreateFilter";
        let unnamed = || Unlocatable::new(event, "the record names no filter");
        let filter = event.request.text(&[if is_new { "name" } else { "filterName" }]).ok_or_else(unnamed)?;
        let of = FilterId { detector: detector_of(event)?, filter: filter.to_owned() };
        let key = FilterRef { of, by: callers(event) };
        // Without an action, a new one is a saved search.
        let action = event.request.text(&["action"]).or(is_new.then_some("NOOP"));
        let proven = action.map(|action| Filter { of: key.clone(), is_harmless: harmless(action) });
        if proven.is_none() && event.request.at(&["findingCriteria"]).is_none() {
            return Ok(Vec::new());
        }
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn narrow(filter: &mut Filter, target: &Target<FilterRef, Filter>) {
        filter.of.clone_from(&target.key);
    }

    fn named(key: &FilterRef, Place { partition, account, region }: &Place) -> Resource {
        let FilterId { detector, filter } = &key.of;
        let id = format!("arn:{partition}:guardduty:{region}:{account}:detector/{detector}/filter/{filter}");
        Resource { id, kind: "AwsGuardDutyFilter", name: filter.clone() }
    }

    fn shown(filter: &Filter) -> Shown<FilterId, bool> {
        let (subject, value) = (filter.of.of.clone(), filter.is_harmless.clone());
        Shown { subject, value, element: "archives findings".to_owned(), is_fixed: false }
    }

    fn is_in_question(filter: &Filter, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&filter.of.by)
    }

    fn why(filter: &Filter, _: &Terms<'_>) -> String {
        format!("GuardDuty filter `{}` archives the findings that it matches: they are not shown", filter.of.of.filter)
    }
}

/// Without an action it is a saved search.
fn planned(it: &PlannedResource<'_>) -> Result<Option<Filter>, Unreadable> {
    let action = it.text(it.called("Action", "action"))?;
    let is_harmless = harmless(action.as_deref().unwrap_or("NOOP"));
    let detector = it.text(it.called("DetectorId", "detector_id")).ok().flatten().unwrap_or_default();
    let of = FilterId { detector, filter: it.named(&["Name", "name"]) };
    Ok(Some(Filter { of: FilterRef { of, by: Vec::new() }, is_harmless }))
}

impl SignedSetting for Filters {
    const API: &'static Api = &GUARDDUTY;

    fn get(key: &FilterRef) -> Request {
        Request::rest("GetFilter", "GET", &["detector", &key.of.detector, "filter", &key.of.filter])
    }

    fn got(key: &FilterRef, answer: &Answer) -> Observed<Filter> {
        match answer.text("action") {
            Some(action) => Observed::Known(Filter { of: key.clone(), is_harmless: harmless(action) }),
            None => Observed::Unknown { why: format!("the answer does not show the action of `{}`", key.of.filter) },
        }
    }

    fn set(of: &FilterId, is_harmless: bool) -> Request {
        let action = if is_harmless { "NOOP" } else { "ARCHIVE" };
        Request::rest("UpdateFilter", "POST", &["detector", &of.detector, "filter", &of.filter])
            .member("action", Some(action))
    }

    /// Only the event of such a call is one: nothing is listed.
    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }
}
