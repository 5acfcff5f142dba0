//! docs/costs.md: what a stack costs a month while nothing happens, counted in the template. The words are in `costs.md`, beside this
//! crate's manifest.

use crate::Error;
use parapet::template::{Environment, Node};
use std::fmt::Write;

/// The page.
pub(crate) const FILE: &str = "docs/costs.md";

const WORDS: &str = include_str!("../costs.md");
/// Where the table goes.
const TABLE: &str = "#> idle\n";

/// List prices of us-east-1 (N. Virginia) in ten-thousandths of a dollar, without the free tier, as AWS's price pages had them in the
/// first half of 2026: aws.amazon.com/cloudwatch/pricing, /kms/pricing, /eventbridge/pricing, /lambda/pricing, /dynamodb/pricing.
mod price {
    /// A metric that an alarm of standard resolution evaluates, a month.
    pub(super) const ALARM_METRIC: u64 = 1_000;
    /// A custom metric, a month; charged by the hour in which it is counted.
    pub(super) const CUSTOM_METRIC: u64 = 3_000;
    /// A key of the customer, a month.
    pub(super) const KEY: u64 = 10_000;
    /// A million invocations by EventBridge Scheduler.
    pub(super) const MILLION_SCHEDULED: u64 = 10_000;
    /// A million requests to Lambda.
    pub(super) const MILLION_REQUESTS: u64 = 2_000;
    /// A million GB-seconds of Lambda on x86_64.
    pub(super) const MILLION_GB_SECONDS: u64 = 166_667;
    /// A million write request units of DynamoDB on demand.
    pub(super) const MILLION_WRITES: u64 = 6_250;
}

/// What is assumed, and said on the page.
mod assumed {
    pub(super) const HOURS_A_MONTH: u64 = 730;
    pub(super) const DAYS_A_MONTH: u64 = 30;
    /// `SweepsCompleted` is counted in one or two hours a day.
    pub(super) const HOURS_OF_SWEEPS_A_DAY: u64 = 2;
    /// A run of an idle function, in seconds.
    pub(super) const SECONDS_A_RUN: u64 = 2;
    /// What a heartbeat writes: a transaction counts twice.
    pub(super) const WRITES_A_HEARTBEAT: u64 = 2;
    /// `MemorySize` is half a GB.
    pub(super) const RUNS_OF_A_GB: u64 = 2;
}

/// What of a stack costs something while nothing happens.
#[derive(Debug, PartialEq, Eq)]
struct Idle {
    functions: u64,
    alarm_metrics: u64,
    keys: u64,
    /// Runs a month by Scheduler: the sweeps.
    sweeps: u64,
    /// Runs a month by a rule's clock: the heartbeats.
    heartbeats: u64,
}

impl Idle {
    /// Of a stack in this region, with the parameters' defaults.
    fn of(template: &Node, region: &str) -> Result<Self, Error> {
        let wrong = |why: String| Error::Parts { file: "template.yaml", why };
        let mut environment = Environment::of_template(template);
        environment.set("AWS::Region", region);
        environment.set("AWS::Partition", "aws");
        let holds = |condition: Option<&Node>| match condition.and_then(Node::text) {
            None => Ok(true),
            Some(name) => {
                let unknown = || wrong(format!("whether the condition `{name}` holds by default is not known"));
                environment.condition(name).ok_or_else(unknown)
            }
        };
        let default = template.at(&["Parameters", "SweepSchedule", "Default"]).and_then(Node::text);
        if default != Some("rate(1 day)") {
            return Err(wrong(format!("how often a month does a sweep begin by default? ({default:?})")));
        }
        let mut idle = Self { functions: 0, alarm_metrics: 0, keys: 0, sweeps: 0, heartbeats: 0 };
        for resource in template.get("Resources").map(Node::entries).unwrap_or_default() {
            let node = &resource.value;
            if !holds(node.get("Condition"))? {
                continue;
            }
            match node.get("Type").and_then(Node::text) {
                Some("AWS::Serverless::Function") => idle.functions += 1,
                Some("AWS::KMS::Key") => idle.keys += 1,
                Some("AWS::Scheduler::Schedule") => idle.sweeps += assumed::DAYS_A_MONTH,
                Some("AWS::Events::Rule") => {
                    match node.at(&["Properties", "ScheduleExpression"]).and_then(Node::text) {
                        None => {}
                        Some("rate(30 minutes)") => idle.heartbeats += 2 * assumed::HOURS_A_MONTH,
                        Some(other) => return Err(wrong(format!("how often is `{other}` a month?"))),
                    }
                }
                Some("AWS::CloudWatch::Alarm") => {
                    let metrics = node.at(&["Properties", "Metrics"]).map(Node::items).unwrap_or_default();
                    let mut evaluated = 0;
                    for metric in metrics {
                        let (condition, metric) = match metric.get("Fn::If").map(Node::items) {
                            Some([condition, metric, _]) => (Some(condition), metric),
                            _ => (None, metric),
                        };
                        evaluated += u64::from(holds(condition)? && metric.get("MetricStat").is_some());
                    }
                    // One without a list names its one metric itself.
                    idle.alarm_metrics += if metrics.is_empty() { 1 } else { evaluated };
                }
                // Whatever else costs by itself is off by default: a test holds the types of the template against a list.
                _ => {}
            }
        }
        Ok(idle)
    }

