//! Flow logs. One that was made anew has another id: it is found by its settings.

use super::FlowLogs;
use super::actions::{CREATE_FLOW_LOGS, CREATE_LOG_DELIVERY, CREATE_TAGS, PASS_ROLE};
use super::state::{FileOptions, FlowLog, FlowLogAction, FlowLogConfig, FlowLogRef, Now};
use super::{DESCRIBE_FLOW_LOGS, DESCRIBE_NETWORK_INTERFACES, DESCRIBE_TRANSIT_GATEWAY_ATTACHMENTS, DESCRIBE_VPCS};
use crate::aws::{Failure, Service, failure};
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Action, Applied, Apply, ApplyError};
use crate::resources::ec2::client::{Ec2, id_of};
use crate::resources::ec2::subnet::DESCRIBE_SUBNETS;
use crate::resources::ec2::transit_gateway::DESCRIBE_TRANSIT_GATEWAYS;
use crate::resources::ec2::transit_gateway::client::is_deleted;
use aws_sdk_ec2::types::{
    self, DestinationFileFormat, DestinationOptionsRequest, Filter, FlowLogsResourceType, LogDestinationType,
    ResourceType, Tag, TagFieldSpecificationRequest, TagSpecification, TaggableResourceType, TrafficType,
    TransitGatewayAttachmentState, UnsuccessfulItem,
};

const READ: &str = DESCRIBE_FLOW_LOGS.action;

