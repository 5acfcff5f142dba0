//! What stands in the local AWS, in lines that can be compared.

use crate::Result;
use crate::aws::Clients;
use crate::databases::Subject;
use crate::reader::Reader;
use crate::resource_policies::Owner;
use aws_sdk_ec2::types::{
    Filter, FlowLog, HttpTokensState, ImageAttributeName, Instance, InstanceMetadataEndpointState, LaunchPermission,
    NetworkAclEntry, PermissionGroup, RuleAction, SecurityGroupRule, SnapshotAttributeName, Subnet,
};
use aws_sdk_iam::types::PasswordPolicy;
use aws_sdk_kms::types::{GrantListEntry, GrantOperation};
use shared::aws::service::clients::Signed;
use shared::engine::family::List;
use shared::engine::observed::Observed;
use shared::resources::organizations::policy::state::Now;
use shared::resources::organizations::reads::roots;
use shared::resources::organizations::{ORGANIZATIONS, OrganizationPolicies};

/// What a scene looks at.
#[derive(Clone, Debug)]
pub enum View {
    /// The rules of a group.
    Group(String),
    /// The keys of a user.
    Keys(String),
    /// The keys of a user, and what it holds.
    User(String),
    /// The trust policy of a role.
    Trust(String),
    /// The permissions boundary of a role.
    Boundary(String),
    /// An OIDC provider, by its ARN.
    Oidc(String),
    /// What a user, role or group holds: `user/eve`.
    Holder(String),
    /// The default version of a managed policy, by its ARN.
    ManagedPolicy(String),
    /// The policy of a resource.
    Policy(Owner),
    /// A database or a load balancer.
    Database(Subject),
    /// Who may use a snapshot.
    Snapshot(String),
    /// Who may launch an image.
    Image(String),
    /// The metadata options of instances.
    Instances(Vec<String>),
    /// The entries of a network ACL.
    Acl(String),
    /// What records the traffic of VPCs.
    FlowLogs(Vec<String>),
    /// The addresses that a subnet assigns.
    Subnet(String),
    /// Whether a transit gateway accepts attachments by itself.
    Gateway(String),
    /// The account's settings of EC2 in the region.
    Settings,
    /// The account's password policy.
    PasswordPolicy,
    /// The grants of a KMS key, without their ids.
    Grants(String),
    /// The types of policies that an organization has enabled, and their policies, without their ids.
    Organization,
    /// What a function's own client reads.
    Read(Reader),
    /// Nothing that the local AWS has.
    Nothing,
}

