//! The dashboard: what the functions found and did, how fast, and how they are.

use crate::Function;

/// One graph: its title, its metrics (namespace, name, statistic), how its numbers read.
struct Graph {
    title: &'static str,
    metrics: &'static [(&'static str, &'static str, &'static str)],
}

const GRAPHS: &[Graph] = &[
    Graph { title: "Events taken up", metrics: &[("Parapet", "Events", "Sum")] },
    Graph { title: "Violations", metrics: &[("Parapet", "Violations", "Sum")] },
    Graph { title: "Closed", metrics: &[("Parapet", "Remediations", "Sum")] },
    Graph {
        title: "Left open: failed, skipped, suspended or unknown",
        metrics: &[("Parapet", "StayedOpen", "Sum"), ("Parapet", "Failures", "Sum"), ("Parapet", "BreakerOpen", "Sum")],
    },
    Graph { title: "Could not be judged", metrics: &[("Parapet", "Undetermined", "Sum")] },
    Graph {
        title: "From the call to its containment (ms)",
        metrics: &[("Parapet", "ContainmentFromEvent", "p50"), ("Parapet", "ContainmentFromEvent", "p99")],
    },
    Graph {
        title: "From the invocation to containment (ms)",
        metrics: &[("Parapet", "ContainmentFromInvocation", "p50"), ("Parapet", "ContainmentFromInvocation", "p99")],
    },
    Graph {
        title: "Functions: errors and throttles",
        metrics: &[("AWS/Lambda", "Errors", "Sum"), ("AWS/Lambda", "Throttles", "Sum")],
    },
];

/// What a graph has a row for.
struct Row<'a> {
    stem: &'a str,
    name: &'a str,
    condition: Option<&'static str>,
    serves_events: bool,
}

/// The resource.
pub(crate) fn resource(functions: &[Function]) -> String {
    let serving = functions.iter().map(|function| Row {
        stem: &function.stem,
        name: &function.name,
        condition: function.condition(),
        serves_events: true,
    });
    let operate = Row { stem: "Operate", name: "operate", condition: None, serves_events: false };
    let all: Vec<Row<'_>> = [operate].into_iter().chain(serving).collect();
    let mut widgets: Vec<String> = GRAPHS.iter().map(|graph| widget(graph.title, &rows(graph, &all))).collect();
    let depth = r#"["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "${DeadLetters.QueueName}", {"stat": "Maximum", "label": "messages"}]"#;
    widgets.push(widget("Dead letters: not handled", &[depth.to_owned()]));
    let search = r#"[{"expression": "SEARCH('{Parapet,Function,Guardrail} MetricName=\"Violations\"', 'Sum', 3600)", "label": ""}]"#;
    widgets.push(widget("Violations by guardrail, each hour", &[search.to_owned()]));
    let placed: Vec<String> = widgets
        .iter()
        .enumerate()
        .map(|(at, widget)| {
            let (x, y) = (at % 2 * 12, at / 2 * 6);
            widget.replacen('{', &format!("{{\"x\": {x}, \"y\": {y}, \"width\": 12, \"height\": 6, "), 1)
        })
        .collect();
    let name = |row: &Row<'_>| {
        let id = format!("!Ref {}Function", row.stem);
        // A stack without the function shows an empty row.
        let value = row.condition.map_or(id.clone(), |condition| format!("!If [{condition}, {id}, none]"));
        format!("        {}: {value}\n", row.stem)
    };
    format!(
        r#"Dashboard:
  Type: AWS::CloudWatch::Dashboard
  Condition: HasDashboard
  Properties:
    DashboardName: !Sub "${{AWS::StackName}}-${{AWS::Region}}"
    DashboardBody: !Sub
      - |
        {{"widgets": [
{}
        ]}}
      -{}"#,
        placed.join(",\n"),
        all.iter().map(name).collect::<String>().trim_start_matches("       "),
    )
}

fn rows(graph: &Graph, all: &[Row<'_>]) -> Vec<String> {
    let row = |(namespace, metric, statistic): &(&str, &str, &str), row: &Row<'_>| {
        let dimension = if *namespace == "Parapet" { "Function" } else { "FunctionName" };
        let label = if graph.metrics.len() == 1 {
            row.name.to_owned()
        } else if statistic.starts_with('p') {
            format!("{} {statistic}", row.name)
        } else {
            format!("{} {metric}", row.name)
        };
        format!(
            r#"["{namespace}", "{metric}", "{dimension}", "${{{}}}", {{"stat": "{statistic}", "label": "{label}"}}]"#,
            row.stem
        )
    };
    let mut rows = Vec::new();
    for metric in graph.metrics {
        let counts = |one: &&Row<'_>| metric.0 != "Parapet" || one.serves_events;
        rows.extend(all.iter().filter(counts).map(|one| row(metric, one)));
    }
    rows
}

fn widget(title: &str, rows: &[String]) -> String {
    let rows: Vec<String> = rows.iter().map(|row| format!("              {row}")).collect();
    format!(
        r#"          {{"type": "metric", "properties": {{
            "title": "{title}", "region": "${{AWS::Region}}", "view": "timeSeries", "period": 300,
            "metrics": [
{}
            ]}}}}"#,
        rows.join(",\n")
    )
}
