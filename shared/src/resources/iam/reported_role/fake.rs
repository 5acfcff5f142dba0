//! A role of which a session is reported. For tests (`shared/tests/all/world`).

use crate::world::fakes::iam_deny_policy as deny_policy;
use crate::world::{Living, both, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::iam::deny_policy::DenyAction;
use shared::resources::iam::reported_role::ReportedRoles;
use shared::resources::iam::reported_role::state::{ReportedRole, RoleRef};
use shared::resources::threat::Report;

impl Living for ReportedRoles {
    fn change(live: &mut Observed<ReportedRole>, action: &DenyAction) -> Result<(), ApplyError> {
        let Observed::Known(role) = live else { return Err(not_there("NoSuchEntity")) };
        assert_eq!(action.policy().on.name(), role.name, "a call about another role");
        deny_policy::change(&mut role.denies, action)
    }

    fn read(live: &Observed<ReportedRole>, key: &RoleRef) -> Observed<ReportedRole> {
        if let Observed::Known(role) = live {
            assert_eq!(role.name, key.caller.name, "a look at another role");
        }
        live.clone()
    }

    /// `GetRole`, with the role's inline policies as `UserPolicies` has them, and the time of the look.
    fn live(value: &Value) -> Observed<ReportedRole> {
        let kind = "a read does not show it".to_owned();
        Observed::Known(ReportedRole {
            name: value["RoleName"].as_str().unwrap().to_owned(),
            path: value["Path"].as_str().unwrap_or("/").to_owned(),
            report: Report { kind, severity: None, at: jiff::Timestamp::UNIX_EPOCH },
            denies: deny_policy::live(value),
            is_gone: false,
            seen: value["Now"].as_str().unwrap_or("2026-03-02T09:14:20Z").parse().unwrap(),
        })
    }

    fn lines(live: &Observed<ReportedRole>) -> Vec<String> {
        live.known().map(|role| deny_policy::lines(&role.denies)).unwrap_or_default()
    }

    fn samples() -> Vec<Value> {
        both("put", "lift", &json!({"on": {"role": "web"}, "deny": deny_policy::cut()}))
    }
}
