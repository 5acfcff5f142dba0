//! DB instances: public access and deletion protection.

use super::DESCRIBE_DB_INSTANCES;
use super::DbInstances;
use super::state::{DbInstance, InstanceAction, InstanceRef, Questions};
use crate::aws::failure;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::database::client::Rds;
use crate::resources::database::cluster::DESCRIBE_DB_CLUSTERS;
use aws_sdk_rds::operation::RequestId;
use aws_sdk_rds::operation::describe_db_instances::{DescribeDBInstancesError, DescribeDbInstancesOutput};
use aws_sdk_rds::operation::modify_db_instance::builders::ModifyDBInstanceFluentBuilder;
use aws_sdk_rds::types::{DbInstance as Described, Filter};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

impl Observe<DbInstances> for Rds {
    async fn observe(&self, key: &InstanceRef, _: ReadDepth) -> Result<Observed<DbInstance>, ReadError> {
        if key.is_cluster {
            return self.public_cluster(&key.id).await;
        }
        let call = || self.client.describe_db_instances();
        let named = first(call().db_instance_identifier(&key.id).send().await)?;
        // A read by its name finds nothing where it has another by now.
        match (&named, &key.resource_id) {
            (Observed::Absent, Some(id)) => {
                let filter = Filter::builder().name("dbi-resource-id").values(id).build();
                first(call().filters(filter).send().await)
            }
            (Observed::Absent, None) | (Observed::Known(_) | Observed::Unknown { .. }, _) => Ok(named),
        }
    }
}

fn first(
    answer: Result<DescribeDbInstancesOutput, SdkError<DescribeDBInstancesError, HttpResponse>>,
) -> Result<Observed<DbInstance>, ReadError> {
    match answer {
        Ok(answer) => {
            let found = answer.db_instances.unwrap_or_default().into_iter().find_map(instance);
            Ok(found.map_or(Observed::Absent, Observed::Known))
        }
        Err(error) => failure(&error).of_read(DESCRIBE_DB_INSTANCES.action),
    }
}

impl Rds {
    /// A Multi-AZ DB cluster, as far as its public access goes.
    async fn public_cluster(&self, id: &str) -> Result<Observed<DbInstance>, ReadError> {
        let answer = match self.client.describe_db_clusters().db_cluster_identifier(id).send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(DESCRIBE_DB_CLUSTERS.action),
        };
        let Some(cluster) = answer.db_clusters.unwrap_or_default().into_iter().next() else {
            return Ok(Observed::Absent);
        };
        let why = || format!("the response about `{id}` does not show whether it is publicly accessible");
        let is_public = cluster.publicly_accessible;
        Ok(Observed::Known(DbInstance {
            id: id.to_owned(),
            is_public: is_public.map_or_else(|| Observed::Unknown { why: why() }, Observed::Known),
            is_protected: Observed::Absent,
            cluster: Observed::Known(id.to_owned()),
            is_cluster: true,
            is_being_deleted: cluster.status.as_deref() == Some("deleting"),
            in_question: Questions { access: true, protection: false },
        }))
    }
}

/// One without an identifier is none.
fn instance(described: Described) -> Option<DbInstance> {
    let id = described.db_instance_identifier?;
    let seen = |flag: Option<bool>, what: &str| match flag {
        Some(is_on) => Observed::Known(is_on),
        None => Observed::Unknown { why: format!("the response about `{id}` does not show whether it is {what}") },
    };
    Some(DbInstance {
        is_public: seen(described.publicly_accessible, "publicly accessible"),
        is_protected: seen(described.deletion_protection, "protected from deletion"),
        is_cluster: false,
        cluster: described.db_cluster_identifier.map_or(Observed::Absent, Observed::Known),
        is_being_deleted: described.db_instance_status.as_deref() == Some("deleting"),
        in_question: Questions::ALL,
        id,
    })
}

impl Apply<InstanceAction> for Rds {
    async fn apply(&self, action: &InstanceAction) -> Result<Applied, ApplyError> {
        match self.modify_instance(action).send().await {
            Ok(answer) => Ok(Applied { request_id: answer.request_id().map(str::to_owned), ..Applied::default() }),
            Err(error) => Err(failure(&error).of_action(action.permission())),
        }
    }
}

impl Rds {
    fn modify_instance(&self, action: &InstanceAction) -> ModifyDBInstanceFluentBuilder {
        let call = self.client.modify_db_instance().db_instance_identifier(&action.id);
        call.set_publicly_accessible(action.public_access).set_deletion_protection(action.protection)
    }
}

fn key(id: &str) -> InstanceRef {
    InstanceRef { id: id.to_owned(), resource_id: None, is_cluster: false }
}

impl List<DbInstances> for Rds {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<DbInstances>>, ReadError> {
        match self.client.describe_db_instances().set_marker(from.map(str::to_owned)).send().await {
            Ok(answer) => {
                let listed = answer.db_instances.unwrap_or_default().into_iter().filter_map(instance);
                let found = listed.map(|seen| (key(&seen.id), Observed::Known(seen))).collect();
                Ok(Observed::Known(Page { found, next: answer.marker }))
            }
            Err(error) => failure(&error).of_read(DESCRIBE_DB_INSTANCES.action),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::database::client::tests::unsent;

    #[test]
    fn an_instance_as_it_is_described() {
        let described = Described::builder().db_instance_identifier("orders").db_instance_status("deleting");
        let seen = instance(described.publicly_accessible(true).deletion_protection(false).build()).unwrap();
        assert_eq!((&seen.is_public, &seen.is_protected), (&Observed::Known(true), &Observed::Known(false)));
        assert_eq!(seen.cluster, Observed::Absent);
        assert!(seen.is_being_deleted);
        let member = Described::builder().db_instance_identifier("member").db_cluster_identifier("shop").build();
        let member = instance(member).unwrap();
        assert_eq!(member.cluster, Observed::Known("shop".to_owned()));
        assert!(matches!(member.is_public, Observed::Unknown { .. }), "nothing said is not `no`");
        assert!(instance(Described::builder().build()).is_none());
    }

    /// With `ApplyImmediately`, RDS would put pending changes of other people into effect.
    #[test]
    fn one_setting_is_changed_and_nothing_that_is_pending() {
        let call = unsent().modify_instance(&InstanceAction::access("orders", false));
        assert_eq!(call.get_db_instance_identifier().as_deref(), Some("orders"));
        assert_eq!((call.get_publicly_accessible(), call.get_deletion_protection()), (&Some(false), &None));
        assert_eq!(call.get_apply_immediately(), &None);
        let call = unsent().modify_instance(&InstanceAction::protection("orders", true));
        assert_eq!((call.get_publicly_accessible(), call.get_deletion_protection()), (&None, &Some(true)));
        assert_eq!(call.get_apply_immediately(), &None);
    }
}
