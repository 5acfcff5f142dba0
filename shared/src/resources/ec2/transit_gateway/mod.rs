//! NET-14: a transit gateway attaches another account's network only after it was accepted.
//!
//! Security Hub EC2.23 ("`AutoAcceptSharedAttachments` is `enable`"), rated high there.

#[cfg(feature = "ec2")]
pub(crate) mod client;

use super::setting::EC2;
use super::wire;
use crate::engine::event::Body;
use crate::engine::setting::prelude::*;
use serde_json::Value;

pub(crate) const DESCRIBE_TRANSIT_GATEWAYS: Permission = Permission::read("ec2:DescribeTransitGateways");
const MODIFY: Permission = Permission::on("ec2:ModifyTransitGateway", &["ec2:${Region}:${Account}:transit-gateway/*"]);

/// Auto-accept of shared attachments, of transit gateways.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TransitGateways;

/// How to find the gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GatewayRef {
    /// `tgw-...`
    pub id: String,
}

/// What is known of a transit gateway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransitGateway {
    /// `tgw-...`
    pub id: String,
    /// The account that it belongs to, where that is known: gateways of other accounts show when they are shared.
    pub owner: Option<String>,
    /// `AutoAcceptSharedAttachments`.
    pub accepts_by_itself: Observed<bool>,
    /// The id of the CloudFormation stack that it belongs to, where its tags say so.
    #[serde(default)]
    pub stack: Option<String>,
}

type GatewayTarget = Target<GatewayRef, TransitGateway>;

impl Setting for TransitGateways {
    type Key = GatewayRef;
    type State = TransitGateway;
    type Subject = String;
    type Value = bool;
    type Settings = NoSettings;

    const KIND: &'static str = "transit-gateway";
    const STRICTEST: bool = false;
    const READS: &'static [Permission] = &[DESCRIBE_TRANSIT_GATEWAYS];
    const UNDOES: &'static [Permission] = &[MODIFY];
    const ABOUT: &'static About = &About {
        name: "transit-gateway-accepts-by-itself",
        catalogue_id: "NET-14",
        title: "Auto-accept of shared attachments is enabled",
        description: "A transit gateway with `AutoAcceptSharedAttachments`: every account that it is shared with can attach a \
            network to it without anybody's approval. Gateways that another account shares with this one are that account's \
            to configure. Existing attachments stay attached.",
        severity: Severity::High,
        class: Class::R1,
        controls: &["EC2.23"],
        technique: "T1599",
        triggers: &["CreateTransitGateway", "ModifyTransitGateway"],
        remediation: "Disables auto-accept; no other option of the gateway and no attachment is changed. A gateway in state \
            `pending` or `modifying` refuses the call: the event is tried again later.",
        actions: &[MODIFY],
        ids: &["arn:%:ec2:%:%:transit-gateway/%"],
        not_watched: &[(
            "AcceptTransitGatewayVpcAttachment",
            "a principal of the account decides, as the setting intends",
        )],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call {
            sets: false,
            stored: &["ask-first"],
            permission: MODIFY,
            says: "disable automatic acceptance of shared attachments on {}",
            line: "aws ec2 modify-transit-gateway --transit-gateway-id {} --options AutoAcceptSharedAttachments=disable",
        },
        Call {
            sets: true,
            stored: &["accept-by-itself"],
            permission: MODIFY,
            says: "enable automatic acceptance of shared attachments on {}",
            line: "aws ec2 modify-transit-gateway --transit-gateway-id {} --options AutoAcceptSharedAttachments=enable",
        },
    ];

    const PLANNED: &'static [PlannedForm<TransitGateway>] = &[
        PlannedForm::one("AWS::EC2::TransitGateway", |it| planned(it, "AutoAcceptSharedAttachments")),
        PlannedForm::one("aws_ec2_transit_gateway", |it| planned(it, "auto_accept_shared_attachments")),
    ];

    fn changed_by(event: &Event) -> Result<Vec<GatewayTarget>, Unlocatable> {
        if !event.is_one_of(EC2, Self::ABOUT.triggers) {
            return Ok(Vec::new());
        }
        let target = changed(event).map(|target| target.into_iter().collect());
        target.map_err(|why| Unlocatable::new(event, why))
    }

    fn stack_of(gateway: &TransitGateway) -> Option<String> {
        gateway.stack.clone()
    }

    fn named(key: &GatewayRef, place: &Place) -> Resource {
        let Place { partition, account, region } = place;
        let id = format!("arn:{partition}:ec2:{region}:{account}:transit-gateway/{}", key.id);
        Resource { id, kind: "AwsEc2TransitGateway", name: key.id.clone() }
    }

    fn shown(gateway: &TransitGateway) -> Shown<String, bool> {
        let element = format!("{} auto-accept-shared-attachments", gateway.id);
        Shown { subject: gateway.id.clone(), value: gateway.accepts_by_itself.clone(), element, is_fixed: false }
    }

    fn is_in_question(gateway: &TransitGateway, terms: &Terms<'_>) -> bool {
        gateway.owner.as_ref().is_none_or(|owner| *owner == terms.place.account)
    }

    fn why(gateway: &TransitGateway, _: &Terms<'_>) -> String {
        format!("`{}` accepts attachments from the accounts that it is shared with automatically", gateway.id)
    }
}

/// Auto-accept is off unless it is asked for ("CreateTransitGateway", EC2 API reference).
fn planned(it: &PlannedResource<'_>, property: &str) -> Result<Option<TransitGateway>, Unreadable> {
    let accepts_by_itself = Observed::Known(it.text(property)?.as_deref() == Some("enable"));
    Ok(Some(TransitGateway { id: it.name.to_owned(), owner: None, accepts_by_itself, stack: None }))
}

/// The response shows all options as they are to be, while the gateway is `pending` or `modifying`; the request those that
/// were given. A call that leaves this option alone leads nowhere.
fn changed(event: &Event) -> Result<Option<GatewayTarget>, &'static str> {
    let part = |body: &'_ Body, wrapper: &str| wire::unwrapped(body, wrapper).cloned().unwrap_or_default();
    let request = part(&event.request, &format!("{}Request", event.name));
    let response = part(&event.response, &format!("{}Response", event.name));
    let gateway = wire::field(&response, "transitGateway").unwrap_or(&Value::Null);
    let asked = option(&request);
    let is_about_it = event.name == "CreateTransitGateway" || asked.is_some() || event.request.value().is_none();
    if !is_about_it {
        return Ok(None);
    }
    let id = wire::text(gateway, "transitGatewayId").or_else(|| wire::text(&request, "transitGatewayId"));
    let id = id.ok_or("neither the request nor the response names the gateway")?;
    let proven = option(gateway).or(asked).map(|accepts| TransitGateway {
        id: id.clone(),
        owner: wire::text(gateway, "ownerId"),
        accepts_by_itself: Observed::Known(accepts),
        stack: None,
    });
    Ok(Some(Target { key: GatewayRef { id }, proven, changed: None }))
}

fn option(fields: &Value) -> Option<bool> {
    let options = wire::field(fields, "options")?;
    match wire::text(options, "autoAcceptSharedAttachments")?.as_str() {
        "enable" => Some(true),
        "disable" => Some(false),
        _ => None,
    }
}
