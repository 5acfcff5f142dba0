//! EC2-08: the serial console of instances cannot be reached.

use super::state::DISABLE_SERIAL_CONSOLE_ACCESS;
use super::state::{ConsoleAccess, ConsoleAction};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};

/// See the module. Sources: "EC2 Serial Console for instances" (EC2 user guide); Stratus Red Team,
/// `aws.lateral-movement.ec2-serial-console-send-ssh-public-key`.
pub struct SerialConsoleAccessEnabled;

static ABOUT: About = About {
    name: "serial-console-access-enabled",
    catalogue_id: "EC2-08",
    title: "EC2 serial console can be reached",
    description: "Access to the serial console, enabled for all instances of the account in the region. The console goes \
        past security groups, network ACLs and the instance's own firewall: whoever may push a key with \
        `ec2-instance-connect:SendSerialConsoleSSHPublicKey` stands at the instance's login. It is off unless somebody \
        switches it on; where it is in use, exempt the setting.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1021.008",
    triggers: &["EnableSerialConsoleAccess"],
    remediation: "Disables access to the serial console, for the account and region.",
    actions: &[DISABLE_SERIAL_CONSOLE_ACCESS],
};

const ELEMENT: &str = "serial console access";

impl Guardrail<ConsoleAccess, ConsoleAction> for SerialConsoleAccessEnabled {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, access: &ConsoleAccess, _: &Terms<'_>) -> Verdict {
        if !access.is_enabled {
            return Verdict::Compliant;
        }
        let why = "the serial console of every instance of the account in this region can be reached".to_owned();
        let evidence = vec![Evidence { element: ELEMENT.to_owned(), why }];
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, _: &ConsoleAccess, _: &Violation, _: &Terms<'_>) -> Plan<ConsoleAction> {
        Plan::one(ConsoleAction::Disable, ConsoleAction::Enable)
    }
}
