//! EC2-08: access to the EC2 serial console is disabled.
//!
//! Sources: "EC2 Serial Console for instances" (EC2 user guide); Stratus Red Team,
//! `aws.lateral-movement.ec2-serial-console-send-ssh-public-key`.

#[cfg(feature = "ec2")]
pub(crate) mod client;

use super::setting::{EC2, setting};
use super::setting_wire::{answered, flag};
use crate::engine::setting::prelude::*;

pub(crate) const READ: Permission = Permission::read("ec2:GetSerialConsoleAccessStatus");
const DISABLE: Permission = Permission::setting("ec2:DisableSerialConsoleAccess");
const ENABLE: Permission = Permission::setting("ec2:EnableSerialConsoleAccess");

/// Access to the serial console of the account's instances in a region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SerialConsole;

/// Whether it is enabled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConsoleAccess {
    /// `SerialConsoleAccessEnabled`
    pub is_enabled: bool,
}

impl Setting for SerialConsole {
    type Key = OfAccount;
    type State = ConsoleAccess;
    type Subject = ();
    type Value = bool;
    type Settings = NoSettings;

    const KIND: &'static str = "serial-console";
    const STRICTEST: bool = false;
    const READS: &'static [Permission] = &[READ];
    const UNDOES: &'static [Permission] = &[ENABLE];
    const ABOUT: &'static About = &About {
        name: "serial-console-access-enabled",
        catalogue_id: "EC2-08",
        title: "EC2 serial console access is enabled",
        description: "Serial console access was enabled for all instances of the account in the region. The console bypasses \
            security groups, network ACLs and the instance's own firewall: a principal with \
            `ec2-instance-connect:SendSerialConsoleSSHPublicKey` reaches the login prompt of every instance. It is off by \
            default; where it is in use, exempt the setting.",
        severity: Severity::High,
        class: Class::R1,
        controls: &[],
        technique: "T1021.008",
        triggers: &["EnableSerialConsoleAccess"],
        remediation: "Disables serial console access for the account in the region.",
        actions: &[DISABLE],
        ids: &["arn:%:ec2:%:%:serial-console-access"],
        not_watched: &[],
    };
    const CALLS: &'static [Call<bool>] = &[
        Call {
            sets: false,
            stored: &["disable"],
            permission: DISABLE,
            says: "disable access to the EC2 serial console",
            line: "aws ec2 disable-serial-console-access",
        },
        Call {
            sets: true,
            stored: &["enable"],
            permission: ENABLE,
            says: "enable access to the EC2 serial console",
            line: "aws ec2 enable-serial-console-access",
        },
    ];

    const PLANNED: &'static [PlannedForm<ConsoleAccess>] = &[
        // Managing it enables access unless it says otherwise (Terraform's documentation of the resource).
        PlannedForm::one("aws_ec2_serial_console_access", |it| {
            Ok(Some(ConsoleAccess { is_enabled: it.flag("enabled")?.unwrap_or(true) }))
        }),
    ];

    /// The response says what holds from then on; without it, only a read shows it.
    fn changed_by(event: &Event) -> Result<Vec<Target<OfAccount, ConsoleAccess>>, Unlocatable> {
        let is_enabled = flag(answered(event, "SerialConsoleAccessEnabled")) == Some(true);
        let target =
            |state: ConsoleAccess| Target { key: OfAccount {}, proven: is_enabled.then_some(state), changed: None };
        Ok(Self::requested_by(event).map(target).into_iter().collect())
    }

    /// A call that succeeded has enabled it: it can do nothing else.
    fn requested_by(event: &Event) -> Option<ConsoleAccess> {
        event.is_one_of(EC2, Self::ABOUT.triggers).then_some(ConsoleAccess { is_enabled: true })
    }

    fn named(_: &OfAccount, place: &Place) -> Resource {
        setting("serial-console-access", place)
    }

    fn shown(access: &ConsoleAccess) -> Shown<(), bool> {
        Shown::of((), access.is_enabled, "serial console access")
    }

    fn why(_: &ConsoleAccess, _: &Terms<'_>) -> String {
        "access to the serial console of every instance of the account in this region is enabled".to_owned()
    }
}
