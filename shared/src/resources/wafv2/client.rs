//! The calls that read web ACLs, what they protect and where they log to.

use super::logging::{GET as GET_LOGGING, LIST as LIST_LOGGING};
use super::web_acl::state::{Acl, AclRef};
use super::web_acl::{GET as GET_ACL, get as get_acl, got as got_acl};
use super::{LIST_ACLS, WAFV2, WebAclAssociations, WebAclLogging, WebAclRules, association, logging, page};
use crate::aws::signed::Signed;
use crate::engine::family::{List, Observe, Page, ReadDepth, ReadError};
use crate::engine::observed::Observed;
use crate::engine::plan::{Applied, Apply, ApplyError, NoAction};
use crate::engine::request::{Answer, Request};
use crate::resources::s3::document::{Held, Of};
use serde_json::Value;
use tracing::warn;

/// Where the web ACLs of CloudFront are.
const GLOBAL: &str = "us-east-1";

impl Signed {
    async fn waf(&self, request: Request, permission: &str) -> Result<Observed<Answer>, ReadError> {
        match self.call(&WAFV2, request).await {
            Ok(answer) => Ok(Observed::Known(answer)),
            Err(failure) => failure.of_read(permission),
        }
    }

    /// Everything that is listed, in each of these scopes.
    async fn listed(
        &self,
        operation: &'static str,
        member: &str,
        scopes: &[&str],
        permission: &str,
    ) -> Result<Observed<Vec<Value>>, ReadError> {
        let mut all = Vec::new();
        for scope in scopes {
            let mut from: Option<String> = None;
            loop {
                let answer = match self.waf(page(operation, scope, from.as_deref()), permission).await? {
                    Observed::Known(answer) => answer,
                    Observed::Absent => break,
                    Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
                };
                let Some(list) = answer.body.get(member).and_then(Value::as_array) else {
                    return Ok(Observed::Unknown { why: format!("an answer to {operation} does not show `{member}`") });
                };
                all.extend(list.iter().cloned());
                // The last page of a list has a marker, too, where it is full.
                match answer.text("NextMarker").filter(|_| !list.is_empty()) {
                    Some(marker) if Some(marker) != from.as_deref() => from = Some(marker.to_owned()),
                    Some(_) | None => break,
                }
            }
        }
        Ok(Observed::Known(all))
    }

    fn scopes(&self) -> &'static [&'static str] {
        if self.region() == Some(GLOBAL) { &["REGIONAL", "CLOUDFRONT"] } else { &["REGIONAL"] }
    }
}

impl Observe<WebAclAssociations> for Signed {
    async fn observe(
        &self,
        key: &Of<Option<String>>,
        _: ReadDepth,
    ) -> Result<Observed<Held<Option<String>>>, ReadError> {
        Ok(match self.waf(association::get(&key.name), association::permissions::GET.action).await? {
            Observed::Known(answer) => association::got(key, &answer),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

impl List<WebAclAssociations> for Signed {
    /// What the web ACLs of the region protect. What has none is not listed.
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<WebAclAssociations>>, ReadError> {
        let acls = match self.listed("ListWebACLs", "WebACLs", &["REGIONAL"], LIST_ACLS.action).await? {
            Observed::Known(acls) => acls,
            Observed::Absent => Vec::new(),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let mut found = Vec::new();
        for acl in acls.iter().filter_map(|acl| acl["ARN"].as_str()) {
            let mut unlisted = Vec::new();
            for of in association::TYPES {
                let list = association::protected(acl, of);
                match self.waf(list, association::permissions::LIST.action).await? {
                    Observed::Known(answer) => {
                        for arn in answer.list("ResourceArns").iter().filter_map(Value::as_str) {
                            let key = Of::new(arn.to_owned(), false);
                            let held = Held::of(&key, Some(acl.to_owned()));
                            found.push((key, Observed::Known(held)));
                        }
                    }
                    Observed::Absent => {}
                    Observed::Unknown { why } => unlisted.push(why),
                }
            }
            // A region does not have every type. What is not listed is not kept as good, and nothing else follows; but where no type is listed, the role may not.
            match unlisted.pop() {
                Some(why) if unlisted.len() + 1 == association::TYPES.len() => return Ok(Observed::Unknown { why }),
                Some(why) => warn!(acl, %why, "not every type of what a web ACL protects was listed"),
                None => {}
            }
        }
        Ok(Observed::Known(Page { found, next: None }))
    }
}

impl Observe<WebAclLogging> for Signed {
    /// A web ACL without a configuration, and one that is not there, are refused alike: neither logs.
    async fn observe(&self, key: &Of<Option<Value>>, _: ReadDepth) -> Result<Observed<Held<Option<Value>>>, ReadError> {
        Ok(match self.waf(logging::get(&key.name), GET_LOGGING.action).await? {
            Observed::Known(answer) => logging::got(key, &answer),
            Observed::Absent => Observed::Known(Held::of(key, None)),
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

impl List<WebAclLogging> for Signed {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<WebAclLogging>>, ReadError> {
        let list =
            self.listed("ListLoggingConfigurations", "LoggingConfigurations", self.scopes(), LIST_LOGGING.action);
        let found = match list.await? {
            Observed::Known(found) => found,
            Observed::Absent => Vec::new(),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let one = |configuration: Value| {
            let key = Of::new(configuration.get("ResourceArn").and_then(Value::as_str)?.to_owned(), false);
            let held = Held::of(&key, Some(configuration));
            Some((key, Observed::Known(held)))
        };
        Ok(Observed::Known(Page { found: found.into_iter().filter_map(one).collect(), next: None }))
    }
}

impl Observe<WebAclRules> for Signed {
    async fn observe(&self, key: &AclRef, _: ReadDepth) -> Result<Observed<Acl>, ReadError> {
        let Some(request) = get_acl(&key.arn) else {
            return Ok(Observed::Unknown { why: format!("`{}` is the ARN of no web ACL", key.arn) });
        };
        Ok(match self.waf(request, GET_ACL.action).await? {
            Observed::Known(answer) => got_acl(key, &answer),
            Observed::Absent => Observed::Absent,
            Observed::Unknown { why } => Observed::Unknown { why },
        })
    }
}

impl List<WebAclRules> for Signed {
    async fn page(&self, _: Option<&str>) -> Result<Observed<Page<WebAclRules>>, ReadError> {
        let acls = match self.listed("ListWebACLs", "WebACLs", self.scopes(), LIST_ACLS.action).await? {
            Observed::Known(acls) => acls,
            Observed::Absent => Vec::new(),
            Observed::Unknown { why } => return Ok(Observed::Unknown { why }),
        };
        let mut found = Vec::new();
        for arn in acls.iter().filter_map(|acl| acl["ARN"].as_str()) {
            let key = AclRef::new(arn);
            match Observe::<WebAclRules>::observe(self, &key, ReadDepth::Quick).await? {
                // It was deleted since the list was made.
                Observed::Absent => {}
                seen => found.push((key, seen)),
            }
        }
        Ok(Observed::Known(Page { found, next: None }))
    }
}

impl Apply<NoAction> for Signed {
    async fn apply(&self, action: &NoAction) -> Result<Applied, ApplyError> {
        match *action {}
    }
}
