//! CloudFormation, as far as it shows a stack: a stand-in that answers for stacks that a test has put up by itself, and passes everything else on.
//!
//! moto's own makes none of a template's topic policies, subscriptions, alarms and groups of schedules, and puts a null where `AWS::NoValue` stands. CloudTrail's event history, which
//! moto lacks as well, is answered here too.

use crate::Result;
use crate::http::{self, Message, Server};
use crate::proxy;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

/// What is answered, by region.
#[derive(Default)]
struct State {
    stacks: BTreeMap<String, Stack>,
    events: BTreeMap<String, Value>,
}

/// A stack, as the answers show it.
#[derive(Clone, Debug, Default)]
pub struct Stack {
    /// One of `DescribeStacks`.
    pub shown: Value,
    /// The processed template.
    pub template: Value,
    /// Those of `ListStackResources`.
    pub resources: Vec<Value>,
}

/// See the module.
pub struct CloudFormation {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl CloudFormation {
    /// One without stacks on a free port of loopback, before `upstream` (`host:port`).
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(upstream: &str) -> Result<Self> {
        let state = Arc::new(Mutex::new(State::default()));
        let (upstream, shared) = (upstream.to_owned(), Arc::clone(&state));
        let server = Server::start(move |client| {
            let (upstream, state) = (upstream.clone(), Arc::clone(&shared));
            async move { serve(client, &upstream, &state).await }
        })
        .await?;
        Ok(Self { server, state })
    }

    /// `http://127.0.0.1:port`
    #[must_use]
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// From now on there is this stack in the region.
    pub fn set(&self, region: &str, stack: Stack) {
        lock(&self.state).stacks.insert(region.to_owned(), stack);
    }

    /// From now on CloudFormation says that it finished with this resource at this time.
    pub fn set_updated(&self, region: &str, id: &str, at: &str) {
        let mut state = lock(&self.state);
        let resources = state.stacks.get_mut(region).into_iter().flat_map(|stack| &mut stack.resources);
        for resource in resources.filter(|one| one["LogicalResourceId"] == id) {
            resource["LastUpdatedTimestamp"] = at.into();
        }
    }

    /// From now on this is the last change that CloudTrail's event history has of the region.
    pub fn set_last_event(&self, region: &str, name: &str, user: &str, seconds: i64) {
        let event = json!({"EventName": name, "Username": user, "EventTime": seconds});
        lock(&self.state).events.insert(region.to_owned(), event);
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(client: TcpStream, upstream: &str, state: &Mutex<State>) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let mut client = BufReader::new(client);
    let mut server: Option<BufReader<TcpStream>> = None;
    while let Some(request) = http::read(&mut client).await? {
        let answer = match (request.service().as_deref(), request.action().unwrap_or_default().as_str()) {
            (Some("cloudformation"), action) => lock(state).answer(action, &request),
            (Some("cloudtrail"), "LookupEvents") => lock(state).events(&request),
            _ => proxy::pass(&mut server, upstream, &request).await?,
        };
        client.write_all(&answer.bytes()).await?;
    }
    Ok(())
}

/// The region that a request is signed for.
fn region(request: &Message) -> String {
    let credential =
        request.header("authorization").and_then(|line| line.split("Credential=").nth(1)).unwrap_or_default();
    credential.split('/').nth(2).unwrap_or_default().to_owned()
}

impl State {
    fn answer(&self, action: &str, request: &Message) -> Message {
        let name = request.parameter("StackName").unwrap_or_default();
        let stack = self.stacks.get(&region(request)).filter(|stack| stack.shown["StackName"] == *name);
        let Some(stack) = stack else {
            let body = format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id {name} does not exist</Message></Error>\
                 <RequestId>made-up</RequestId></ErrorResponse>"
            );
            return Message::answer(400, "text/xml", &body);
        };
        let result = match action {
            "DescribeStacks" => json!({"Stacks": [stack.shown]}),
            "GetTemplate" => {
                json!({"TemplateBody": stack.template.to_string(), "StagesAvailable": ["Original", "Processed"]})
            }
            // As CloudFormation does: a hundred a page.
            "ListStackResources" => {
                let from: usize =
                    request.parameter("NextToken").and_then(|token| token.parse().ok()).unwrap_or_default();
                let page: Vec<&Value> = stack.resources.iter().skip(from).take(PAGE).collect();
                let mut result = json!({"StackResourceSummaries": page});
                if from + PAGE < stack.resources.len() {
                    result["NextToken"] = (from + PAGE).to_string().into();
                }
                result
            }
            _ => {
                return Message::answer(
                    400,
                    "text/xml",
                    "<ErrorResponse><Error><Code>InvalidAction</Code></Error></ErrorResponse>",
                );
            }
        };
        let body = format!(
            "<{action}Response xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><{action}Result>{}</{action}Result>\
             <ResponseMetadata><RequestId>made-up</RequestId></ResponseMetadata></{action}Response>",
            xml(&result)
        );
        Message::answer(200, "text/xml", &body)
    }

    /// As CloudTrail may: an empty page before the last change, and another page behind each that has one.
    fn events(&self, request: &Message) -> Message {
        let asked: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let answer = match (self.events.get(&region(request)), asked["NextToken"].as_str()) {
            (None, _) => json!({"Events": []}),
            (Some(_), None) => json!({"Events": [], "NextToken": "first"}),
            (Some(event), Some(_)) => json!({"Events": [event], "NextToken": "older"}),
        };
        Message::answer(200, "application/x-amz-json-1.1", &answer.to_string())
    }
}

const PAGE: usize = 100;

/// As the query protocol writes it.
fn xml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let _ = write!(out, "<{name}>{}</{name}>", xml(value));
            }
        }
        Value::Array(list) => {
            for one in list {
                let _ = write!(out, "<member>{}</member>", xml(one));
            }
        }
        Value::String(text) => {
            out = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        }
        other => out = other.to_string(),
    }
    out
}
