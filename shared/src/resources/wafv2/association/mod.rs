//! Which web ACL protects a load balancer, an API, a user pool: LOG-14.
//!
//! Sources: "DisassociateWebACL", "AssociateWebACL", "GetWebACLForResource", "ListResourcesForWebACL" (AWS WAFV2 API reference): a resource has one web ACL at most. The
//! record of a removal names the resource and not the web ACL: that is known from the sweep, which lists what each web ACL of the region protects, and from associations
//! that were seen. An answer without a web ACL says that there is none.

pub(crate) mod permissions;
pub mod removed;

use super::{SOURCE, WAFV2, page, text, unlisted};
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Api, Asks, Request};
use crate::engine::shell::word;
use crate::engine::signed::SignedAction;
use crate::resources::s3::document::{Document, Held, Of, Write, document_family};
use permissions::{ASSOCIATE, DISASSOCIATE, LISTS, READS, UNDOES};
use removed::WebAclRemoved;
use serde_json::{Value, json};

/// The types of resources that a web ACL can protect, as a list asks for them.
pub(crate) const TYPES: &[&str] = &[
    "APPLICATION_LOAD_BALANCER",
    "API_GATEWAY",
    "APPSYNC",
    "COGNITO_USER_POOL",
    "APP_RUNNER_SERVICE",
    "VERIFIED_ACCESS_INSTANCE",
    "AMPLIFY",
];

/// The family of what web ACLs protect. A value is the ARN of the web ACL.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebAclAssociations;

document_family!(
    WebAclAssociations,
    "web-acl-association",
    reads: READS,
    lists: LISTS,
    undoes: UNDOES,
    WebAclRemoved,
);

impl Document for WebAclAssociations {
    type Value = Option<String>;

    const SOURCE: &'static str = SOURCE;
    const TRIGGERS: &'static [&'static str] = &["AssociateWebACL", "DisassociateWebACL"];

    fn set_by(event: &Event) -> Option<Option<String>> {
        match event.name.as_str() {
            "DisassociateWebACL" => Some(None),
            _ => text(event.request.value()?, &["webACLArn", "webAclArn"]).map(|arn| Some(arn.to_owned())),
        }
    }

    fn subject(event: &Event) -> Result<String, Unlocatable> {
        let named = event.request.text(&["resourceArn"]);
        named.map(str::to_owned).ok_or_else(|| Unlocatable::new(event, "the record names no resource"))
    }

    fn named(arn: &str, _: &Place) -> Resource {
        // `...:loadbalancer/app/shop/50dc6c495c0c9188`, `...::/restapis/a1b2c3/stages/prod`, `...:userpool/eu-central-1_a1b2c3`
        let name = arn.splitn(6, ':').nth(5).unwrap_or(arn).trim_start_matches('/').to_owned();
        Resource { id: arn.to_owned(), kind: "Other", name }
    }

    /// Which web ACL is right is not for one call to say.
    fn is_strictest(_: &Option<String>) -> bool {
        false
    }

    fn permission(acl: &Option<String>) -> Permission {
        if acl.is_some() { ASSOCIATE } else { DISASSOCIATE }
    }

    fn says(resource: &str, acl: &Option<String>) -> String {
        match acl {
            Some(acl) => format!("associate web ACL {acl} with {resource}"),
            None => format!("disassociate the web ACL of {resource}"),
        }
    }

    fn line(resource: &str, acl: &Option<String>) -> String {
        let resource = word(resource);
        match acl {
            Some(acl) => format!("aws wafv2 associate-web-acl --web-acl-arn {} --resource-arn {resource}", word(acl)),
            None => format!("aws wafv2 disassociate-web-acl --resource-arn {resource}"),
        }
    }
}

/// Reads which web ACL a resource has.
#[must_use]
pub fn get(resource: &str) -> Request {
    Request::named("GetWebACLForResource", json!({ "ResourceArn": resource }))
}

/// What [`get`] was answered.
#[must_use]
pub fn got(key: &Of<Option<String>>, answer: &Answer) -> Observed<Held<Option<String>>> {
    let acl = match answer.body.get("WebACL") {
        None | Some(Value::Null) => None,
        Some(acl) => match acl["ARN"].as_str() {
            Some(arn) => Some(arn.to_owned()),
            None => {
                return Observed::Unknown { why: format!("the answer does not show the web ACL of `{}`", key.name) };
            }
        },
    };
    Observed::Known(Held::of(key, acl))
}

/// Lists what a web ACL protects, of one type.
#[must_use]
pub fn protected(acl: &str, of: &str) -> Request {
    Request::named("ListResourcesForWebACL", json!({"WebACLArn": acl, "ResourceType": of}))
}

impl SignedAction for Write<WebAclAssociations> {
    const API: &'static Api = &WAFV2;

    fn request(&self) -> Request {
        match &self.value {
            Some(acl) => Request::named("AssociateWebACL", json!({"WebACLArn": acl, "ResourceArn": self.name})),
            None => Request::named("DisassociateWebACL", json!({ "ResourceArn": self.name })),
        }
    }
}

impl Asks for WebAclAssociations {
    fn asks() -> Vec<(&'static Api, Request)> {
        let write = |acl: Option<&str>| Write::<Self>::whole("resource", acl.map(str::to_owned)).request();
        let reads = [get("resource"), page("ListWebACLs", "REGIONAL", Some("2"))];
        let lists = TYPES.iter().map(|of| protected("acl", of));
        let all = reads.into_iter().chain(lists).chain([write(Some("acl")), write(None)]);
        all.map(|request| (&WAFV2, request)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        let mut missed = unlisted(answers, &[("ListWebACLs", "WebACLs"), ("ListResourcesForWebACL", "ResourceArns")]);
        let is_read =
            got(&Of::default(), &answers("GetWebACLForResource")).known().is_some_and(|held| held.now.is_some());
        missed.extend((!is_read).then(|| "no web ACL is found in an answer to GetWebACLForResource".to_owned()));
        missed
    }
}
