//! LOG-14: a web ACL that logs goes on logging the same.

use super::{BUCKET_POLICY, DESCRIBE_GROUPS, DESCRIBE_POLICIES, PUT, WebAclLogging, destinations};
use crate::engine::guardrail::{About, Class, Guardrail, Terms};
use crate::engine::observed::Observed;
use crate::engine::plan::Plan;
use crate::engine::verdict::{Evidence, Severity, Verdict, Violation};
use crate::resources::callers::{AllowedPrincipals, are_service_linked};
use crate::resources::ec2::flow_log::actions::CREATE_LOG_DELIVERY;
use crate::resources::s3::document::{Held, Write, put};
use crate::resources::wafv2::IDS;
use serde_json::Value;

/// See the module.
pub struct WebAclLoggingOff;

static ABOUT: About = About {
    name: "web-acl-logging-off",
    catalogue_id: "LOG-14",
    title: "The logging of a web ACL was switched off or weakened",
    description: "A principal that is not among `allowed_principals` deleted the logging configuration of a web ACL, sent its logs to another destination, or set a filter that \
        drops log records, other than the last known good one. A sweep finds a web ACL that has lost its configuration or its destination only by the event. Fields that are \
        redacted are left alone: what may be logged is the owner's to decide. What Firewall Manager does by its service-linked role is left out.",
    severity: Severity::High,
    class: Class::R1,
    controls: &["WAF.11"],
    technique: "T1562.008",
    triggers: &["DeleteLoggingConfiguration", "PutLoggingConfiguration"],
    remediation: "Puts the last known good configuration back. If the policy of the bucket or the log group that lets AWS WAF write was removed as well, AWS refuses, and \
        the notification says so. If the configuration is unknown, it only notifies.",
    actions: &[PUT, CREATE_LOG_DELIVERY, DESCRIBE_GROUPS, DESCRIBE_POLICIES, BUCKET_POLICY],
    ids: IDS,
    not_watched: &[
        ("DeleteWebACL", "a web ACL that is deleted is another guardrail's"),
        ("DeleteLogGroup, DeleteBucket, DeleteDeliveryStream", "the destination is another resource"),
    ],
};

/// Whether a configuration drops any log records.
fn drops(configuration: &Value) -> bool {
    let filter = &configuration["LoggingFilter"];
    let mut behaviors = filter["Filters"].as_array().into_iter().flatten().map(|one| &one["Behavior"]);
    filter["DefaultBehavior"] == "DROP" || behaviors.any(|behavior| behavior == "DROP")
}

/// What another configuration logs less than the one before.
fn less(before: &Value, now: &Value) -> Vec<String> {
    let kept = destinations(now);
    let lost = destinations(before).into_iter().filter(|destination| !kept.contains(destination));
    let lost = lost.map(|destination| format!("no longer logs to `{destination}`"));
    let is_filtered = drops(now) && before["LoggingFilter"] != now["LoggingFilter"];
    lost.chain(is_filtered.then(|| "drops log records by a new filter".to_owned())).collect()
}

impl Guardrail<Held<Option<Value>>, Write<WebAclLogging>> for WebAclLoggingOff {
    type Settings = AllowedPrincipals;

    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn judge(&self, held: &Held<Option<Value>>, terms: &Terms<'_>) -> Verdict {
        if terms.settings(self).allow(&held.by) || are_service_linked(&held.by) {
            return Verdict::Compliant;
        }
        let acl = &held.name;
        let evidence = |element: &str, why: String| Evidence { element: element.to_owned(), why };
        let evidence: Vec<Evidence> = match (&held.now, &held.before) {
            // A sweep does not show who has changed it.
            (Some(now), Observed::Known(Some(before))) if held.by_event => {
                let found = less(before, now).into_iter();
                found.map(|what| evidence("logs less", format!("web ACL `{acl}` {what}"))).collect()
            }
            (Some(_), Observed::Unknown { why }) if held.by_event => {
                return Verdict::Undetermined {
                    why: format!("where web ACL `{acl}` logged to before is not known: {why}"),
                };
            }
            (Some(_), _) => Vec::new(),
            (None, _) => match held.taken_away() {
                Ok(Some(before)) => {
                    let why =
                        format!("web ACL `{acl}` logs nowhere (to `{}` before)", destinations(before).join("`, `"));
                    vec![evidence("logging off", why)]
                }
                Ok(None) => Vec::new(),
                Err(why) => return Verdict::Undetermined { why: format!("web ACL `{acl}` logs nowhere: {why}") },
            },
        };
        if evidence.is_empty() {
            return Verdict::Compliant;
        }
        Verdict::Violation(Violation { severity: ABOUT.severity, evidence })
    }

    fn plan(&self, held: &Held<Option<Value>>, _: &Violation, _: &Terms<'_>) -> Plan<Write<WebAclLogging>> {
        match &held.before {
            Observed::Known(before @ Some(_)) => put(held, before.clone(), &[]),
            Observed::Known(None) | Observed::Absent | Observed::Unknown { .. } => Plan::default(),
        }
    }
}