impl Observe<FlowLogs> for Ec2 {
    /// One call shows the flow log and whatever could stand in its place; whether its network is still there, another.
    async fn observe(&self, key: &FlowLogRef, depth: ReadDepth) -> Result<Observed<FlowLog>, ReadError> {
        let listed = match &key.kept {
            Observed::Known(config) => self.flow_logs("resource-id", &config.resource).await?,
            Observed::Absent | Observed::Unknown { .. } => self.flow_logs("flow-log-id", &key.id).await?,
        };
        let listed = match listed {
            Observed::Known(listed) => listed,
            Observed::Absent => Vec::new(),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let state = seen(key, &listed);
        let (Now::Gone, Observed::Known(config), ReadDepth::Full) = (&state.now, &state.config, depth) else {
            return Ok(Observed::Known(state));
        };
        Ok(match self.watched(config).await? {
            Observed::Known(()) => Observed::Known(state),
            Observed::Absent => Observed::Known(FlowLog { now: Now::Pointless, ..state }),
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

impl List<FlowLogs> for Ec2 {
    async fn page(&self, from: Option<&str>) -> Result<Observed<Page<FlowLogs>>, ReadError> {
        const PAGE: i32 = 200;
        let call = self.client.describe_flow_logs().max_results(PAGE).set_next_token(from.map(str::to_owned));
        let answer = match call.send().await {
            Ok(answer) => answer,
            Err(error) => return failure(&error).of_read(READ),
        };
        let one = |found: &types::FlowLog| {
            let id = found.flow_log_id()?.to_owned();
            let kept = Observed::Unknown { why: "its last known good state was not read".to_owned() };
            let state = FlowLog { id: id.clone(), config: Observed::Known(config(found)), now: Now::Stands };
            Some((FlowLogRef { id, kept }, Observed::Known(state)))
        };
        let found = answer.flow_logs().iter().filter_map(one).collect();
        Ok(Observed::Known(Page { found, next: answer.next_token().map(str::to_owned) }))
    }
}

impl Apply<FlowLogAction> for Ec2 {
    async fn apply(&self, action: &FlowLogAction) -> Result<Applied, ApplyError> {
        match action {
            FlowLogAction::Create(config) => self.create_flow_log(config).await,
            FlowLogAction::Delete(config) => self.delete_flow_log(action, config).await,
        }
    }
}

impl Ec2 {
    async fn flow_logs(&self, filter: &str, value: &str) -> Result<Observed<Vec<types::FlowLog>>, ReadError> {
        let filter = Filter::builder().name(filter).values(value).build();
        let mut pages = self.client.describe_flow_logs().filter(filter).into_paginator().send();
        let mut listed = Vec::new();
        while let Some(page) = pages.next().await {
            match page {
                Ok(page) => listed.extend(page.flow_logs.unwrap_or_default()),
                Err(error) => return failure(&error).of_read(READ),
            }
        }
        Ok(Observed::Known(listed))
    }

    /// Whether what the flow log watched is still there. A kind that is not known here counts as standing: the call that
    /// makes the flow log anew says if it is not.
    async fn watched(&self, config: &FlowLogConfig) -> Result<Observed<()>, ReadError> {
        let (id, client) = (&config.resource, &self.client);
        Ok(match config.resource_type() {
            Some("VPC") => match client.describe_vpcs().vpc_ids(id).send().await {
                Ok(answer) => there(!answer.vpcs().is_empty()),
                Err(error) => failure(&error).of_read(DESCRIBE_VPCS.action)?,
            },
            Some("Subnet") => match client.describe_subnets().subnet_ids(id).send().await {
                Ok(answer) => there(!answer.subnets().is_empty()),
                Err(error) => failure(&error).of_read(DESCRIBE_SUBNETS.action)?,
            },
            Some("NetworkInterface") => {
                match client.describe_network_interfaces().network_interface_ids(id).send().await {
                    Ok(answer) => there(!answer.network_interfaces().is_empty()),
                    Err(error) => failure(&error).of_read(DESCRIBE_NETWORK_INTERFACES.action)?,
                }
            }
            Some("TransitGateway") => match client.describe_transit_gateways().transit_gateway_ids(id).send().await {
                Ok(answer) => there(answer.transit_gateways().iter().any(|gateway| !is_deleted(gateway))),
                Err(error) => failure(&error).of_read(DESCRIBE_TRANSIT_GATEWAYS.action)?,
            },
            Some("TransitGatewayAttachment") => {
                let call = client.describe_transit_gateway_attachments().transit_gateway_attachment_ids(id);
                match call.send().await {
                    Ok(answer) => there(answer.transit_gateway_attachments().iter().any(stands)),
                    Err(error) => failure(&error).of_read(DESCRIBE_TRANSIT_GATEWAY_ATTACHMENTS.action)?,
                }
            }
            Some(_) | None => there(true),
        })
    }

    async fn create_flow_log(&self, config: &FlowLogConfig) -> Result<Applied, ApplyError> {
        let kind = FlowLogsResourceType::from(config.resource_type().unwrap_or_default());
        // One names the place: AWS refuses both.
        let group = config.log_group.clone().filter(|_| config.destination.is_none());
        let call = self.client.create_flow_logs().resource_type(kind).resource_ids(&config.resource);
        let call = call
            .set_traffic_type(config.traffic.as_deref().map(TrafficType::from))
            .log_destination_type(LogDestinationType::from(config.destination_type()))
            .set_log_destination(config.destination.clone())
            .set_log_group_name(group)
            .set_deliver_logs_permission_arn(config.role.clone())
            .set_deliver_cross_account_role(config.cross_account_role.clone())
            .set_log_format(config.format.clone())
            .set_max_aggregation_interval(config.interval)
            .set_destination_options(config.options.as_ref().map(options))
            .set_tag_specifications(tags(config))
            .set_tag_field_specifications(tag_fields(config));
        match call.send().await {
            Ok(answer) => done(id_of(&answer), answer.unsuccessful(), CREATE_FLOW_LOGS.action),
            Err(error) => {
                let failure = failure(&error);
                let lacking = lacking(&failure.message);
                Err(failure.of_action(lacking))
            }
        }
    }

    async fn delete_flow_log(&self, action: &FlowLogAction, config: &FlowLogConfig) -> Result<Applied, ApplyError> {
        let why = |why: String| ApplyError::Transient { why };
        let listed = match self.flow_logs("resource-id", &config.resource).await.map_err(|error| why(error.why))? {
            Observed::Known(listed) => listed,
            Observed::Absent => Vec::new(),
            Observed::Unknown { .. } => {
                return Err(ApplyError::Denied { permission: READ, code: "UnauthorizedOperation".to_owned() });
            }
        };
        let Some(id) = named_by(config, &listed) else {
            return Err(ApplyError::NotThere { code: "InvalidFlowLogId.NotFound".to_owned() });
        };
        match self.client.delete_flow_logs().flow_log_ids(id).send().await {
            Ok(answer) => done(id_of(&answer), answer.unsuccessful(), action.permission()),
            Err(error) => Err(failure(&error).of_action(action.permission())),
        }
    }
}

fn there(stands: bool) -> Observed<()> {
    if stands { Observed::Known(()) } else { Observed::Absent }
}

fn stands(attachment: &types::TransitGatewayAttachment) -> bool {
    use TransitGatewayAttachmentState::{Deleted, Deleting};
    !matches!(attachment.state(), Some(Deleted | Deleting))
}

/// What the flow logs that are there say of the one that the key names.
fn seen(key: &FlowLogRef, listed: &[types::FlowLog]) -> FlowLog {
    let id = key.id.clone();
    if let Some(found) = listed.iter().find(|found| found.flow_log_id() == Some(id.as_str())) {
        return FlowLog { id, config: Observed::Known(config(found)), now: Now::Stands };
    }
    let made_up_for = key.kept.known().and_then(|kept| {
        listed.iter().find_map(|found| {
            let config = Box::new(config(found));
            let by = found.flow_log_id()?.to_owned();
            kept.is_made_up_for_by(&config).then_some(Now::Replaced { by, config })
        })
    });
    FlowLog { id, config: key.kept.clone(), now: made_up_for.unwrap_or(Now::Gone) }
}

/// The flow log with these settings: exactly these, else the only one that makes up for them.
fn named_by<'a>(config: &FlowLogConfig, listed: &'a [types::FlowLog]) -> Option<&'a str> {
    let exactly = listed.iter().find(|found| self::config(found) == *config);
    let mut alike = listed.iter().filter(|found| config.is_made_up_for_by(&self::config(found)));
    let only = match (alike.next(), alike.next()) {
        (Some(one), None) => Some(one),
        (None | Some(_), _) => None,
    };
    exactly.or(only)?.flow_log_id()
}

/// A call that answers success may have done nothing: what failed is listed.
fn done(
    request_id: Option<String>,
    unsuccessful: &[UnsuccessfulItem],
    permission: &'static str,
) -> Result<Applied, ApplyError> {
    match unsuccessful.first().and_then(UnsuccessfulItem::error) {
        None if unsuccessful.is_empty() => Ok(Applied { request_id, ..Applied::default() }),
        error => {
            let code = error.and_then(|error| error.code()).unwrap_or("no code");
            let message = error.and_then(|error| error.message()).unwrap_or_default();
            Err(Failure::of_item(Service::Ec2, code, message).of_action(permission))
        }
    }
}

/// Which of the call's permissions a refusal names: making a flow log also passes its role, makes a delivery and gives tags.
fn lacking(message: &str) -> &'static str {
    let others = [PASS_ROLE.action, CREATE_LOG_DELIVERY.action, CREATE_TAGS.action];
    others.into_iter().find(|other| message.contains(other)).unwrap_or(CREATE_FLOW_LOGS.action)
}

fn options(options: &FileOptions) -> DestinationOptionsRequest {
    DestinationOptionsRequest::builder()
        .set_file_format(options.file_format.as_deref().map(DestinationFileFormat::from))
        .set_hive_compatible_partitions(options.hive)
        .set_per_hour_partition(options.per_hour)
        .build()
}

fn tags(config: &FlowLogConfig) -> Option<Vec<TagSpecification>> {
    let tags: Vec<Tag> = config.own_tags().map(|(key, value)| Tag::builder().key(key).value(value).build()).collect();
    let specification = TagSpecification::builder().resource_type(ResourceType::VpcFlowLog);
    (!tags.is_empty()).then(|| vec![specification.set_tags(Some(tags)).build()])
}

fn tag_fields(config: &FlowLogConfig) -> Option<Vec<TagFieldSpecificationRequest>> {
    let field = |(kind, keys): &(String, Vec<String>)| {
        let kind = TaggableResourceType::from(kind.as_str());
        TagFieldSpecificationRequest::builder().resource_type(kind).set_tag_keys(Some(keys.clone())).build()
    };
    (!config.tag_fields.is_empty()).then(|| config.tag_fields.iter().map(field).collect())
}

fn config(found: &types::FlowLog) -> FlowLogConfig {
    let text = |value: Option<&str>| value.filter(|text| !text.is_empty()).map(str::to_owned);
    let tag = |tag: &Tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()));
    FlowLogConfig {
        resource: found.resource_id().unwrap_or_default().to_owned(),
        traffic: text(found.traffic_type().map(TrafficType::as_str)),
        destination_type: text(found.log_destination_type().map(LogDestinationType::as_str)),
        destination: text(found.log_destination()),
        log_group: text(found.log_group_name()),
        role: text(found.deliver_logs_permission_arn()),
        cross_account_role: text(found.deliver_cross_account_role()),
        format: text(found.log_format()),
        interval: found.max_aggregation_interval(),
        options: found.destination_options().map(|options| FileOptions {
            file_format: text(options.file_format().map(DestinationFileFormat::as_str)),
            hive: options.hive_compatible_partitions(),
            per_hour: options.per_hour_partition(),
        }),
        tags: found.tags().iter().filter_map(tag).collect(),
        tag_fields: found
            .tag_field_specifications()
            .iter()
            .filter_map(|field| Some((field.resource_type()?.as_str().to_owned(), field.tag_keys().to_vec())))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_ec2::types::{DestinationOptionsResponse, UnsuccessfulItemError};

    fn shown(id: &str, bucket: &str, interval: i32) -> types::FlowLog {
        let options = DestinationOptionsResponse::builder().file_format(DestinationFileFormat::Parquet);
        let tag = Tag::builder().key("team").value("net").build();
        let log = types::FlowLog::builder().flow_log_id(id).resource_id("vpc-1").traffic_type(TrafficType::All);
        let log = log.log_destination_type(LogDestinationType::S3).log_destination(format!("arn:aws:s3:::{bucket}"));
        log.max_aggregation_interval(interval).destination_options(options.build()).tags(tag).build()
    }

    fn key(kept: Observed<FlowLogConfig>) -> FlowLogRef {
        FlowLogRef { id: "fl-1".to_owned(), kept }
    }

    #[test]
    fn what_became_of_a_flow_log() {
        let kept = || key(Observed::Known(config(&shown("fl-1", "logs", 60))));
        assert_eq!(seen(&kept(), &[shown("fl-1", "logs", 60)]).now, Now::Stands);
        assert_eq!(seen(&kept(), &[shown("fl-2", "others", 60)]).now, Now::Gone);
        let other = shown("fl-2", "logs", 600);
        let by = Now::Replaced { by: "fl-2".to_owned(), config: Box::new(config(&other)) };
        assert_eq!(seen(&kept(), &[shown("fl-3", "others", 60), other.clone()]).now, by);
        let forgotten = key(Observed::Unknown { why: "not kept".to_owned() });
        assert_eq!(seen(&forgotten, &[other]).now, Now::Gone);
    }

    #[test]
    fn the_one_to_delete_is_found_by_its_settings() {
        let wanted = config(&shown("fl-1", "logs", 60));
        let exact = [shown("fl-2", "logs", 600), shown("fl-3", "logs", 60)];
        assert_eq!(named_by(&wanted, &exact), Some("fl-3"));
        assert_eq!(named_by(&wanted, &[shown("fl-2", "logs", 600), shown("fl-4", "others", 60)]), Some("fl-2"));
        assert_eq!(named_by(&wanted, &[shown("fl-4", "others", 60)]), None);
        let two = [shown("fl-2", "logs", 600), shown("fl-5", "logs", 300)];
        assert_eq!(named_by(&wanted, &two), None, "unknown which");
    }

    #[test]
    fn everything_that_is_shown_is_kept() {
        let config = config(&shown("fl-1", "logs", 60));
        assert_eq!(config.to_string(), "all traffic of vpc-1 to s3 arn:aws:s3:::logs");
        assert_eq!(config.options.and_then(|options| options.file_format).as_deref(), Some("parquet"));
        assert_eq!(config.tags.get("team").map(String::as_str), Some("net"));
        assert_eq!(config.interval, Some(60));
    }

    #[test]
    fn a_success_that_lists_what_failed_is_none() {
        let failed = |code: &str| {
            let error = UnsuccessfulItemError::builder().code(code).message("no").build();
            done(None, &[UnsuccessfulItem::builder().error(error).build()], "ec2:CreateFlowLogs")
        };
        let whole = done(Some("r-1".to_owned()), &[], "ec2:CreateFlowLogs").unwrap();
        assert_eq!(whole, Applied { request_id: Some("r-1".to_owned()), is_rehearsal: false });
        for gone in ["FlowLogAlreadyExists", "InvalidVpcId.NotFound", "InvalidSubnetId.NotFound"] {
            assert!(matches!(failed(gone), Err(ApplyError::NotThere { .. })), "{gone}");
        }
        assert!(matches!(failed("400"), Err(ApplyError::Refused { .. })));
        let nameless = done(None, &[UnsuccessfulItem::builder().build()], "ec2:CreateFlowLogs");
        assert!(matches!(nameless, Err(ApplyError::Refused { .. })));
    }

    #[test]
    fn a_refusal_says_which_permission_it_missed() {
        assert_eq!(lacking("... is not authorized to perform: iam:PassRole on resource: ..."), "iam:PassRole");
        assert_eq!(lacking("You are not authorized to perform this operation."), "ec2:CreateFlowLogs");
    }
}
