//! Security groups without end: a small EC2 on loopback that pages, which moto does not.
//!
//! It answers `DescribeSecurityGroups` in pages as asked, `DescribeSecurityGroupRules` for one group, and
//! `sts:GetCallerIdentity`. Every so many groups, one has SSH open to everybody.

use crate::Result;
use crate::http::{self, Message, Server};
use crate::moto::ACCOUNT;
use std::fmt::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// See the module.
pub struct Many {
    server: Server,
    pages: Arc<AtomicUsize>,
}

/// How many and how fast.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Groups in all.
    pub groups: usize,
    /// One of so many is open.
    pub open_every: usize,
    /// How long a page takes.
    pub delay: Duration,
}

impl Shape {
    /// Whether the group at this place is open.
    #[must_use]
    pub fn is_open(&self, at: usize) -> bool {
        at % self.open_every == self.open_every - 1
    }
}

/// The id of the group at this place.
#[must_use]
pub fn id(at: usize) -> String {
    format!("sg-{at:017x}")
}

impl Many {
    /// Serves on a free port.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn serve(shape: Shape) -> Result<Self> {
        let pages = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&pages);
        let server = Server::start(move |client| {
            let pages = Arc::clone(&counted);
            async move { answer(client, shape, &pages).await }
        })
        .await?;
        Ok(Self { server, pages })
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// How many pages were asked for since the last call.
    #[must_use]
    pub fn take_pages(&self) -> usize {
        self.pages.swap(0, Ordering::Relaxed)
    }
}

async fn answer(client: TcpStream, shape: Shape, pages: &AtomicUsize) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut client = BufReader::new(client);
    while let Some(request) = http::read(&mut client).await? {
        let form = String::from_utf8_lossy(&request.body).into_owned();
        let field = |name: &str| {
            let found = form.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name);
            found.map(|(_, value)| value.to_owned())
        };
        let body = match field("Action").as_deref() {
            Some("GetCallerIdentity") => format!(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::{ACCOUNT}:user/ana</Arn>\
                 <UserId>AIDA</UserId><Account>{ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
            ),
            Some("DescribeSecurityGroups") => {
                pages.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(shape.delay).await;
                let number = |name: &str| field(name).and_then(|text| text.parse::<usize>().ok());
                match field("GroupId.1") {
                    Some(one) => groups(shape, place(&one), 1),
                    None => groups(shape, number("NextToken").unwrap_or(0), number("MaxResults").unwrap_or(1_000)),
                }
            }
            Some("DescribeSecurityGroupRules") => rules(shape, place(&field("Filter.1.Value.1").unwrap_or_default())),
            _ => "<Response><Errors><Error><Code>InvalidAction</Code><Message>not here</Message></Error></Errors></Response>".to_owned(),
        };
        let status = if body.starts_with("<Response>") { 400 } else { 200 };
        client.write_all(&Message::answer(status, "text/xml", &body).bytes()).await?;
    }
    Ok(())
}

fn place(id: &str) -> usize {
    usize::from_str_radix(id.trim_start_matches("sg-"), 16).unwrap_or(usize::MAX)
}

fn groups(shape: Shape, from: usize, most: usize) -> String {
    let to = (from + most).min(shape.groups);
    let mut xml = "<DescribeSecurityGroupsResponse><securityGroupInfo>".to_owned();
    for at in from..to {
        let permission = |port: u16, cidr: &str| {
            format!(
                "<item><ipProtocol>tcp</ipProtocol><fromPort>{port}</fromPort><toPort>{port}</toPort><groups/>\
                 <ipRanges><item><cidrIp>{cidr}</cidrIp><description>of a test</description></item></ipRanges></item>"
            )
        };
        // What an ordinary group holds.
        let mut ingress =
            permission(443, "0.0.0.0/0") + &permission(5432, "10.0.0.0/8") + &permission(22, "192.0.2.0/24");
        if shape.is_open(at) {
            ingress += &permission(22, "0.0.0.0/0");
        }
        let _ = write!(
            xml,
            "<item><ownerId>{ACCOUNT}</ownerId><groupId>{}</groupId><groupName>group-{at}</groupName>\
             <groupDescription>of a test</groupDescription><vpcId>vpc-1</vpcId><ipPermissions>{ingress}</ipPermissions>\
             <ipPermissionsEgress/></item>",
            id(at)
        );
    }
    xml += "</securityGroupInfo>";
    if to < shape.groups && most > 1 {
        let _ = write!(xml, "<nextToken>{to}</nextToken>");
    }
    xml + "</DescribeSecurityGroupsResponse>"
}

fn rules(shape: Shape, at: usize) -> String {
    let rule = |(n, (port, cidr)): (usize, (u16, &str))| {
        format!(
            "<item><securityGroupRuleId>sgr-{at:x}{n}</securityGroupRuleId><groupId>{}</groupId><isEgress>false</isEgress>\
             <ipProtocol>tcp</ipProtocol><fromPort>{port}</fromPort><toPort>{port}</toPort><cidrIpv4>{cidr}</cidrIpv4></item>",
            id(at)
        )
    };
    let mut all = vec![(443, "0.0.0.0/0"), (5432, "10.0.0.0/8"), (22, "192.0.2.0/24")];
    all.extend(shape.is_open(at).then_some((22, "0.0.0.0/0")));
    let rules: String = all.into_iter().enumerate().map(rule).collect();
    format!(
        "<DescribeSecurityGroupRulesResponse><securityGroupRuleSet>{rules}</securityGroupRuleSet></DescribeSecurityGroupRulesResponse>"
    )
}