    /// The rows, in ten-thousandths of a dollar.
    fn rows(&self) -> [u64; 5] {
        const MILLION: u64 = 1_000_000;
        let runs = self.sweeps + self.heartbeats;
        let of_metrics = price::CUSTOM_METRIC * assumed::HOURS_OF_SWEEPS_A_DAY / 24;
        let gb_seconds = runs * assumed::SECONDS_A_RUN / assumed::RUNS_OF_A_GB;
        let lambda = (runs * price::MILLION_REQUESTS + gb_seconds * price::MILLION_GB_SECONDS).div_ceil(MILLION);
        let writes = self.heartbeats * assumed::WRITES_A_HEARTBEAT * price::MILLION_WRITES;
        let rest = (writes + self.sweeps * price::MILLION_SCHEDULED).div_ceil(MILLION);
        [self.keys * price::KEY, self.alarm_metrics * price::ALARM_METRIC, of_metrics, lambda, rest]
    }
}

/// The page for this template.
///
/// # Errors
/// [`Error::Parts`] where the template has something whose cost is not known.
pub(crate) fn page(template: &str) -> Result<String, Error> {
    let parsed = Node::parse(template);
    let template = parsed.map_err(|error| Error::Parts { file: "template.yaml", why: error.to_string() })?;
    let (global, other) = (Idle::of(&template, "us-east-1")?, Idle::of(&template, "eu-west-1")?);
    let (words, rest) = WORDS
        .split_once(TABLE)
        .ok_or_else(|| Error::Parts { file: "costs.md", why: format!("there is no line `{}`", TABLE.trim()) })?;
    Ok(format!("{words}{}{rest}", table(&global, &other)))
}

fn table(global: &Idle, other: &Idle) -> String {
    let mut out = format!(
        "| | us-east-1, or a hub: {} functions | another region: {} functions |\n|---|---|---|\n",
        global.functions, other.functions
    );
    let (here, there) = (global.rows(), other.rows());
    let names = [
        format!("KMS: the ledger's {} keys (`SignLedger=on`), $1 each", global.keys),
        format!("CloudWatch alarms: {} or {} metrics, $0.10 each", global.alarm_metrics, other.alarm_metrics),
        "CloudWatch metric `SweepsCompleted`, $0.30 for a whole month, counted two hours a day".to_owned(),
        format!(
            "Lambda: {} or {} sweeps and {} heartbeats of two seconds at 512 MB",
            global.sweeps, other.sweeps, global.heartbeats
        ),
        "DynamoDB on demand (the heartbeats' writes) and EventBridge Scheduler (the sweeps)".to_owned(),
    ];
    for (name, (here, there)) in names.iter().zip(here.iter().zip(&there)) {
        let _ = writeln!(out, "| {name} | {} | {} |", dollars(*here), dollars(*there));
    }
    let (here, there) = (here.iter().sum(), there.iter().sum());
    let _ = writeln!(out, "| **together** | **{}** | **{}** |", dollars(here), dollars(there));
    out
}