impl View {
    /// One line an element: its content, without the ids that a rule loses when it is put back.
    ///
    /// # Errors
    /// AWS's.
    pub async fn lines(&self, clients: &Clients) -> Result<Vec<String>> {
        let mut lines = match self {
            Self::Group(id) => {
                let filter = Filter::builder().name("group-id").values(id).build();
                let answer = clients.ec2.describe_security_group_rules().filters(filter).send().await?;
                answer.security_group_rules().iter().map(rule).collect()
            }
            Self::Keys(user) => keys(clients, user).await?,
            Self::User(user) => {
                let mut lines = keys(clients, user).await?;
                lines.extend(held(clients, &format!("user/{user}")).await?);
                lines
            }
            Self::Trust(role) => {
                let role = clients.iam.get_role().role_name(role).send().await?.role;
                let document = role.and_then(|role| role.assume_role_policy_document).unwrap_or_default();
                let value: serde_json::Value = serde_json::from_str(&decoded(&document))?;
                vec![value.to_string()]
            }
            Self::Boundary(role) => {
                let role = clients.iam.get_role().role_name(role).send().await?.role;
                let boundary = role.and_then(|role| role.permissions_boundary);
                boundary.and_then(|found| found.permissions_boundary_arn).into_iter().collect()
            }
            Self::Oidc(arn) => oidc(clients, arn).await?,
            Self::Holder(holder) => held(clients, holder).await?,
            Self::Policy(owner) => return owner.lines(clients).await,
            Self::ManagedPolicy(arn) => {
                let policy = clients.iam.get_policy().policy_arn(arn).send().await?.policy;
                let version = policy.and_then(|policy| policy.default_version_id).unwrap_or_default();
                vec![format!("{version} is the default")]
            }
            Self::Database(subject) => subject.lines(clients).await?,
            Self::Snapshot(id) => {
                let call = clients.ec2.describe_snapshot_attribute().snapshot_id(id);
                let answer = call.attribute(SnapshotAttributeName::CreateVolumePermission).send().await?;
                let all = answer.create_volume_permissions().iter();
                all.map(|it| grantee(&[it.group().map(PermissionGroup::as_str), it.user_id()])).collect()
            }
            Self::Image(id) => {
                let call = clients.ec2.describe_image_attribute().image_id(id);
                let answer = call.attribute(ImageAttributeName::LaunchPermission).send().await?;
                let named = |it: &LaunchPermission| {
                    let group = it.group().map(PermissionGroup::as_str);
                    grantee(&[group, it.user_id(), it.organization_arn(), it.organizational_unit_arn()])
                };
                answer.launch_permissions().iter().map(named).collect()
            }
            Self::Instances(ids) => {
                let answer = clients.ec2.describe_instances().set_instance_ids(Some(ids.clone())).send().await?;
                let instances = answer.reservations().iter().flat_map(|reservation| reservation.instances());
                instances.map(metadata).collect()
            }
            Self::Acl(id) => {
                let answer = clients.ec2.describe_network_acls().network_acl_ids(id).send().await?;
                answer.network_acls().iter().flat_map(|acl| acl.entries()).map(entry).collect()
            }
            Self::FlowLogs(resources) => {
                let filter = Filter::builder().name("resource-id").set_values(Some(resources.clone())).build();
                let answer = clients.ec2.describe_flow_logs().filter(filter).send().await?;
                let line = |log: &FlowLog| {
                    let word = |word: Option<&str>| word.unwrap_or_default().to_owned();
                    let to = word(log.log_group_name().or(log.log_destination()));
                    format!("the traffic of {} goes to {to}", word(log.resource_id()))
                };
                answer.flow_logs().iter().map(line).collect()
            }
            Self::Subnet(id) => {
                let answer = clients.ec2.describe_subnets().subnet_ids(id).send().await?;
                let line = |it: &Subnet| {
                    let (v4, v6) = (it.map_public_ip_on_launch(), it.assign_ipv6_address_on_creation());
                    format!("public IPv4 {}, IPv6 {}", v4 == Some(true), v6 == Some(true))
                };
                answer.subnets().iter().map(line).collect()
            }
            Self::Gateway(id) => {
                let answer = clients.ec2.describe_transit_gateways().transit_gateway_ids(id).send().await?;
                let options = answer.transit_gateways().iter().filter_map(|gateway| gateway.options());
                let words = options.filter_map(|options| options.auto_accept_shared_attachments());
                words.map(|word| format!("accepts shared attachments by itself: {}", word.as_str())).collect()
            }
            Self::Settings => settings(clients).await?,
            Self::PasswordPolicy => match clients.iam.get_account_password_policy().send().await {
                Ok(answer) => answer.password_policy.iter().flat_map(password_policy).collect(),
                Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_entity_exception()) => {
                    vec!["no password policy".to_owned()]
                }
                Err(error) => return Err(error.into()),
            },
            Self::Grants(key) => {
                let all = aws_sdk_kms::Client::new(&clients.config).list_grants().key_id(key).send().await?;
                let line = |grant: &GrantListEntry| {
                    let operations: Vec<&str> = grant.operations().iter().map(GrantOperation::as_str).collect();
                    format!("{} to {}", operations.join(", "), grant.grantee_principal().unwrap_or_default())
                };
                all.grants().iter().map(line).collect()
            }
            Self::Organization => organization(clients).await?,
            Self::Read(reader) => reader.lines(clients).await?,
            Self::Nothing => Vec::new(),
        };
        lines.sort();
        Ok(lines)
    }
}

async fn keys(clients: &Clients, user: &str) -> Result<Vec<String>> {
    let answer = clients.iam.list_access_keys().user_name(user).send().await?;
    let line = |key: &aws_sdk_iam::types::AccessKeyMetadata| {
        let status = key.status.as_ref().map(|status| status.as_str().to_lowercase()).unwrap_or_default();
        format!("key {} {status}", key.access_key_id.as_deref().unwrap_or_default())
    };
    Ok(answer.access_key_metadata.iter().map(line).collect())
}

/// The first principal that is named.
fn grantee(names: &[Option<&str>]) -> String {
    let name = names.iter().find_map(|name| *name).unwrap_or("unknown");
    if name == "all" { "for everybody".to_owned() } else { format!("for {name}") }
}

