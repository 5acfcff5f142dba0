//! What web ACLs say: LOG-14.
//!
//! Sources: "UpdateWebACL", "DeleteWebACL", "GetWebACL" (AWS WAFV2 API reference): an update writes the whole web ACL, with all of its rules; AWS WAF refuses to delete one that
//! protects anything. Nothing is written here: a rule that was removed may have stopped customers, and what a rule is worth is in no record.

mod planned;
pub mod state;
pub mod weakened;

use super::{ACLS, LIST_ACLS, SOURCE, WAFV2, named, page, resource, text, unlisted};
use crate::engine::event::Event;
use crate::engine::family::{Family, Target, TargetOf, Unlocatable};
use crate::engine::guardrail::guardrails;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::plan::NoAction;
use crate::engine::planned::PlannedForm;
use crate::engine::request::{Answer, Api, Asks, Request};
use crate::resources::callers::callers;
use serde_json::{Value, json};
use state::{Acl, AclRef, Said};
use std::borrow::Cow;
use weakened::WebAclWeakened;

pub(crate) const GET: Permission = Permission::on("wafv2:GetWebACL", ACLS);
pub(crate) const UPDATE: &str = "UpdateWebACL";
pub(crate) const DELETE: &str = "DeleteWebACL";

/// The family of what web ACLs say.
#[derive(Clone, Copy, Debug, Default)]
pub struct WebAclRules;

impl Family for WebAclRules {
    type Key = AclRef;
    type State = Acl;
    type Action = NoAction;

    fn kind(&self) -> &'static str {
        "web-acl"
    }

    fn reads(&self) -> &'static [Permission] {
        &[GET]
    }

    fn lists(&self) -> &'static [Permission] {
        &[LIST_ACLS]
    }

    fn forms(&self) -> Cow<'static, [PlannedForm<Acl>]> {
        Cow::Borrowed(planned::FORMS)
    }

    guardrails![WebAclWeakened];

    /// An update's request is the whole web ACL.
    fn locate(&self, event: &Event) -> Result<Vec<TargetOf<Self>>, Unlocatable> {
        if !event.is_one_of(SOURCE, &[UPDATE, DELETE]) {
            return Ok(Vec::new());
        }
        let unnamed = || Unlocatable::new(event, "the record names no web ACL");
        let request = event.request.value().ok_or_else(unnamed)?;
        let [name, id] = [["name"], ["id"]].map(|member| text(request, &member));
        let (name, id) = name.zip(id).ok_or_else(unnamed)?;
        let scope = match text(request, &["scope"]) {
            Some("CLOUDFRONT") => "global",
            Some(_) => "regional",
            None => return Err(unnamed()),
        };
        let arn =
            format!("arn:{}:wafv2:{}:{}:{scope}/webacl/{name}/{id}", event.partition(), event.region, event.account);
        let key = AclRef { by: callers(event), by_event: true, ..AclRef::new(&arn) };
        let now = if event.name == DELETE { Some(None) } else { Said::read(request).map(Some) };
        let proven = now.map(|now| Acl { of: key.clone(), now });
        Ok(vec![Target { key, proven, changed: None }])
    }

    fn focus(&self, acl: &mut Acl, target: &TargetOf<Self>) {
        acl.of.clone_from(&target.key);
    }

    fn memory(&self, key: &AclRef) -> Option<String> {
        Some(key.arn.clone())
    }

    fn recall(&self, target: &mut TargetOf<Self>, kept: Observed<Acl>) {
        let before = match kept {
            Observed::Known(Acl { now: Some(said), .. }) => Observed::Known(said),
            Observed::Known(Acl { now: None, .. }) | Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        };
        if let Some(proven) = &mut target.proven {
            proven.of.before = before.clone();
        }
        target.key.before = before;
    }

    fn content(&self, acl: &Acl) -> Value {
        serde_json::to_value(&acl.now).unwrap_or_default()
    }

    fn resource(&self, key: &AclRef, _: Option<&Acl>, _: &Place) -> Resource {
        resource(&key.arn)
    }
}

/// Reads a web ACL. None where the ARN is none of a web ACL.
#[must_use]
pub fn get(arn: &str) -> Option<Request> {
    let named = named(arn)?;
    Some(Request::named("GetWebACL", json!({"Name": named.name, "Scope": named.scope, "Id": named.id})))
}

/// What [`get`] was answered.
#[must_use]
pub fn got(key: &AclRef, answer: &Answer) -> Observed<Acl> {
    match answer.body.get("WebACL").and_then(Said::read) {
        Some(said) => Observed::Known(Acl { of: key.clone(), now: Some(said) }),
        None => Observed::Unknown { why: format!("the answer does not show what web ACL `{}` says", key.arn) },
    }
}

impl Asks for WebAclRules {
    fn asks() -> Vec<(&'static Api, Request)> {
        let one = get("arn:aws:wafv2:eu-central-1:111122223333:regional/webacl/shop/3f0c");
        let lists = ["REGIONAL", "CLOUDFRONT"].map(|scope| page("ListWebACLs", scope, Some("2")));
        one.into_iter().chain(lists).map(|request| (&WAFV2, request)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        let mut missed = unlisted(answers, &[("ListWebACLs", "WebACLs")]);
        missed.extend(
            answers("GetWebACL").at(&["WebACL", "DefaultAction"]).is_none().then(|| "no web ACL is found".to_owned()),
        );
        missed
    }
}
