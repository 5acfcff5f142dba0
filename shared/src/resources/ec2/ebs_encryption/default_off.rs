//! EC2-07: new EBS volumes are encrypted by default.

use super::IDS;
use super::state::ENABLE_EBS_ENCRYPTION_BY_DEFAULT;
use super::state::{EbsAction, EbsEncryption};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::NoSettings;

/// See the module. Sources: EC2.7 (Security Hub), CIS AWS Foundations 5.0.0/5.1.1, "Enable Amazon EBS encryption by default"
/// (EBS user guide).
pub struct EbsEncryptionDefaultOff;

pub(super) static ABOUT: About = About {
    name: "ebs-encryption-default-off",
    catalogue_id: "EC2-07",
    title: "EBS encryption by default is disabled",
    description: "EBS encryption by default was disabled for the account in this region: new volumes are unencrypted unless \
        the request says otherwise. Volumes that were created unencrypted before it is enabled again stay so; they are named.",
    severity: Severity::Medium,
    class: Class::R1,
    controls: &["EC2.7", "CIS AWS Foundations 5.0.0/5.1.1"],
    technique: "T1562.001",
    triggers: &["DisableEbsEncryptionByDefault", "EnableEbsEncryptionByDefault"],
    remediation: "Enables encryption by default again. Existing volumes are not changed.",
    actions: &[ENABLE_EBS_ENCRYPTION_BY_DEFAULT],
    ids: IDS,
    not_watched: &[],
};

const ELEMENT: &str = "EBS encryption by default";

impl Guardrail<EbsEncryption, EbsAction> for EbsEncryptionDefaultOff {
    type Settings = NoSettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, setting: &EbsEncryption, _: &Terms<'_>) -> Verdict {
        match &setting.is_on {
            Observed::Known(true) => Verdict::Compliant,
            Observed::Known(false) => {
                let why = "new EBS volumes of the account in this region are not encrypted by default".to_owned();
                let evidence = vec![Evidence { element: ELEMENT.to_owned(), why }];
                Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
            }
            Observed::Absent => Verdict::Undetermined { why: "EC2 does not show whether it is on".to_owned() },
            Observed::Unknown { why } => Verdict::Undetermined { why: why.clone() },
        }
    }

    fn plan(&self, _: &EbsEncryption, _: &Violation, _: &Terms<'_>) -> Plan<EbsAction> {
        Plan::one(EbsAction::Encrypt, EbsAction::DoNotEncrypt)
    }

    fn remarks(&self, setting: &EbsEncryption) -> Vec<String> {
        match &setting.made_unencrypted {
            Observed::Known(made) if !made.volumes.is_empty() || made.is_cut => {
                let more = if made.is_cut { "; there may be more" } else { "" };
                vec![format!("made unencrypted meanwhile, and still so: {}{more}", made.volumes.join(", "))]
            }
            Observed::Known(_) | Observed::Absent => Vec::new(),
            Observed::Unknown { why } => {
                vec![format!("which volumes were made unencrypted meanwhile is unknown: {why}")]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resources::ec2::ebs_encryption::state::Made;

    fn remarks(made_unencrypted: Observed<Made>) -> Vec<String> {
        EbsEncryptionDefaultOff.remarks(&EbsEncryption {
            is_on: Observed::Known(true),
            key: Observed::Absent,
            before: Observed::Absent,
            key_was_changed: false,
            made_unencrypted,
        })
    }

    #[test]
    fn volumes_of_the_window_are_named() {
        assert!(remarks(Observed::Absent).is_empty());
        assert!(remarks(Observed::Known(Made::default())).is_empty());
        let made = Made { volumes: vec!["vol-1".to_owned(), "vol-2".to_owned()], is_cut: true };
        let said = "made unencrypted meanwhile, and still so: vol-1, vol-2; there may be more";
        assert_eq!(remarks(Observed::Known(made)), [said]);
        assert!(remarks(Observed::Unknown { why: "denied".to_owned() })[0].ends_with("is unknown: denied"));
    }
}