fn metadata(instance: &Instance) -> String {
    let options = instance.metadata_options();
    let word = |word: Option<&str>| word.unwrap_or("unsaid").to_owned();
    let tokens = word(options.and_then(|it| it.http_tokens()).map(HttpTokensState::as_str));
    let hops = options.and_then(|it| it.http_put_response_hop_limit()).unwrap_or_default();
    let endpoint = word(options.and_then(|it| it.http_endpoint()).map(InstanceMetadataEndpointState::as_str));
    format!("{}: tokens {tokens}, endpoint {endpoint}, hop limit {hops}", instance.instance_id().unwrap_or_default())
}

fn entry(entry: &NetworkAclEntry) -> String {
    let direction = if entry.egress() == Some(true) { "egress" } else { "ingress" };
    let says = entry.rule_action().map_or("says nothing of", RuleAction::as_str);
    let net = entry.cidr_block().or(entry.ipv6_cidr_block()).unwrap_or_default();
    let ports = entry
        .port_range()
        .map(|range| format!(" ports {}-{}", range.from().unwrap_or_default(), range.to().unwrap_or_default()));
    let (number, protocol) = (entry.rule_number().unwrap_or_default(), entry.protocol().unwrap_or_default());
    format!("{direction} {number}: {says} protocol {protocol}{} {net}", ports.unwrap_or_default())
}

fn password_policy(it: &PasswordPolicy) -> Vec<String> {
    let or_none = |number: Option<i32>| number.map_or_else(|| "none".to_owned(), |number| number.to_string());
    let kinds = [
        ("symbols", it.require_symbols),
        ("numbers", it.require_numbers),
        ("upper case", it.require_uppercase_characters),
        ("lower case", it.require_lowercase_characters),
    ];
    let required: Vec<&str> = kinds.iter().filter(|(_, is_required)| *is_required).map(|(name, _)| *name).collect();
    vec![
        format!("minimum length {}", or_none(it.minimum_password_length)),
        format!("required: {}", required.join(", ")),
        format!("days until a password expires: {}", or_none(it.max_password_age)),
        format!("earlier passwords barred: {}", or_none(it.password_reuse_prevention)),
    ]
}

/// One line a setting.
async fn settings(clients: &Clients) -> Result<Vec<String>> {
    let ec2 = &clients.ec2;
    let encryption = ec2.get_ebs_encryption_by_default().send().await?.ebs_encryption_by_default;
    let key = ec2.get_ebs_default_kms_key_id().send().await?.kms_key_id;
    let console = ec2.get_serial_console_access_status().send().await?.serial_console_access_enabled;
    let snapshots = ec2.get_snapshot_block_public_access_state().send().await?.state;
    let images = ec2.get_image_block_public_access_state().send().await?.image_block_public_access_state;
    let defaults = ec2.get_instance_metadata_defaults().send().await?.account_level;
    let tokens = defaults.as_ref().and_then(|it| it.http_tokens()).map_or("no preference", HttpTokensState::as_str);
    Ok(vec![
        format!("EBS encryption by default: {}", encryption.unwrap_or_default()),
        format!("EBS default key: {}", key.unwrap_or_default()),
        format!("serial console: {}", console.unwrap_or_default()),
        format!("block public access of snapshots: {}", snapshots.map(|it| it.as_str().to_owned()).unwrap_or_default()),
        format!("block public access of images: {}", images.unwrap_or_default()),
        format!("metadata tokens by default: {tokens}"),
    ])
}

/// Which types are enabled, what their policies say, and what they are attached to.
async fn organization(clients: &Clients) -> Result<Vec<String>> {
    let client = Signed::new(&clients.config);
    let roots = client.call(&ORGANIZATIONS, roots(None)).await.map_err(|failure| format!("{failure:?}"))?;
    let types = roots.list("Roots").iter().flat_map(|root| root["PolicyTypes"].as_array().into_iter().flatten());
    let mut lines: Vec<String> = types.map(|kind| format!("enabled: {}", kind["Type"])).collect();
    let mut from = None;
    loop {
        let page = List::<OrganizationPolicies>::page(&client, from.as_deref()).await?;
        let Observed::Known(page) = page else { return Err(format!("the policies cannot be listed: {page:?}").into()) };
        for (_, seen) in page.found {
            let Observed::Known(policy) = seen else { return Err(format!("a policy cannot be read: {seen:?}").into()) };
            if let Now::Stands(view) = policy.now {
                lines.push(serde_json::to_string(&view)?);
            }
        }
        from = page.next;
        if from.is_none() {
            return Ok(lines);
        }
    }
}

