//! Where a web ACL logs the requests that it sees: LOG-14.
//!
//! Sources: "DeleteLoggingConfiguration", "PutLoggingConfiguration", "ListLoggingConfigurations", `LoggingConfiguration` (AWS WAFV2 API reference): a web ACL has
//! one configuration of the customer's. Those of Security Lake and CloudWatch have another `LogScope` and are theirs. A web ACL that logs nowhere is refused as not there.

pub mod off;

use super::{ACLS, SOURCE, WAFV2, page, resource, text, unlisted};
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Api, Asks, Request};
use crate::engine::shell::word;
use crate::engine::signed::SignedAction;
use crate::resources::cloudtrail::capitalised;
use crate::resources::ec2::flow_log::actions::CREATE_LOG_DELIVERY;
use crate::resources::s3::document::{Document, Held, Of, Write, document_family};
use off::WebAclLoggingOff;
use serde_json::{Value, json};

pub(crate) const GET: Permission = Permission::on("wafv2:GetLoggingConfiguration", ACLS);
pub(crate) const LIST: Permission = Permission::read("wafv2:ListLoggingConfigurations");
pub(crate) const PUT: Permission = Permission::on("wafv2:PutLoggingConfiguration", ACLS);
pub(crate) const DELETE: Permission = Permission::on("wafv2:DeleteLoggingConfiguration", ACLS);
/// What AWS WAF asks of its caller about groups and buckets ("Sending web ACL traffic logs ...", AWS WAF developer guide): policies are read, and not written.
pub(crate) const DESCRIBE_GROUPS: Permission = Permission::read("logs:DescribeLogGroups");
pub(crate) const DESCRIBE_POLICIES: Permission = Permission::read("logs:DescribeResourcePolicies");
pub(crate) const BUCKET_POLICY: Permission = Permission::on("s3:GetBucketPolicy", &["s3:::aws-waf-logs-*"]);

/// The family of what web ACLs log. A value is a `LoggingConfiguration`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WebAclLogging;

document_family!(
    WebAclLogging,
    "web-acl-logging",
    reads: &[GET],
    lists: &[LIST],
    undoes: &[PUT, DELETE, CREATE_LOG_DELIVERY, DESCRIBE_GROUPS, DESCRIBE_POLICIES, BUCKET_POLICY],
    WebAclLoggingOff,
);

/// The customer's scope, which is meant where none is named.
fn is_customer_s(configuration: &Value) -> bool {
    text(configuration, &["logScope", "LogScope"]).is_none_or(|scope| scope == "CUSTOMER")
}

impl Document for WebAclLogging {
    type Value = Option<Value>;

    const SOURCE: &'static str = SOURCE;
    const TRIGGERS: &'static [&'static str] = &["DeleteLoggingConfiguration", "PutLoggingConfiguration"];

    /// Of another scope's call, only a read shows what the customer's is.
    fn set_by(event: &Event) -> Option<Option<Value>> {
        let request = event.request.value()?;
        if event.name.starts_with("Delete") {
            return is_customer_s(request).then_some(None);
        }
        let configuration = request.get("loggingConfiguration").filter(|configuration| is_customer_s(configuration))?;
        Some(Some(capitalised(configuration)))
    }

    fn subject(event: &Event) -> Result<String, Unlocatable> {
        let named = event
            .request
            .text(&["resourceArn"])
            .or_else(|| event.request.text(&["loggingConfiguration", "resourceArn"]));
        named.map(str::to_owned).ok_or_else(|| Unlocatable::new(event, "the record names no web ACL"))
    }

    fn named(arn: &str, _: &Place) -> Resource {
        resource(arn)
    }

    fn is_strictest(_: &Option<Value>) -> bool {
        false
    }

    fn permission(configuration: &Option<Value>) -> Permission {
        if configuration.is_some() { PUT } else { DELETE }
    }

    fn says(arn: &str, configuration: &Option<Value>) -> String {
        match configuration {
            Some(configuration) => {
                format!("log the requests of web ACL {arn} to {}", destinations(configuration).join(", "))
            }
            None => format!("stop logging the requests of web ACL {arn}"),
        }
    }

    fn line(arn: &str, configuration: &Option<Value>) -> String {
        match configuration {
            Some(configuration) => {
                let document = configuration.to_string();
                format!("aws wafv2 put-logging-configuration --logging-configuration {}", word(&document))
            }
            None => format!("aws wafv2 delete-logging-configuration --resource-arn {}", word(arn)),
        }
    }
}

/// Where a configuration logs to.
#[must_use]
pub fn destinations(configuration: &Value) -> Vec<&str> {
    let list = configuration["LogDestinationConfigs"].as_array();
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Reads the configuration of a web ACL.
#[must_use]
pub fn get(acl: &str) -> Request {
    Request::named("GetLoggingConfiguration", json!({ "ResourceArn": acl }))
}

/// What [`get`] was answered.
#[must_use]
pub fn got(key: &Of<Option<Value>>, answer: &Answer) -> Observed<Held<Option<Value>>> {
    match answer.body.get("LoggingConfiguration").filter(|configuration| !destinations(configuration).is_empty()) {
        Some(configuration) => Observed::Known(Held::of(key, Some(configuration.clone()))),
        None => Observed::Unknown { why: format!("the answer does not show where web ACL `{}` logs to", key.name) },
    }
}

impl SignedAction for Write<WebAclLogging> {
    const API: &'static Api = &WAFV2;

    fn request(&self) -> Request {
        match &self.value {
            Some(configuration) => {
                Request::named("PutLoggingConfiguration", json!({ "LoggingConfiguration": configuration }))
            }
            None => Request::named("DeleteLoggingConfiguration", json!({ "ResourceArn": self.name })),
        }
    }
}

impl Asks for WebAclLogging {
    fn asks() -> Vec<(&'static Api, Request)> {
        let configuration = json!({"ResourceArn": "acl", "LogDestinationConfigs": ["group"]});
        let writes = [Some(configuration), None].map(|value| Write::<Self>::whole("acl", value).request());
        let reads = [get("acl"), page("ListLoggingConfigurations", "REGIONAL", Some("2"))];
        reads.into_iter().chain(writes).map(|request| (&WAFV2, request)).collect()
    }

    fn overlooked(answers: &dyn Fn(&'static str) -> Answer) -> Vec<String> {
        let mut missed = unlisted(answers, &[("ListLoggingConfigurations", "LoggingConfigurations")]);
        let is_read = got(&Of::default(), &answers("GetLoggingConfiguration")).known().is_some();
        missed.extend((!is_read).then(|| "no destination is found in an answer to GetLoggingConfiguration".to_owned()));
        missed
    }
}
