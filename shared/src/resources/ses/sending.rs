//! RES-17: an account does not come to send mail unnoticed.
//!
//! Sources: "PutAccountDetails", "PutAccountSendingAttributes", "CreateEmailIdentity" (SES API v2 reference); "UpdateAccountSendingEnabled",
//! "VerifyDomainIdentity", "VerifyEmailIdentity" (SES API reference).

use crate::engine::notice::prelude::*;
use crate::policy::{GuardrailSettings, Holds, List, matches_pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What opens the sending of mail.
pub type SendingChanges = Notices<Sending>;

/// See the module.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sending;

/// In whose name the account may send.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SendingSettings {
    /// Domains and addresses that may become identities of the account; `*` and `?` match as in IAM.
    pub allowed_identities: Vec<String>,
}

impl GuardrailSettings for SendingSettings {
    fn lists(&self) -> Vec<List<'_>> {
        vec![List { name: "allowed_identities", entries: &self.allowed_identities, holds: IDENTITIES }]
    }
}

const IDENTITIES: Holds = Holds {
    shapes: &["%"],
    form: "a domain or an address",
    everything: Some("allows every identity: no new one is found"),
};

/// What findings about the account itself name.
const ACCOUNT: &str = "sending";

impl Notice for Sending {
    type Settings = SendingSettings;

    const KIND: &'static str = "ses-sending";
    const ABOUT: &'static About = &About {
        name: "ses-sending-opened",
        catalogue_id: "RES-17",
        title: "The account was opened for sending mail",
        description: "Production access to SES was requested, sending was enabled for the account, or an identity was created that is not among \
            `allowed_identities`. Stolen credentials are used to send mail in the victim's name: these are the calls that come before it.",
        severity: Severity::Medium,
        class: Class::R0,
        controls: &[],
        technique: "T1496.003",
        triggers: &[
            "CreateEmailIdentity",
            "PutAccountDetails",
            "PutAccountSendingAttributes",
            "SendCustomVerificationEmail",
            "UpdateAccountSendingEnabled",
            "VerifyDomainDkim",
            "VerifyDomainIdentity",
            "VerifyEmailAddress",
            "VerifyEmailIdentity",
        ],
        remediation: "Notifies: AWS decides on production access and takes no call back, and stopping mail may stop the account's own.",
        actions: &[],
        ids: &["arn:%:ses:%:%:identity/%", "arn:%:ses:%:%:account/sending"],
        not_watched: &[
            ("SendEmail, SendRawEmail", "what is sent is recorded by data events, which no rule here asks for"),
            ("RequestServiceQuotaIncrease", "a quota gives no principal the permission to send"),
        ],
    };

    const PLANNED: &'static [PlannedForm<Noticed>] = &[
        PlannedForm::one("AWS::SES::EmailIdentity", |it| planned(it, "EmailIdentity")),
        PlannedForm::one("aws_ses_domain_identity", |it| planned(it, "domain")),
        PlannedForm::one("aws_ses_email_identity", |it| planned(it, "email")),
        PlannedForm::one("aws_sesv2_email_identity", |it| planned(it, "email_identity")),
    ];

    fn noticed(event: &Event) -> Result<Option<Noticed>, Unlocatable> {
        if !event.is_one_of("ses.amazonaws.com", Self::ABOUT.triggers) {
            return Ok(None);
        }
        let is_set = |name: &str| event.request.at(&[name]).and_then(Value::as_bool);
        let (element, answer, why) = match event.name.as_str() {
            "CreateEmailIdentity"
            | "SendCustomVerificationEmail"
            | "VerifyDomainDkim"
            | "VerifyDomainIdentity"
            | "VerifyEmailAddress"
            | "VerifyEmailIdentity" => {
                let unnamed = || Unlocatable::new(event, "the record names no identity");
                let members = ["emailIdentity", "domain", "emailAddress"];
                let identity = members.iter().find_map(|name| event.request.text(&[name])).ok_or_else(unnamed)?;
                return Ok(Some(named(Noticed::of(event, identity))));
            }
            "PutAccountDetails" => {
                ("production access", is_set("productionAccessEnabled"), "production access was requested")
            }
            "PutAccountSendingAttributes" => {
                ("sending", is_set("sendingEnabled"), "sending was enabled for the account")
            }
            _ => ("sending", is_set("enabled"), "sending was enabled for the account"),
        };
        // Without the member, it is off.
        let is_opened = answer == Some(true);
        Ok(Some(Noticed::of(event, ACCOUNT).sign(element, is_opened.then(|| why.to_owned()))))
    }

    fn is_in_question(seen: &Noticed, terms: &Terms<'_>) -> bool {
        let settings = Self::settings(terms);
        seen.name == ACCOUNT || !settings.allowed_identities.iter().any(|pattern| matches_pattern(pattern, &seen.name))
    }

    fn named(name: &str, Place { partition, account, region }: &Place) -> Resource {
        let what = if name == ACCOUNT { format!("account/{ACCOUNT}") } else { format!("identity/{name}") };
        Resource { id: format!("arn:{partition}:ses:{region}:{account}:{what}"), kind: "Other", name: name.to_owned() }
    }
}

/// An identity that the account sends for.
fn named(seen: Noticed) -> Noticed {
    let why = format!("`{}` became an identity of the account; it is not among `allowed_identities`", seen.name);
    seen.sign("identity", Some(why))
}

fn planned(it: &PlannedResource<'_>, identity: &str) -> Result<Option<Noticed>, Unreadable> {
    Ok(it.text(identity)?.map(|identity| named(Noticed::planned(&identity))))
}
