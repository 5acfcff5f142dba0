//! The alarms of all functions together: what an alarm costs goes by the metrics that it looks at.

use crate::Function;
use std::fmt::Write;

/// How many metrics an alarm may add up ("Create a CloudWatch alarm based on a metric math expression").
const MOST_METRICS: usize = 10;

/// Throttles of as many functions as one alarm takes.
pub(crate) fn throttles(functions: &[Function]) -> String {
    let mut out = String::new();
    for (at, some) in functions.chunks(MOST_METRICS).enumerate() {
        let id = if at == 0 { "ThrottlesAlarm".to_owned() } else { format!("ThrottlesAlarm{}", at + 1) };
        let _ = write!(
            out,
            r#"{id}:
  Type: AWS::CloudWatch::Alarm
  Properties:
    AlarmDescription: >-
      A function of Parapet has to wait: the account's concurrency, or what is reserved for the function, is used up. The metric
      Throttles of AWS/Lambda says which.
    ComparisonOperator: GreaterThanThreshold
    Threshold: 0
    EvaluationPeriods: 1
    TreatMissingData: notBreaching
    AlarmActions: [!Ref Topic]
    Metrics:
      - Id: all
        Expression: SUM(METRICS())
"#
        );
        for function in some {
            out.push_str(&metric(function));
        }
        out.push('\n');
    }
    out.trim_end().to_owned() + "\n"
}

fn metric(function: &Function) -> String {
    let Function { name, stem, .. } = function;
    let id = name.replace('-', "_");
    let lines = format!(
        "Id: {id}\nReturnData: false\nMetricStat:\n  Metric:\n    Namespace: AWS/Lambda\n    MetricName: Throttles\n    \
         Dimensions: [{{ Name: FunctionName, Value: !Ref {stem}Function }}]\n  Period: 60\n  Stat: Sum\n"
    );
    let (first, indent) = match function.condition() {
        None => ("      - ".to_owned(), 8),
        Some(condition) => (format!("      - !If\n        - {condition}\n        - "), 10),
    };
    let mut out = first;
    for (at, line) in lines.lines().enumerate() {
        let pad = if at == 0 { 0 } else { indent };
        let _ = writeln!(out, "{:pad$}{line}", "");
    }
    if function.condition().is_some() {
        out.push_str("        - !Ref AWS::NoValue\n");
    }
    out
}
