//! With whom a snapshot or an image is shared. For tests (`shared/tests/all/world`).

use crate::world::not_there;
use serde_json::Value;
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::sharing::{Grant, Grantee, Shareable, Shared, SharedRef, SharingAction};

/// To take away what is not there, or to add what is, is no error.
pub fn change(live: &mut Observed<Shared>, action: &SharingAction, gone: &str) -> Result<(), ApplyError> {
    let Observed::Known(shared) = live else { return Err(not_there(gone)) };
    let named = action.entries();
    assert_eq!((named.what, &named.id), (shared.what, &shared.id), "a call about another resource");
    shared.grants.retain(|grant| !named.grantees.contains(&grant.to));
    if matches!(action, SharingAction::Share(_)) {
        shared.grants.extend(named.grantees.iter().map(|to| Grant { to: to.clone(), in_question: true }));
    }
    Ok(())
}

pub fn read(live: &Observed<Shared>, key: &SharedRef) -> Observed<Shared> {
    if let Observed::Known(shared) = live {
        assert_eq!(shared.id, key.id, "a look at another resource");
    }
    live.clone()
}

pub fn shared(value: &Value, what: Shareable, id: &str, permissions: &str) -> Observed<Shared> {
    let id = value[id].as_str().unwrap().to_owned();
    let mut shared = Shared { what, id, grants: Vec::new(), unread: Vec::new() };
    for item in value[permissions].as_array().unwrap() {
        let text = |key: &str| item[key].as_str().map(str::to_owned);
        let everyone = || (text("Group")? == "all").then_some(Grantee::Everyone);
        let account = || text("UserId").map(Grantee::Account);
        let organization = || text("OrganizationArn").map(Grantee::Organization);
        let unit = || text("OrganizationalUnitArn").map(Grantee::Unit);
        match everyone().or_else(account).or_else(organization).or_else(unit) {
            Some(to) => shared.grants.push(Grant { to, in_question: true }),
            None => shared.unread.push(item.to_string()),
        }
    }
    Observed::Known(shared)
}

pub fn lines(live: &Observed<Shared>) -> Vec<String> {
    live.known().map(|shared| shared.grants.iter().map(|grant| grant.to.element()).collect()).unwrap_or_default()
}
