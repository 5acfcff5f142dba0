//! How many of a function's executions may run at once: LOG-13.
//!
//! Sources: "PutFunctionConcurrency", "DeleteFunctionConcurrency", "GetFunctionConcurrency" (Lambda API reference): a reservation is also the most, and with 0 no event
//! is handled. The name of a record carries the date of the API.
//!
//! The sweep does not list functions: what another call than these could reserve is nothing.

pub mod throttled;

use super::made_by;
use crate::engine::event::Event;
use crate::engine::family::Unlocatable;
use crate::engine::observed::{Observed, Place, Resource};
use crate::engine::permission::Permission;
use crate::engine::request::{Answer, Api, Request};
use crate::engine::shell::word;
use crate::engine::signed::{Listing, SignedAction, SignedFamily};
use crate::resources::lambda::LAMBDA;
use crate::resources::lambda::record::function_arn;
use crate::resources::s3::document::{Document, Held, Of, Write, document_family};
use serde_json::{Value, json};
use throttled::ParapetFunctionThrottled;

const FUNCTIONS: &[&str] = &["lambda:${Region}:${Account}:function:${AWS::StackName}-*"];
const GET: Permission = Permission::on("lambda:GetFunctionConcurrency", FUNCTIONS);
pub(crate) const PUT: Permission = Permission::on("lambda:PutFunctionConcurrency", FUNCTIONS);
pub(crate) const DELETE: Permission = Permission::on("lambda:DeleteFunctionConcurrency", FUNCTIONS);

/// The family of the concurrency that Parapet's functions reserve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ConcurrencyLimits;

document_family!(
    ConcurrencyLimits,
    "parapet-concurrency",
    reads: &[GET],
    lists: &[],
    undoes: &[PUT, DELETE],
    ParapetFunctionThrottled,
);

impl Document for ConcurrencyLimits {
    /// Executions; none where nothing is reserved.
    type Value = Option<u64>;

    const SOURCE: &'static str = "lambda.amazonaws.com";
    const HEARS_ITSELF: bool = true;
    const TRIGGERS: &'static [&'static str] = &[
        "PutFunctionConcurrency",
        "PutFunctionConcurrency20171031",
        "DeleteFunctionConcurrency",
        "DeleteFunctionConcurrency20171031",
    ];

    fn set_by(event: &Event) -> Option<Option<u64>> {
        match event.name.starts_with("Delete") {
            true => Some(None),
            false => event.request.at(&["reservedConcurrentExecutions"]).and_then(Value::as_u64).map(Some),
        }
    }

    fn subject(event: &Event) -> Result<String, Unlocatable> {
        let unnamed = || Unlocatable::new(event, "the record names no function");
        let arn = function_arn(event).ok_or_else(unnamed)?;
        let name = arn.split_once(":function:").map(|(_, name)| name.split(':').next().unwrap_or(name).to_owned());
        name.ok_or_else(unnamed)
    }

    fn by(event: &Event) -> Vec<String> {
        made_by(event)
    }

    fn named(name: &str, Place { partition, account, region }: &Place) -> Resource {
        let id = format!("arn:{partition}:lambda:{region}:{account}:function:{name}");
        Resource { id, kind: "AwsLambdaFunction", name: name.to_owned() }
    }

    /// Each is a ceiling for one and enough for another.
    fn is_strictest(_: &Option<u64>) -> bool {
        false
    }

    fn permission(reserved: &Option<u64>) -> Permission {
        if reserved.is_some() { PUT } else { DELETE }
    }

    fn says(name: &str, reserved: &Option<u64>) -> String {
        match reserved {
            Some(reserved) => format!("reserve {reserved} concurrent executions for function {name}"),
            None => format!("remove the reserved concurrency of function {name}"),
        }
    }

    fn line(name: &str, reserved: &Option<u64>) -> String {
        let name = word(name);
        match reserved {
            Some(reserved) => format!(
                "aws lambda put-function-concurrency --function-name {name} --reserved-concurrent-executions {reserved}"
            ),
            None => format!("aws lambda delete-function-concurrency --function-name {name}"),
        }
    }
}

impl SignedFamily for ConcurrencyLimits {
    const API: &'static Api = &LAMBDA;

    fn get(key: &Of<Option<u64>>) -> Request {
        Request::rest("GetFunctionConcurrency", "GET", &["2019-09-30", "functions", &key.name, "concurrency"])
    }

    /// Where nothing is reserved, the answer has no member.
    fn got(key: &Of<Option<u64>>, answer: &Answer) -> Observed<Held<Option<u64>>> {
        Observed::Known(Held::of(key, answer.body.get("ReservedConcurrentExecutions").and_then(Value::as_u64)))
    }

    fn list(_: Option<&str>) -> Option<Request> {
        None
    }

    fn listed(_: &Answer) -> Listing<Self> {
        Listing { found: Vec::new(), next: None }
    }

    fn actions() -> Vec<Write<Self>> {
        [Some(5), None].map(|reserved| Write::whole("orders", reserved)).into()
    }
}

impl SignedAction for Write<ConcurrencyLimits> {
    const API: &'static Api = &LAMBDA;

    fn request(&self) -> Request {
        let path = ["2017-10-31", "functions", &self.name, "concurrency"];
        match self.value {
            Some(reserved) => Request {
                body: json!({ "ReservedConcurrentExecutions": reserved }),
                ..Request::rest("PutFunctionConcurrency", "PUT", &path)
            },
            None => Request::rest("DeleteFunctionConcurrency", "DELETE", &path),
        }
    }
}
