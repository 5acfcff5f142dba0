//! docs/costs.md: what a stack costs a month while nothing happens, counted in the templates. The words are in `costs.md`, beside this
//! crate's manifest.

use crate::Error;
use parapet::template::{Environment, Node};
use std::fmt::Write;

/// The page.
pub(crate) const FILE: &str = "docs/costs.md";

const WORDS: &str = include_str!("../costs.md");
/// Where the table goes.
const TABLE: &str = "#> idle\n";
/// Where the row about a member goes.
const MEMBER: &str = "#> member\n";

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
}

/// The types of resources that cost by themselves and that the templates have by default. A test holds all others against a list.
const COUNTED: &[&str] = &[
    "AWS::Serverless::Function",
    "AWS::KMS::Key",
    "AWS::Scheduler::Schedule",
    "AWS::Events::Rule",
    "AWS::CloudWatch::Alarm",
];

/// What of a stack costs something while nothing happens.
#[derive(Debug, PartialEq, Eq)]
struct Idle {
    functions: u64,
    /// Of each function, in MB.
    memory: u64,
    alarm_metrics: u64,
    keys: u64,
    /// Runs a month by Scheduler: the sweeps.
    sweeps: u64,
    /// Runs a month by a rule's clock: the heartbeats.
    heartbeats: u64,
}

impl Idle {
    /// Of a stack of this template in this region, with the parameters' defaults.
    fn of(file: &'static str, template: &Node, region: &str) -> Result<Self, Error> {
        let wrong = |why: String| Error::Parts { file, why };
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
        let mut idle = Self { functions: 0, memory: 0, alarm_metrics: 0, keys: 0, sweeps: 0, heartbeats: 0 };
        for resource in template.get("Resources").map(Node::entries).unwrap_or_default() {
            let node = &resource.value;
            let kind = node.get("Type").and_then(Node::text).unwrap_or_default();
            if !COUNTED.contains(&kind) || !holds(node.get("Condition"))? {
                continue;
            }
            match kind {
                "AWS::Serverless::Function" => {
                    let own = node.at(&["Properties", "MemorySize"]);
                    let size = own.or_else(|| template.at(&["Globals", "Function", "MemorySize"]));
                    let memory = size.and_then(|size| size.to_value().as_u64());
                    let memory = memory.ok_or_else(|| wrong("how much memory does a function have?".to_owned()))?;
                    if idle.functions > 0 && idle.memory != memory {
                        return Err(wrong("functions differ in their memory: costs.rs counts one size".to_owned()));
                    }
                    (idle.functions, idle.memory) = (idle.functions + 1, memory);
                }
                "AWS::KMS::Key" => idle.keys += 1,
                "AWS::Scheduler::Schedule" => {
                    let default = template.at(&["Parameters", "SweepSchedule", "Default"]).and_then(Node::text);
                    if default != Some("rate(1 day)") {
                        return Err(wrong(format!("how often a month does a sweep begin by default? ({default:?})")));
                    }
                    idle.sweeps += assumed::DAYS_A_MONTH;
                }
                "AWS::Events::Rule" => match node.at(&["Properties", "ScheduleExpression"]).and_then(Node::text) {
                    None => {}
                    Some("rate(30 minutes)") => idle.heartbeats += 2 * assumed::HOURS_A_MONTH,
                    Some(other) => return Err(wrong(format!("how often is `{other}` a month?"))),
                },
                "AWS::CloudWatch::Alarm" => {
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
                _ => {}
            }
        }
        Ok(idle)
    }

    /// The rows, in ten-thousandths of a dollar.
    fn rows(&self) -> [u64; 5] {
        const MILLION: u64 = 1_000_000;
        const MB_A_GB: u64 = 1_024;
        let runs = self.sweeps + self.heartbeats;
        let of_metrics = price::CUSTOM_METRIC * assumed::HOURS_OF_SWEEPS_A_DAY / 24;
        let gb_seconds = runs * assumed::SECONDS_A_RUN * self.memory / MB_A_GB;
        let lambda = (runs * price::MILLION_REQUESTS + gb_seconds * price::MILLION_GB_SECONDS).div_ceil(MILLION);
        let writes = self.heartbeats * assumed::WRITES_A_HEARTBEAT * price::MILLION_WRITES;
        let rest = (writes + self.sweeps * price::MILLION_SCHEDULED).div_ceil(MILLION);
        [self.keys * price::KEY, self.alarm_metrics * price::ALARM_METRIC, of_metrics, lambda, rest]
    }
}

/// The page for these templates.
///
/// # Errors
/// [`Error::Parts`] where a template has something whose cost is not known.
pub(crate) fn page(hub: &str, member: &str) -> Result<String, Error> {
    let of = |file, text, region| {
        let parsed = Node::parse(text).map_err(|error| Error::Parts { file, why: error.to_string() })?;
        Idle::of(file, &parsed, region)
    };
    let global = of("template.yaml", hub, "us-east-1")?;
    let other = of("template.yaml", hub, "eu-west-1")?;
    let member = member_row(&of("template-spoke.yaml", member, "us-east-1")?)?;
    let at = |text: &'static str, line: &str| {
        let missing = || Error::Parts { file: "costs.md", why: format!("there is no line `{}`", line.trim()) };
        text.split_once(line).ok_or_else(missing)
    };
    let (words, rest) = at(WORDS, TABLE)?;
    let (between, rest) = at(rest, MEMBER)?;
    Ok(format!("{words}{}{between}{member}{rest}", table(&global, &other)))
}

