//! LOG-07: Security Hub stays enabled.
//!
//! Sources: "DisableSecurityHub", "EnableSecurityHub", "DescribeHub", "DisableSecurityHubV2", "EnableSecurityHubV2", "DescribeSecurityHubV2" (Security Hub API reference). The first is
//! Security Hub CSPM, with standards and controls; the second is Security Hub, which relates findings of several services.

use super::{IDS, SECURITY_HUB, SOURCE, hub};
use crate::engine::setting::prelude::*;
use crate::resources::callers::{AllowedPrincipals, callers};
use std::fmt::Debug;
use std::marker::PhantomData;

const HUB: &[&str] = &["securityhub:${Region}:${Account}:hub/default"];

/// Who called.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubRef {
    /// See [`callers`].
    pub by: Vec<String>,
}

/// Security Hub of an account and region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hub {
    /// Who called.
    pub of: HubRef,
    /// Whether it is enabled.
    pub is_on: bool,
}

/// One of the two.
pub trait Version: Copy + Debug + Default + PartialEq + Send + Sync + 'static {
    /// See [`Setting::KIND`].
    const KIND: &'static str;
    /// See [`Setting::ABOUT`].
    const ABOUT: &'static About;
    /// The calls that enable and disable it.
    const CALLS: &'static [Call<bool>];
    /// See [`Setting::READS`].
    const READS: &'static [Permission];
    /// See [`Setting::UNDOES`].
    const UNDOES: &'static [Permission];
    /// The operation that reads it, and the member that has its ARN.
    const READ: (&'static str, &'static str);
    /// What it is called.
    const NAME: &'static str;
    /// Its path.
    const PATH: &'static str;
    /// The operations that enable and disable it.
    const OPERATIONS: [&'static str; 2];

    /// The call that enables it.
    fn enable(request: Request) -> Request {
        request
    }
}

/// The family of such a hub.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HubOf<V>(PhantomData<V>);

/// Security Hub CSPM.
pub type Hubs = HubOf<Cspm>;
/// Security Hub.
pub type HubsV2 = HubOf<Unified>;

impl<V: Version> Setting for HubOf<V> {
    type Key = HubRef;
    type State = Hub;
    type Subject = ();
    type Value = bool;
    type Settings = AllowedPrincipals;

    const KIND: &'static str = V::KIND;
    const STRICTEST: bool = true;
    const READS: &'static [Permission] = V::READS;
    const UNDOES: &'static [Permission] = V::UNDOES;
    const ABOUT: &'static About = V::ABOUT;
    const CALLS: &'static [Call<bool>] = V::CALLS;

    /// A call that succeeded has disabled it.
    fn changed_by(event: &Event) -> Result<Vec<Target<HubRef, Hub>>, Unlocatable> {
        if !event.is_one_of(SOURCE, V::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let key = HubRef { by: callers(event) };
        Ok(vec![Target { proven: Some(Hub { of: key.clone(), is_on: false }), key, changed: None }])
    }

    fn narrow(hub: &mut Hub, target: &Target<HubRef, Hub>) {
        hub.of.clone_from(&target.key);
    }

    fn named(_: &HubRef, place: &Place) -> Resource {
        hub(place)
    }

    fn shown(hub: &Hub) -> Shown<(), bool> {
        Shown::of((), hub.is_on, "disabled")
    }

    fn is_in_question(hub: &Hub, terms: &Terms<'_>) -> bool {
        !Self::settings(terms).allow(&hub.of.by)
    }

    fn why(_: &Hub, _: &Terms<'_>) -> String {
        format!("{} is disabled in this region", V::NAME)
    }
}

impl<V: Version> SignedSetting for HubOf<V> {
    const API: &'static Api = &SECURITY_HUB;

    fn get(_: &HubRef) -> Request {
        Request::rest(V::READ.0, "GET", &[V::PATH])
    }

    fn got(key: &HubRef, answer: &Answer) -> Observed<Hub> {
        match answer.text(V::READ.1) {
            Some(_) => Observed::Known(Hub { of: key.clone(), is_on: true }),
            None => Observed::Unknown { why: format!("the answer does not show whether {} is enabled", V::NAME) },
        }
    }

