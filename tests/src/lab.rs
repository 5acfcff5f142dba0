//! What a story needs: a group, a principal that opens it, a function, and a channel of its own.

use crate::Result;
use crate::aws::{Clients, Keys};
use crate::channel::Channel;
use crate::host::{Host, Settings};
use crate::moto::Moto;
use crate::proxy::Proxy;
use crate::records::{self, Caller};
use crate::standin::Standin;
use crate::view::View;
use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};
use aws_sdk_ec2::types::{IpPermission, IpRange, Ipv6Range, SecurityGroupRule};
use serde_json::Value;

/// A permission on one TCP port for one network, IPv4 or IPv6.
#[must_use]
pub fn on_port(port: i32, cidr: &str, description: &str) -> IpPermission {
    let call = IpPermission::builder().ip_protocol("tcp").from_port(port).to_port(port);
    if cidr.contains(':') {
        call.ipv6_ranges(Ipv6Range::builder().cidr_ipv6(cidr).description(description).build()).build()
    } else {
        call.ip_ranges(IpRange::builder().cidr_ip(cidr).description(description).build()).build()
    }
}

/// Adds ingress rules: what AWS says it made.
///
/// # Errors
/// AWS's.
pub async fn authorize(clients: &Clients, group: &str, asked: &[IpPermission]) -> Result<Vec<SecurityGroupRule>> {
    let call = clients.ec2.authorize_security_group_ingress().group_id(group);
    Ok(call.set_ip_permissions(Some(asked.to_vec())).send().await?.security_group_rules.unwrap_or_default())
}

/// A ledger like the template's: its name.
///
/// # Errors
/// AWS's.
pub async fn ledger(clients: &Clients, name: &str) -> Result<String> {
    let key = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S).build()?;
    let schema = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build()?;
    let call = clients.dynamodb.create_table().table_name(name).billing_mode(BillingMode::PayPerRequest);
    call.attribute_definitions(key).key_schema(schema).send().await?;
    Ok(name.to_owned())
}

/// A VPC.
///
/// # Errors
/// AWS's.
pub async fn vpc(clients: &Clients) -> Result<String> {
    let made = clients.ec2.create_vpc().cidr_block("10.9.0.0/16").send().await?;
    Ok(made.vpc.and_then(|vpc| vpc.vpc_id).ok_or("no VPC was made")?)
}

/// A corner of the local AWS for one test. The moto behind it is that of its [`World`](crate::world::World).
pub struct Lab {
    /// Between the functions and what stands in for AWS.
    pub proxy: Proxy,
    /// The settings that moto lacks: this test's own.
    pub standin: Standin,
    /// The people's way, past the proxy.
    pub clients: Clients,
    /// The notifications of the test's functions.
    pub channel: Channel,
    name: String,
}

impl Lab {
    /// Under a name that no other test with the same moto has, for people with these keys.
    ///
    /// # Errors
    /// When a server on loopback cannot be started, or AWS's.
    pub async fn on(moto: &Moto, name: &str, keys: &Keys) -> Result<Self> {
        let standin = Standin::start(moto.address()).await?;
        let proxy = Proxy::start(standin.address()).await?;
        let clients = Clients::new(&standin.url(), keys).await;
        let channel = Channel::open(&clients, name).await?;
        Ok(Self { proxy, standin, clients, channel, name: name.to_owned() })
    }

    /// The environment of a function behind the proxy that enforces everything.
    #[must_use]
    pub fn settings(&self) -> Settings {
        Settings {
            endpoint: self.proxy.url(),
            topic: Some(self.channel.topic.clone()),
            mode: Some("enforce".to_owned()),
            ..Settings::default()
        }
    }

    /// A function that enforces everything, under this policy if one is given.
    ///
    /// # Errors
    /// When it was not built.
    pub async fn function(&self, family: &str, policy: Option<&str>) -> Result<Host> {
        let settings = Settings { policy: policy.map(str::to_owned), ..self.settings() };
        Host::start(family, &settings).await
    }

    /// A ledger like the template's, named like the lab.
    ///
    /// # Errors
    /// AWS's.
    pub async fn ledger(&self) -> Result<String> {
        ledger(&self.clients, &self.name).await
    }

    /// A queue of this name: its URL.
    ///
    /// # Errors
    /// AWS's.
    pub async fn queue(&self, name: &str) -> Result<String> {
        Ok(self.clients.sqs.create_queue().queue_name(name).send().await?.queue_url.unwrap_or_default())
    }

    /// What lies in a queue, taken out, whether it may be seen yet or not.
    ///
    /// # Errors
    /// AWS's, or a message that is no JSON.
    pub async fn take(&self, queue: &str) -> Result<Vec<Value>> {
        let mut taken = Vec::new();
        loop {
            let call = self.clients.sqs.receive_message().queue_url(queue).max_number_of_messages(10);
            let messages = call.wait_time_seconds(0).send().await?.messages.unwrap_or_default();
            if messages.is_empty() {
                return Ok(taken);
            }
            for message in messages {
                taken.push(serde_json::from_str(message.body().unwrap_or_default())?);
                let receipt = message.receipt_handle().unwrap_or_default();
                self.clients.sqs.delete_message().queue_url(queue).receipt_handle(receipt).send().await?;
            }
        }
    }

    /// A group with HTTPS for everybody, in a VPC of its own.
    ///
    /// # Errors
    /// AWS's.
    pub async fn group(&self) -> Result<String> {
        let vpc = self.vpc().await?;
        let call = self.clients.ec2.create_security_group().group_name(&self.name).description("of a test").vpc_id(vpc);
        let group = call.send().await?.group_id.unwrap_or_default();
        authorize(&self.clients, &group, &[on_port(443, "0.0.0.0/0", "public web site")]).await?;
        Ok(group)
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A VPC.
    ///
    /// # Errors
    /// AWS's.
    pub async fn vpc(&self) -> Result<String> {
        vpc(&self.clients).await
    }

    /// The default group of a VPC.
    ///
    /// # Errors
    /// AWS's.
    pub async fn default_group(&self, vpc: &str) -> Result<String> {
        let filter = |name: &str, value: &str| aws_sdk_ec2::types::Filter::builder().name(name).values(value).build();
        let call = self.clients.ec2.describe_security_groups();
        let call = call.filters(filter("vpc-id", vpc)).filters(filter("group-name", "default"));
        let groups = call.send().await?.security_groups.unwrap_or_default();
        Ok(groups.first().and_then(|group| group.group_id.clone()).ok_or("a VPC without a default group")?)
    }

    /// A principal adds rules; the event of it.
    ///
    /// # Errors
    /// AWS's.
    pub async fn open(&self, group: &str, asked: &[IpPermission]) -> Result<Value> {
        let made = authorize(&self.clients, group, asked).await?;
        Ok(records::authorized(&Caller::user("ben"), group, asked, &made))
    }

    /// What stands there.
    ///
    /// # Errors
    /// AWS's.
    pub async fn lines(&self, view: &View) -> Result<Vec<String>> {
        view.lines(&self.clients).await
    }
}