/// What a member costs: nothing but its alarms, or the words of the row are not true.
fn member_row(member: &Idle) -> Result<String, Error> {
    let alarms = Idle { alarm_metrics: 0, ..*member };
    if alarms != (Idle { functions: 0, memory: 0, alarm_metrics: 0, keys: 0, sweeps: 0, heartbeats: 0 }) {
        let why = "a member has more than alarms that cost: the row in costs.rs says that it has not".to_owned();
        return Err(Error::Parts { file: "template-spoke.yaml", why });
    }
    let amount = dollars(member.alarm_metrics * price::ALARM_METRIC);
    let alarms =
        if member.alarm_metrics == 1 { "its alarm".to_owned() } else { format!("its {} alarms", member.alarm_metrics) };
    Ok(format!(
        "| a member (`template-spoke.yaml`) | {amount} in each region for {alarms}; rules, roles and the empty dead-letter queue are free |\n"
    ))
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
            "Lambda: {} or {} sweeps and {} heartbeats of {} seconds at {} MB",
            global.sweeps,
            other.sweeps,
            global.heartbeats,
            assumed::SECONDS_A_RUN,
            global.memory
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
Globals: { Function: { MemorySize: 512 } }
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
        let global = Idle::of("template.yaml", &template, "us-east-1").unwrap();
        assert_eq!(
            global,
            Idle { functions: 2, memory: 512, alarm_metrics: 3, keys: 1, sweeps: 30, heartbeats: 1_460 }
        );
        let other = Idle::of("template.yaml", &template, "eu-west-1").unwrap();
        assert_eq!((other.functions, other.alarm_metrics), (1, 2));
        assert_eq!(global.rows()[..3], [10_000, 3_000, 250]);
        let twice = Idle { memory: 1_024, ..global };
        assert!(twice.rows()[3] > global.rows()[3]);
    }

    #[test]
    fn a_member_costs_its_alarms() {
        let idle = |text: &str| Idle::of("template-spoke.yaml", &Node::parse(text).unwrap(), "us-east-1").unwrap();
        let alarm =
            "Resources:\n  A: { Type: AWS::CloudWatch::Alarm }\n  Q: { Type: AWS::SQS::Queue, Condition: Unknown }\n";
        let row = member_row(&idle(alarm)).unwrap();
        assert!(row.contains("| $0.10 in each region for its alarm;"), "{row}");
        let row = member_row(&idle(&format!("{alarm}  B: {{ Type: AWS::CloudWatch::Alarm }}\n"))).unwrap();
        assert!(row.contains("| $0.20 in each region for its 2 alarms;"), "{row}");
        member_row(&idle(&format!("{alarm}  K: {{ Type: AWS::KMS::Key }}\n"))).unwrap_err();
    }

    #[test]
    fn what_is_not_known_is_not_passed_over() {
        for (known, unknown) in [
            ("Condition: IsGlobal }", "Condition: IsNowhere }"),
            ("Default: rate(1 day)", "Default: rate(7 days)"),
            ("ScheduleExpression: rate(30 minutes)", "ScheduleExpression: rate(5 minutes)"),
            ("MemorySize: 512", "Timeout: 5"),
            (
                "B: { Type: AWS::Serverless::Function,",
                "B: { Type: AWS::Serverless::Function, Properties: { MemorySize: 128 },",
            ),
        ] {
            let template = Node::parse(&TEMPLATE.replacen(known, unknown, 1)).unwrap();
            assert!(Idle::of("template.yaml", &template, "us-east-1").is_err(), "{unknown}");
        }
    }

    /// A new type of resource is looked up in AWS's price list, and taken into the table or named here.
    #[test]
    fn every_type_of_the_templates_is_known_to_cost_or_not() {
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
        for text in [include_str!("../../template.yaml"), include_str!("../../template-spoke.yaml")] {
            let template = Node::parse(text).unwrap();
            let resources = template.get("Resources").map(Node::entries).unwrap_or_default();
            assert!(!resources.is_empty());
            for resource in resources {
                let kind = resource.value.get("Type").and_then(Node::text).unwrap_or_default();
                let is_known = COUNTED.contains(&kind) || on_the_page.contains(&kind);
                assert!(is_known || free.iter().any(|free| kind.starts_with(free)), "what does {kind} cost?");
            }
        }
    }

    #[test]
    fn amounts_are_dollars_and_cents() {
        assert_eq!([0, 49, 50, 12_345, 48_250].map(dollars), ["$0.00", "less than $0.01", "$0.01", "$1.23", "$4.83"]);
    }
}
