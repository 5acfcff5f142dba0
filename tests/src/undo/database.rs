//! The commands of databases and load balancers.

use crate::Result;
use crate::aws::Clients;
use aws_sdk_elasticloadbalancingv2::types::LoadBalancerAttribute;

/// Runs the command that these words are.
pub(super) async fn run(clients: &Clients, words: &[String]) -> Result<()> {
    let rds = aws_sdk_rds::Client::new(&clients.config);
    let at = |name: &str| words.iter().position(|word| word == name);
    let needed = |name: &str| at(name).and_then(|at| words.get(at + 1)).ok_or(format!("{words:?} has no {name}"));
    let listed = |name: &str| {
        let after = at(name).map(|at| words.iter().skip(at + 1).take_while(|word| !word.starts_with("--")));
        after.map(|values| values.cloned().collect::<Vec<_>>())
    };
    let flag = |name: &str| match (at(&format!("--{name}")), at(&format!("--no-{name}"))) {
        (Some(_), _) => Some(true),
        (None, Some(_)) => Some(false),
        (None, None) => None,
    };
    match words.get(2).map(String::as_str) {
        Some("modify-db-snapshot-attribute") => {
            let call = rds.modify_db_snapshot_attribute().db_snapshot_identifier(needed("--db-snapshot-identifier")?);
            let call = call.attribute_name(needed("--attribute-name")?).set_values_to_add(listed("--values-to-add"));
            call.set_values_to_remove(listed("--values-to-remove")).send().await?;
        }
        Some("modify-db-cluster-snapshot-attribute") => {
            let call = rds.modify_db_cluster_snapshot_attribute();
            let call = call.db_cluster_snapshot_identifier(needed("--db-cluster-snapshot-identifier")?);
            let call = call.attribute_name(needed("--attribute-name")?).set_values_to_add(listed("--values-to-add"));
            call.set_values_to_remove(listed("--values-to-remove")).send().await?;
        }
        Some("modify-db-instance") => {
            let call = rds.modify_db_instance().db_instance_identifier(needed("--db-instance-identifier")?);
            let call = call.set_publicly_accessible(flag("publicly-accessible"));
            call.set_deletion_protection(flag("deletion-protection")).send().await?;
        }
        Some("modify-db-cluster") => {
            let call = rds.modify_db_cluster().db_cluster_identifier(needed("--db-cluster-identifier")?);
            call.set_deletion_protection(flag("deletion-protection")).send().await?;
        }
        Some("update-table") => {
            let call = clients.dynamodb.update_table().table_name(needed("--table-name")?);
            call.set_deletion_protection_enabled(flag("deletion-protection-enabled")).send().await?;
        }
        Some("modify-load-balancer-attributes") => {
            let pair = needed("--attributes")?;
            let part = |name: &str| pair.split(',').find_map(|part| part.strip_prefix(name)).map(str::to_owned);
            let attribute = LoadBalancerAttribute::builder().set_key(part("Key=")).set_value(part("Value="));
            let client = aws_sdk_elasticloadbalancingv2::Client::new(&clients.config);
            let call = client.modify_load_balancer_attributes().load_balancer_arn(needed("--load-balancer-arn")?);
            call.attributes(attribute.build()).send().await?;
        }
        _ => return Err(format!("{words:?} is not a command that Parapet prints").into()),
    }
    Ok(())
}
