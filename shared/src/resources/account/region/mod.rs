//! ACC-05: only the regions that are wanted are enabled.
//!
//! Sources: "EnableRegion", "DisableRegion", "GetRegionOptStatus" (AWS Account Management API reference), "Enable or disable AWS Regions in your account" (reference guide): a
//! region that is disabled keeps its resources, and charges for them, and IAM's principals reach them no more until it is enabled again. Both take minutes to hours, and while
//! one is under way the other is refused. Parapet is not in a region that was enabled a minute ago, which is what intruders enable one for.

use super::{ACCOUNT, SOURCE, text};
use crate::engine::setting::Subject;
use crate::engine::setting::prelude::*;
use crate::engine::shell::word;
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use crate::resources::callers::{PRINCIPALS, are_among, callers};
use schemars::JsonSchema;
use serde_json::{Value, json};

const ARNS: &[&str] = &["account::${Account}:account", "account::*:account/o-*/*"];
const GET: Permission = Permission::on("account:GetRegionOptStatus", ARNS);
const ENABLE: Permission = Permission::on("account:EnableRegion", ARNS);
const LIST: Permission = Permission::on("account:ListRegions", ARNS);
const DISABLE: Permission = Permission::on("account:DisableRegion", ARNS);

/// What the operator chose.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AllowedRegions {
    /// Names of regions that may be enabled, such as `eu-south-1`; `*` and `?` match.
    pub allowed_regions: Vec<String>,
    /// ARNs of the principals (or of the roles behind their sessions) that may enable any region; `*` and `?` match as in IAM.
    pub allowed_principals: Vec<String>,
}

impl GuardrailSettings for AllowedRegions {
    fn lists(&self) -> Vec<List<'_>> {
        vec![
            List { name: "allowed_regions", entries: &self.allowed_regions, holds: REGIONS },
            List { name: "allowed_principals", entries: &self.allowed_principals, holds: PRINCIPALS },
        ]
    }
}

const REGIONS: Holds = Holds {
    shapes: Holds::NAME,
    form: "the name of a region",
    everything: Some("allows every region: the guardrail finds nothing"),
};

/// The regions of an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EnabledRegions;

/// How a region is found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionRef {
    /// Its name and account.
    pub subject: Region,
    /// Who enabled it; none in a sweep.
    pub by: Option<Vec<String>>,
}

/// A region of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Region {
    /// Such as `eu-south-1`.
    pub name: String,
    /// The account, where it is a member that the caller's account administers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub member: Option<String>,
}

impl Subject for Region {
    fn name(&self) -> &str {
        &self.name
    }
}

/// What is known of one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OptedIn {
    /// Which.
    pub of: RegionRef,
    /// `RegionOptStatus`
    pub status: String,
}

impl OptedIn {
    /// Whether it is enabled. One that no account can disable has no such setting.
    fn is_enabled(&self) -> Observed<bool> {
        match self.status.as_str() {
            "ENABLED" | "ENABLING" => Observed::Known(true),
            "DISABLED" | "DISABLING" => Observed::Known(false),
            "ENABLED_BY_DEFAULT" => Observed::Absent,
            other => Observed::Unknown {
                why: format!("the status of region {} is not known: `{other}`", self.of.subject.name),
            },
        }
    }
}

impl Setting for EnabledRegions {
    type Key = RegionRef;
    type State = OptedIn;
    type Subject = Region;
    type Value = bool;
    type Settings = AllowedRegions;