/// Cents, rounded to the nearest.
fn dollars(amount: u64) -> String {
    let cents = (amount + 50) / 100;
    if amount > 0 && cents == 0 { "less than $0.01".to_owned() } else { format!("${}.{:02}", cents / 100, cents % 100) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that fails says so by panicking")]

    use super::*;

    const TEMPLATE: &str = "
Parameters: { SweepSchedule: { Type: String, Default: rate(1 day) }, Dashboard: { Type: String, Default: 'off' } }
Conditions:
  HasSweep: !Not [!Equals [!Ref SweepSchedule, '']]
  IsGlobal: !Equals [!Ref AWS::Region, us-east-1]
  HasDashboard: !Equals [!Ref Dashboard, 'on']
Resources:
  A: { Type: AWS::Serverless::Function }
  B: { Type: AWS::Serverless::Function, Condition: IsGlobal }
  C: { Type: AWS::Serverless::Function, Condition: HasDashboard }
  Key: { Type: AWS::KMS::Key, Condition: HasSweep }
  Plain: { Type: AWS::CloudWatch::Alarm, Properties: { MetricName: Depth } }
  Many:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Metrics:
        - { Id: all, Expression: SUM(METRICS()) }
        - { Id: a, MetricStat: { Period: 60 } }
        - !If [IsGlobal, { Id: b, MetricStat: { Period: 60 } }, !Ref AWS::NoValue]
  Sweep: { Type: AWS::Scheduler::Schedule, Condition: HasSweep }
  Beat: { Type: AWS::Events::Rule, Properties: { ScheduleExpression: rate(30 minutes) } }
";

    #[test]
    fn what_costs_is_counted_in_the_template() {
        let template = Node::parse(TEMPLATE).unwrap();
        let global = Idle::of(&template, "us-east-1").unwrap();
        assert_eq!(global, Idle { functions: 2, alarm_metrics: 3, keys: 1, sweeps: 30, heartbeats: 1_460 });
        let other = Idle::of(&template, "eu-west-1").unwrap();
        assert_eq!((other.functions, other.alarm_metrics), (1, 2));
        assert_eq!(global.rows()[..3], [10_000, 3_000, 250]);
    }

    #[test]
    fn what_is_not_known_is_not_passed_over() {
        for (known, unknown) in [
            ("Condition: IsGlobal }", "Condition: IsNowhere }"),
            ("Default: rate(1 day)", "Default: rate(7 days)"),
            ("ScheduleExpression: rate(30 minutes)", "ScheduleExpression: rate(5 minutes)"),
        ] {
            let template = Node::parse(&TEMPLATE.replacen(known, unknown, 1)).unwrap();
            assert!(Idle::of(&template, "us-east-1").is_err(), "{unknown}");
        }
    }

    /// A new type of resource is looked up in AWS's price list, and taken into the table or named here.
    #[test]
    fn every_type_of_the_template_is_known_to_cost_or_not() {
        let counted = [
            "AWS::Serverless::Function",
            "AWS::KMS::Key",
            "AWS::Scheduler::Schedule",
            "AWS::Events::Rule",
            "AWS::CloudWatch::Alarm",
        ];
        let free = [
            "AWS::Chatbot::",
            "AWS::Events::EventBus",
            "AWS::IAM::",
            "AWS::Lambda::Permission",
            "AWS::SNS::",
            "AWS::SQS::",
            "AWS::Scheduler::ScheduleGroup",
            "AWS::Serverless::LayerVersion",
        ];
        let on_the_page = ["AWS::CloudWatch::Dashboard", "AWS::DynamoDB::Table", "AWS::Logs::LogGroup"];
        let template = Node::parse(include_str!("../../template.yaml")).unwrap();
        for resource in template.get("Resources").map(Node::entries).unwrap_or_default() {
            let kind = resource.value.get("Type").and_then(Node::text).unwrap_or_default();
            let is_known = counted.contains(&kind) || on_the_page.contains(&kind);
            assert!(is_known || free.iter().any(|free| kind.starts_with(free)), "what does {kind} cost?");
        }
    }

    #[test]
    fn amounts_are_dollars_and_cents() {
        assert_eq!([0, 49, 50, 12_345, 48_250].map(dollars), ["$0.00", "less than $0.01", "$0.01", "$1.23", "$4.83"]);
    }
}
