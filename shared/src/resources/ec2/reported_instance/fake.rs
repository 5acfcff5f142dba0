//! An instance that is reported. For tests (`shared/tests/all/world`).

use crate::world::{Living, not_there};
use serde_json::{Value, json};
use shared::engine::observed::Observed;
use shared::engine::plan::ApplyError;
use shared::resources::ec2::reported_instance::ReportedInstances;
use shared::resources::ec2::reported_instance::actions::{Groups, IsolationAction};
use shared::resources::ec2::reported_instance::state::{
    ISOLATED, Interface, Quarantine, ReportedInstance, ReportedRef,
};
use shared::resources::threat::Report;

/// In a world, a snapshot shows as a tag that undoing leaves.
const SNAPSHOT: &str = "snapshot of";

impl Living for ReportedInstances {
    fn change(live: &mut Observed<ReportedInstance>, action: &IsolationAction) -> Result<(), ApplyError> {
        let Observed::Known(instance) = live else { return Err(not_there("InvalidInstanceID.NotFound")) };
        match action {
            IsolationAction::Groups(Groups { interface, groups }) => {
                let found = instance.interfaces.get_mut(interface);
                let found = found.ok_or_else(|| not_there("InvalidNetworkInterfaceID.NotFound"))?;
                found.groups.clone_from(groups);
            }
            IsolationAction::Snapshot(mark) => {
                drop(instance.tags.insert(SNAPSHOT.to_owned(), mark.instance.clone()));
            }
            IsolationAction::Tag(mark) => drop(instance.tags.insert(ISOLATED.to_owned(), mark.value())),
            IsolationAction::Untag(_) => drop(instance.tags.remove(ISOLATED)),
        }
        Ok(())
    }

    fn read(live: &Observed<ReportedInstance>, key: &ReportedRef) -> Observed<ReportedInstance> {
        if let Observed::Known(instance) = live {
            assert_eq!(instance.id, key.id, "a look at another instance");
        }
        live.clone()
    }

    /// An instance as `DescribeInstances` writes it, with the `QuarantineGroups` of its VPCs: what each lets through.
    fn live(value: &Value) -> Observed<ReportedInstance> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let all = |value: &Value| value.as_array().cloned().unwrap_or_default();
        let interface = |shown: &Value| {
            let groups = all(&shown["Groups"]).iter().map(|group| text(&group["GroupId"])).collect();
            (text(&shown["NetworkInterfaceId"]), Interface { vpc: text(&shown["VpcId"]), groups })
        };
        let quarantine = |(vpc, shown): (&String, &Value)| {
            let lets_through = all(&shown["LetsThrough"]).iter().map(text).collect();
            (vpc.clone(), Quarantine { group: text(&shown["GroupId"]), lets_through })
        };
        let report = Report { kind: "unread".to_owned(), severity: None, at: jiff::Timestamp::UNIX_EPOCH };
        Observed::Known(ReportedInstance {
            id: text(&value["InstanceId"]),
            report,
            interfaces: all(&value["NetworkInterfaces"]).iter().map(interface).collect(),
            quarantine: match value["QuarantineGroups"].as_object() {
                Some(groups) => Observed::Known(groups.iter().map(quarantine).collect()),
                None => Observed::Unknown { why: text(&value["QuarantineGroups"]) },
            },
            tags: all(&value["Tags"]).iter().map(|tag| (text(&tag["Key"]), text(&tag["Value"]))).collect(),
            has_volumes: !all(&value["BlockDeviceMappings"]).is_empty(),
            is_gone: false,
        })
    }

    fn lines(live: &Observed<ReportedInstance>) -> Vec<String> {
        let Observed::Known(instance) = live else { return Vec::new() };
        let interfaces = instance.interfaces.iter();
        let interfaces = interfaces.map(|(id, interface)| format!("{id}: {}", interface.groups.join(", ")));
        interfaces.chain(instance.tags.iter().map(|(key, value)| format!("{key} {value}"))).collect()
    }

    fn samples() -> Vec<Value> {
        let mark = json!({"instance": "i-1", "finding": "CryptoCurrency:EC2/BitcoinTool.B!DNS"});
        let marks = ["snapshot", "tag", "untag"].into_iter().map(|call| json!({ call: mark }));
        marks.chain([json!({"groups": {"interface": "eni-1", "groups": ["sg-1", "sg-2"]}})]).collect()
    }
}
