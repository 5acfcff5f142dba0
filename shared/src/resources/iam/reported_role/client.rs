//! IAM: roles of which a session is reported.

use super::ReportedRoles;
use super::state::{ReportedRole, RoleRef};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::resources::iam::client::Iam;
use crate::resources::iam::record::GET_ROLE;
use jiff::Timestamp;

impl Observe<ReportedRoles> for Iam {
    /// A role of that name and another id is another account's, or was made since: it is not the one.
    async fn observe(&self, key: &RoleRef, _: ReadDepth) -> Result<Observed<ReportedRole>, ReadError> {
        let (seen, name) = (Timestamp::now(), &key.caller.name);
        let role = match self.client.get_role().role_name(name).send().await {
            Ok(answer) => answer.role,
            Err(error) => return failure(&error).of_read(GET_ROLE.action),
        };
        let Some(role) = role.filter(|role| role.role_id == key.caller.id) else { return Ok(Observed::Absent) };
        let denies = self.denies_of_role(name).await?;
        let (name, path) = (role.role_name, role.path);
        Ok(Observed::Known(ReportedRole { name, path, report: key.report.clone(), denies, is_gone: false, seen }))
    }
}

/// A report is an event: a sweep has none. That of session cuts removes what was made here.
impl List<ReportedRoles> for Iam {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<ReportedRoles>>, ReadError> {
        Ok(Observed::Known(Page { found: Vec::new(), next: None }))
    }
}
