//! Whom AWS writes to about the security of an account: ACC-06.
//!
//! Sources: "PutAlternateContact", "DeleteAlternateContact", "GetAlternateContact" (AWS Account Management API reference): there is one contact of each type, and none is an
//! error. The management account and the delegated administrator name a member with `AccountId`. What is said of a contact leaves out persons: of the address only the domain.

pub mod changed;
pub mod removed;

use super::{ACCOUNT, SOURCE, text};
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use crate::resources::s3::document::{Document, Held, Of, Write, document_family};
use changed::SecurityContactChanged;
use removed::SecurityContactRemoved;
use serde_json::{Value, json};

const ARNS: &[&str] = &["account::${Account}:account", "account::*:account/o-*/*"];
const GET: Permission = Permission::on("account:GetAlternateContact", ARNS);
pub(crate) const PUT: Permission = Permission::on("account:PutAlternateContact", ARNS);
pub(crate) const DELETE: Permission = Permission::on("account:DeleteAlternateContact", ARNS);

/// The contact of the account that is called.
const OWN: &str = "security contact";
/// The type of contact.
const TYPE: &str = "SECURITY";
/// What a contact consists of: all are needed to write it.
const MEMBERS: [&str; 4] = ["EmailAddress", "Name", "PhoneNumber", "Title"];

/// The family of security contacts. A value is an `AlternateContact` without its type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SecurityContacts;

document_family!(
    SecurityContacts,
    "security-contact",
    reads: &[GET],
    lists: &[],
    undoes: &[PUT, DELETE],
    SecurityContactRemoved,
    SecurityContactChanged,
);

/// The part of a contact's address that names no person.
#[must_use]
pub fn domain(contact: &Value) -> &str {
    contact["EmailAddress"].as_str().and_then(|address| address.rsplit('@').next()).unwrap_or("an unknown domain")
}

/// The account, where it is not the caller's own.
fn member(name: &str) -> Option<&str> {
    Some(name).filter(|name| *name != OWN && !name.is_empty())
}

/// What can be written of an answer; none where it is incomplete or hidden.
fn contact(answer: &Value) -> Option<Value> {
    let shown = |member: &str| answer[member].as_str().is_some_and(|text| !text.starts_with("HIDDEN_DUE_TO"));
    let members = MEMBERS.iter().map(|member| ((*member).to_owned(), answer[*member].clone()));
    MEMBERS.iter().all(|member| shown(member)).then(|| Value::Object(members.collect()))
}

impl Document for SecurityContacts {
    type Value = Option<Value>;

    const SOURCE: &'static str = SOURCE;
    const IS_GLOBAL: bool = true;
    const TRIGGERS: &'static [&'static str] = &["DeleteAlternateContact", "PutAlternateContact"];

    /// Records may hide what a contact consists of, which is read then.
    fn set_by(event: &Event) -> Option<Option<Value>> {
        if event.name.starts_with("Delete") {
            return Some(None);
        }
        let named = |member: &str| text(&event.request, member).map(|text| (member.to_owned(), json!(text)));
        let members: Option<serde_json::Map<String, Value>> = MEMBERS.into_iter().map(named).collect();
        contact(&Value::Object(members?)).map(Some)
    }

    fn concerns(event: &Event) -> bool {
        text(&event.request, "AlternateContactType").is_none_or(|kind| kind == TYPE)
    }

    fn subject(event: &Event) -> Result<String, Unlocatable> {
        if text(&event.request, "AlternateContactType").is_none() {
            return Err(Unlocatable::new(event, "the record does not say which contact it is"));
        }
        let of = text(&event.request, "AccountId").filter(|account| **account != event.account);
        Ok(of.unwrap_or(OWN).to_owned())
    }

    fn named(name: &str, Place { partition, account, .. }: &Place) -> Resource {
        let id = match member(name) {
            Some(member) => format!("arn:{partition}:account::{account}:account/{member}"),
            None => format!("arn:{partition}:account::{account}:account"),
        };
        Resource { id, kind: "AwsAccount", name: OWN.to_owned() }
    }

    fn is_strictest(_: &Option<Value>) -> bool {
        false
    }

    fn permission(contact: &Option<Value>) -> Permission {
        if contact.is_some() { PUT } else { DELETE }
    }

    fn says(_: &str, contact: &Option<Value>) -> String {
        match contact {
            Some(contact) => format!("set the security contact to the one with an address of {}", domain(contact)),
            None => "delete the security contact".to_owned(),
        }
    }

    /// Without the values: they are personal data, and the ledger has them.
    fn line(name: &str, contact: &Option<Value>) -> String {
        let of = member(name).map(|member| format!(" --account-id {}", word(member))).unwrap_or_default();
        match contact {
            Some(_) => format!(
                "aws account put-alternate-contact --alternate-contact-type {TYPE} --name NAME --title TITLE --email-address ADDRESS --phone-number NUMBER{of}"
            ),
            None => format!("aws account delete-alternate-contact --alternate-contact-type {TYPE}{of}"),
        }
    }
}

impl SignedFamily for SecurityContacts {
    const API: &'static Api = &ACCOUNT;

    fn get(key: &Of<Option<Value>>) -> Request {
        Request::rest("GetAlternateContact", "POST", &["getAlternateContact"])
            .member("AlternateContactType", Some(TYPE))
            .member("AccountId", member(&key.name))
    }

    fn got(key: &Of<Option<Value>>, answer: &Answer) -> Observed<Held<Option<Value>>> {
        match answer.body.get("AlternateContact").and_then(contact) {
            Some(contact) => Observed::Known(Held::of(key, Some(contact))),
            None => Observed::Unknown { why: "the answer does not show the security contact".to_owned() },
        }
    }

    fn missing(key: &Of<Option<Value>>) -> Observed<Held<Option<Value>>> {
        Observed::Known(Held::of(key, None))
    }

    fn list(_: Option<&str>) -> Option<Request> {
        None
    }

    fn listed(_: &Answer) -> Listing<Self> {
        Listing::one(Of::new(OWN.to_owned(), false))
    }

    fn actions() -> Vec<Write<Self>> {
        let contact: serde_json::Map<String, Value> =
            MEMBERS.iter().map(|member| ((*member).to_owned(), json!("a@b.example"))).collect();
        [Some(Value::Object(contact)), None].map(|contact| Write::whole("111122223333", contact)).into()
    }
}

impl SignedAction for Write<SecurityContacts> {
    const API: &'static Api = &ACCOUNT;

    fn request(&self) -> Request {
        let call = |operation, path| {
            Request::rest(operation, "POST", &[path])
                .member("AlternateContactType", Some(TYPE))
                .member("AccountId", member(&self.name))
        };
        match &self.value {
            Some(contact) => MEMBERS.iter().fold(call("PutAlternateContact", "putAlternateContact"), |call, member| {
                call.member(member, Some(contact[*member].clone()))
            }),
            None => call("DeleteAlternateContact", "deleteAlternateContact"),
        }
    }
}