/// What an OIDC provider is made of; nothing when there is none.
async fn oidc(clients: &Clients, arn: &str) -> Result<Vec<String>> {
    let call = clients.iam.get_open_id_connect_provider().open_id_connect_provider_arn(arn);
    let answer = match call.send().await {
        Ok(answer) => answer,
        Err(error) if error.as_service_error().is_some_and(|e| e.is_no_such_entity_exception()) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error.into()),
    };
    let mut lines = vec![format!("url {}", answer.url().unwrap_or_default().trim_start_matches("https://"))];
    lines.extend(answer.client_id_list().iter().map(|id| format!("client {id}")));
    lines.extend(answer.thumbprint_list().iter().map(|print| format!("thumbprint {print}")));
    lines.extend(answer.tags().iter().map(|tag| format!("tag {}={}", tag.key(), tag.value())));
    Ok(lines)
}

/// IAM answers documents URL-encoded.
#[must_use]
pub fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16)).unwrap_or_default();
        let decoded = if byte == b'%' { digit(rest.next()) * 16 + digit(rest.next()) } else { byte.into() };
        bytes.push(u8::try_from(decoded).unwrap_or_default());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl View {
    /// The same with ids and tags: what must not change where nothing was to change.
    ///
    /// # Errors
    /// AWS's.
    pub async fn exactly(&self, clients: &Clients) -> Result<Vec<String>> {
        let Self::Group(id) = self else { return self.lines(clients).await };
        let filter = Filter::builder().name("group-id").values(id).build();
        let answer = clients.ec2.describe_security_group_rules().filters(filter).send().await?;
        let line = |it: &SecurityGroupRule| {
            let tags: Vec<_> = it.tags().iter().map(|tag| (tag.key(), tag.value())).collect();
            format!("{} {} {tags:?}", it.security_group_rule_id().unwrap_or_default(), rule(it))
        };
        let mut lines: Vec<String> = answer.security_group_rules().iter().map(line).collect();
        lines.sort();
        Ok(lines)
    }
}

/// The policies of a principal: those attached, and those written into it with what they say.
async fn held(clients: &Clients, holder: &str) -> Result<Vec<String>> {
    let iam = &clients.iam;
    let (kind, name) = holder.split_once('/').ok_or("a holder is `user/name`, `role/name` or `group/name`")?;
    let (attached, inline) = match kind {
        "user" => (
            iam.list_attached_user_policies().user_name(name).send().await?.attached_policies,
            iam.list_user_policies().user_name(name).send().await?.policy_names,
        ),
        "role" => (
            iam.list_attached_role_policies().role_name(name).send().await?.attached_policies,
            iam.list_role_policies().role_name(name).send().await?.policy_names,
        ),
        _ => (
            iam.list_attached_group_policies().group_name(name).send().await?.attached_policies,
            iam.list_group_policies().group_name(name).send().await?.policy_names,
        ),
    };
    let arns = attached.unwrap_or_default().into_iter().filter_map(|policy| policy.policy_arn);
    let mut lines: Vec<String> = arns.map(|arn| format!("holds {arn}")).collect();
    for policy in inline {
        let document = match kind {
            "user" => iam.get_user_policy().user_name(name).policy_name(&policy).send().await?.policy_document,
            "role" => iam.get_role_policy().role_name(name).policy_name(&policy).send().await?.policy_document,
            _ => iam.get_group_policy().group_name(name).policy_name(&policy).send().await?.policy_document,
        };
        let (document, _) = iam_policy::json::parse(&document)?;
        lines.push(format!("{policy} says {document}"));
    }
    Ok(lines)
}

fn rule(rule: &SecurityGroupRule) -> String {
    let (direction, word) = if rule.is_egress() == Some(true) { ("egress", "to") } else { ("ingress", "from") };
    let ports = match (rule.ip_protocol(), rule.from_port(), rule.to_port()) {
        (Some("-1"), ..) => "all traffic".to_owned(),
        (Some(protocol), Some(from), Some(to)) if from == to => format!("{protocol} {from}"),
        (protocol, from, to) => {
            format!("{} {}-{}", protocol.unwrap_or_default(), from.unwrap_or_default(), to.unwrap_or_default())
        }
    };
    let referenced = || rule.referenced_group_info().and_then(|group| group.group_id());
    let source =
        rule.cidr_ipv4().or(rule.cidr_ipv6()).or(rule.prefix_list_id()).or_else(referenced).unwrap_or_default();
    let description = rule.description().filter(|text| !text.is_empty()).map(|text| format!(" “{text}”"));
    format!("{direction} {ports} {word} {source}{}", description.unwrap_or_default())
}
