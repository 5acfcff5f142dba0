//! NET-14: no transit gateway takes in another account's network before somebody has said yes.

use super::state::MODIFY_TRANSIT_GATEWAY;
use super::state::{GatewayAction, TransitGateway};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};

/// See the module. Security Hub EC2.23 ("`AutoAcceptSharedAttachments` is `enable`"), rated high there.
pub struct TransitGatewayAcceptsByItself;

static ABOUT: About = About {
    name: "transit-gateway-accepts-by-itself",
    catalogue_id: "NET-14",
    title: "Transit gateway accepts attachments by itself",
    description: "A transit gateway with `AutoAcceptSharedAttachments`: whoever it is shared with attaches a network to it \
        and nobody is asked. Gateways that another account shares with this one are that account's business. What is \
        attached already stays attached.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["EC2.23"],
    technique: "T1599",
    triggers: &["CreateTransitGateway", "ModifyTransitGateway"],
    remediation: "Switches automatic acceptance off; no other option of the gateway and no attachment is touched. A \
        gateway that is still being made or changed refuses that: the event then comes back later.",
    actions: &[MODIFY_TRANSIT_GATEWAY],
};

impl Guardrail<TransitGateway, GatewayAction> for TransitGatewayAcceptsByItself {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, gateway: &TransitGateway, terms: &Terms<'_>) -> Verdict {
        if gateway.owner.as_ref().is_some_and(|owner| *owner != terms.place.account) {
            return Verdict::Compliant;
        }
        match &gateway.accepts_by_itself {
            Observed::Known(true) => Verdict::Violation(Violation {
                severity: ABOUT.severity,
                evidence: vec![Evidence {
                    element: format!("{} auto-accept-shared-attachments", gateway.id),
                    why: format!(
                        "`{}` accepts attachments of the accounts that it is shared with by itself",
                        gateway.id
                    ),
                }],
            }),
            Observed::Known(false) | Observed::Absent => Verdict::Compliant,
            Observed::Unknown { why } => Verdict::Undetermined { why: why.clone() },
        }
    }

    fn plan(&self, gateway: &TransitGateway, _: &Violation, _: &Terms<'_>) -> Plan<GatewayAction> {
        let id = &gateway.id;
        Plan::one(GatewayAction::AskFirst(id.clone()), GatewayAction::AcceptByItself(id.clone()))
    }
}