    /// Its read is refused where it is not enabled.
    fn missing(key: &HubRef) -> Observed<Hub> {
        Observed::Known(Hub { of: key.clone(), is_on: false })
    }

    fn set((): &(), is_on: bool) -> Request {
        let [on, off] = V::OPERATIONS;
        if is_on { V::enable(Request::rest(on, "POST", &[V::PATH])) } else { Request::rest(off, "DELETE", &[V::PATH]) }
    }

    /// Only the event of such a call is one: nothing is listed.
    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }
}

/// See [`Hubs`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cspm;

const ENABLE: Permission = Permission::on("securityhub:EnableSecurityHub", HUB);
const DISABLE: Permission = Permission::on("securityhub:DisableSecurityHub", HUB);

impl Version for Cspm {
    const KIND: &'static str = "security-hub";
    const ABOUT: &'static About = &About {
        name: "security-hub-disabled",
        catalogue_id: "LOG-07",
        title: "Security Hub CSPM was disabled",
        description: "Security Hub CSPM was disabled in a region by a principal that is not among `allowed_principals`: no control is evaluated there any more, and its findings, standards \
            and insights are gone.",
        severity: Severity::High,
        class: Class::R1,
        controls: &["CIS AWS Foundations 5.0.0/4.16"],
        technique: "T1562.001",
        triggers: &["DisableSecurityHub"],
        remediation: "Enables it again, with the standards that AWS enables by default; other standards, findings, insights and automation rules are not brought back. An \
            organization's central configuration applies its own standards again.",
        actions: &[ENABLE],
        ids: IDS,
        not_watched: &[("BatchDisableStandards", "standards that are disabled are another guardrail's")],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(
            true,
            &["enable"],
            ENABLE,
            "enable Security Hub CSPM",
            "aws securityhub enable-security-hub --enable-default-standards",
        ),
        Call::new(false, &["disable"], DISABLE, "disable Security Hub CSPM", "aws securityhub disable-security-hub"),
    ];
    const READS: &'static [Permission] = &[Permission::on("securityhub:DescribeHub", HUB)];
    const UNDOES: &'static [Permission] = &[DISABLE];
    const READ: (&'static str, &'static str) = ("DescribeHub", "HubArn");
    const NAME: &'static str = "Security Hub CSPM";
    const PATH: &'static str = "accounts";
    const OPERATIONS: [&'static str; 2] = ["EnableSecurityHub", "DisableSecurityHub"];

    fn enable(request: Request) -> Request {
        request.member("EnableDefaultStandards", Some(true))
    }
}

/// See [`HubsV2`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unified;

const ENABLE_V2: Permission = Permission::setting("securityhub:EnableSecurityHubV2");
const DISABLE_V2: Permission = Permission::setting("securityhub:DisableSecurityHubV2");

impl Version for Unified {
    const KIND: &'static str = "security-hub-v2";
    const ABOUT: &'static About = &About {
        name: "security-hub-v2-disabled",
        catalogue_id: "LOG-07",
        title: "Security Hub was disabled",
        description: "Security Hub (the service that relates findings of several others, not Security Hub CSPM) was disabled in a region by a principal that is not among \
            `allowed_principals`: findings are not brought together there any more.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1562.001",
        triggers: &["DisableSecurityHubV2"],
        remediation: "Enables it again. Its automation rules and connectors are not brought back.",
        actions: &[ENABLE_V2],
        ids: IDS,
        not_watched: &[("DisableSecurityHub", "Security Hub CSPM is another guardrail's")],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call::new(true, &["enable"], ENABLE_V2, "enable Security Hub", "aws securityhub enable-security-hub-v2"),
        Call::new(false, &["disable"], DISABLE_V2, "disable Security Hub", "aws securityhub disable-security-hub-v2"),
    ];
    const READS: &'static [Permission] = &[Permission::read("securityhub:DescribeSecurityHubV2")];
    const UNDOES: &'static [Permission] = &[DISABLE_V2];
    const READ: (&'static str, &'static str) = ("DescribeSecurityHubV2", "HubV2Arn");
    const NAME: &'static str = "Security Hub";
    const PATH: &'static str = "hubv2";
    const OPERATIONS: [&'static str; 2] = ["EnableSecurityHubV2", "DisableSecurityHubV2"];
}
