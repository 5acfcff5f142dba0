//! EC2-07: new EBS volumes are encrypted with the key that the account chose.

use super::IDS;
use super::state::{DefaultKey, EbsAction, EbsEncryption};
use super::state::{MODIFY_EBS_DEFAULT_KMS_KEY_ID, RESET_EBS_DEFAULT_KMS_KEY_ID};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// See the module. Sources: "ModifyEbsDefaultKmsKeyId" and "ResetEbsDefaultKmsKeyId" (EC2 API reference).
pub struct EbsDefaultKeyChanged;

/// Which keys new EBS volumes may be encrypted with by default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct EbsKeySettings {
    /// The allowed default keys, as EC2 names them: the ARN of a key, or `alias/aws/ebs` for the one that AWS
    /// manages; `*` and `?` match as in IAM. If the list is empty: the last known good default key.
    ///
    pub allowed_kms_keys: Vec<String>,
}

impl GuardrailSettings for EbsKeySettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_kms_keys", entries: &self.allowed_kms_keys, holds: KMS_KEYS }]
    }
}

const KMS_KEYS: Holds = Holds {
    shapes: &["arn:%:kms:%:%:key/%", "arn:%:kms:%:%:alias/*", "alias/aws/ebs"],
    form: "the ARN of a key, or `alias/aws/ebs`",
    everything: Some("allows every key: the guardrail finds nothing"),
};

pub(super) static ABOUT: About = About {
    name: "ebs-default-key-changed",
    catalogue_id: "EC2-07",
    title: "Default KMS key of EBS encryption changed",
    description: "The key that new volumes are encrypted with by default is none of `allowed_kms_keys`; without that list, \
        another one than when Parapet last saw it. The owner of the key can make the data unreadable by disabling or \
        deleting it. Where nothing was kept and nothing is listed, a change cannot be judged and is notified as undetermined; \
        the key that a sweep finds then counts as the right one, unless it belongs to an untrusted account. A key of an \
        untrusted account is critical. Existing volumes keep their key.",
    severity: Severity::High,
    class: Class::R1,
    controls: &[],
    technique: "T1486",
    triggers: &["ModifyEbsDefaultKmsKeyId", "ResetEbsDefaultKmsKeyId", "EnableEbsEncryptionByDefault"],
    remediation: "Makes the key that was last seen the default again, where it is known and allowed.",
    actions: &[MODIFY_EBS_DEFAULT_KMS_KEY_ID, RESET_EBS_DEFAULT_KMS_KEY_ID],
    ids: IDS,
    not_watched: &[(
        "DisableKey, ScheduleKeyDeletion",
        "they change the key, not the default: no guardrail here covers KMS",
    )],
};

const ELEMENT: &str = "EBS default key";

impl Guardrail<EbsEncryption, EbsAction> for EbsDefaultKeyChanged {
    type Settings = EbsKeySettings;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, setting: &EbsEncryption, terms: &Terms<'_>) -> Verdict {
        let key = match &setting.key {
            Observed::Known(key) => key,
            Observed::Absent => return Verdict::Undetermined { why: "EC2 names no default key".to_owned() },
            Observed::Unknown { why } => return Verdict::Undetermined { why: why.clone() },
        };
        if let Some(is_allowed) = is_allowed(key, terms) {
            let why = || format!("the default key of EBS is `{key}`, which is not among `allowed_kms_keys`");
            return if is_allowed { Verdict::Compliant } else { violation(key, why(), terms) };
        }
        match &setting.before {
            Observed::Known(before) if before == key && foreign(key, terms).is_none() => Verdict::Compliant,
            // A caller that replaces a foreign key by an own one mends what another had done.
            Observed::Known(before) if foreign(before, terms).is_some() && foreign(key, terms).is_none() => {
                Verdict::Compliant
            }
            Observed::Known(before) => {
                violation(key, format!("the default key of EBS is `{key}`, it was `{before}`"), terms)
            }
            Observed::Absent if setting.key_was_changed => Verdict::Undetermined {
                why: format!("the default key of EBS is `{key}` now; which it was before was not kept"),
            },
            Observed::Absent if foreign(key, terms).is_some() => {
                violation(key, format!("the default key of EBS is `{key}`"), terms)
            }
            Observed::Absent => Verdict::Compliant,
            // Not compliant: a good state may have been kept, and this one must not take its place.
            Observed::Unknown { why } => Verdict::Undetermined {
                why: format!("the default key of EBS is `{key}`; which it was when last seen is unknown: {why}"),
            },
        }
    }

    fn plan(&self, setting: &EbsEncryption, _: &Violation, terms: &Terms<'_>) -> Plan<EbsAction> {
        let (Some(key), Some(before)) = (setting.key.known(), setting.before.known()) else { return Plan::default() };
        if before == key || is_allowed(before, terms) == Some(false) || foreign(before, terms).is_some() {
            return Plan::default();
        }
        Plan::one(EbsAction::UseKey(before.clone()), EbsAction::UseKey(key.clone()))
    }
}

/// What the policy file says of the key; none where it lists no keys.
fn is_allowed(key: &DefaultKey, terms: &Terms<'_>) -> Option<bool> {
    let settings = terms.settings(&EbsDefaultKeyChanged);
    let allowed = &settings.allowed_kms_keys;
    (!allowed.is_empty()).then(|| allowed.iter().any(|pattern| matches_pattern(pattern, key.name())))
}

/// The account of a key, where policy does not trust it.
fn foreign<'a>(key: &'a DefaultKey, terms: &Terms<'_>) -> Option<&'a str> {
    key.account().filter(|account| !terms.trusts(account))
}

fn violation(key: &DefaultKey, why: String, terms: &Terms<'_>) -> Verdict {
    let (severity, why) = match foreign(key, terms) {
        Some(account) => (Severity::Critical, format!("{why}; it is a key of account {account}, which is not trusted")),
        None => (ABOUT.severity, why),
    };
    Verdict::Violation(Violation { severity, evidence: vec![Evidence { element: ELEMENT.to_owned(), why }] })
}