    const KIND: &'static str = "enabled-region";
    const STRICTEST: bool = false;
    const READS: &'static [Permission] = &[GET];
    const LISTS: &'static [Permission] = &[LIST];
    const UNDOES: &'static [Permission] = &[ENABLE, DISABLE];
    const IS_GLOBAL: bool = true;
    const ABOUT: &'static About = &About {
        name: "region-enabled",
        catalogue_id: "ACC-05",
        title: "A region that has to be enabled was enabled",
        description: "A principal that is not among `allowed_principals` enabled a region that is not among `allowed_regions`. Neither Parapet nor any other regional control stands \
            in a region that was just enabled. Where `allowed_regions` names some, a sweep \
            notifies every other one that is enabled.",
        severity: Severity::High,
        class: Class::R2,
        controls: &[],
        technique: "T1535",
        triggers: &["EnableRegion"],
        remediation: "Disables the region, where class R2 is allowed: its resources stay and are charged for, and are out of reach until it is enabled again. AWS refuses that while \
            the region is still being enabled, for minutes to hours: then it notifies. So does a sweep, which does not show who enabled a region.",
        actions: &[DISABLE],
        ids: &["arn:%:account::%:region/%"],
        not_watched: &[
            ("DisableRegion", "a region that is disabled is what should be"),
            ("AcceptHandshake, CreateAccount", "a new account has only the regions that are enabled by default"),
        ],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(false, &["disable"], DISABLE, "disable region {}", "aws account disable-region --region-name {}"),
        Call::new(true, &["enable"], ENABLE, "enable region {}", "aws account enable-region --region-name {}"),
    ];

    const PLANNED: &'static [PlannedForm<OptedIn>] = &[PlannedForm::one("aws_account_region", |it| {
        // What it calls: `EnableRegion` or `DisableRegion`.
        let status = if it.flag("enabled")? == Some(false) { "DISABLED" } else { "ENABLING" };
        let name = it.text("region_name")?.unwrap_or_else(|| it.name.to_owned());
        let member = it.text("account_id").ok().flatten();
        let of = RegionRef { subject: Region { name, member }, by: Some(Vec::new()) };
        Ok(Some(OptedIn { of, status: status.to_owned() }))
    })];

    fn changed_by(event: &Event) -> Result<Vec<Target<RegionRef, OptedIn>>, Unlocatable> {
        if !event.is_one_of(SOURCE, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let name = text(&event.request, "RegionName");
        let name = name.ok_or_else(|| Unlocatable::new(event, "the record names no region"))?.to_owned();
        let member = text(&event.request, "AccountId").filter(|account| *account != event.account);
        let subject = Region { name, member: member.map(str::to_owned) };
        Ok(vec![Target { key: RegionRef { subject, by: Some(callers(event)) }, proven: None, changed: None }])
    }

    /// What it leads to: the record of a call that succeeded proves no status.
    fn requested_by(event: &Event) -> Option<OptedIn> {
        let Target { key, .. } = Self::changed_by(event).ok()?.pop()?;
        Some(OptedIn { of: key, status: "ENABLING".to_owned() })
    }

    fn narrow(region: &mut OptedIn, target: &Target<RegionRef, OptedIn>) {
        region.of.clone_from(&target.key);
    }

    fn named(key: &RegionRef, Place { partition, account, .. }: &Place) -> Resource {
        let Region { name, member } = &key.subject;
        let id = format!("arn:{partition}:account::{}:region/{name}", member.as_ref().unwrap_or(account));
        Resource { id, kind: "Other", name: name.clone() }
    }

    fn line(call: &Call<bool>, region: &Region) -> String {
        let line = call.line.replacen("{}", &word(&region.name), 1);
        match &region.member {
            Some(member) => format!("{line} --account-id {}", word(member)),
            None => line,
        }
    }

    fn shown(region: &OptedIn) -> Shown<Region, bool> {
        Shown {
            subject: region.of.subject.clone(),
            value: region.is_enabled(),
            element: "enabled".to_owned(),
            is_fixed: region.status == "ENABLING" || region.of.by.is_none(),
        }
    }

    fn is_in_question(region: &OptedIn, terms: &Terms<'_>) -> bool {
        let settings = Self::settings(terms);
        let is_allowed = settings.allowed_regions.iter().any(|name| matches_pattern(name, &region.of.subject.name));
        let is_asked = match &region.of.by {
            Some(by) => !are_among(&settings.allowed_principals, by),
            None => !settings.allowed_regions.is_empty(),
        };
        is_asked && !is_allowed
    }

    fn why(region: &OptedIn, _: &Terms<'_>) -> String {
        let name = &region.of.subject.name;
        if region.status == "ENABLING" {
            return format!("region {name} is being enabled, and AWS takes no other call until it is");
        }
        format!("region {name} is enabled")
    }
}

impl SignedSetting for EnabledRegions {
    const API: &'static Api = &ACCOUNT;

    fn get(key: &RegionRef) -> Request {
        call("GetRegionOptStatus", "getRegionOptStatus", &key.subject)
    }

    fn got(key: &RegionRef, answer: &Answer) -> Observed<OptedIn> {
        match answer.text("RegionOptStatus") {
            Some(status) => Observed::Known(OptedIn { of: key.clone(), status: status.to_owned() }),
            None => {
                Observed::Unknown { why: format!("the answer does not show the status of region {}", key.subject.name) }
            }
        }
    }

    fn set(region: &Region, is_enabled: bool) -> Request {
        let (operation, path) =
            if is_enabled { ("EnableRegion", "enableRegion") } else { ("DisableRegion", "disableRegion") };
        call(operation, path, region)
    }

    /// Those that an account chooses, and has.
    fn list(from: Option<&str>) -> Option<Request> {
        let list = Request::rest("ListRegions", "POST", &["listRegions"]);
        Some(list.member("RegionOptStatusContains", Some(json!(["ENABLED", "ENABLING"]))).member("NextToken", from))
    }

    fn listed(answer: &Answer) -> Listing<Self> {
        let region = |one: &Value| {
            let subject = Region { name: one["RegionName"].as_str()?.to_owned(), member: None };
            let key = RegionRef { subject, by: None };
            let shown = one["RegionOptStatus"].as_str();
            let shown = shown.map(|status| Observed::Known(OptedIn { of: key.clone(), status: status.to_owned() }));
            Some((key, shown))
        };
        let found = answer.list("Regions").iter().filter_map(region).collect();
        Listing { found, next: answer.text("NextToken").map(str::to_owned) }
    }
}

fn call(operation: &'static str, path: &'static str, region: &Region) -> Request {
    Request::rest(operation, "POST", &[path])
        .member("RegionName", Some(region.name.as_str()))
        .member("AccountId", region.member.as_deref())
}
